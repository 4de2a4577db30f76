"""Numbers that a command cannot mean are refused where they are typed, by every command that takes them."""

import argparse
import re
import subprocess
import sys

import pytest
from conftest import ROOT

from narcissus.core import flags

COMMANDS = sorted(
    path
    for path in (*ROOT.glob("*.py"), *ROOT.glob("scripts/*.py"))
    if "--seed" in path.read_text(encoding="utf-8") or path.name == "train_inverter.py"
)


@pytest.mark.parametrize("text", ["0", "-1", "1e3", "", "ten", "٣.٥", "9" * 5000])
def test_no_natural_number(text):
    with pytest.raises(argparse.ArgumentTypeError):
        flags.natural(text)


@pytest.mark.parametrize("text", ["-1", "4294967296", "0.5", "x" * 5000])
def test_no_seed(text):
    with pytest.raises(argparse.ArgumentTypeError) as told:
        flags.seed(text)
    assert len(str(told.value)) < 120


def test_what_is_meant_is_taken():
    assert (flags.natural("1"), flags.natural(" 20000 "), flags.seed("0")) == (1, 20000, 0)


@pytest.mark.parametrize("command", COMMANDS, ids=lambda path: path.name)
def test_no_command_takes_a_seed_below_zero(command):
    done = subprocess.run([sys.executable, command, "--seed", "-1"], capture_output=True, text=True, check=False)
    assert done.returncode == 2
    assert re.search(r"error: argument --seed: must be from 0", done.stderr)


def test_more_pairs_than_any_machine_holds_are_refused_with_a_number_that_fits(tmp_path):
    command = [sys.executable, ROOT / "train_inverter.py", "--pairs", "999999999999", "--out", tmp_path / "none"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 78
    assert done.stderr.count("\n") == 1
    assert "which would fit" in done.stderr
    assert not (tmp_path / "none").exists()
