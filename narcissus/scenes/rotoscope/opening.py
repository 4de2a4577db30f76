"""The rotoscope's parts, loaded and put together."""

import os

from narcissus.core.sections import SharedSettings
from narcissus.networks.style import Filter, filters_in, store
from narcissus.people import FaceFinder
from narcissus.people.visitors import Visitors
from narcissus.scenes import work
from narcissus.scenes.contract import Kit
from narcissus.scenes.rotoscope.programme import names_in
from narcissus.scenes.rotoscope.scene import Rotoscope
from narcissus.scenes.rotoscope.shelf import Shelf
from narcissus.scenes.rotoscope.subject import Reflected, Room, Subject
from narcissus.scenes.stored_dream import StoredDream
from narcissus.store.kinds import FILTER


def opened(settings: SharedSettings, kit: Kit) -> Rotoscope:
    """Raises ModelError where a file cannot be used."""
    mine = settings.scenes.rotoscope
    named = names_in(mine)
    shelf = Shelf(load, named[0] if named else first_of_all(), named)  # first: who is first decides about threads
    dream = StoredDream.of(settings.generator_path)
    subject = subject_of(settings, kit)
    return Rotoscope(subject, shelf, dream, mine, coarser=kit.coarser, stage=kit.stage, ask=kit.ask)


def load(name: str) -> Filter:
    """Every core paints: perception waits for the painting anyway. Raises ModelError."""
    return Filter.load(name, threads=len(os.sched_getaffinity(0)))


def subject_of(settings: SharedSettings, kit: Kit) -> Subject:
    if settings.scenes.rotoscope.of == "reflection":
        return Reflected(work("mirror").open(settings, kit))
    return Room(FaceFinder(reach=settings.perception.reach), Visitors(live=kit.live))


def first_of_all() -> str:
    """The filter that hangs where none is named. Raises ModelMissing where there is none at all."""
    names = filters_in(store.FOLDER)
    if not names:
        raise FILTER.missing(store.FOLDER, "holds no filter")
    return names[0]
