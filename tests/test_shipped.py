"""The models that ship fit one another and this version, and load no more than a mirror needs."""

import subprocess
import sys

from conftest import ROOT
from narcissus.core.config import Settings

from narcissus.features.portrait import COLUMNS
from narcissus.inverter import Inverter

OPENING = """
import sys
from narcissus.core.config import Settings
from narcissus.features.portrait import COLUMNS
from narcissus.inverter import Inverter
Inverter.open(Settings().inverter_folder, sys.argv[1], COLUMNS)
print(*sorted(name.split(".")[1] for name in sys.modules if name.startswith("narcissus.")))
"""


def test_the_inverter_that_ships_was_made_for_the_generator_and_the_rows_that_ship(generator):
    inverter = Inverter.open(Settings().inverter_folder, generator.sha256, COLUMNS)
    assert inverter.latent_size == generator.latent_size


def test_opening_it_loads_nothing_of_training(generator):
    done = subprocess.run([sys.executable, "-c", OPENING, generator.sha256], cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert {"training", "likeness", "pggan", "face"}.isdisjoint(done.stdout.split())
