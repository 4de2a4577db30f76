"""The mirror on a display, fullscreen or in a window, with its keys."""

import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pygame

from narcissus.config import Display, Settings
from narcissus.screen.displays import names, number_of, open_display, open_window
from narcissus.screen.enlarge import PLAIN, enlarge, fitted, grain, grained
from narcissus.screen.pace import Pace
from narcissus.screen.png import write_png
from narcissus.screen.viewer import sketch
from narcissus.screen.words import HELP, guesses, timings
from narcissus.types import Picture

SAVED = 1024  # pixels of a saved reflection
GRAIN, GRAIN_RATE = 4.0, 12.0  # steps of 255; how often a second the grain lies differently
SHIFT = 64  # pixels by which it is shifted at most
SAID = 4.0  # seconds that a message stands
COUNTED = 0.5  # seconds between two looks at the timings
COMMANDS = {
    pygame.K_ESCAPE: "quit",
    pygame.K_q: "quit",
    pygame.K_SPACE: "freeze",
    pygame.K_UP: "more",
    pygame.K_DOWN: "less",
    **{getattr(pygame, f"K_{number}"): f"preset {number}" for number in range(1, 10)},
    **{getattr(pygame, f"K_KP{number}"): f"preset {number}" for number in range(1, 10)},
}  # what others obey; the other keys are the window's own
OVERLAYS = {pygame.K_c: "camera", pygame.K_t: "timings", pygame.K_h: "help"}


