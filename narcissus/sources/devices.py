"""Which cameras there are, as Linux lists them, and the controls that OpenCV cannot set (V4L2, videodev2.h)."""

import contextlib
import fcntl
import os
import struct
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

SYSTEM = Path("/sys/class/video4linux")
DEVICES = Path("/dev")

QUERY_CAPABILITIES = 0x80685600  # VIDIOC_QUERYCAP, struct v4l2_capability of 104 bytes
GET_CONTROL, SET_CONTROL = (
    0xC008561B,
    0xC008561C,
)  # VIDIOC_G_CTRL, VIDIOC_S_CTRL, struct v4l2_control {u32 id; s32 value}
DEVICE_CAPABILITIES_AT = 88  # offset of device_caps
LOOPBACK = b"v4l2 loopback"  # the driver, the first of that structure
VIDEO_CAPTURE = 0x1 | 0x1000  # V4L2_CAP_VIDEO_CAPTURE, V4L2_CAP_VIDEO_CAPTURE_MPLANE

AUTO_EXPOSURE, EXPOSURE = 0x009A0901, 0x009A0902  # V4L2_CID_EXPOSURE_AUTO, V4L2_CID_EXPOSURE_ABSOLUTE
AUTO_WHITE_BALANCE, WHITE_BALANCE = 0x0098090C, 0x0098091A
POWER_LINE = 0x00980918
MANUAL_EXPOSURE, APERTURE_PRIORITY = 1, 3  # webcams have a fixed aperture: with priority to it they choose the time
POWER_LINES = {50: 1, 60: 2}


@dataclass(frozen=True)
class VideoDevice:
    """One video device. `path` outlives plugging and restarts where the system has a stable name for it."""

    name: str
    path: str
    device: str  # /dev/videoN, today
    captures: bool | None  # None: it may not be opened to ask


def list_cameras(system: Path = SYSTEM, devices: Path = DEVICES) -> list[VideoDevice]:
    """Every video device of this machine, those that capture first; empty where there is none."""
    stable = {}
    with contextlib.suppress(OSError):
        stable = {
            link.resolve().name: str(link) for link in sorted((devices / "v4l" / "by-id").iterdir(), reverse=True)
        }
    cameras = []
    entries = sorted(system.glob("video*"), key=lambda entry: (len(entry.name), entry.name))
    for entry in entries:
        device = str(devices / entry.name)
        try:
            name = (entry / "name").read_text().strip()
        except OSError:
            name = entry.name
        cameras.append(VideoDevice(name, stable.get(entry.name, device), device, captures(device)))
    return sorted(cameras, key=lambda camera: {True: 0, None: 1, False: 2}[camera.captures])


def captures(device: str, ioctl: Callable = fcntl.ioctl) -> bool | None:
    """Whether the device gives pictures of its own. None: it cannot be asked.

    A webcam's second device gives metadata only, and a loopback what a program shows, perhaps the reflection itself.
    """
    answer = bytearray(104)
    try:
        with _opened(device) as handle:
            ioctl(handle, QUERY_CAPABILITIES, answer)
    except OSError:
        return None
    if answer.startswith(LOOPBACK):
        return False
    return bool(struct.unpack_from("=I", answer, DEVICE_CAPABILITIES_AT)[0] & VIDEO_CAPTURE)


def set_controls(
    device: str, exposure: str | int, white_balance: str | int, power_line: int, ioctl: Callable = fcntl.ioctl
) -> dict[str, int]:
    """Ask for exposure, white balance ("auto" or a number each) and anti-flicker (50, 60 or 0: as it is).

    Returns what the camera says afterwards, by name; what it has no control for is missing there.
    """
    wanted = [("automatic exposure", AUTO_EXPOSURE, APERTURE_PRIORITY if exposure == "auto" else MANUAL_EXPOSURE)]
    if exposure != "auto":
        wanted.append(("exposure", EXPOSURE, int(exposure)))
    wanted.append(("automatic white balance", AUTO_WHITE_BALANCE, int(white_balance == "auto")))
    if white_balance != "auto":
        wanted.append(("white balance", WHITE_BALANCE, int(white_balance)))
    if power_line in POWER_LINES:
        wanted.append(("power line", POWER_LINE, POWER_LINES[power_line]))
    got = {}
    with contextlib.suppress(OSError), _opened(device) as handle:
        for name, control, value in wanted:
            with contextlib.suppress(OSError):  # most cameras lack one or the other
                ioctl(handle, SET_CONTROL, bytearray(struct.pack("=Ii", control, value)))
            with contextlib.suppress(OSError):
                answer = bytearray(struct.pack("=Ii", control, 0))
                ioctl(handle, GET_CONTROL, answer)
                got[name] = struct.unpack("=Ii", answer)[1]
    return got


@contextlib.contextmanager
def _opened(device: str):
    handle = os.open(device, os.O_RDWR | os.O_NONBLOCK)
    try:
        yield handle
    finally:
        os.close(handle)
