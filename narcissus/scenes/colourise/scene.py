"""The wall shows the viewer as a grey photograph; then colours return, as the pile assumes them."""

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import cv2
import numpy as np

from narcissus.core.sections import SharedSettings
from narcissus.core.types import Face, Frame, Picture
from narcissus.networks.colour.colourist import Colourist
from narcissus.networks.colour.emulsion import FILMS, exposed
from narcissus.networks.colour.palette import Likely
from narcissus.networks.colour.picture import guide, painted, spread
from narcissus.people import FaceFinder
from narcissus.people.visitors import Visitors
from narcissus.scenes.colourise import ColouriseSettings
from narcissus.scenes.colourise.swatches import with_palette
from narcissus.scenes.colourise.temporal import TemporalChroma
from narcissus.scenes.contract import BaseScene, Kit, Stage, lost, unmeasured

RETURN = 2.5  # seconds in which colours come back to a new viewer
FADE = 1.2  # seconds in which the picture of a room without a viewer goes to grey
LEFT = 1.5  # seconds without a viewer, or without a frame, after which nobody is there
STEPS = 25  # in which colours return, where no new frame asks for a new picture anyway
QUIET = 118  # the grey of a wall without a viewer: L* 50
WALL = 720, 1280  # height and width in pixels of a wall that has seen no frame
LINE = 2  # pixels between the halves of a split picture
NO_COLOUR = np.zeros((1, 1, 4), np.float32)


@dataclass(frozen=True, slots=True, eq=False)
class Seen:
    frame: Frame
    viewer: int | None  # identity of the foremost viewer; None: nobody is there
    lightness: np.ndarray  # float32 (H, W): the frame as the film records it
    functions: np.ndarray  # float32 (H', W', 4): how chroma follows lightness
    palette: dict[str, list[Likely]]


