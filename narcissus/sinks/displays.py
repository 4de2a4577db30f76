"""Opening a display: which ones there are, by number or name, and a window on one of them."""

import ctypes
import os
from pathlib import Path

import pygame

from narcissus.core.errors import ScreenError
from narcissus.core.quiet import quiet

BLIND = ("offscreen", "dummy")  # SDL's drivers that show nothing; it takes them in silence where no display answers
WINDOWED = 0.6  # of the display's shorter side: a window beside other windows


def open_display() -> None:
    """The display alone: pygame.init() would open the sound too.

    Raises ScreenError where there is none. A driver that shows nothing is used only where SDL_VIDEODRIVER names it.
    """
    if not any(os.environ.get(name) for name in ("DISPLAY", "WAYLAND_DISPLAY", "SDL_VIDEODRIVER")):
        raise ScreenError("no display answers; start it in an X or Wayland session")
    try:
        with quiet():  # SDL says on the standard error which drivers it has tried
            pygame.display.init()
        pygame.font.init()
    except pygame.error as error:
        raise ScreenError(f"no display can be opened ({error}); start it in an X or Wayland session") from None
    driver = pygame.display.get_driver()
    if driver in BLIND and os.environ.get("SDL_VIDEODRIVER") != driver:
        pygame.display.quit()
        asked = os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY")
        raise ScreenError(f"no display answers at {asked}; start it in an X or Wayland session")


def names() -> list[str]:
    """The displays' names in SDL's order; pygame hides them, so the library it brings along is asked itself.

    Empty strings where pygame was built with another SDL.
    """
    count = len(pygame.display.get_desktop_sizes())
    bundled = sorted(Path(pygame.__file__).parent.with_name("pygame.libs").glob("libSDL2-2*.so*"))
    if not bundled:
        return [""] * count
    ask = ctypes.CDLL(str(bundled[0])).SDL_GetDisplayName
    ask.restype = ctypes.c_char_p
    return [(ask(number) or b"").decode(errors="replace") for number in range(count)]


def number_of(display: str | int, known: list[str], setting: str = "screen: display:") -> int:
    """The number of the display that is meant: auto, a number, or (part of) a name of `known`. Raises ScreenError,
    which names the `setting` to be changed."""
    if display == "auto":
        return 0
    if isinstance(display, int) and 0 <= display < len(known):
        return display
    for number, name in enumerate(known):
        if isinstance(display, str) and display.lower() in name.lower():
            return number
    there = ", ".join(f"{number} ({name})" for number, name in enumerate(known))
    raise ScreenError(f"display {display!r} is not there; there are {there}; change {setting} in config.yaml")


def open_window(display: int, fullscreen: bool) -> pygame.Surface:
    """The surface to draw on. Raises ScreenError."""
    width, height = pygame.display.get_desktop_sizes()[display]
    side = round(min(width, height) * WINDOWED)
    try:
        if fullscreen:
            return pygame.display.set_mode((width, height), pygame.FULLSCREEN, 32, display)
        return pygame.display.set_mode((side, side), pygame.RESIZABLE, 32, display)
    except pygame.error as error:
        raise ScreenError(
            f"display {display} cannot be used ({error}); change screen: display: in config.yaml"
        ) from None
