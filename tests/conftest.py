"""What every test may ask for: the house's own drawn faces, and the shared data where it is at hand."""

import gc
import os
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
os.environ.setdefault("CUDA_VISIBLE_DEVICES", "-1")  # the suite proves the same thing with and without a GPU
os.environ.setdefault("SDL_VIDEODRIVER", "dummy")
MEETING = tempfile.TemporaryDirectory(prefix="narcissus-")  # no mirror of a test meets one that hangs on this machine
os.environ["XDG_RUNTIME_DIR"] = MEETING.name

if "PYTEST_XDIST_WORKER" in os.environ:  # another beside it has the other cores; threads of both would wait in turns
    for library in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS"):
        os.environ.setdefault(library, "1")
# On a busy machine neither a case that takes long nor the drawing of one is a fault.
house = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.register_profile("house", house, derandomize=True)  # the same cases in every run, or some day one fails
settings.register_profile("explore", house)
settings.load_profile(os.environ.get("NARCISSUS_HYPOTHESIS", "house"))

ROOT = Path(__file__).resolve().parent.parent
MEMORY = 2 << 30  # bytes that a worker, its libraries and the processes it starts may take at the most
LONGEST = (  # modules that take longest: begun first, or one of them would run on alone at the end
    "test_training",
    "test_soak",
    "test_privacy",
    "test_page_live",
    "test_colour_network",
    "test_workers",
    "test_colour_figures",
    "test_evaluate",
    "test_run_mirror",
    "test_contract",
    "test_gathering",
    "test_train_filter",
    "test_cluster",
    "test_fuzz",
    "test_page_browser",
    "test_ending",
    "test_edges_process",
    "test_display_server",
)


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_auto_num_workers() -> int:
    """One more than the cores that may be used, for many tests wait; and no more than the memory holds."""
    memory = os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
    return max(1, min(len(os.sched_getaffinity(0)) + 1, memory // MEMORY))


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(config, items) -> None:
    """An order of chance is kept among those, and among all others; in one process nothing can run on alone."""
    chance = config.getoption("random_order_enabled", False)
    if chance and "PYTEST_XDIST_WORKER" not in os.environ:
        return
    order = {name: 0 if chance else place for place, name in enumerate(LONGEST)}
    items.sort(key=lambda item: order.get(item.path.stem, len(LONGEST)))


@pytest.fixture(scope="session", autouse=True)
def threads():
    """TensorFlow takes their number once a process: whichever module comes first must not leave it to chance."""
    from narcissus.networks.pggan import backend

    backend.use_threads(None)


@pytest.fixture(autouse=True)
def nothing_stays_set_aside():
    """What a test's own scene set aside would otherwise be kept until the last test is over."""
    yield
    gc.unfreeze()


@pytest.fixture
def light_walks(monkeypatch):
    """Before each scene the house walks over all objects there are. What this suite has loaded takes half a second."""
    gc.freeze()
    monkeypatch.setattr("narcissus.app.making.collect", gc.collect)


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
def drawn():
    """32 faces that nobody has: uint8 (32, 64, 64, 3) RGB, from latents of seed 0; the same on every processor."""
    import numpy as np

    from narcissus.networks.pggan import Generator

    small = Generator.load(ROOT / "models" / "pg_gan" / "utk-64.npz", precision="float32")
    return small.render(np.random.default_rng(0).standard_normal((32, small.latent_size)).astype(np.float32))


@pytest.fixture(scope="session")
def evident(drawn):
    """Those of them that the detector sees beyond doubt: uint8 (n, 64, 64, 3)."""
    return drawn[[certainty(face) > 1 for face in drawn]]


def with_one_thread(program: str, *words) -> str:
    """What a Python program of its own says: several threads add up in another order each time."""
    one = dict.fromkeys(("TF_NUM_INTRAOP_THREADS", "TF_NUM_INTEROP_THREADS", "OMP_NUM_THREADS"), "1")
    environment = os.environ | one | {"PYTHONPATH": os.pathsep.join(map(str, (ROOT, ROOT / "tests")))}
    command = [sys.executable, "-c", program, *map(str, words)]
    done = subprocess.run(command, env=environment, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr[-2000:]
    return done.stdout


def certainty(image) -> float:
    """The score of what `find_portrait` sees best in uint8 (H, W, 3) RGB: from 0 on, a face; -1: nothing."""
    import numpy as np

    from narcissus.people import models, portrait

    large = models.grey(portrait.resized(image, portrait.SIZE / max(image.shape[:2])))
    found = models.detect(np.pad(large, portrait.BORDER, mode="reflect"))
    return max((one.score for one in found), default=-1.0)
