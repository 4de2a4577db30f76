"""From what somebody wrote after `--source` to the source they meant."""

import stat
from collections.abc import Callable
from pathlib import Path
from typing import Protocol

import cv2
import numpy as np

from narcissus.core.errors import SourceMissing
from narcissus.core.printable import printable
from narcissus.core.sections import Camera as CameraSettings
from narcissus.core.streams import is_address
from narcissus.core.types import Source
from narcissus.sources.camera import CameraSource
from narcissus.sources.demo import DemoSource
from narcissus.sources.network import NetworkCamera
from narcissus.sources.photos import EACH, PhotoSource, photos_in
from narcissus.sources.video import VideoSource


class Painter(Protocol):
    """A generator of faces."""

    latent_size: int

    def render(self, latents: np.ndarray) -> np.ndarray:
        """float32 (B, latent_size) -> uint8 (B, R, R, 3) RGB."""
        ...


def open_source(
    what: str,
    camera: CameraSettings | None = None,
    *,
    painter: Callable[[], Painter] | None = None,
    once: bool = False,
    photo_seconds: float = EACH,
) -> Source:
    """`what` is "camera", "demo", the address of a camera, or the path of a video, a photo or a folder of photos.

    `painter` lends whoever draws the demo viewer, and is called only for that. `once`: files end
    instead of beginning again. `photo_seconds`: how long each photo of a folder stays. Raises SourceMissing, or
    SourceError where it is there and cannot be read.
    """
    if what == "camera":
        return CameraSource(camera or CameraSettings())
    if what == "demo":
        if painter is None:
            raise ValueError("the demo viewer needs somebody who draws it")
        drawn_by = painter()
        return DemoSource(drawn_by.render, drawn_by.latent_size)
    if is_address(what):
        return NetworkCamera(what)
    path = existing(what)
    if path.is_dir():
        return PhotoSource(photos_in(path), path.name, once=once, each=photo_seconds)
    if cv2.haveImageReader(str(path)):
        return PhotoSource([path], path.name, once=once, each=photo_seconds)
    return VideoSource(path, once=once)


def existing(what: str) -> Path:
    """The file or folder that is meant. Raises SourceMissing, also for a pipe or a device: they would be waited for."""
    meant = "name a video, a photo, a folder of photos, 'camera' or 'demo'"
    try:
        path = Path(what).expanduser()
        kind = path.stat().st_mode
    except (OSError, RuntimeError, ValueError) as fault:  # RuntimeError: ~somebody who is not known here
        reason = getattr(fault, "strerror", None) or fault
        missing = isinstance(fault, FileNotFoundError)
        raise SourceMissing(f"{printable(what)}: {'no such file' if missing else reason}; {meant}") from None
    if not (stat.S_ISREG(kind) or stat.S_ISDIR(kind)):
        raise SourceMissing(f"{printable(what)}: is neither a file nor a folder; {meant}")
    return path
