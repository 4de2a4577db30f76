"""The plan of the house, checked: imports point downhill, each outside library comes in by its own door, all is small.

Each rule is also given files that break it: a rule that cannot fail is none.
"""

import ast
import re
import statistics
import sys
from pathlib import Path

import pytest
from conftest import ROOT

PACKAGE = ROOT / "narcissus"
LONGEST, LONGEST_TEST, MEDIAN = 350, 400, 10  # lines of a module, of a test module, and of half of all functions

# Lower floors first; a room may import from floors below its own, and from its own floor only inside its own folder.
FLOORS = (
    {"core"},
    {"store", "motion", "breeding"},
    {"features", "people", "networks", "inverter", "sources", "sinks", "colony"},  # organs: none knows another
    {"scenes", "stills"},
    {"app", "lab", "page"},
)
DOORS = {  # a library -> the folders and modules it comes in by, as narrow as may be
    "dlib": {"people/models"},
    "cv2": {
        "sources",
        "sinks",
        "people/sketch",
        "people/liveness",
        "scenes/creatures/joining/card",
        "features/colour",
        "scenes/mirror/grid",
        "scenes/colourise",
        "scenes/rotoscope",
        "scenes/creatures/skins",
        "scenes/creatures/wall",
        "stills/still",
        "stills/photograph",
        "stills/collection",
        "scenes/mirror/placing",
        "networks/attributes/crop",
        "networks/colour/emulsion",
        "networks/colour/faces",
        "networks/colour/picture",
        "networks/style/filter",
        "networks/style/light",
        "page/answer",
        "page/worker",
        "lab",
    },
    "tensorflow": {
        "networks",
        "lab/attributes/learn",
        "lab/colour/learn",
        "lab/generator/adam",
        "lab/generator/adversaries",
        "lab/generator/augmentation",
        "lab/style",
    },
    "keras": {
        "networks",
        "lab/attributes/learn",
        "lab/colour/learn",
        "lab/generator/adam",
        "lab/generator/adversaries",
        "lab/style",
    },
    "jax": {"networks/pggan/backend"},  # where Keras is told to use it instead
    "torch": {"networks/pggan/backend"},
    "sklearn": {"inverter", "features/spatial/selection", "lab"},
    "joblib": {"inverter/storage", "lab/training"},
    "distributed": {"lab/training/cluster"},
    "PIL": {"stills/photograph"},
    "skimage": {"lab/colour/measures"},
    "pygame": {"sinks", "app/doctor"},
    "av": {"sinks/film", "sinks/parts", "sinks/reel", "sinks/sound"},
    "pyvirtualcam": {"sinks/virtual_camera"},
    "yaml": {"core/reading", "core/rewriting"},
    "pydantic": {"core/sections", "app/settings", "app/programme", "scenes"},
    "pythonosc": {"app/tuning/packets"},
    "tqdm": {"lab"},
    "psutil": {"app/health", "app/doctor", "lab/training/needs"},
    "packaging": {"app/doctor"},
    "starlette": {"page"},
    "segno": {"scenes/creatures/joining/card"},
    "uvicorn": {"page/server", "page/request_timeout"},
}
EVERYWHERE = {"numpy", "narcissus"}
NO_SCENE = {"narcissus.scenes.SCENES", "narcissus.scenes.work", "narcissus.scenes.contract"}  # the list, the contract
HEAVY = {"tensorflow", "keras", "dlib", "cv2", "pygame", "sklearn"}

FILES = sorted(path for path in PACKAGE.rglob("*.py") if path != PACKAGE / "__init__.py")
ENTRIES = sorted([*ROOT.glob("*.py"), *(ROOT / "scripts").glob("*.py")])
SCRIPTS = sorted([*ROOT.glob("*.py"), *(ROOT / "scripts").rglob("*.py")])
TESTS = sorted((ROOT / "tests").glob("*.py"))


def inside(path: Path) -> str:
    """Where it stands in the house, such as sinks/film."""
    return str(path.relative_to(PACKAGE).with_suffix("")).removesuffix("/__init__")


def named(path: Path) -> str:
    return str(path.relative_to(ROOT))


def floor(room: str) -> int:
    return next((level for level, rooms in enumerate(FLOORS) if room in rooms), -1)


def imports(source: str) -> set[str]:
    """Every module that is named in an import, wherever it stands."""
    found = set()
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            above = "." * node.level + (node.module or "")
            found |= {above, *(f"{above}.{alias.name}" for alias in node.names)}
    return found


def enters(place: str, door: str) -> bool:
    return place == door or place.startswith(f"{door}/")


def faults(place: str, source: str) -> list[str]:
    """What a module at `place` imports against the plan."""
    here = place.split("/")[0]
    if floor(here) < 0:
        return [f"{here} stands on no floor of the plan"]
    return [said for name in sorted(imports(source)) if (said := fault(here, place, name))]


def fault(here: str, place: str, name: str) -> str | None:
    top, _, rest = name.partition(".")
    if not top:
        return f"{name}: relative imports hide which room is meant"
    if top == "narcissus":
        room = rest.split(".")[0]
        fine = not room or room == here or 0 <= floor(room) < floor(here)
        return None if fine else f"{room} is not below {here}"
    if top in sys.stdlib_module_names or top in EVERYWHERE:
        return None
    fine = any(enters(place, door) for door in DOORS.get(top, ()))
    return None if fine else f"{top} does not come in by this door"


