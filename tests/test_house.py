"""The plan of the house, checked: imports point downhill, and each outside library comes in by its own door."""

import ast
import sys
from pathlib import Path

import pytest
from conftest import ROOT

PACKAGE = ROOT / "narcissus"

# Lower floors first; a room may import from floors below its own, and from its own floor only inside its own folder.
FLOORS = (
    {"errors", "newest", "files", "quiet", "streams"},  # ground
    {"config", "greedy", "edges", "worker", "ending", "privacy", "npz"},
    {"types"},
    {
        "sources",
        "face",
        "spatial",
        "colour",
        "attributes",
        "inverter",
        "pggan",
        "motion",
        "grid",
        "visitors",
        "screen",
        "inspection",
    },  # organs
    {"portrait", "supervisor", "health", "stored_dream", "tuning"},
    {"scenes", "standby", "training", "likeness", "figures"},
    {"loop"},
    {"kiosk"},
)
DOORS = {
    "dlib": {"face"},
    "cv2": {"sources", "colour", "grid", "training", "attributes", "screen", "likeness"},
    "tensorflow": {"pggan", "attributes"},
    "keras": {"pggan", "attributes"},
    "jax": {"pggan"},  # where Keras is told to use it instead
    "torch": {"pggan"},
    "sklearn": {"inverter", "spatial", "attributes", "training"},
    "joblib": {"inverter", "training"},
    "distributed": {"training"},
    "pygame": {"screen"},
    "av": {"screen"},
    "pyvirtualcam": {"screen"},  # where a virtual camera is asked for
    "yaml": {"config"},
    "pydantic": {"config"},
    "pythonosc": {"tuning"},
    "tqdm": {"training", "likeness"},
    "psutil": {"health", "training"},
}
EVERYWHERE = {"numpy", "narcissus"}


def room(path: Path) -> str:
    return path.relative_to(PACKAGE).parts[0].removesuffix(".py")


def floor(name: str) -> int:
    return next(level for level, rooms in enumerate(FLOORS) if name in rooms)


def imports(path: Path) -> set[str]:
    """Every module that the file names in an import, wherever it stands."""
    found = set()
    for node in ast.walk(ast.parse(path.read_text(), str(path))):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}: relative imports hide which room is meant"
            found |= {node.module, *(f"{node.module}.{alias.name}" for alias in node.names)}
    return found


FILES = sorted(path for path in PACKAGE.rglob("*.py") if path != PACKAGE / "__init__.py")


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(PACKAGE)))
def test_imports_point_downhill_and_libraries_come_in_by_their_door(path):
    here = room(path)
    assert any(here in rooms for rooms in FLOORS), f"{here} stands on no floor of the plan"
    for name in imports(path):
        top, _, rest = name.partition(".")
        if top == "narcissus":
            other = rest.split(".")[0]
            if other and other != here:
                assert floor(other) < floor(here), f"{path.name} ({here}) imports {other}, which is not below it"
        elif top not in sys.stdlib_module_names and top not in EVERYWHERE:
            assert here in DOORS.get(top, ()), f"{path.name}: {top} does not come in by this door"


def test_every_door_is_used():
    used = {(name.split(".")[0], room(path)) for path in FILES for name in imports(path)}
    unused = [(top, door) for top, doors in DOORS.items() for door in doors if (top, door) not in used]
    assert not unused, f"doors that nothing comes through: {unused}"


def test_the_check_can_fail():
    assert imports(PACKAGE / "config.py") >= {"yaml", "narcissus.errors"}
    assert floor("loop") > floor("screen") > floor("types")


@pytest.mark.parametrize(
    "path", sorted(ROOT.glob("*.py")) + sorted((ROOT / "scripts").glob("*.py")), ids=lambda p: p.name
)
def test_an_entry_script_starts_without_heavy_imports(path):
    """Flags and settings are read before TensorFlow, dlib, OpenCV or pygame are loaded."""
    heavy = {"tensorflow", "keras", "dlib", "cv2", "pygame", "sklearn"}
    top_level = {
        alias.name.split(".")[0]
        for node in ast.parse(path.read_text()).body
        if isinstance(node, ast.Import)
        for alias in node.names
    }
    assert not top_level & heavy
