"""The page for the day something is wrong quotes what the program says, and nothing that it no longer says."""

import ast
import re
from functools import cache

import pytest
from conftest import ROOT

PAGE = ROOT / "docs" / "troubleshooting.md"
GAP = "\0"  # what differs, in a text of the program
# What an attendant may meet in the journal stands on the page without exception.
APP = (
    "controls",
    "health",
    "inspection",
    "kiosk",
    "reopening_sink",
    "standby",
    "supervisor",
    "switching",
    "wall_watch",
)
ROOMS = ("sources", "sinks/publishing.py", "app/desk/opening.py", *(f"app/{name}.py" for name in APP))
SAYS = {"SourceError", "SourceMissing", "ConfigError", "ScreenError", "fault", "_lose", "warning", "error"}


def quoted() -> list[str]:
    """Every text in backticks in the first column of the page's tables, exit codes apart."""
    rows = [line.split(" | ")[0] for line in PAGE.read_text().splitlines() if line.startswith("| ")]
    return [text for row in rows for text in re.findall(r"`([^`]+)`", row)]


@cache
def texts() -> tuple[str, ...]:
    """Every text of the program but its docstrings, with GAP where a value is put in."""
    files = [*(ROOT / "narcissus").rglob("*.py"), *ROOT.glob("*.py"), *(ROOT / "scripts").rglob("*.py")]
    nodes = [node for path in files for node in ast.walk(ast.parse(path.read_text()))]
    docstrings = {id(node.value) for node in nodes if isinstance(node, ast.Expr)}
    return tuple(said for node in nodes if id(node) not in docstrings and (said := text_of(node)))


def text_of(node: ast.AST) -> str:
    if isinstance(node, ast.JoinedStr):
        return "".join(part.value if isinstance(part, ast.Constant) else GAP for part in node.values)
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        return re.sub(r"%[sd]", GAP, node.value)
    return ""


def is_said(quote: str, text: str) -> bool:
    """Whether the quote stands in the text; each … for whatever is put in or left out there."""
    pieces = [re.escape(piece) for piece in quote.split("…")]
    return re.search(".*".join(pieces), text, re.DOTALL) is not None


@pytest.mark.parametrize("quote", quoted())
def test_what_the_page_quotes_is_said(quote):
    assert any(is_said(quote, text) for text in texts()), f"nothing in the program says {quote!r} any more"


def test_a_text_that_is_not_said_would_be_found_out():
    assert len(quoted()) > 70
    assert not any(is_said("camera …: has gone for a walk", text) for text in texts())


def told() -> list[str]:
    """The texts of ROOMS that reach a journal."""
    found = []
    for room in ROOMS:
        path = ROOT / "narcissus" / room
        assert path.exists(), f"{room} has moved: its messages are no longer looked for"
        for file in [path] if path.is_file() else sorted(path.rglob("*.py")):
            for node in ast.walk(ast.parse(file.read_text())):
                if isinstance(node, ast.Call):
                    name = getattr(node.func, "id", getattr(node.func, "attr", ""))
                    said = node.args[1:] if name == "fault" else node.args[:1] if name in SAYS else []
                    found += map(text_of, said)
    return [text for text in found if text.replace(GAP, "").strip(" :;%")]


@pytest.mark.parametrize("text", told())
def test_what_the_journal_may_say_stands_on_the_page(text):
    assert any(is_said(quote, text) for quote in quoted() if quote.strip("…. ")), f"the page does not know {text!r}"
