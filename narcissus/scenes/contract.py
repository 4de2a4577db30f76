"""What a work brings when it is hung: one `Work`, and what it may borrow: one `Kit`.

A work is a module of this folder, or a package, that holds WORK, and its name in `scenes.SCENES`. The module itself
loads nothing heavy: settings are read, and files are asked for, before TensorFlow is there. `Work.open` loads the rest.
"""

from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from narcissus.core.sections import Section, SharedSettings
from narcissus.core.types import Frame, Picture, Scene

if TYPE_CHECKING:  # TensorFlow comes with it
    from narcissus.networks.pggan import Generator

Stage = Callable[[str], AbstractContextManager[None]]  # measures how long a named stage of the work takes

LOST = 60  # pixels of the shorter side: a smaller frame only stands for a camera that is away


def lost(frame: Frame) -> bool:
    """Whether the frame only stands for a camera that is away."""
    return bool(min(frame.image.shape[:2]) < LOST)


def square() -> float:
    """The shape of a wall of which nothing is known."""
    return 1.0


def unasked(name: str, value: object) -> None:
    """Nobody is there to turn a setting."""


def nothing_kept(_: SharedSettings) -> None:
    """A work that keeps nothing of anybody has nothing to delete."""


def unmeasured(_: str) -> AbstractContextManager[None]:
    return nullcontext()


@dataclass(frozen=True)
class Kit:
    """What the house lends a scene. Networks are lent lazily: whoever asks first waits for the loading."""

    generator: "Callable[[], Generator]"  # raises ModelError, or OutOfMemory where the GPU is full
    live: bool = False  # True: real people stand before the source
    lockstep: bool = False  # True: time is the frames', and nothing may be late; else no picture waits for anything
    stage: Stage = unmeasured
    coarser: int = 0  # how many times the work's picture is halved, as its Step has it
    aspect: Callable[[], float] = square  # the wall's width over its height, as people see it now
    ask: Callable[[str, object], None] = unasked  # for a live setting's value, by its dotted name; from any thread
    trial: bool = False  # True: it is opened to see whether it can be, and writes nothing


@dataclass(frozen=True)
class Step:
    """One way to hang a work, from its best to its cheapest; `work` names another one that may stand in for it."""

    said: str  # for the journal, such as "the mirror with a smaller picture"
    work: str
    coarser: int = 0  # how many times the picture is halved: the generator's, and the work's own


@dataclass(frozen=True)
class Work:
    """Everything that the house asks of a work before it hangs."""

    name: str
    open: Callable[[SharedSettings, Kit], Scene]  # loads files; raises ModelError where one cannot be used
    block: type[Section] = Section  # its settings under `scenes:`
    wants_source: bool = False
    looks: Callable[[SharedSettings], bool] = lambda settings: True  # whether, hung so, it wants its source
    wants_generator: bool = False
    dial: str | None = None  # the setting of its block that the keys up and down turn, in tenths
    cheaper: tuple[Step, ...] = field(default=())  # what hangs instead, where the work itself cannot
    expire: Callable[[SharedSettings], None] = nothing_kept  # deletes what it keeps of whoever's time is over

    @property
    def steps(self) -> tuple[Step, ...]:
        return (Step(f"the {self.name}", self.name), *self.cheaper)


class BaseScene:
    """A Scene that needs no source, obeys nothing and reports nothing; a work overrides what it does."""

    def observe(self, frame: Frame) -> object:
        return frame

    def draw(self, seen: object | None, now: float) -> Picture:
        raise TypeError(f"{type(self).__name__} does not draw")

    def begin(self, picture: Picture, now: float) -> None:
        """It begins wherever it is."""

    def obey(self, command: str) -> None:
        """It knows no commands."""

    def tune(self, settings: SharedSettings) -> None:
        """It has nothing to be tuned."""

    def report(self) -> dict[str, object]:
        return {}
