"""The models that ship fit one another and this version, and load no more than a mirror needs."""

import subprocess
import sys

import pytest
from conftest import ROOT

from narcissus.app.settings import Settings
from narcissus.core.files import sha256_of
from narcissus.core.sections import DEFAULT_GENERATOR, NICKNAMES
from narcissus.features.portrait import COLUMNS
from narcissus.inverter import Inverter
from narcissus.networks.pggan import Generator

OPENING = """
import sys
from narcissus.app.settings import Settings
from narcissus.features.portrait import COLUMNS
from narcissus.inverter import Inverter
Inverter.open(Settings(generator=sys.argv[1]).inverter_folder, sys.argv[2], COLUMNS)
print("heavy" * bool({"tensorflow", "keras", "dlib"} & sys.modules.keys()))
print(*sorted(name.split(".")[1] for name in sys.modules if name.startswith("narcissus.")))
"""


@pytest.mark.parametrize("name", [DEFAULT_GENERATOR, *NICKNAMES])
def test_the_inverter_that_ships_was_made_for_the_generator_and_the_rows_that_ship(name):
    settings = Settings(generator=name)
    generator = Generator.load(settings.generator_path)
    inverter = Inverter.open(settings.inverter_folder, generator.sha256, COLUMNS)
    assert inverter.latent_size == generator.latent_size


def test_opening_it_loads_nothing_of_training():
    sha256 = sha256_of(Settings().generator_path)
    command = [sys.executable, "-c", OPENING, DEFAULT_GENERATOR, sha256]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert {"lab", "people", "sinks", "sources"}.isdisjoint(done.stdout.split())
    assert "heavy" not in done.stdout
