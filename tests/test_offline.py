"""Where the packages lie beside the mirror, nothing is asked of a network; without them the index is."""

import shutil
import subprocess

import pytest
from conftest import ROOT


@pytest.fixture
def said(tmp_path):
    """What `make` would do in a new checkout, with these words."""
    shutil.copy(ROOT / "Makefile", tmp_path)
    for name in ("requirements.txt", "requirements-dev.txt", "requirements-cluster.txt"):
        shutil.copy(ROOT / name, tmp_path)

    def dry(*words: str) -> list[str]:
        run = subprocess.run(["make", "--dry-run", "CUDA=", *words], cwd=tmp_path, capture_output=True, text=True)
        assert run.returncode == 0, run.stderr
        return [line for line in run.stdout.splitlines() if " pip " in line]

    return dry


def test_a_wheelhouse_beside_the_mirror_is_all_that_is_asked(said, tmp_path):
    (tmp_path / "wheelhouse").mkdir()
    installs = said("test")
    assert len(installs) == 2
    assert all("install" in line and '--no-index --find-links "wheelhouse"' in line for line in installs)


def test_a_wheelhouse_elsewhere_is_named(said):
    assert '--no-index --find-links "/media/stick/wheels"' in said("run", "WHEELHOUSE=/media/stick/wheels")[0]


def test_without_one_the_index_is_asked(said):
    assert "--no-index" not in said("run")[0]


def test_packages_are_gathered_from_the_index_even_beside_an_old_wheelhouse(said, tmp_path):
    (tmp_path / "wheelhouse").mkdir()
    (gathers,) = said("wheelhouse")
    assert "wheel --quiet --wheel-dir wheelhouse.part -r requirements-dev.txt" in gathers
    assert "--no-index" not in gathers


def test_libraries_of_a_graphics_card_come_along_when_asked(said):
    assert "tensorflow[and-cuda]" in said("wheelhouse", "CUDA=yes")[0]