class Colourise(BaseScene):
    """`observe` belongs to the perception thread and `draw` to the display's; they share what Seen hands over."""

    def __init__(
        self,
        finder,
        visitors,
        colourist: Colourist,
        settings: ColouriseSettings,
        *,
        stage: Stage = unmeasured,
    ) -> None:
        self._finder, self._visitors, self._chroma = finder, visitors, TemporalChroma(colourist)
        self._settings, self._stage = settings, stage
        self._asked: tuple | None = None  # what the chroma was asked for
        self._viewer: int | None = None
        self._functions = NO_COLOUR  # how chroma follows lightness in the newest frame with a viewer
        self._lightness = np.zeros(WALL, np.float32)  # of the newest frame
        self._looked = -math.inf  # when that was
        self._last: float | None = None  # when the last picture was drawn
        self._seen_at = -math.inf  # when a viewer was last there
        self._whom: int | None = None  # whose colours return
        self._colour = self._there = 0.0  # 0 to 1: how far colours, and the picture itself, have come
        self._frozen = False
        self._drawn: tuple | None = None  # what `_picture` shows
        self._picture = Picture(np.full((*WALL, 3), QUIET, np.uint8))

    def observe(self, frame: Frame) -> Seen:
        if lost(frame):
            return self._without_camera(frame)
        settings = self._settings
        with self._stage("find"):
            faces = self._finder.find(frame)
        viewer, company = self._company(frame, faces)
        self._begin_anew_where_due(frame, viewer, settings)
        self._lightness = light = exposed(frame.image, FILMS[settings.film])
        self._looked = frame.time
        if not company:  # missed for a moment: colours stay where they were while the picture goes
            return Seen(frame, None, light, self._functions, {})
        with self._stage("colour"):
            small = guide(light)
            scale = small.shape[0] / light.shape[0]
            near = [replace(face, landmarks=(face.landmarks + 0.5) * scale - 0.5) for face in company]
            warmth = None if settings.temperature == "auto" else settings.temperature
            chroma = self._chroma.chroma(small, near, frame.time, settings.slice, warmth)
            self._functions = spread(small, chroma)
        foremost = company[0].identity
        palette = self._chroma.palette(foremost) if settings.show == "palette" else {}
        return Seen(frame, foremost, light, self._functions, palette)

    def draw(self, seen: Seen | None, now: float) -> Picture:
        if not self._frozen:
            self._advance(seen, now)
            wanted = (seen, round(self._colour * STEPS), round(self._there * STEPS), self._settings)
            if self._there == 0:
                self._show_nobody(seen)
            elif wanted != self._drawn:
                with self._stage("paint"):
                    self._picture = self._painted(seen)
                self._drawn = wanted
        return self._picture

    def obey(self, command: str) -> None:
        self._frozen = {"freeze": True, "thaw": False}.get(command, self._frozen)

    def tune(self, settings: SharedSettings) -> None:
        self._settings = settings.scenes.colourise
        self._finder.reach = settings.perception.reach

    def _without_camera(self, frame: Frame) -> Seen:
        """What was seen last, for as long as it fades; then nothing is kept of it but the wall's shape."""
        if frame.time - self._looked > LEFT + FADE:
            self._lightness, self._functions = np.zeros_like(self._lightness), NO_COLOUR
        return Seen(frame, None, self._lightness, self._functions, {})

    def _company(self, frame: Frame, faces: Sequence[Face]) -> tuple[Face | None, list[Face]]:
        """The viewer, and all who are coloured as faces, the viewer first."""
        if frame.cut:
            self._visitors.forget()
        width = frame.image.shape[1]
        viewer = self._visitors.choose(faces, frame.time, width)
        return viewer, self._visitors.gather(faces, viewer, frame.time, width)

    def _begin_anew_where_due(self, frame: Frame, viewer: Face | None, settings: ColouriseSettings) -> None:
        """After a cut, at a hand-over and under other dials what was averaged before is not true any more."""
        asked = (settings.slice, settings.temperature, settings.film)
        handed_over = viewer is not None and viewer.identity != self._viewer
        if frame.cut or handed_over or asked != self._asked:
            self._chroma.forget()
            self._functions = NO_COLOUR
        self._asked = asked
        self._viewer = self._viewer if viewer is None else viewer.identity

    def _advance(self, seen: Seen | None, now: float) -> None:
        """Let colours return, or go, by the time elapsed."""
        elapsed = 0.0 if self._last is None else max(0.0, now - self._last)
        self._last = now
        if seen is not None and seen.viewer is not None and now - seen.frame.time < LEFT:
            self._seen_at = seen.frame.time
            if seen.viewer != self._whom:
                self._whom, self._colour = seen.viewer, 0.0
        present = now - self._seen_at < LEFT
        self._colour = (
            min(1.0, self._colour + elapsed / RETURN) if present else 0.0 if self._there == 0 else self._colour
        )
        self._there = min(1.0, max(0.0, self._there + (elapsed if present else -elapsed) / FADE))
        if present and self._there == 0:
            self._there = 1e-3  # it has begun

    def _show_nobody(self, seen: Seen | None) -> None:
        """Grey, still and quiet: the same array for as long as nobody is there."""
        shape = self._picture.image.shape if seen is None else (*seen.lightness.shape, 3)
        if self._drawn is not None or self._picture.image.shape != shape:
            self._picture, self._drawn = Picture(np.full(shape, QUIET, np.uint8)), None

    def _painted(self, seen: Seen) -> Picture:
        settings, light = self._settings, seen.lightness
        strength = 0.0 if settings.show == "grey" else settings.strength * _eased(self._colour)
        functions = NO_COLOUR if strength == 0 else seen.functions
        image = cv2.convertScaleAbs(painted(light, functions, 0, len(light), strength), alpha=255)
        if settings.show == "split":
            half = image.shape[1] // 2
            grey = painted(np.ascontiguousarray(light[:, :half]), NO_COLOUR, 0, len(light))
            image[:, :half] = cv2.convertScaleAbs(grey, alpha=255)
            image[:, half - LINE // 2 : half + LINE // 2] = 255
        if self._there < 1:
            image = cv2.addWeighted(image, _eased(self._there), np.full_like(image, QUIET), 1 - _eased(self._there), 0)
        if seen.palette:
            image = with_palette(image, seen.palette)
        return Picture(image, answers=None if seen.viewer is None else seen.frame.time, shows_viewer=True)


def opened(settings: SharedSettings, kit: Kit, model: Path) -> Colourise:
    """Raises ModelError. It has coloured once: nobody waits for a compilation."""
    colourist = Colourist.open(model)
    colourist.assume(np.zeros((128, 128), np.float32))
    finder, visitors = FaceFinder(reach=settings.perception.reach), Visitors(live=kit.live)
    return Colourise(finder, visitors, colourist, settings.scenes.colourise, stage=kit.stage)


def _eased(level: float) -> float:
    """0 to 1, without a jolt at either end."""
    return level * level * (3 - 2 * level)
