"""The mirror on a display, fullscreen or in a window, with its keys."""

import logging
import time
from collections.abc import Callable, Sequence
from functools import cache
from pathlib import Path

import numpy as np
import pygame

from narcissus.core.errors import ScreenError
from narcissus.core.files import absolute, unused
from narcissus.core.permit import Permit
from narcissus.core.sections import Display, Framing, SharedSettings
from narcissus.core.types import Picture
from narcissus.sinks.displays import names, number_of, open_display, open_window
from narcissus.sinks.enlarge import enlarge
from narcissus.sinks.further import FurtherDisplays
from narcissus.sinks.lettering import font_of, forget_fonts
from narcissus.sinks.pace import Pace
from narcissus.sinks.png import write_png
from narcissus.sinks.recording import Recording
from narcissus.sinks.wall import Wall
from narcissus.sinks.words import helped, timings

log = logging.getLogger("narcissus")

MARK = (190, 40, 40)  # RGB
SAVED = 1024  # pixels of a saved reflection
SAID = 4.0  # seconds that a message stands
COUNTED = 0.5  # seconds between two looks at the timings
COMMANDS = {
    pygame.K_ESCAPE: "quit",
    pygame.K_q: "quit",
    pygame.K_SPACE: "freeze",
    pygame.K_UP: "more",
    pygame.K_DOWN: "less",
    pygame.K_k: "keep",
    **{getattr(pygame, f"K_{number}"): f"preset {number}" for number in range(1, 10)},
    **{getattr(pygame, f"K_KP{number}"): f"preset {number}" for number in range(1, 10)},
}  # what others obey; the other keys are the window's own
OVERLAYS = {pygame.K_c: "camera", pygame.K_t: "timings", pygame.K_h: "help"}


@cache
def mark(size: int) -> pygame.Surface:
    """What stands on the wall while a film is written: a dot, this many pixels across."""
    dot = pygame.Surface((4 * size, 4 * size), pygame.SRCALPHA)
    pygame.draw.circle(dot, MARK, (2 * size, 2 * size), 2 * size)
    return pygame.transform.smoothscale(dot, (size, size))


