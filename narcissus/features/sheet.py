"""A white sheet held before the camera: is the light good, and which gains make white white?"""

import json
from pathlib import Path
from typing import NamedTuple

import numpy as np

from narcissus.core.errors import ModelCorrupt, ModelMissing
from narcissus.core.files import HOME, write_whole

LIGHT = HOME / "light.json"  # what scripts/calibrate_light.py has found of the room
WHITE = 215.0  # what a sheet's encoded values are brought to: below clipping, as a shirt is in a good portrait
SHEET = 0.25  # of the picture's width and height, in its middle, is taken for the sheet
DARK, BRIGHT, CLIPPED = 140.0, 245.0, 250  # encoded values
UNEVEN, COLOURED, FLICKERS, ROUGH = 1.25, 1.30, 0.015, 0.06  # ratio, ratio, spread over time, spread within a tile
TILES = 4  # along each side of the sheet
MEND = "hold a white sheet before the camera and run: .venv/bin/python scripts/calibrate_light.py"


class Light(NamedTuple):
    """What the sheet says of the light."""

    gains: np.ndarray  # float32 (3,): encoded values times this are white where the sheet is
    brightness: float  # of the sheet, encoded, 0 to 255
    clipped: float  # share of its values that are too bright to be known
    coloured: float  # strongest channel over weakest
    uneven: float  # brightest part of the sheet over its darkest
    flicker: float  # spread of its brightness from frame to frame, a share of it
    rough: float  # median spread within a small part, a share of its brightness: paper is smooth

    @property
    def is_sheet(self) -> bool:
        return self.rough < ROUGH

    def faults(self) -> list[str]:
        """What is wrong with the light and what mends it, a sentence each; none where it is good."""
        said = {
            "It is too dark: add light on the viewer's face, or a longer exposure.": self.brightness < DARK,
            "It is too bright: shorten camera: exposure: until the sheet is no longer blown out.": self.brightness
            > BRIGHT
            or self.clipped > 0.02,
            "It is coloured: set camera: white_balance: to the lamps' colour temperature, or use lamps of one kind.": (
                self.coloured > COLOURED
            ),
            "It comes from one side: put lamps on both sides of the screen, at the height of a face.": self.uneven
            > UNEVEN,
            "It flickers: set camera: power_line: to 50 or 60, or use lamps that do not.": self.flicker > FLICKERS,
        }
        return [sentence for sentence, true in said.items() if true]


def looked_at(frames: list[np.ndarray]) -> Light:
    """From some pictures uint8 (H, W, 3) RGB of one moment, with the sheet in their middle."""
    sheets = np.stack([_middle(frame) for frame in frames]).astype(np.float32)  # (n, h, w, 3)
    over_time, mean = sheets.mean(axis=(1, 2, 3)), np.maximum(sheets.mean(axis=(0, 1, 2)), 1.0)  # (n,), (3,)
    tiles = _tiles(sheets.mean(axis=(0, 3)))  # (16, …)
    parts = np.maximum(tiles.reshape(len(tiles), -1).mean(axis=1), 1.0)
    return Light(
        gains=(WHITE / mean).astype(np.float32),
        brightness=float(mean.mean()),
        clipped=float((sheets >= CLIPPED).mean()),
        coloured=float(mean.max() / mean.min()),
        uneven=float(parts.max() / parts.min()),
        flicker=float(over_time.std() / max(over_time.mean(), 1.0)),
        rough=float(np.median(tiles.reshape(len(tiles), -1).std(axis=1) / parts)),
    )


def _middle(frame: np.ndarray) -> np.ndarray:
    height, width = frame.shape[:2]
    down, across = (max(TILES, round(side * SHEET) // TILES * TILES) for side in (height, width))
    top, left = (height - down) // 2, (width - across) // 2
    return frame[top : top + down, left : left + across]


def _tiles(sheet: np.ndarray) -> np.ndarray:
    """(h, w) -> (16, h / 4, w / 4)."""
    height, width = (side // TILES for side in sheet.shape)
    return sheet.reshape(TILES, height, TILES, width).swapaxes(1, 2).reshape(-1, height, width)


def write(path: Path, light: Light) -> None:
    """Keep the gains and what was measured: numbers of a lamp and a sheet, nothing of anybody."""
    about = {name: np.round(value, 4).tolist() for name, value in light._asdict().items()}
    write_whole(path, json.dumps(about, indent=1) + "\n")


def read_gains(path: Path) -> np.ndarray:
    """The gains float32 (3,) that `write` kept. Raises ModelMissing, ModelCorrupt."""
    try:
        gains = np.array(json.loads(Path(path).read_text())["gains"], np.float64)
    except FileNotFoundError:
        raise ModelMissing(f"{path}: not there; {MEND}") from None
    except (OSError, ValueError, KeyError, TypeError, RecursionError):
        raise ModelCorrupt(f"{path}: does not hold a light's gains; {MEND}") from None
    if gains.shape != (3,) or not ((gains > 0.05) & (gains < 20)).all():
        raise ModelCorrupt(f"{path}: gains must be three numbers between 0.05 and 20; {MEND}")
    return gains.astype(np.float32)
