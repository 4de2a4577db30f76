"""A scene around another one: it hands everything on, and a policy overrides what it changes."""

from narcissus.core.sections import SharedSettings
from narcissus.core.types import Frame, Picture, Scene


class Wrapper:
    """A Scene that does whatever `scene` does."""

    def __init__(self, scene: Scene) -> None:
        self._scene = scene

    def observe(self, frame: Frame) -> object:
        return self._scene.observe(frame)

    def draw(self, seen: object | None, now: float) -> Picture:
        return self._scene.draw(seen, now)

    def begin(self, picture: Picture, now: float) -> None:
        self._scene.begin(picture, now)

    def obey(self, command: str) -> None:
        self._scene.obey(command)

    def tune(self, settings: SharedSettings) -> None:
        self._scene.tune(settings)

    def report(self) -> dict[str, object]:
        return self._scene.report()