def scenes_of(source: str) -> set[str]:
    """The single scenes that are imported."""
    return {name for name in imports(source) if name.startswith("narcissus.scenes.") and name not in NO_SCENE}


def heavy(source: str) -> set[str]:
    """What is loaded at once that is heavy."""
    found = set()
    for node in ast.parse(source).body:
        if isinstance(node, ast.Import | ast.ImportFrom):
            found |= {name.split(".")[0] for name in imports(ast.unparse(node))} & HEAVY
    return found


def latents(source: str) -> list[int]:
    """The lines that speak of a latent."""
    return [number for number, line in enumerate(source.splitlines(), 1) if re.search("latent", line, re.IGNORECASE)]


def lengths(source: str) -> list[int]:
    """Of each function, in lines."""
    functions = (ast.FunctionDef, ast.AsyncFunctionDef)
    return [n.end_lineno - n.lineno + 1 for n in ast.walk(ast.parse(source)) if isinstance(n, functions)]


@pytest.mark.parametrize("path", FILES, ids=inside)
def test_imports_point_downhill_and_libraries_come_in_by_their_door(path):
    assert faults(inside(path), path.read_text()) == []


BROKEN = [
    ("core/loop.py", "from narcissus.people import FaceFinder", "people is not below core"),
    ("core/loop.py", "def late():\n    import narcissus.app.build", "app is not below core"),
    ("sinks/film.py", "from narcissus.sources.camera import CameraSource", "sources is not below sinks"),
    ("sinks/film.py", "from narcissus.scenes.mirror import WORK", "scenes is not below sinks"),
    ("scenes/dream.py", "from narcissus import app", "app is not below scenes"),
    ("app/build.py", "from narcissus.lab.training import pairs", "lab is not below app"),
    ("lab/report.py", "from narcissus.app.build import Installation", "app is not below lab"),
    ("app/build.py", "import narcissus.attic", "attic is not below app"),
    ("attic/box.py", "import os", "attic stands on no floor"),
    ("core/types.py", "from . import errors", "relative imports"),
    ("people/models.py", "import cv2", "cv2 does not come in"),
    ("people/following.py", "if True:\n    import dlib", "dlib does not come in"),
    ("networks/attributes/guesses.py", "import cv2.dnn", "cv2 does not come in"),
    ("scenes/mirror/scene.py", "from cv2 import resize", "cv2 does not come in"),
    ("scenes/dream.py", "import tensorflow as tf", "tensorflow does not come in"),
    ("core/files.py", "import yaml", "yaml does not come in"),
    ("app/kiosk.py", "import requests", "requests does not come in"),
]


@pytest.mark.parametrize(("place", "source", "said"), BROKEN)
def test_an_import_against_the_plan_is_found(place, source, said):
    assert said in " ".join(faults(place.removesuffix(".py"), source))


def test_an_import_after_the_plan_is_fine():
    source = (
        "import os\nimport numpy as np\nimport cv2\nfrom narcissus.core.types import Frame\nimport narcissus.sinks.png"
    )
    assert faults("sinks/film", source) == []


def test_every_door_is_used():
    used = {(name.split(".")[0], inside(path)) for path in FILES for name in imports(path.read_text())}
    idle = [
        (top, door) for top in DOORS for door in DOORS[top] if not any(enters(p, door) for t, p in used if t == top)
    ]
    assert not idle, f"doors that nothing comes through: {idle}"


@pytest.mark.parametrize("path", [*SCRIPTS, *(PACKAGE / "sinks").rglob("*.py")], ids=named)
def test_scripts_and_sinks_know_no_single_scene(path):
    assert scenes_of(path.read_text()) == set()


def test_a_script_that_knows_a_scene_is_found():
    assert scenes_of("from narcissus.scenes.mirror.scene import Mirror")
    assert scenes_of("def main():\n    from narcissus.scenes import dream")
    assert not scenes_of("from narcissus.scenes import SCENES, work\nimport narcissus.scenes.contract")


@pytest.mark.parametrize("path", ENTRIES, ids=named)
def test_an_entry_script_starts_without_heavy_imports(path):
    """Flags and settings are read before TensorFlow, dlib, OpenCV or pygame are loaded."""
    assert heavy(path.read_text()) == set()


def test_a_heavy_import_is_found():
    assert heavy("import os\nimport cv2") == {"cv2"}
    assert heavy("from sklearn.svm import SVC") == {"sklearn"}
    assert not heavy("def main():\n    import cv2")


@pytest.mark.parametrize("path", [p for p in FILES if inside(p).split("/")[0] in ("core", "app")], ids=inside)
def test_what_works_share_knows_no_latent(path):
    assert latents(path.read_text()) == []


def test_a_latent_is_found():
    assert latents("x = 1\nself.Latents = x  # of the viewer") == [2]


@pytest.mark.parametrize("path", [*FILES, *SCRIPTS, *TESTS], ids=named)
def test_a_module_is_one_idea(path):
    most = LONGEST_TEST if path.parent == ROOT / "tests" else LONGEST
    lines = len(path.read_text().splitlines())
    assert lines <= most


def test_half_of_all_functions_are_small():
    middle = statistics.median(length for path in [*FILES, *SCRIPTS] for length in lengths(path.read_text()))
    assert middle <= MEDIAN
    assert lengths("def a():\n    def b():\n        pass\n    return b") == [4, 2]
