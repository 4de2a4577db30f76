"""dlib's detector, predictor and descriptor, loaded once, and what they do in pixels of the picture they are given.

HOG detector: King 2015 (arXiv 1502.00046), trained on boxes of 80 px. Predictor: Kazemi and Sullivan, CVPR 2014,
trained on iBUG 300-W. Chips are dlib's rescaled crops: what is looked at has one size, however far the viewer.
"""

import importlib.util
import threading
from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import NamedTuple

import dlib
import numpy as np

from narcissus.core.errors import ModelCorrupt, ModelMissing
from narcissus.core.types import Box

DETECTOR_SIZE = 80  # pixels; the detector's own box, hence the smallest it can find
FACE_IN_CHIP = 200  # pixels; points come in whole pixels, so a small face is enlarged until those are fine enough
FINE = 160  # pixels: a face as large is taken as it is
LIT = 110.0  # the median brightness of portraits
MOST_GAIN = 8.0  # beyond it, rounding is all that is seen
CHIP_MARGIN = 1.5  # chip over face: the predictor also looks a little outside the box

# The detector's box from the 21 points of nose and eyes, fitted on 698 portraits: its width is 4.76 times their root
# mean square distance from their mean (spread 5 %), its centre lies 12 % of its width below it. Brows and mouth do not
# count: they move with the expression, and on a tilted head brows slide into the hair and take the box with them.
BOX_PER_SPREAD = 4.76
BOX_BELOW_MEAN = 0.116


_own = threading.local()


class Found(NamedTuple):
    """One answer of the detector."""

    box: Box
    score: float  # 0 is the detector's own threshold; frontal faces reach 1 to 3


def grey(image: np.ndarray) -> np.ndarray:
    """uint8 (H, W, 3) RGB or (H, W) -> uint8 (H, W)."""
    image = np.ascontiguousarray(image)
    return image if image.ndim == 2 else dlib.as_grayscale(image)


def detect(picture: np.ndarray, threshold: float = 0.0) -> list[Found]:
    """Faces of 80 px and more in a grey picture uint8 (H, W)."""
    boxes, scores, _ = _detector().run(picture, 0, threshold)
    return [
        Found(Box(box.left(), box.top(), box.right() + 1, box.bottom() + 1), score)
        for box, score in zip(boxes, scores, strict=True)
    ]


def detect_in(picture: np.ndarray, region: Box, scale: float, threshold: float = 0.0) -> list[Found]:
    """Faces of 80/scale px and more in a region of a grey picture, in the picture's pixels; outside it is black."""
    chip = _chip(picture, region, max(1, round(region.width * scale)), max(1, round(region.height * scale)))
    across, down = region.width / chip.shape[1], region.height / chip.shape[0]
    return [
        Found(
            Box(
                region.left + box.left * across,
                region.top + box.top * down,
                region.left + box.right * across,
                region.top + box.bottom * down,
            ),
            score,
        )
        for box, score in detect(chip, threshold)
    ]


def predict(picture: np.ndarray, box: Box, shifts: Sequence[tuple[float, float]] = ((0, 0),)) -> np.ndarray:
    """Landmarks float32 (68, 2) for a detector's box, in pixels of a grey picture. Puts points on anything.

    They tremble with the box, by whole pixels: they are the mean over the box moved by `shifts`, in its widths.

    The predictor compares differences of brightness with what it has learned, so points would wander with the lamps
    (by 0.03 of the eyes' distance at a quarter of the light): the face is shown to it as bright as its portraits were.
    """
    left, top = max(0, round(box.left - box.width / 2)), max(0, round(box.top - box.height / 2))
    right, bottom = round(box.right + box.width / 2), round(box.bottom + box.height / 2)
    lit = evenly_lit(np.ascontiguousarray(picture[top : max(bottom, top + 1), left : max(right, left + 1)]))
    edges = dlib.rectangle(
        round(box.left) - left, round(box.top) - top, round(box.right) - 1 - left, round(box.bottom) - 1 - top
    )
    moved = [dlib.translate_rect(edges, dlib.point(round(x * box.width), round(y * box.height))) for x, y in shifts]
    points = [[(point.x, point.y) for point in _predictor()(lit, one).parts()] for one in moved]
    return np.mean(points, axis=0, dtype=np.float32) + np.float32([left, top])


def evenly_lit(picture: np.ndarray) -> np.ndarray:
    """A grey picture uint8 (H, W) with a gain that makes its middle brightness a portrait's."""
    middle = float(np.median(picture[::4, ::4])) if picture.size else LIT
    gain = np.clip(LIT / max(middle, 1.0), 1 / MOST_GAIN, MOST_GAIN)
    brighter = np.clip(np.rint(np.arange(256) * gain), 0, 255).astype(np.uint8)
    return np.frombuffer(bytearray(picture).translate(brighter.tobytes()), np.uint8).reshape(picture.shape)


