"""What an installer must know of light, in five sentences, and how far this installation keeps to it.

docs/lighting.md says the same at more length.
"""

from collections.abc import Iterator
from pathlib import Path

from narcissus.core.errors import NarcissusError
from narcissus.core.sections import Camera
from narcissus.features import sheet

RULES = (
    "Hang two soft, equal lamps left and right of the screen at the height of a face, and no window behind the viewer.",
    "Take lamps of one kind and one colour, 3,500 to 5,000 K, with a CRI of 90 or more.",
    "Give them enough light that the camera needs no more than 1/60 s, about 300 lux on the face.",
    "Lock the camera: set exposure, white_balance and power_line under camera: in config.yaml.",
    "Hold a white sheet where a face will be and run scripts/calibrate_light.py until it says that the light is good.",
)


def kept(camera: Camera, light: Path = sheet.LIGHT) -> Iterator[tuple[bool | None, str, str]]:
    """What is well (None: not to be judged), what is said of it, and what mends it."""
    automatic = [name for name in ("exposure", "white_balance") if getattr(camera, name) == "auto"]
    told = f"{' and '.join(automatic)} on automatic: the camera hunts when the reflection changes" if automatic else ""
    yield (None if automatic else True), told or "exposure and white balance are locked", ""
    if not light.is_file():
        yield None, f"no white sheet has been measured: {sheet.MEND}", ""
        return
    try:
        red, green, blue = sheet.read_gains(light).tolist()
    except NarcissusError as fault:
        said, _, mend = str(fault).rpartition("; ")
        yield False, said, mend
        return
    yield True, f"the white sheet's gains are {red:.2f}, {green:.2f}, {blue:.2f}", ""
