"""Further displays that show the same reflection. The first one never depends on them."""

import time
from collections.abc import Callable, Sequence

import numpy as np
import pygame
from pygame._sdl2 import video

from narcissus.core.errors import ScreenError
from narcissus.core.journal import Journal
from narcissus.core.sections import Framing, Further
from narcissus.core.types import Picture
from narcissus.sinks.displays import names, number_of
from narcissus.sinks.wall import Wall

LOOK = 1.0  # seconds between two looks at which displays there are
ON_DISPLAY = 0x2FFF0000  # SDL_WINDOWPOS_CENTERED_DISPLAY: the display's number stands in the lower bits


class FurtherWindow:
    """The whole of one display, drawn by the processor. Nothing but the reflection stands on it.

    Raises pygame.error from everything that it does where the display is lost.
    """

    def __init__(self, number: int, wish: Further, framing: Framing) -> None:
        self.number = number
        self._wish = wish
        self._wall = Wall(framing, wish.rotation, wish.mirrored)
        size, place = pygame.display.get_desktop_sizes()[number], ON_DISPLAY | number
        self.window = video.Window("Narcissus", size=size, position=(place, place), fullscreen_desktop=True)
        self._renderer = video.Renderer(self.window, accelerated=0)
        self._sized(size)

    def _sized(self, size: tuple[int, int]) -> None:
        self._surface = pygame.Surface(size, pygame.SRCALPHA, 32)  # as the texture is: nothing is converted
        self._texture = video.Texture(self._renderer, size, streaming=True)

    @property
    def moved(self) -> bool:
        """Whether it stands on another display than its own: that is what becomes of it when its own is unplugged."""
        return self.window.display_index != self.number

    def tune(self, framing: Framing) -> None:
        self._wall.tune(framing, self._wish.rotation, self._wish.mirrored)

    def show(self, picture: Picture, now: float) -> None:
        if self.window.size != self._surface.get_size():
            self._sized(self.window.size)
        self._wall.draw(self._surface, picture, now, words=False)
        self._texture.update(self._surface)
        self._renderer.blit(self._texture)
        self._renderer.present()

    def close(self) -> None:
        self.window.destroy()


class FurtherDisplays:
    """Those of `wishes` that are there. What is not there, or is lost, is said in one line and awaited."""

    def __init__(
        self,
        wishes: Sequence[Further],
        first: int,
        framing: Framing,
        *,
        open_window: Callable[[int, Further, Framing], FurtherWindow] = FurtherWindow,
        known: Callable[[], list[str]] = names,
        count: Callable[[], int] = pygame.display.get_num_displays,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """`first`: the number of the display that shows the reflection anyway."""
        self._wishes, self._first, self._framing = list(wishes), first, framing
        self._open_window, self._known, self._count, self._clock = open_window, known, count, clock
        self._windows: dict[int, FurtherWindow] = {}  # by their place among the wishes
        self._dismissed: set[int] = set()  # people closed them
        self._journal = Journal()
        self._counted, self._looked = -1, -np.inf

    def tune(self, framing: Framing) -> None:
        self._framing = framing
        for window in self._windows.values():
            window.tune(framing)

    def show(self, picture: Picture) -> None:
        """Show it on all of them."""
        if not self._wishes:
            return
        now = self._clock()
        if now - self._looked > LOOK:
            self._looked = now
            self._look()
        for place, window in list(self._windows.items()):
            try:
                window.show(picture, now)
            except pygame.error as fault:
                self._lose(place, str(fault))

    def dismiss(self, window: video.Window | None) -> bool:
        """Close the one whose window people closed; whether it was one of these."""
        for place, ours in list(self._windows.items()):
            if ours.window is window and window is not None:
                self._dismissed.add(place)
                self._drop(place)
                return True
        return False

    def close(self) -> None:
        for place in list(self._windows):
            self._drop(place)

    def _look(self) -> None:
        """Close what has lost its display, and open what has one."""
        for place, window in list(self._windows.items()):
            try:
                if window.moved:
                    self._lose(place, "its display is gone")
            except pygame.error as fault:
                self._lose(place, str(fault))
        if self._count() == self._counted:
            return
        self._counted = self._count()
        known = self._known()
        for place, wish in enumerate(self._wishes):
            if place not in self._dismissed:
                self._settle(place, wish, known)

    def _settle(self, place: int, wish: Further, known: list[str]) -> None:
        try:
            number = number_of(wish.display, known, "screen: also:")
            if number == self._first or any(
                other != place and window.number == number for other, window in self._windows.items()
            ):
                raise ScreenError(f"display {number} shows it already; change screen: also: in config.yaml")
            if place in self._windows and self._windows[place].number != number:
                self._drop(place)
            if place not in self._windows:
                self._windows[place] = self._open_window(number, wish, self._framing)
            self._journal.recovered(self._name(place))
        except (ScreenError, pygame.error) as fault:
            self._lose(place, str(fault))

    def _lose(self, place: int, why: str) -> None:
        self._journal.fault(self._name(place), f"{why}; the other displays go on")
        self._drop(place)

    def _drop(self, place: int) -> None:
        window = self._windows.pop(place, None)
        if window is not None:
            window.close()

    def _name(self, place: int) -> str:
        return f"further display {self._wishes[place].display}"
