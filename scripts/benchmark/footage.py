"""What the perceiving parts look at: the viewers' videos fitted into a camera's frame, or else an imaginary viewer."""

from collections.abc import Iterator
from pathlib import Path

import cv2
import numpy as np

from narcissus.core.types import Frame

RATE = 30.0  # frames a second, by the frames' own times
SIZES = {"640×480": (640, 480), "1280×720": (1280, 720)}
EDITED = "stage_360p.mp4"  # a broadcast with cuts and crowds: no viewer in front of a mirror


def clips(shared: Path | None, size: tuple[int, int], count: int) -> Iterator[tuple[str, list[Frame]]]:
    """Names and at most `count` frames each; one imaginary viewer where there are no videos."""
    videos = sorted((shared / "viewers").glob("*.mp4")) if shared else []
    for video in videos:
        if video.name != EDITED:
            yield video.stem, _numbered([fitted(image, size) for image in _images(video, count)])
    if not videos:
        yield "imaginary viewer", _numbered([fitted(image, size) for image in _imagined(count)])


def fitted(image: np.ndarray, size: tuple[int, int]) -> np.ndarray:
    """The whole picture uint8 (h, w, 3) in the middle of a frame (H, W, 3), its edges drawn out to the frame's."""
    width, height = size
    scale = min(width / image.shape[1], height / image.shape[0])
    small = cv2.resize(image, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA if scale < 1 else cv2.INTER_CUBIC)
    left, top = (width - small.shape[1]) // 2, (height - small.shape[0]) // 2
    right, bottom = width - small.shape[1] - left, height - small.shape[0] - top
    return cv2.copyMakeBorder(small, top, bottom, left, right, cv2.BORDER_REPLICATE)


def beside(one: list[Frame], other: list[Frame]) -> list[Frame]:
    """Two viewers in one frame, as large as each alone: the middle half of each picture."""
    return [
        Frame(np.ascontiguousarray(np.hstack([_middle(a.image), _middle(b.image)])), a.time, a.cut)
        for a, b in zip(one, other, strict=False)
    ]


def emptied(frames: list[Frame]) -> list[Frame]:
    """The same frames with nobody in them: their own colours, out of all focus."""
    return [Frame(_unfocused(frame.image), frame.time, frame.cut) for frame in frames]


def _unfocused(image: np.ndarray) -> np.ndarray:
    return cv2.resize(cv2.resize(image, (4, 3), interpolation=cv2.INTER_AREA), image.shape[1::-1])


def _middle(image: np.ndarray) -> np.ndarray:
    quarter = image.shape[1] // 4
    return image[:, quarter : quarter + image.shape[1] // 2]


def _numbered(images: list[np.ndarray]) -> list[Frame]:
    return [Frame(image, number / RATE, cut=number == 0) for number, image in enumerate(images)]


def _images(video: Path, count: int) -> Iterator[np.ndarray]:
    """RGB pictures of a video, mirrored."""
    reader = cv2.VideoCapture(str(video))
    try:
        for _ in range(count):
            read, image = reader.read()
            if not read:
                return
            yield cv2.cvtColor(cv2.flip(image, 1), cv2.COLOR_BGR2RGB)
    finally:
        reader.release()


def _imagined(count: int) -> list[np.ndarray]:
    """The demo viewer, once arrived, as fast as it can be drawn."""
    from narcissus.core.files import HOME
    from narcissus.networks.pggan import Generator
    from narcissus.sources.demo import DemoSource

    generator = Generator.load(HOME / "models" / "pg_gan" / "utk-64.npz")
    source = DemoSource(generator.render, generator.latent_size, clock=lambda: 0.0, sleep=lambda _: None)
    arriving = int(2 * RATE)
    return [source.read().image for _ in range(arriving + count)][arriving:]
