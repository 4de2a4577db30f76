"""What every test may ask for: the house's own drawn faces, and the shared data where it is at hand."""

import gc
import os
import tempfile
from pathlib import Path

import pytest

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
os.environ.setdefault("CUDA_VISIBLE_DEVICES", "-1")  # the suite proves the same thing with and without a GPU
os.environ.setdefault("SDL_VIDEODRIVER", "dummy")
MEETING = tempfile.TemporaryDirectory(prefix="narcissus-")  # no mirror of a test meets one that hangs on this machine
os.environ["XDG_RUNTIME_DIR"] = MEETING.name

ROOT = Path(__file__).resolve().parent.parent


@pytest.fixture(autouse=True)
def nothing_stays_set_aside():
    """What a test's own scene set aside would otherwise be kept until the last test is over."""
    yield
    gc.unfreeze()


@pytest.fixture(scope="session")
def shared() -> Path:
    """The folder of photographs, videos and vectors beside the checkout; it is never part of the project."""
    folder = Path(os.environ.get("NARCISSUS_SHARED", ROOT.parent / "shared"))
    if not folder.is_dir():
        pytest.skip("the shared data is not beside this checkout; the same promise is tested on drawn faces")
    return folder


@pytest.fixture(scope="session")
def generator():
    """The small generator that ships, as it ships: what is drawn in most tests is drawn quickly."""
    from narcissus.networks.pggan import Generator

    return Generator.load(ROOT / "models" / "pg_gan" / "utk-64.npz")


@pytest.fixture(scope="session")
def drawn(generator):
    """32 faces that nobody has: uint8 (32, 64, 64, 3) RGB, from latents of seed 0."""
    import numpy as np

    return generator.render(np.random.default_rng(0).standard_normal((32, generator.latent_size)).astype(np.float32))