def landmarks_in(picture: np.ndarray, box: Box) -> np.ndarray:
    """Landmarks float32 (68, 2) for a detector's box, in pixels of a grey picture; of a small face finer than these."""
    if box.width >= FINE:
        return predict(picture, box)
    around = grown(box, CHIP_MARGIN)
    side = round(FACE_IN_CHIP * CHIP_MARGIN)
    inset = (side - FACE_IN_CHIP) / 2
    points = predict(_chip(picture, around, side, side), Box(inset, inset, side - inset, side - inset))
    scale = np.float32([around.width / side, around.height / side])
    return (points + 0.5) * scale + np.float32([around.left - 0.5, around.top - 0.5])


def glance(picture: np.ndarray, box: Box, side: int = 16) -> np.ndarray:
    """The face in side² pixels, float32 (side²,) of mean 0 and length 1: two glances compare by their dot product."""
    seen = _chip(picture, box, side, side).astype(np.float32).ravel()
    seen -= seen.mean()
    return seen / max(1e-6, float(np.linalg.norm(seen)))


def box_of(landmarks: np.ndarray) -> Box:
    """Where the detector would put its box around these landmarks (68, 2)."""
    inside = landmarks[27:48]
    x, y = inside.mean(axis=0).tolist()
    width = max(1.0, BOX_PER_SPREAD * float(np.sqrt(inside.var(axis=0).sum())))
    return square(x, y + BOX_BELOW_MEAN * width, width)


def square(x: float, y: float, width: float) -> Box:
    return Box(x - width / 2, y - width / 2, x + width / 2, y + width / 2)


def grown(box: Box, factor: float) -> Box:
    """A square around the box, `factor` times as wide."""
    return square(*box.centre, max(box.width, box.height) * factor)


def interocular(landmarks: np.ndarray) -> float:
    """Distance of the eyes' centres in pixels, at least 1."""
    return max(1.0, float(np.linalg.norm(landmarks[36:42].mean(axis=0) - landmarks[42:48].mean(axis=0))))


def descriptor(picture: np.ndarray, points: np.ndarray) -> np.ndarray:
    """dlib's float32 (128,) of the face in uint8 (H, W, 3) RGB with landmarks (68, 2), taken in whole pixels."""
    left, top = np.floor(points.min(axis=0)).astype(int).tolist()
    right, bottom = np.ceil(points.max(axis=0)).astype(int).tolist()
    parts = [dlib.point(x, y) for x, y in np.rint(points).astype(int).tolist()]
    shape = dlib.full_object_detection(dlib.rectangle(left, top, right, bottom), parts)
    return np.array(_describer().compute_face_descriptor(picture, shape), np.float32)


def _chip(picture: np.ndarray, region: Box, width: int, height: int) -> np.ndarray:
    """uint8 (height, width); dlib maps the centres of corner pixels onto the corners of the rectangle it is given."""
    half_x, half_y = region.width / width / 2, region.height / height / 2
    corners = dlib.drectangle(
        region.left + half_x - 0.5, region.top + half_y - 0.5, region.right - half_x - 0.5, region.bottom - half_y - 0.5
    )
    return dlib.extract_image_chip(picture, dlib.chip_details(corners, dlib.chip_dims(height, width)))


def _model(name: str, kind: type):
    """A file of the face_recognition_models wheel, which is never imported: it needs pkg_resources."""
    spec = importlib.util.find_spec("face_recognition_models")
    path = (Path(spec.origin).parent if spec and spec.origin else Path("face_recognition_models")) / "models" / name
    if not path.is_file():
        raise ModelMissing(
            f"{path}: not there; install it with: .venv/bin/python -m pip install face_recognition_models"
        )
    try:
        return kind(str(path))
    except RuntimeError:
        raise ModelCorrupt(
            f"{path}: cannot be read; mend it with: "
            ".venv/bin/python -m pip install --force-reinstall face_recognition_models"
        ) from None


def _detector():
    """Each thread's own: it works in memory that it keeps, and a scene may be made while another looks."""
    if not hasattr(_own, "detector"):
        _own.detector = dlib.get_frontal_face_detector()
    return _own.detector


@cache
def _predictor():
    return _model("shape_predictor_68_face_landmarks.dat", dlib.shape_predictor)


@cache
def _describer():
    return _model("dlib_face_recognition_resnet_model_v1.dat", dlib.face_recognition_model_v1)
