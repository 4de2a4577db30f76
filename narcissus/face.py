"""Faces with 68 landmarks in pictures and frames: dlib's HOG detector and predictor (Kazemi and Sullivan, CVPR 2014)."""

import importlib.util
from functools import cache
from pathlib import Path

import dlib
import numpy as np

from narcissus.errors import ModelMissing
from narcissus.types import Box, Face, Frame

PORTRAIT_SIZE = 256  # pixels; section 8's way of asking whether a picture holds a face
PORTRAIT_BORDER = 64


def find_portrait(image: np.ndarray) -> Face | None:
    """The largest face of a portrait uint8 (H, W, 3) RGB or (H, W), in its own pixels; None where there is none.

    The picture is enlarged (bicubic, the longer side to 256 px) inside a reflected border of 64 px, for the detector
    wants room around a face of 80 px; its threshold is 0.
    """
    scale = PORTRAIT_SIZE / max(image.shape[:2])
    large = _grey(_bicubic(image, scale))
    framed = np.pad(large, [(min(PORTRAIT_BORDER, side - 1),) * 2 for side in large.shape], mode="reflect")
    boxes = _detector()(framed)
    if not boxes:
        return None
    box = max(boxes, key=lambda found: found.area())
    offset = np.array([min(PORTRAIT_BORDER, side - 1) for side in large.shape[::-1]], np.float32)
    landmarks = (_predict(framed, box) - offset + 0.5) / scale - 0.5
    corners = (np.array([[box.left(), box.top()], [box.right() + 1, box.bottom() + 1]]) - offset) / scale
    return Face(landmarks.astype(np.float32), Box(*corners.ravel().tolist()), identity=0)


def describe(image: np.ndarray, landmarks: np.ndarray) -> np.ndarray:
    """dlib's descriptor float32 (128,) of the face with these landmarks: near (under 0.6) for the same person.

    `image` is uint8 (H, W, 3) RGB. For measuring only: what is measured with it must not have used it.
    """
    scale = max(1.0, 100.0 / _interocular(landmarks))  # dlib takes whole pixels: enlarged, they are fine enough
    large = _bicubic(image, scale) if scale > 1 else np.ascontiguousarray(image)
    points = [dlib.point(round(x), round(y)) for x, y in ((landmarks + 0.5) * scale - 0.5).tolist()]
    left, top = np.min(landmarks, axis=0) * scale
    right, bottom = np.max(landmarks, axis=0) * scale
    shape = dlib.full_object_detection(dlib.rectangle(int(left), int(top), int(right), int(bottom)), points)
    return np.array(_describer().compute_face_descriptor(large, shape), np.float32)


class FaceFinder:
    """Follows every face through the frames of one source."""

    def __init__(self, reach: float = 2.0) -> None:
        self._reach = reach
        self._next = 1
        self._last: list[Face] = []

    def find(self, frame: Frame) -> list[Face]:
        """The faces of this frame, largest first; empty where there is none."""
        grey = _grey(frame.image)
        faces = []
        old = [] if frame.cut else list(self._last)
        for found in _detector()(grey):
            box = Box(found.left(), found.top(), found.right() + 1, found.bottom() + 1)
            known = max(old, key=lambda face: face.box.overlap(box), default=None)
            if known is not None and known.box.overlap(box) > 0.3:
                old.remove(known)
                identity = known.identity
            else:
                identity, self._next = self._next, self._next + 1
            faces.append(Face(_predict(grey, found), box, identity))
        self._last = sorted(faces, key=lambda face: -face.box.area)
        return list(self._last)


def _interocular(landmarks: np.ndarray) -> float:
    """Distance of the eyes' centres, pixels; at least 1."""
    return max(1.0, float(np.linalg.norm(landmarks[36:42].mean(axis=0) - landmarks[42:48].mean(axis=0))))


def _grey(image: np.ndarray) -> np.ndarray:
    return np.ascontiguousarray(image) if image.ndim == 2 else dlib.as_grayscale(np.ascontiguousarray(image))


def _predict(grey: np.ndarray, box: "dlib.rectangle") -> np.ndarray:
    points = _predictor()(grey, box).parts()
    return np.array([(point.x, point.y) for point in points], np.float32)  # (68, 2)


def _bicubic(image: np.ndarray, scale: float) -> np.ndarray:
    """uint8 (H, W[, 3]) -> uint8 (scale·H, scale·W[, 3]); cubic convolution (Keys 1981), smoothed where it shrinks."""
    rows, columns = (_cubic_weights(side, max(1, round(side * scale))) for side in image.shape[:2])
    enlarged = np.einsum("yh,hw...->yw...", rows, image.astype(np.float32), optimize=True)
    enlarged = np.einsum("xw,yw...->yx...", columns, enlarged, optimize=True)
    return np.ascontiguousarray(np.clip(np.rint(enlarged), 0, 255).astype(np.uint8))


@cache
def _cubic_weights(old: int, new: int, sharpness: float = -0.75) -> np.ndarray:
    """float32 (new, old): rows that sum to 1; the sharpness is OpenCV's."""
    step = max(1.0, old / new)
    centres = (np.arange(new) + 0.5) * old / new - 0.5
    taps = np.arange(-int(2 * step) - 2, int(2 * step) + 3) + np.floor(centres)[:, None].astype(int)  # (new, taps)
    distance = np.abs(taps - centres[:, None]) / step
    near = (sharpness + 2) * distance**3 - (sharpness + 3) * distance**2 + 1
    far = sharpness * (distance**3 - 5 * distance**2 + 8 * distance - 4)
    weight = np.where(distance <= 1, near, np.where(distance < 2, far, 0.0))
    weights = np.zeros((new, old), np.float64)
    np.add.at(weights, (np.arange(new)[:, None], np.clip(taps, 0, old - 1)), weight)
    return (weights / weights.sum(axis=1, keepdims=True)).astype(np.float32)


def _model(name: str) -> str:
    """The path of a file of the face_recognition_models wheel, which is never imported: it needs pkg_resources."""
    spec = importlib.util.find_spec("face_recognition_models")
    path = (
        Path(spec.origin).parent / "models" / name if spec and spec.origin else Path("face_recognition_models") / name
    )
    if not path.is_file():
        raise ModelMissing(f"{path}: not there; install it with: pip install face_recognition_models")
    return str(path)


@cache
def _detector():
    return dlib.get_frontal_face_detector()


@cache
def _predictor():
    return dlib.shape_predictor(_model("shape_predictor_68_face_landmarks.dat"))


@cache
def _describer():
    return dlib.face_recognition_model_v1(_model("dlib_face_recognition_resnet_model_v1.dat"))
