"""The mirror's parts, loaded and put together."""

from typing import TYPE_CHECKING

import numpy as np

from narcissus.core.errors import NotFinite
from narcissus.core.sections import SharedSettings
from narcissus.core.types import Frame
from narcissus.features import sheet
from narcissus.features.portrait import COLUMNS
from narcissus.inverter import Inverter
from narcissus.networks.attributes import Attributes
from narcissus.people import FaceFinder
from narcissus.people.visitors import Visitors
from narcissus.scenes.contract import Kit
from narcissus.scenes.mirror.ledger import read_ledger
from narcissus.scenes.mirror.measuring import Chosen, Measuring, Usual
from narcissus.scenes.mirror.scene import Mirror

if TYPE_CHECKING:  # TensorFlow comes with it
    from narcissus.networks.pggan import Generator

LOOKED_AT, ENLARGED = 12, 256  # drawn faces whose place is measured; pixels to which they are enlarged


def opened(settings: SharedSettings, kit: Kit) -> Mirror:
    """Raises ModelError where a file cannot be used. It has looked at a face once: nobody waits for a compilation."""
    generator = kit.generator()
    attributes = Attributes.open(settings.attributes_folder)
    inverter = Inverter.open(settings.inverter_folder, generator.sha256, COLUMNS)
    Mirror(FaceFinder(), Visitors(live=False), inverter, generator, attributes).rehearse()
    chosen = inverter.coloured.model[0]
    mirror = Mirror(
        FaceFinder(reach=settings.perception.reach),
        Visitors(live=kit.live),
        inverter,
        generator,
        attributes,
        live=kit.live,
        room=sheet.read_gains(sheet.LIGHT) if sheet.LIGHT.is_file() else None,
        stage=kit.stage,
        measuring=Measuring(Chosen.of(chosen.names_, chosen.gains_), lambda: usual_place(generator)),
        ledger=read_ledger(settings.inverter_folder, generator.sha256),
        aspect=kit.aspect,
    )
    mirror.tune(settings)
    return mirror


def usual_place(generator: "Generator") -> Usual:
    """Where this generator's faces stand in their pictures, by looking at some of them: takes a second or two.

    Raises DrawingError; a picture that is not finite is left out.
    """
    finder, landmarks = FaceFinder(), []
    latents = np.random.default_rng(0).standard_normal((LOOKED_AT, 1, generator.latent_size), np.float32)
    times = max(1, ENLARGED // generator.resolution)
    for number, latent in enumerate(latents):
        try:
            face = generator.render(latent)[0].repeat(times, axis=0).repeat(times, axis=1)
        except NotFinite:
            continue
        border = face.shape[0] // 4
        room = np.pad(face, [(border, border), (border, border), (0, 0)], mode="edge")
        found = finder.find(Frame(room, float(number), cut=True))
        landmarks += [(one.landmarks - border) / face.shape[0] for one in found[:1]]
    return Usual.of(np.stack(landmarks)) if landmarks else Usual()
