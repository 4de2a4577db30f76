"""The plan of the house, checked: imports point downhill, and each outside library comes in by its own door."""

import ast
import sys
from pathlib import Path

import pytest
from conftest import ROOT

PACKAGE = ROOT / "narcissus"

# Lower floors first; a room may import from floors below its own, and from its own floor only inside its own folder.
FLOORS = (
    {"core"},
    {"store", "motion"},
    {"features", "people", "networks", "inverter", "sources", "sinks"},  # organs: none knows another
    {"scenes"},
    {"app", "lab", "page"},
)
DOORS = {
    "dlib": {"people"},
    "cv2": {"sources", "features", "scenes", "networks", "sinks", "lab", "page"},
    "tensorflow": {"networks", "lab"},
    "keras": {"networks", "lab"},
    "jax": {"networks"},  # where Keras is told to use it instead
    "torch": {"networks"},
    "sklearn": {"inverter", "features", "lab"},
    "joblib": {"inverter", "lab"},
    "distributed": {"lab"},
    "PIL": {"scenes"},  # photographs as files
    "skimage": {"lab"},
    "pygame": {"sinks"},
    "av": {"sinks"},
    "pyvirtualcam": {"sinks"},  # where a virtual camera is asked for
    "yaml": {"core"},
    "pydantic": {"core"},
    "pythonosc": {"app"},
    "tqdm": {"lab"},
    "psutil": {"app", "lab"},
    "starlette": {"page"},
    "uvicorn": {"page"},
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
    assert imports(PACKAGE / "core" / "config.py") >= {"yaml", "narcissus.core.errors"}
    assert floor("app") > floor("sinks") > floor("core")


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
