"""From what somebody wrote after `--source` to the source they meant."""

from collections.abc import Callable
from pathlib import Path

import cv2
import numpy as np

from narcissus.core.config import Camera as CameraSettings
from narcissus.core.errors import SourceMissing
from narcissus.core.streams import is_address
from narcissus.core.types import Source
from narcissus.sources.camera import CameraSource
from narcissus.sources.demo import DemoSource
from narcissus.sources.network import NetworkCamera
from narcissus.sources.photos import EACH, PhotoSource, photos_in
from narcissus.sources.video import VideoSource


def open_source(
    what: str,
    camera: CameraSettings | None = None,
    *,
    draw_faces: Callable[[np.ndarray], np.ndarray] | None = None,
    latent_size: int = 0,
    once: bool = False,
    photo_seconds: float = EACH,
) -> Source:
    """`what` is "camera", "demo", the address of a camera, or the path of a video, a photo or a folder of photos.

    The demo viewer is drawn by `draw_faces`: float32 (B, latent_size) -> uint8 (B, R, R, 3) RGB. `once`: files end
    instead of beginning again. `photo_seconds`: how long each photo of a folder stays. Raises SourceMissing, or
    SourceError where it is there and cannot be read.
    """
    if what == "camera":
        return CameraSource(camera or CameraSettings())
    if what == "demo":
        if draw_faces is None:
            raise ValueError("the demo viewer needs somebody who draws it")
        return DemoSource(draw_faces, latent_size)
    if is_address(what):
        return NetworkCamera(what)
    path = Path(what).expanduser()
    if not path.exists():
        raise SourceMissing(f"{what}: no such file; name a video, a photo, a folder of photos, 'camera' or 'demo'")
    if path.is_dir():
        return PhotoSource(photos_in(path), path.name, once=once, each=photo_seconds)
    if cv2.haveImageReader(str(path)):
        return PhotoSource([path], path.name, once=once, each=photo_seconds)
    return VideoSource(path, once=once)
