"""What it takes to show another work: its scene, and the source that it wants or no longer wants."""

from collections.abc import Callable

from narcissus.app.build import Installation
from narcissus.app.on_demand import OnDemand
from narcissus.app.switching import Switching
from narcissus.core.sections import SharedSettings
from narcissus.core.types import Scene

Opening = Callable[[Installation], Scene]


def switching(
    built: Installation, scene: Scene, source: OnDemand, open_scene: Opening = Installation.scene
) -> Switching:
    """`scene`, which is that of `built`, and whatever the live settings put in its place; `built` changes with it."""
    replacement = _Replacement(built, source, open_scene)
    return Switching(
        scene,
        built.settings,
        replacement.make,
        built.journal,
        replacement.replaced,
        replacement.dropped,
        built.asked,
        quiet=built.settings.by_presence,
    )


class _Replacement:
    def __init__(self, built: Installation, source: OnDemand, open_scene: Opening) -> None:
        self._built, self._source, self._open_scene = built, source, open_scene
        self._made = built

    def make(self, settings: SharedSettings) -> Scene:
        """Raises ModelError, DrawingError, SourceError or OSError; the source is then as it was."""
        made = self._built.changed(settings)
        try:
            if made.wants_source:
                self._source.want(True)
            scene = self._open_scene(made)
        except BaseException:
            self._source.want(self._built.wants_source)
            raise
        self._made = made
        return scene

    def replaced(self, settings: SharedSettings) -> None:
        self._built.become(self._made)
        self._source.want(self._built.wants_source)

    def dropped(self) -> None:
        """The work on the wall goes on, with its own source: no camera is left open for one that never came."""
        self._made = self._built
        self._source.want(self._built.wants_source)
