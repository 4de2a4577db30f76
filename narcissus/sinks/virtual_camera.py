"""The reflection as a camera: OBS, TouchDesigner or Resolve take the picture from it as from any other."""

import logging
import threading
from contextlib import ExitStack

import numpy as np

from narcissus.core.newest import Newest
from narcissus.core.permit import Door, Permit
from narcissus.core.sections import SharedSettings
from narcissus.core.types import Picture, Sink
from narcissus.sinks.bare import bare, size_of
from narcissus.sinks.pace import Pace

log = logging.getLogger("narcissus")

RATE = 30.0  # pictures a second
AGAIN = 0.5  # seconds after which a picture that still stands is sent again: who looks later must see it too
PATIENCE = 1.0  # seconds that leaving waits for the thread
INSTALL = ".venv/bin/python -m pip install -r requirements-sinks.txt"
LOAD = "sudo modprobe v4l2loopback video_nr=10 card_label=Narcissus exclusive_caps=1"


def cast(sink: Sink, device: str, permit: Permit, parts: ExitStack) -> Sink:
    """The sink, with a virtual camera beside it unless `device` is off; the camera is one of the `parts`."""
    return sink if device == "off" else Cast(sink, parts.enter_context(VirtualCamera(device)), permit)


class VirtualCamera:
    """Sends the newest reflection, bare, from a thread of its own. A context manager.

    Where it cannot be opened or is lost, one line says so with its remedy, and the mirror goes on without it.
    """

    def __init__(self, device: str, pace: Pace | None = None) -> None:
        """`device`: auto, or one such as /dev/video10. It is opened when the first picture's size is known."""
        self._device, self._pace = device, pace or Pace(RATE)
        self._newest: Newest[np.ndarray] = Newest()
        self._thread = threading.Thread(target=self._run, name="virtual camera", daemon=True)

    def __enter__(self) -> "VirtualCamera":
        self._thread.start()
        return self

    def __exit__(self, *_) -> None:
        self._newest.close()
        self._thread.join(PATIENCE)

    def put(self, image: np.ndarray) -> None:
        """The newest reflection, uint8 (H, W, 3) RGB; nobody changes it afterwards. Never waits."""
        self._newest.put(image)

    def _run(self) -> None:
        try:
            image = self._newest.get()
            if image is not None:
                self._send(image, size_of(image))
        except ImportError:
            log.warning("virtual camera: the package pyvirtualcam is not installed; %s", INSTALL)
        except (RuntimeError, ValueError, OSError) as fault:
            why, *_ = str(fault).splitlines() or ["it cannot be opened"]
            log.warning("virtual camera: %s; the mirror goes on without it. Make one with: %s", why.rstrip("."), LOAD)

    def _send(self, image: np.ndarray, size: tuple[int, int]) -> None:
        """Until it is closed. Raises ImportError, and RuntimeError where there is no such device."""
        import pyvirtualcam  # wanted by few

        device = None if self._device == "auto" else self._device
        with pyvirtualcam.Camera(*size, RATE, device=device) as camera:
            log.info("virtual camera: the reflection is at %s, %d×%d", camera.device, *size)
            while not self._newest.closed:
                camera.send(bare(image, size))
                self._pace.wait()
                newer = self._newest.get(timeout=AGAIN)
                image = image if newer is None else newer


class Cast:
    """A Sink that also sends what it shows to a virtual camera, as far as the permit allows."""

    def __init__(self, sink: Sink, camera: VirtualCamera, permit: Permit) -> None:
        self._sink = sink
        self._send = Door("virtual camera", permit, lambda picture: camera.put(picture.image))

    def show(self, picture: Picture) -> float:
        self._send(picture)
        return self._sink.show(picture)

    def commands(self) -> list[str]:
        return self._sink.commands()

    def obey(self, command: str) -> None:
        self._sink.obey(command)

    def tune(self, settings: SharedSettings) -> None:
        self._sink.tune(settings)

    def say(self, message: str, seconds: float = 4.0) -> None:
        self._sink.say(message, seconds)

    def close(self) -> None:
        self._sink.close()
