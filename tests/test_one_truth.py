"""A photograph alone and the same photograph before the mirror give the same person."""

import numpy as np
import pytest

from narcissus.app.build import Doors, Installation
from narcissus.app.settings import Settings
from narcissus.core.types import Frame
from narcissus.features.portrait import COLUMNS
from narcissus.inverter import Inverter
from narcissus.lab.likeness.conditions import Reflector
from narcissus.lab.likeness.perception import Eye
from narcissus.lab.likeness.seeing import see_all
from narcissus.motion import angle
from narcissus.networks.attributes import Attributes
from narcissus.networks.pggan import Generator
from narcissus.people import describe, find_portrait
from narcissus.people.portrait import resized

ROOM = 480  # pixels, of the photograph in which a drawn face stands
SAME = 0.5  # distance of descriptors; dlib takes two faces nearer than 0.6 for one person


@pytest.fixture(scope="module")
def parts():
    settings = Settings(source="photographs")
    generator = Generator.load(settings.generator_path, precision="float32")  # the same faces on every processor
    inverter = Inverter.open(settings.inverter_folder, generator.sha256, COLUMNS)
    return (
        settings,
        generator,
        Reflector(inverter, generator),
        Eye(Attributes.open(settings.attributes_folder), see_all),
    )


@pytest.mark.parametrize("seed", [1, 4, 7])
def test_reflect_and_the_wall_answer_a_photograph_with_the_same_person(parts, seed):
    settings, generator, reflector, eye = parts
    latent = np.random.default_rng(seed).standard_normal((1, generator.latent_size)).astype(np.float32)
    photo = resized(generator.render(latent)[0], ROOM / generator.resolution)
    mirror = Installation(settings, Doors(generator=lambda settings, coarser: generator)).scene()
    for number in range(90):
        seen = mirror.observe(Frame(photo, number / 30, cut=number == 0))
    alone = reflector.latents(eye.look([photo]).rows)[0]
    assert seen.viewer is not None
    wall, sheet = (described(reflector.pictures(one[None])[0]) for one in (seen.latent, alone))
    assert np.linalg.norm(wall - sheet) < SAME
    stranger = np.random.default_rng(seed + 100).standard_normal(generator.latent_size).astype(np.float32)
    assert angle(seen.latent, alone) < angle(stranger, alone) / 2


def described(picture):
    return describe(picture, find_portrait(picture).landmarks)
