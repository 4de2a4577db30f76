"""A V4L2 camera: opened by its stable name, asked for what is wanted, believed only where a frame is whole and new."""

import os
import time
from collections.abc import Callable

import cv2

from narcissus.core.errors import SourceError, SourceMissing
from narcissus.core.printable import printable
from narcissus.core.sections import Camera as CameraSettings
from narcissus.core.types import Frame
from narcissus.sources.devices import list_cameras, set_controls
from narcissus.sources.frames import Leavable, mirrored

PATIENCE = 2.2  # seconds in which a good frame must come; `read` of a hung driver itself returns after 2


class CameraSource(Leavable):
    """Frames of a camera as they come. `got` says what it gives: width, height, fps, format and the controls it has.

    Raises SourceMissing where there is none, SourceError where it is busy or gives no pictures. After a SourceError it
    is to be closed and another made: a camera that was unplugged does not come back under the same handle.
    """

    live = True

    def __init__(
        self,
        settings: CameraSettings,
        *,
        clock: Callable[[], float] = time.monotonic,
        capture: Callable = cv2.VideoCapture,
    ) -> None:
        self.name, self._device = _find(settings.device)
        self._clock = clock
        self._camera = capture(self._device, cv2.CAP_V4L2)
        if not self._camera.isOpened():
            self._camera.release()
            raise SourceError(
                f"camera {self.name}: cannot be opened; is another program using it, is this user in the group 'video'?"
            )
        self.got = self._ask(settings)
        self._stamp = -1.0  # the camera's own time of the last frame, milliseconds

    def read(self) -> Frame:
        """The next whole and new frame, within 2.5 s. Raises SourceError where none comes."""
        shape = (self.got["height"], self.got["width"], 3)
        start = self._clock()
        while True:
            fine, image = self._camera.read()
            now = self._clock()
            if not fine:
                raise SourceError(f"camera {self.name}: gives no more pictures; check its cable")
            stamp = self._camera.get(cv2.CAP_PROP_POS_MSEC)
            if image is not None and image.shape == shape and stamp != self._stamp:
                first, self._stamp = self._stamp < 0, stamp
                return mirrored(image, _captured(stamp / 1000, now), cut=first)
            if now - start > PATIENCE:
                raise SourceError(f"camera {self.name}: gives the same or broken pictures; plug it in anew")

    def close(self) -> None:
        self._camera.release()

    def _ask(self, settings: CameraSettings) -> dict[str, int | float | str]:
        camera = self._camera
        camera.set(cv2.CAP_PROP_FOURCC, cv2.VideoWriter.fourcc(*"MJPG"))  # first; raw video is too much for USB 2
        camera.set(cv2.CAP_PROP_FRAME_WIDTH, settings.width)
        camera.set(cv2.CAP_PROP_FRAME_HEIGHT, settings.height)
        camera.set(cv2.CAP_PROP_FPS, settings.fps)
        camera.set(cv2.CAP_PROP_BUFFERSIZE, 1)
        controls = set_controls(self._device, settings.exposure, settings.white_balance, settings.power_line)
        code = int(camera.get(cv2.CAP_PROP_FOURCC))
        return {
            "width": int(camera.get(cv2.CAP_PROP_FRAME_WIDTH)),
            "height": int(camera.get(cv2.CAP_PROP_FRAME_HEIGHT)),
            "fps": float(camera.get(cv2.CAP_PROP_FPS)),
            "format": code.to_bytes(4, "little", signed=code < 0).decode("ascii", "replace"),
            **controls,
        }


def _captured(stamp: float, now: float) -> float:
    """When the frame was taken: the driver's own time where it counts as we do (USB cameras), else when it arrived."""
    return stamp if now - 1.0 < stamp <= now else now


def _find(device: str | int) -> tuple[str, str]:
    """(name for people, path to open). Raises SourceMissing."""
    if device == "auto":
        cameras = [camera for camera in list_cameras() if camera.captures is not False]
        if not cameras:
            raise SourceMissing("camera: none found; plug one in, or play with: --source demo")
        return cameras[0].name, cameras[0].device
    path = f"/dev/video{device}" if isinstance(device, int) or device.isdigit() else device
    if not os.path.exists(path):  # Path.exists raises where a name is too long
        raise SourceMissing(f"camera {printable(path)}: not there; plug it in, or choose one of: --list-cameras")
    return path, os.path.realpath(path)
