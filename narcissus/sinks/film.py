"""Moments -> a film and a row of pictures that show viewer and reflection side by side."""

import io
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import av
import cv2
import numpy as np

from narcissus.core.files import write_whole
from narcissus.sinks.enlarge import enlarge
from narcissus.sinks.png import write_png

HEIGHT = 480  # pixels of the film; the viewer keeps his proportions, the reflection is as high
CONTACT_HEIGHT, CONTACT_COUNT = 240, 12
# libvpx: constant quality, as fast as for a video call. OpenCV's writer takes no such wish and needs 20 times as long.
VP9 = {"deadline": "realtime", "cpu-used": "6", "crf": "24", "b": "0"}


@dataclass(frozen=True, slots=True, eq=False)
class Moment:
    """What was shown at one moment of the film."""

    reflection: np.ndarray  # uint8 (H, W, 3), RGB, as it was drawn; or (n,): a JPEG of it
    viewer: np.ndarray | None  # uint8 (n,): a JPEG of the viewer at HEIGHT; None while nobody watches


def compressed(image: np.ndarray) -> np.ndarray:
    """uint8 (H, W, 3) RGB -> its JPEG, uint8 (n,): a minute of raw frames would fill the memory."""
    return cv2.imencode(".jpg", cv2.cvtColor(image, cv2.COLOR_RGB2BGR), (cv2.IMWRITE_JPEG_QUALITY, 92))[1].ravel()


def decoded(image: np.ndarray) -> np.ndarray:
    """A picture as it is, or what `compressed` made of it -> uint8 (H, W, 3) RGB."""
    return image if image.ndim == 3 else cv2.cvtColor(cv2.imdecode(image, cv2.IMREAD_COLOR), cv2.COLOR_BGR2RGB)


def write_film(path: Path, moments: Sequence[Moment], rate: int, ended: Callable[[], bool]) -> int:
    """Write a VP9 WebM of `rate` moments a second, whole; returns how many it holds: fewer if `ended` early."""
    width = _width(moments)
    film = io.BytesIO()
    count = 0
    with av.open(film, "w", format="webm") as container:
        track = container.add_stream("libvpx-vp9", rate=rate, options=VP9)
        track.width, track.height, track.pix_fmt = width, HEIGHT, "yuv420p"
        for moment in moments:
            if ended():
                break
            container.mux(track.encode(av.VideoFrame.from_ndarray(_side_by_side(moment, width), "rgb24")))
            count += 1
        container.mux(track.encode())
    write_whole(path, film.getvalue())
    return count


def write_contact(path: Path, moments: Sequence[Moment]) -> None:
    """Write a PNG: a row of moments, evenly spaced over the film, the viewer above the reflection.

    Where there is a source, moments before its first frame are left out.
    """
    moments = [moment for moment in moments if moment.viewer is not None] or moments
    picks = np.linspace(0, len(moments) - 1, min(CONTACT_COUNT, len(moments))).round().astype(int)
    columns = [_column(moments[pick]) for pick in picks]
    write_png(path, np.hstack(columns))


def _width(moments: Sequence[Moment]) -> int:
    """Of the film: the widest viewer beside the reflection, even, as VP9's 4:2:0 wants it."""
    reflection = decoded(moments[0].reflection)
    viewers = {_viewer(moment).shape[1] for moment in (*moments[:: max(1, len(moments) // 8)], moments[-1])}
    width = round(HEIGHT * reflection.shape[1] / reflection.shape[0]) + max(viewers)
    return width + width % 2


def _viewer(moment: Moment) -> np.ndarray:
    """uint8 (HEIGHT, W, 3) RGB; nothing at all where nobody watched."""
    if moment.viewer is None:
        return np.zeros((HEIGHT, 0, 3), np.uint8)
    return decoded(moment.viewer)


def _side_by_side(moment: Moment, width: int) -> np.ndarray:
    image = np.zeros((HEIGHT, width, 3), np.uint8)
    reflection = enlarge(decoded(moment.reflection), HEIGHT)
    image[:, width - reflection.shape[1] :] = reflection
    room = width - reflection.shape[1]
    viewer = _viewer(moment)[:, :room]
    left = (room - viewer.shape[1]) // 2
    image[:, left : left + viewer.shape[1]] = viewer
    return image


def _column(moment: Moment) -> np.ndarray:
    """uint8 (2·CONTACT_HEIGHT, CONTACT_HEIGHT, 3): the middle of the viewer's picture above the reflection's."""
    reflection = enlarge(decoded(moment.reflection), CONTACT_HEIGHT)
    viewer = _viewer(moment)
    if viewer.shape[1] == 0:
        viewer = np.zeros((HEIGHT, HEIGHT, 3), np.uint8)
    viewer = cv2.resize(_squared(viewer), (CONTACT_HEIGHT, CONTACT_HEIGHT), interpolation=cv2.INTER_AREA)
    return np.vstack([viewer, _squared(reflection)])


def _squared(image: np.ndarray) -> np.ndarray:
    """The middle square of a picture; black beside one that is narrow."""
    height, width = image.shape[:2]
    if width >= height:
        left = (width - height) // 2
        return image[:, left : left + height]
    square = np.zeros((height, height, 3), np.uint8)
    left = (height - width) // 2
    square[:, left : left + width] = image
    return square
