"""A mirror around a network that has learned nothing: it moves, and costs, like one of its size that has."""

import json
import time
from contextlib import ExitStack

from benchmark.generators import MIDDLING, SHIPPED, random_weights
from narcissus.app.build import Doors, Installation
from narcissus.app.settings import Settings
from narcissus.app.tuning import Tuning
from narcissus.core.files import sha256_of
from narcissus.core.journal import Journal
from narcissus.core.play import run
from narcissus.features.portrait import COLUMNS
from narcissus.inverter import Inverter
from narcissus.networks.pggan import Generator
from narcissus.sinks.pace import Pace
from narcissus.sinks.recorder import Recorder


def hang(source: str, seconds: float, resolution: int = 128) -> None:
    """Run it off-screen for that long and print its figures as one line of JSON."""
    settings, shipped = Settings(source=source), sha256_of(SHIPPED)
    size = Inverter.open(settings.inverter_folder, shipped, COLUMNS).latent_size
    generator = Generator(random_weights(resolution, latent_size=size, **MIDDLING))
    generator.sha256 = shipped  # it stands in for the one whose inverter this is
    built = Installation(settings, Doors(generator=lambda settings, coarser: generator, live=False))
    scene = built.scene()
    with ExitStack() as parts:
        seen = parts.enter_context(built.source())
        sink = parts.enter_context(Recorder(Pace(settings.screen.rate), built.permit))
        ends = time.monotonic() + seconds
        run(seen, scene, sink, built.figures, Tuning(settings, Journal()), lambda now: now >= ends)
    print(json.dumps(built.report(scene)))
