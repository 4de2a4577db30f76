"""The pictures that a filter is trained on, cut into views. A view is drawn by (seed, step) alone: whoever resumes sees
the same."""

from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np

from narcissus.core.errors import SourceError
from narcissus.core.files import HOME
from narcissus.lab.reading import pictures_in
from narcissus.networks.pggan import Generator
from narcissus.networks.style import Light

SHORT_SIDE = 384  # pixels; larger pictures are averaged down when they are read
MOST = 400  # pictures of a place: memory, and the time that reading takes
SIDE = 128  # pixels of a view
VIEWS = 4  # in a step, besides the first once more, moved and noisy
SHIFT = 3  # pixels: less than the network's 4, so that its grid is learned not to show
NOISE = 4.0  # σ of 0 to 255, of a camera in a dim room
ZOOM = (0.8, 2.0)  # of photographs; what hangs on the wall is sharper or softer than they are
HELD_OUT = 0.1  # of each place, the last by name
FACES = 0.35  # share of the views that are faces where there are both
DRAWN = 64  # faces, where there is nothing else

REMEDY = "name a folder or zip of pictures with --contents"


@dataclass(frozen=True, slots=True, eq=False)
class Contents:
    learned: list[list[np.ndarray]]  # piles of uint8 (H, W, 3) RGB: photographs, faces
    held_out: list[list[np.ndarray]]  # of the same piles, never learned from

    def __len__(self) -> int:
        return sum(map(len, self.learned))


@dataclass(frozen=True, slots=True, eq=False)
class Views:
    """What one step sees, float32, -1 to 1."""

    plain: np.ndarray  # (VIEWS, S, S, 3)
    moved: np.ndarray  # (1, S, S, 3): the first of them, a few pixels aside and with noise
    shift: tuple[int, int]  # moved[y, x] = plain[0][y + shift[0], x + shift[1]]


def own(place: Path) -> Contents:
    """The artist's own pictures. Raises SourceMissing; SourceError where there are none."""
    pictures = pictures_in(place, SHORT_SIDE, REMEDY, MOST)
    if not pictures:
        raise SourceError(f"{place}: no picture in it that can be read; {REMEDY}")
    return parted([pictures])


def shared(folder: Path) -> Contents:
    """Photographs and faces, as DESIGN lays them out; without the folder, faces that the small generator draws."""
    photographs, faces = folder / "photographs" / "photographs.zip", folder / "faces" / "train-00.zip"
    if not (photographs.exists() and faces.exists()):
        return drawn_faces()
    return parted([pictures_in(place, SHORT_SIDE, REMEDY, MOST) for place in (photographs, faces)])


def drawn_faces(count: int = DRAWN) -> Contents:
    generator = Generator.load(HOME / "models" / "pg_gan" / "narcissus-128.npz")
    latents = np.random.default_rng(0).standard_normal((count, generator.latent_size)).astype(np.float32)
    return parted([list(generator.render(latents))])


def parted(piles: list[list[np.ndarray]]) -> Contents:
    """The last tenth of each pile is held out, at least one picture; a single picture is learned from, too.

    What is learned from is lit as pictures are before they are painted.
    """
    counts = [max(1, int(len(pile) * HELD_OUT)) for pile in piles]
    learned = [list(map(lit, pile[:-count] or pile)) for pile, count in zip(piles, counts, strict=True)]
    return Contents(learned, [pile[-count:] for pile, count in zip(piles, counts, strict=True)])


def views(contents: Contents, seed: int, step: int, side: int = SIDE) -> Views:
    rng = np.random.default_rng((seed, step))
    wide = [_view(_picture(contents.learned, rng), side + 2 * SHIFT, rng) for _ in range(VIEWS)]
    down, right = (int(shift) for shift in rng.integers(-SHIFT, SHIFT + 1, 2))
    plain = np.stack([cut[SHIFT:-SHIFT, SHIFT:-SHIFT] for cut in wide])
    moved = wide[0][SHIFT + down :, SHIFT + right :][:side, :side]
    noisy = np.clip(moved + rng.normal(0, rng.uniform(0, NOISE), moved.shape), 0, 255)
    return Views(as_image(plain), as_image(noisy)[None], (down, right))


def shown(contents: Contents, count: int, side: int) -> np.ndarray:
    """uint8 (count, side, side, 3): held-out pictures, of each pile in turn, their middles."""
    piles = contents.held_out
    rows = [(i % len(piles), i // len(piles)) for i in range(count)]
    return np.stack([middle(piles[pile][row % len(piles[pile])], side) for pile, row in rows])


def lit(picture: np.ndarray) -> np.ndarray:
    return Light.of(picture).lit(picture, 1.0)


def as_image(pictures: np.ndarray) -> np.ndarray:
    """0 to 255 -> float32, -1 to 1."""
    return (pictures / np.float32(127.5) - 1).astype(np.float32)


def middle(picture: np.ndarray, side: int) -> np.ndarray:
    """uint8 (H, W, 3) -> uint8 (side, side, 3): the largest square in the middle."""
    short = min(picture.shape[:2])
    top, left = ((length - short) // 2 for length in picture.shape[:2])
    return _resized(picture[top : top + short, left : left + short], side / short)[:side, :side]


def _picture(piles: list[list[np.ndarray]], rng: np.random.Generator) -> np.ndarray:
    pile = piles[-1 if rng.random() < FACES else 0]
    return pile[rng.integers(len(pile))]


def _view(picture: np.ndarray, side: int, rng: np.random.Generator) -> np.ndarray:
    """A square part of a picture as (side, side, 3), smaller or larger than it is, mirrored as often as not."""
    short = min(picture.shape[:2])
    region = int(min(side / rng.uniform(*ZOOM), short * rng.uniform(0.7, 1)))
    top, left = (int(rng.integers(length - region + 1)) for length in picture.shape[:2])
    cut = picture[top : top + region, left : left + region]
    cut = cv2.resize(cut, (side, side), interpolation=cv2.INTER_AREA if side < region else cv2.INTER_CUBIC)
    return cut[:, ::-1] if rng.random() < 0.5 else cut


def _resized(picture: np.ndarray, scale: float) -> np.ndarray:
    size = tuple(max(1, round(side * scale)) for side in picture.shape[1::-1])
    return cv2.resize(picture, size, interpolation=cv2.INTER_AREA if scale < 1 else cv2.INTER_CUBIC)
