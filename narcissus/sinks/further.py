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
AGAIN = 10.0  # seconds until what is missing is tried again, though the displays are the same
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
        self._lost: set[int] = set()  # said to be lost, and no picture taken since
        self._stood: set[int] = set()  # those windows that a look found on their own display
        self._dismissed: set[int] = set()  # people closed them
        self._misplaced: set[int] = set()  # put on another display from the first: shut out until the displays change
        self._journal = Journal()
        self._counted, self._looked, self._settled = -1, -np.inf, -np.inf

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
            self._look(now)
        for place, window in list(self._windows.items()):
            try:
                window.show(picture, now)
                self._say_well_again(place)
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

    def _look(self, now: float) -> None:
        """Close what has lost its display, and open what has one."""
        self._close_moved()
        changed = self._count() != self._counted
        if changed:
            self._counted = self._count()
            self._misplaced.clear()
        wanted = [place for place in range(len(self._wishes)) if place not in self._dismissed | self._misplaced]
        missing = any(place not in self._windows for place in wanted)
        if changed or (missing and now - self._settled > AGAIN):
            self._settled = now
            known = self._known()
            for place in wanted:
                self._settle(place, self._wishes[place], known)

    def _close_moved(self) -> None:
        for place, window in list(self._windows.items()):
            try:
                if not window.moved:
                    self._stood.add(place)
                    continue
                if place not in self._stood:
                    self._misplaced.add(place)
                self._lose(place, "its display is gone")
            except pygame.error as fault:
                self._lose(place, str(fault))

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
        except (ScreenError, pygame.error) as fault:
            self._lose(place, str(fault))

    def _lose(self, place: int, why: str) -> None:
        self._journal.fault(self._name(place), f"{why}; the other displays go on")
        self._lost.add(place)
        self._drop(place)

    def _say_well_again(self, place: int) -> None:
        if place in self._lost:
            self._lost.discard(place)
            self._journal.recovered(self._name(place))

    def _drop(self, place: int) -> None:
        window = self._windows.pop(place, None)
        self._stood.discard(place)
        if window is not None:
            window.close()

    def _name(self, place: int) -> str:
        return f"further display {self._wishes[place].display}"
