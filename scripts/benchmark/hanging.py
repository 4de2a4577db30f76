"""A mirror around a network that has learned nothing: it moves, and costs, like one of its size that has."""

import json
import time
from contextlib import ExitStack

from benchmark.generators import MIDDLING, SHIPPED, random_weights
from narcissus.app.tuning import Tuning
from narcissus.core.config import Settings
from narcissus.core.figures import Figures
from narcissus.core.files import sha256_of
from narcissus.core.journal import Journal
from narcissus.core.loop import run
from narcissus.features.portrait import COLUMNS
from narcissus.inverter import Inverter
from narcissus.networks.attributes import Attributes
from narcissus.networks.pggan import Generator
from narcissus.people import FaceFinder
from narcissus.people.visitors import Visitors
from narcissus.scenes import scene_called
from narcissus.sinks.pace import Pace
from narcissus.sinks.recorder import Recorder
from narcissus.sources import open_source


def hang(source: str, seconds: float, resolution: int = 128) -> None:
    """Run it off-screen for that long and print its figures as one line of JSON."""
    inverter = Inverter.open(Settings().inverter_folder, sha256_of(SHIPPED), COLUMNS)
    generator = Generator(random_weights(resolution, latent_size=inverter.latent_size, **MIDDLING))
    figures = Figures()
    attributes = Attributes.open(Settings().attributes_folder)
    looking = FaceFinder(), Visitors(live=False), inverter
    scene = scene_called("mirror")(*looking, generator, attributes, stage=figures.stage)
    with ExitStack() as parts:
        seen = parts.enter_context(open_source(source, draw_faces=generator.render, latent_size=generator.latent_size))
        screen = parts.enter_context(Recorder(Pace(Settings().screen.rate), live=False))
        ends = time.monotonic() + seconds
        run(seen, scene, screen, figures, Tuning(Settings(), Journal()), lambda now: now >= ends)
    print(json.dumps(figures.report()))