class Window:
    """A context manager; leaving it leaves the display black."""

    def __init__(
        self,
        settings: Display,
        *,
        report: Callable[[], dict] | None = None,
        folder: Path = Path("reflections"),
        clock: Callable[[], float] = time.monotonic,
        pace: Pace | None = None,
    ) -> None:
        """`report` is asked for the figures when timings are to be shown; reflections are saved into `folder`.

        Raises ScreenError where there is no display, or not the one that is asked for.
        """
        self._report, self._folder, self._clock = report, folder, clock
        self._pace = pace or Pace(settings.rate, clock)
        self._rotation = settings.rotation
        self._fullscreen = settings.fullscreen
        open_display()
        self._display = number_of(settings.display, names())
        self._surface = open_window(self._display, self._fullscreen)
        pygame.mouse.set_visible(False)
        pygame.display.set_allow_screensaver(False)
        self._grain: tuple[np.ndarray, np.ndarray] | None = None  # made when the size of the reflection is known
        self._shown: Picture | None = None
        self._asked: set[str] = set()  # of OVERLAYS: what is laid over the picture
        self._message, self._until = "", 0.0
        self._panel: tuple[tuple, pygame.Surface] | None = None  # the words shown last, and their picture
        self._counted, self._timings = -np.inf, []

    def __enter__(self) -> "Window":
        return self

    def __exit__(self, *_) -> None:
        self.close()

    def close(self) -> None:
        """Black, and the display is given back."""
        if pygame.display.get_init():
            self._surface.fill((0, 0, 0))
            pygame.display.flip()
            pygame.font.quit()
            pygame.display.quit()

    def tune(self, settings: Settings) -> None:
        """Rotation and rate change at once."""
        self._rotation, self._pace.period = settings.screen.rotation, 1 / settings.screen.rate

    def show(self, picture: Picture) -> float:
        self._shown = picture
        self._surface.fill((0, 0, 0))
        self._draw_reflection(picture.image)
        self._draw_overlays(picture)
        pygame.display.flip()
        now = self._clock()
        self._pace.wait()
        return now

    def commands(self) -> list[str]:
        return [command for event in pygame.event.get() if (command := self._answer(event)) is not None]

    def _answer(self, event: pygame.event.Event) -> str | None:
        """The command that others should obey; what is the window's own is done here."""
        if event.type == pygame.QUIT:
            return "quit"
        if event.type != pygame.KEYDOWN:
            return None
        if event.key == pygame.K_f:
            self._fullscreen = not self._fullscreen
            self._surface = open_window(self._display, self._fullscreen)
        elif event.key == pygame.K_s:
            self._save()
        elif event.key in OVERLAYS:
            self._asked ^= {OVERLAYS[event.key]}
        return COMMANDS.get(event.key)

    def _save(self) -> None:
        """The reflection and nothing else."""
        if self._shown is None:
            return
        path = self._folder.absolute() / time.strftime("reflection-%Y-%m-%d-%H%M%S.png")
        try:
            write_png(path, enlarge(self._shown.image, max(SAVED, self._shown.image.shape[0])))
            self.say(f"saved as {path}")
        except OSError as error:
            self.say(f"{path}: not saved ({error.strerror})")

    def say(self, message: str) -> None:
        """Show people a line for a few seconds."""
        self._message, self._until = message, self._clock() + SAID

    def _draw_reflection(self, image: np.ndarray) -> None:
        """As large as the display allows, in its own proportions, on black, turned as the display hangs."""
        image = np.rot90(image, -self._rotation // 90)
        across, down = self._surface.get_size()
        scale = min(across / image.shape[1], down / image.shape[0])
        width, height = round(image.shape[1] * scale), round(image.shape[0] * scale)
        large = fitted(np.ascontiguousarray(image), (width, height))
        if scale > PLAIN:
            large = grained(large, *self._grain_of(width, height))
        reflection = pygame.image.frombuffer(large, (width, height), "BGRA")
        reflection.set_alpha(None)
        self._surface.blit(reflection, ((across - width) // 2, (down - height) // 2))

    def _grain_of(self, width: int, height: int) -> tuple[np.ndarray, np.ndarray]:
        """The grain as it lies at this moment, twice uint8 (height, width, 4)."""
        size = max(width, height) + SHIFT
        if self._grain is None or len(self._grain[0]) != size:
            self._grain = grain(size, GRAIN)
        x, y = np.random.default_rng(int(self._clock() * GRAIN_RATE)).integers(0, SHIFT, 2)
        light, dark = (part[y : y + height, x : x + width] for part in self._grain)
        return light, dark

    def _draw_overlays(self, picture: Picture) -> None:
        short = min(self._surface.get_size())
        margin = short // 40
        if "camera" in self._asked and picture.observation is not None:
            inset = sketch(picture.observation, short // 4, landmarks=True)
            size = (inset.shape[1], inset.shape[0])
            self._lay(pygame.image.frombuffer(inset, size, "RGB"), margin, margin)
        words = self._words(picture)
        if words:
            panel = self._panel_of(words, short)
            self._lay(panel, margin, -margin)

    def _lay(self, upright: pygame.Surface, left: int, top: int) -> None:
        """Draw something upright for the people, however the display hangs, in their coordinates.

        `left` and `top` are pixels from the left and the upper edge, negative ones from the lower edge.
        """
        across, down = self._surface.get_size()
        width, height = upright.get_size()
        far = (down if self._rotation % 180 == 0 else across) - height + top if top < 0 else top
        turned = pygame.transform.rotate(upright, -self._rotation)
        place = {
            0: (left, far),
            90: (across - far - height, left),
            180: (across - left - width, down - far - height),
            270: (far, down - left - width),
        }[self._rotation]
        self._surface.blit(turned, place)

    def _words(self, picture: Picture) -> tuple[str, ...]:
        now = self._clock()
        words = list(HELP) if "help" in self._asked else []
        if "timings" in self._asked and self._report is not None:
            if now - self._counted > COUNTED:
                self._counted, self._timings = now, timings(self._report())
            words += self._timings
        if picture.observation is not None and picture.observation.guesses is not None:
            words.append(guesses(picture.observation.guesses))
        if now < self._until:
            words.append(self._message)
        return tuple(words)

    def _panel_of(self, words: tuple[str, ...], short: int) -> pygame.Surface:
        """The words in white on a dark, half transparent ground; made anew only when they change."""
        if self._panel is None or self._panel[0] != (words, short):
            font = pygame.font.Font(None, max(16, short // 32))
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
