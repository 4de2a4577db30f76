"""The creatures of a wall, for its page: told and drawn from the file alone, in the page's own process.

Nothing of a visitor is here before the second act put it into the file, and nothing once it was deleted there.
"""

from collections import OrderedDict
from dataclasses import dataclass
from typing import Any

import numpy as np

from narcissus.colony import Colony, Relative
from narcissus.colony.sealing import wipe
from narcissus.core.errors import ConfigError
from narcissus.core.files import HOME
from narcissus.core.sections import SharedSettings
from narcissus.scenes.creatures import CreaturesSettings
from narcissus.scenes.creatures.painter import Painter
from narcissus.sinks.png import png

KEPT = 256  # portraits in memory
NEWEST = 12  # on the first page, besides the visitors
GENERATIONS = 2  # of a tree that are shown


@dataclass(frozen=True, slots=True)
class Portrait:
    founders: tuple[str, ...]
    image: bytes  # a PNG


class Album:
    """Belongs to one thread."""

    def __init__(self, colony: Colony, painter: Painter) -> None:
        self._colony, self._painter = colony, painter
        self._portraits: OrderedDict[str, Portrait] = OrderedDict()

    def newest(self) -> list[dict[str, Any]]:
        """Who hangs there: visitors, then whoever was born last."""
        self._forget()
        visitors = self._colony.visitor_names()
        alive = sorted(self._colony.alive(), key=lambda one: (one.name not in visitors, -one.born))
        return [{"name": one.name, "visitor": one.name in visitors} for one in alive[: len(visitors) + NEWEST]]

    def about(self, name: str) -> dict[str, Any] | None:
        """A creature, its tree and, where it is a visitor's, the profile; None: nobody of this name is known."""
        self._forget()
        relative = self._colony.tree(name, GENERATIONS)
        if relative is None:
            return None
        found = self._colony.profile(name)
        profile = None if found is None else {**found[0], "until": found[1]}
        return {"tree": _as_json(relative), "profile": profile}

    def portrait(self, name: str) -> bytes | None:
        """A PNG; None: nobody of this name is known. Raises DrawingError."""
        self._forget()
        creature = self._colony.creature(name)
        if creature is None:
            self._portraits.pop(name, None)
            return None
        kept = self._portraits.get(name)
        if kept is None or kept.founders != creature.genome.founders:
            visitors = {one.name: one.latent for one in self._colony.visitors()}
            try:
                image = self._painter.portrait(name, creature.genome, visitors)
            finally:
                for latent in visitors.values():
                    wipe(latent)
            self._portraits[name] = kept = Portrait(creature.genome.founders, png(np.ascontiguousarray(image)))
            self._forget()
        return kept.image

    def whose(self, code: str) -> str | None:
        return self._colony.whose(code)

    def delete(self, code: str) -> bool:
        """Raises ColonyError."""
        gone = self._colony.delete(code)
        self._forget()
        return gone

    def _forget(self) -> None:
        """Portraits in which somebody stands who has been deleted, by whomever, and the oldest of too many."""
        visitors = self._colony.visitor_names()
        for name, portrait in list(self._portraits.items()):
            if any(not one.startswith("#") and one not in visitors for one in portrait.founders):
                del self._portraits[name]
        while len(self._portraits) > KEPT:
            self._portraits.popitem(last=False)


def opened(settings: SharedSettings) -> Album:
    """The album of the wall with these settings. Raises ConfigError, ColonyError, ModelError."""
    from narcissus.networks.pggan import Generator
    from narcissus.scenes.creatures.skins import skin_of

    mine: CreaturesSettings = settings.scenes.creatures  # type: ignore[attr-defined]
    if mine.store == "memory":
        raise ConfigError(
            "the wall is kept in memory, where no page can read it; name a file at scenes: creatures: store"
        )
    generator = Generator.load(settings.generator_path, threads=1)
    colony = Colony(HOME / mine.store)
    if colony.fact("generator") not in (None, generator.sha256):
        raise ConfigError(f"{mine.store}: its creatures were drawn by another generator; give --config the wall's own")
    return Album(colony, Painter(generator, skin_of(mine.skin)))


def _as_json(relative: Relative) -> dict[str, Any]:
    return {
        "name": relative.name,
        "born": relative.born,
        "alive": relative.alive,
        "parents": [_as_json(parent) for parent in relative.parents],
        "children": list(relative.children),
    }
