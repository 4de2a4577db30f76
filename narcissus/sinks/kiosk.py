"""The window of a work that nobody attends: keys do nothing, but for those below, and a lost display is told."""

import pygame

from narcissus.core.errors import ScreenError
from narcissus.core.sections import Display, Framing
from narcissus.core.types import Picture
from narcissus.sinks.window import Window

MAINTENANCE = pygame.K_q, pygame.KMOD_CTRL, pygame.KMOD_ALT  # Ctrl+Alt+Q: three keys that no hand meets by chance
KEEP = pygame.K_k  # a button on the wall may press it: a visitor's second act in `creatures`, nothing elsewhere


class KioskWindow(Window):
    """Raises ScreenError from `show` too, where the display is gone."""

    def __init__(self, settings: Display, framing: Framing | None = None) -> None:
        try:
            super().__init__(settings, framing=framing)
        except pygame.error as fault:
            raise ScreenError(f"The display cannot be used ({fault}).") from None

    def show(self, picture: Picture) -> float:
        try:
            return super().show(picture)
        except pygame.error as fault:
            raise ScreenError(f"the display takes no more pictures ({fault})") from None

    def close(self) -> None:
        try:
            super().close()
        except pygame.error:  # it is gone already: there is nothing to make black
            pygame.display.quit()

    def say(self, message: str, seconds: float = 0.0) -> None:
        """Nothing is said on the wall: whoever stands there is a viewer. The journal has it."""

    def obey(self, command: str) -> None:
        """Nothing is recorded, whoever asks: the viewers were told that nothing is kept."""

    def _answer(self, event) -> str | None:
        if event.type != pygame.KEYDOWN:
            return None
        key, *held = MAINTENANCE
        if event.key == key and all(event.mod & modifier for modifier in held):
            return "quit"
        return "keep" if event.key == KEEP and not event.mod & (pygame.KMOD_CTRL | pygame.KMOD_ALT) else None