class Window:
    """A context manager; leaving it leaves the display black."""

    def __init__(
        self,
        settings: Display,
        *,
        framing: Framing | None = None,
        report: Callable[[], dict] | None = None,
        permit: Permit | None = None,
        presets: Sequence[str] = (),
        folder: Path = Path("reflections"),
        clock: Callable[[], float] = time.monotonic,
        pace: Pace | None = None,
    ) -> None:
        """`report` is asked for the figures when timings are to be shown; reflections are saved into `folder`, as far
        as the `permit` allows; without one, anything may be saved. `presets`: their names, in the order of their keys.

        Raises ScreenError where there is no display, or not the one that is asked for.
        """
        self._report, self._folder, self._clock = report, absolute(folder), clock
        self._pace = pace or Pace(settings.rate, clock)
        self._wall = Wall(framing or Framing(), settings.rotation, settings.mirrored)
        self._fullscreen = settings.fullscreen
        try:
            self._open(settings)
        except (ScreenError, pygame.error):
            pygame.display.quit()  # SDL learns of a display that comes later only when it begins anew, or pumps events
            raise
        self._permit = permit or Permit()
        self._presets = tuple(presets)
        self._shown: Picture | None = None
        self._recording: Recording | None = None
        self._asked: set[str] = set()  # of OVERLAYS: what is laid over the picture
        self._message, self._until = "", 0.0
        self._panel: tuple[tuple, pygame.Surface] | None = None  # the words shown last, and their picture
        self._counted, self._timings = -np.inf, []

    def _open(self, settings: Display) -> None:
        open_display()
        self._display = number_of(settings.display, names())
        self._surface = open_window(self._display, self._fullscreen)
        self._aspect = self._measured()
        self._further = FurtherDisplays(settings.also, self._display, self._wall.framing)
        pygame.mouse.set_visible(False)
        pygame.display.set_allow_screensaver(False)

    def __enter__(self) -> "Window":
        return self

    def __exit__(self, *_) -> None:
        self.close()

    def close(self) -> None:
        """Black, and the display is given back; what was shown is forgotten."""
        self._shown = None
        if pygame.display.get_init():
            self._further.close()
            self._surface.fill((0, 0, 0))
            pygame.display.flip()
            forget_fonts()
            pygame.font.quit()
            pygame.display.quit()
        if self._recording is not None:
            log.info(self._recording.finish())
            self._recording = None

    @property
    def aspect(self) -> float:
        """The wall's width over its height, as people see it; once the display is lost, as it was last."""
        return self._aspect

    def _measured(self) -> float:
        width, height = self._wall.upright(self._surface).size
        return width / height

    def tune(self, settings: SharedSettings) -> None:
        """Rate, rotation, mirroring and framing change at once."""
        self._pace.period = 1 / settings.screen.rate
        self._wall.tune(settings.framing, settings.screen.rotation, settings.screen.mirrored)
        self._further.tune(settings.framing)
        self._presets = tuple(getattr(settings, "presets", self._presets))

    def show(self, picture: Picture) -> float:
        self._shown, self._aspect = picture, self._measured()
        self._wall.draw(self._surface, picture, self._clock())
        self._draw_overlays(picture)
        pygame.display.flip()
        now = self._clock()
        self._further.show(picture)
        if self._recording is not None:
            self._record(picture, now)
        self._pace.wait()
        return now

    def commands(self) -> list[str]:
        return [command for event in pygame.event.get() if (command := self._answer(event)) is not None]

    def _answer(self, event: pygame.event.Event) -> str | None:
        """The command that others should obey; what is the window's own is done here."""
        if event.type == pygame.WINDOWCLOSE:
            return None if self._further.dismiss(event.window) else "quit"
        if event.type == pygame.QUIT:
            return "quit"
        if event.type != pygame.KEYDOWN:
            return None
        if event.key == pygame.K_r:
            running = self._recording is not None and self._recording.running
            return "stop recording" if running else "record"
        if event.key == pygame.K_f:
            self._fullscreen = not self._fullscreen
            self._surface = open_window(self._display, self._fullscreen)
        elif event.key == pygame.K_s:
            self._save()
        elif event.key in OVERLAYS:
            self._asked ^= {OVERLAYS[event.key]}
        return COMMANDS.get(event.key)

    def _refused(self) -> str | None:
        return None if self._shown is None else self._permit.refusal(self._shown)

    def _save(self) -> None:
        """The reflection and nothing else."""
        if self._shown is None:
            return
        if refusal := self._refused():
            self.say(f"not saved: {refusal}")
            return
        image = self._permit.outside(self._shown).image
        path = self._folder / time.strftime("reflection-%Y-%m-%d-%H%M%S.png")
        try:
            path = unused(path)
            write_png(path, enlarge(image, max(SAVED, image.shape[0])))
            self.say(f"saved as {path}")
        except OSError as error:
            self.say(f"{path}: not saved ({error.strerror})")

    def obey(self, command: str) -> None:
        """ "record" begins a film of the reflections, "stop recording" ends it; asked again, nothing changes.

        "save" saves the reflection.
        """
        if command == "save":
            self._save()
        elif command == "stop recording" and self._recording is not None:
            self._recording.stop()
        elif command == "record" and self._refused():
            self.say(f"not recorded: {self._refused()}")
        elif command == "record" and self._recording is None:
            self._begin_film()
        elif command == "record" and not self._recording.running:
            self.say("the film before is still being finished")

    def _begin_film(self) -> None:
        path = self._folder / time.strftime("reflections-%Y-%m-%d-%H%M%S.webm")
        try:
            self._recording = Recording(unused(path))
        except OSError as error:
            self.say(f"{path}: not recorded ({error.strerror})")

    def _record(self, picture: Picture, now: float) -> None:
        if refusal := self._permit.refusal(picture):
            self._recording.stop()
            self.say(f"the film ends: {refusal}")
        else:
            self._recording.offer(self._permit.outside(picture).image, now)
        if self._recording.over is not None:
            log.info(self._recording.over)
            self.say(self._recording.over)
            self._recording = None

    def say(self, message: str, seconds: float = SAID) -> None:
        """Show people a line for so many seconds."""
        self._message, self._until = message, self._clock() + seconds

    def _draw_overlays(self, picture: Picture) -> None:
        upright = self._wall.upright(self._surface)
        (width, height), short = upright.size, min(upright.size)
        margin = short // 40
        if "camera" in self._asked and picture.behind is not None:
            inset = picture.behind(short // 4)
            size = (inset.shape[1], inset.shape[0])
            upright.lay(pygame.image.frombuffer(inset, size, "RGB"), margin, margin)
        if self._recording is not None and self._recording.running:
            upright.lay(mark(margin), width - 2 * margin, margin)
        words = self._words()
        if words:
            panel = self._panel_of(words, short)
            upright.lay(panel, margin, height - margin - panel.get_height())

    def _words(self) -> tuple[str, ...]:
        now = self._clock()
        words = helped(self._presets) if "help" in self._asked else []
        if "timings" in self._asked and self._report is not None:
            if now - self._counted > COUNTED:
                self._counted, self._timings = now, timings(self._report())
            words += self._timings
        if now < self._until:
            words.append(self._message)
        return tuple(words)

    def _panel_of(self, words: tuple[str, ...], short: int) -> pygame.Surface:
        """The words in white on a dark, half transparent ground; made anew only when they change."""
        if self._panel is None or self._panel[0] != (words, short):
            font = font_of(max(14, short // 40))
            lines = [font.render(word, True, (255, 255, 255)) for word in words]
            step, margin = font.get_linesize(), font.get_linesize() // 2
            panel = pygame.Surface(
                (max(line.get_width() for line in lines) + 2 * margin, step * len(lines) + 2 * margin), pygame.SRCALPHA
            )
            panel.fill((0, 0, 0, 150))
            for number, line in enumerate(lines):
                panel.blit(line, (margin, margin + number * step))
            self._panel = (words, short), panel
        return self._panel[1]
