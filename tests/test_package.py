"""`pip install .` gives commands that exist, and an installed package finds the checkout that it is told of."""

import os
import subprocess
import sys
import tomllib
from importlib import import_module

from conftest import ROOT

PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())


def test_every_command_is_a_function_of_the_package():
    commands = PROJECT["project"]["scripts"]
    assert len(commands) == 3
    for place in commands.values():
        module, _, name = place.partition(":")
        assert callable(getattr(import_module(module), name))


def test_what_is_no_python_goes_along():
    suffixes = {pattern.rpartition("*")[2] for pattern in PROJECT["tool"]["setuptools"]["package-data"]["narcissus"]}
    there = {path.suffix for path in (ROOT / "narcissus").rglob("*") if path.is_file()}
    assert there - {".py", ".pyc"} == suffixes


def test_models_are_found_where_narcissus_home_says(tmp_path):
    code = "from narcissus.core.files import HOME; print(HOME)"
    for told, found in (({"NARCISSUS_HOME": str(tmp_path)}, tmp_path), ({"NARCISSUS_HOME": ""}, ROOT)):
        said = subprocess.run(
            [sys.executable, "-c", code], cwd=ROOT, env=os.environ | told, capture_output=True, text=True, check=True
        )
        assert said.stdout.strip() == str(found)
