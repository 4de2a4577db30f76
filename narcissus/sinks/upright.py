"""A display's surface as the people before it see it: upright, however the display hangs."""

import pygame


class Upright:
    """Places are pixels from the left and the upper edge as people see them; the display turns and mirrors them."""

    def __init__(self, surface: pygame.Surface, rotation: int, mirrored: bool) -> None:
        self._surface, self._rotation, self._mirrored = surface, rotation, mirrored
        across, down = surface.get_size()
        self.size = (across, down) if rotation % 180 == 0 else (down, across)  # width and height

    def lay(self, upright: pygame.Surface, left: int, top: int) -> None:
        """Draw something upright there."""
        place = self._on_the_display(left, top, *upright.get_size())
        if self._mirrored:
            upright = pygame.transform.flip(upright, True, False)
        if self._rotation:
            upright = pygame.transform.rotate(upright, -self._rotation)
        self._surface.blit(upright, place)

    def part(self, left: int, top: int, width: int, height: int) -> pygame.Surface:
        """That part of the display, to be drawn into; its rotation and mirroring are the display's."""
        place = self._on_the_display(left, top, width, height)
        return self._surface.subsurface(place.clip(self._surface.get_rect()))

    def _on_the_display(self, left: int, top: int, width: int, height: int) -> pygame.Rect:
        if self._mirrored:
            left = self.size[0] - width - left
        across, down = self._surface.get_size()
        corner = {
            0: (left, top),
            90: (across - top - height, left),
            180: (across - left - width, down - top - height),
            270: (top, down - left - width),
        }[self._rotation]
        return pygame.Rect(corner, (width, height) if self._rotation % 180 == 0 else (height, width))
