"""Step after step: the examples of each, and all that is needed to put the training down and take it up again.

What a step does depends on the step's number, the seed and the seconds trained so far, and on nothing else; the seconds
are part of the state. So two steps, a pause and two steps are four steps, bit for bit, on one machine.
"""

from dataclasses import astuple, dataclass
from pathlib import Path

import cv2
import numpy as np

from narcissus.core.errors import NotFinite, OutOfMemory
from narcissus.lab import checkpoint
from narcissus.lab.generator import plan
from narcissus.lab.generator.adversaries import Adversaries, Moment
from narcissus.lab.generator.plan import Plan
from narcissus.networks.pggan import backend

FADING = 10_000  # pictures at least in which a resolution fades in, however short the time: a slow machine grows less
IN_MEMORY = 2 << 30  # bytes: smaller copies of the pile are kept there where they fit, else made anew each step


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of the training's diary."""

    seconds: float
    pixels: int
    seen: int  # pictures
    judge: float  # its loss; 1.39 (2 log 2) is one that cannot tell drawn from real
    generator: float  # its loss; 0.69 is a judge that is undecided
    sureness: float  # r_t of ADA
    augmenting: float  # probability


class Training:
    def __init__(self, pictures: np.ndarray, adversaries: Adversaries, seconds: float, fading: int = FADING) -> None:
        """`pictures` uint8 (n, R, R, 3); the growing takes `seconds`, and `fading` pictures a resolution at least."""
        self.pictures, self.adversaries = pictures, adversaries
        self.plan = Plan(adversaries.arguments.log2, seconds)
        self.step = self.seen = 0
        self.last, self.shown = plan.FIRST, 0  # log2 of the pixels, and pictures since it is that
        self._fading = fading
        self.seconds = 0.0
        self.diary: list[Entry] = []
        self._small: tuple[int, np.ndarray] | None = None

    @property
    def growth(self) -> tuple[int, float | None]:
        """log2 of the pixels, and how much of the resolution before still shows; see Plan.at."""
        due, fade = self.plan.at(self.seconds)
        early = max(0.0, 1 - self.shown / self._fading) if self._fading and self.last > plan.FIRST else 0.0
        share = max(early, (fade or 0.0) if due == self.last else 0.0)
        return self.last, (share or None) if self.last == self.plan.top else share

    def _grow(self) -> None:
        """The next resolution, when it is due and this one has been seen enough."""
        if self.plan.at(self.seconds)[0] > self.last and self.shown >= self._fading:
            self.last, self.shown = self.last + 1, 0
            self.adversaries.fit_to_rgb(self.last)

    def learn(self) -> tuple[float, float]:
        """One step: losses of discriminator and generator. Raises NotFinite where they are no numbers, OutOfMemory."""
        self._grow()
        last, fade = self.growth
        real = self._examples(last)
        try:
            losses = self.adversaries.learn(real, Moment(self.step, self.seen, last, fade))
        except backend.OUT_OF_MEMORY as fault:
            raise OutOfMemory(f"no memory to learn at {2**last} px; give a smaller --size or fewer --maps") from fault
        if not np.isfinite(losses).all():
            raise NotFinite(
                f"step {self.step}: the losses are no numbers; the same command goes on from the last state"
            )
        self.step += 1
        self.seen += len(real)
        self.shown += len(real)
        return losses

    def note(self, losses: tuple[float, float]) -> Entry:
        """A line of the diary, about now."""
        sureness, augmenting = (float(one.value) for one in self.adversaries.variables["augmenting"][::-1])
        self.diary.append(Entry(self.seconds, 2 ** self.growth[0], self.seen, *losses, sureness, augmenting))
        return self.diary[-1]

    def save_checkpoint(self, path: Path) -> None:
        """Write the state whole."""
        numbers = {
            "progress": np.array([self.step, self.seen, self.last, self.shown], np.int64),
            "seconds": np.array([self.seconds, self.plan.seconds], np.float64),
            "diary": np.array([astuple(entry) for entry in self.diary], np.float64).reshape(-1, 7),
        }
        checkpoint.save(path, self.adversaries.variables, numbers, self._about())

    def load_checkpoint(self, path: Path) -> bool:
        """Whether there was a state to go on from. Raises ModelCorrupt; ModelMismatch where it is another's."""
        numbers = checkpoint.load(path, self.adversaries.variables, self._about())
        if numbers is None:
            return False
        self.step, self.seen, self.last, self.shown = numbers["progress"].tolist()
        self.seconds, growing = numbers["seconds"].tolist()
        self.plan = Plan(self.plan.top, growing)
        self.diary[:] = [_entry(*line) for line in numbers["diary"].tolist()]
        return True

    def _about(self) -> dict:
        """What must be the same for the same result."""
        own = self.adversaries
        return {
            "arguments": {name: getattr(own.arguments, name) for name in own.arguments.__slots__},
            "seed": own.seed,
            "pictures": list(self.pictures.shape),
        }

    def _examples(self, last: int) -> np.ndarray:
        """uint8 (B, 2^last, 2^last, 3), drawn by seed and step alone."""
        rng = np.random.default_rng((self.adversaries.seed, self.step))
        rows = rng.integers(len(self.pictures), size=plan.batch(last))
        if last == self.plan.top:
            return np.asarray(self.pictures[rows])
        if len(self.pictures) * 3 * 4**last > IN_MEMORY:
            return _shrunk(self.pictures[rows], 2**last)
        if self._small is None or self._small[0] != last:
            self._small = last, _shrunk(self.pictures, 2**last)
        return self._small[1][rows]


def _shrunk(pictures: np.ndarray, side: int) -> np.ndarray:
    """Averaged down: uint8 (n, side, side, 3)."""
    return np.stack([cv2.resize(picture, (side, side), interpolation=cv2.INTER_AREA) for picture in pictures])


def _entry(seconds: float, pixels: float, seen: float, *rest: float) -> Entry:
    return Entry(seconds, int(pixels), int(seen), *rest)
