"""Files of earlier versions are refused with one command, and that command makes them what this version reads."""

import json
import shlex
import sys

import joblib
import pytest
from conftest import ROOT
from test_store import MAKERS, Kept, inverter

from narcissus.core.errors import ModelMismatch
from narcissus.store import kinds, sidecar_of

sys.path.insert(0, str(ROOT / "scripts"))
import convert_models


def former(said: dict) -> dict:
    """The sidecar as the last version before the store wrote it."""
    sha256, facts = {"sha256": said["sha256"]}, said["facts"]
    described = {"name": said["name"], "licence": said["licence"]}
    made_with = {name: said["origin"].get(name) for name in ("generator", "generator_sha256")}
    return {
        "generator": {"format": 1, "origin": said["origin"].get("source"), **described, **facts},
        "inverter": {"format": 3, **made_with, **facts},
        "attributes": {"format": 1, "origin": "scripts/train_attributes.py", **described, **facts},
        "dream": {**made_with, **facts},
    }[said["kind"]] | sha256


def outdated(kept: Kept) -> Kept:
    sidecar_of(kept.path).write_text(json.dumps(former(kept.sidecar())))
    return kept


@pytest.fixture(params=[kind for kind in kinds.ALL if kind.convertible], ids=lambda kind: kind.name)
def old(request, tmp_path) -> Kept:
    return outdated(MAKERS[request.param](tmp_path))


def test_an_old_file_is_refused_with_the_command_that_converts_it(old, capsys):
    before = old.path.read_bytes()
    with pytest.raises(ModelMismatch) as told:
        old.read(old.path)
    _, script, *words = shlex.split(str(told.value).partition("convert it with: ")[2])
    assert (ROOT / script).samefile(convert_models.__file__)
    assert convert_models.main(words) == 0
    assert old.kind.name in capsys.readouterr().out
    assert old.read(old.path)
    assert old.path.read_bytes() == before, "others name it by its sha256"


def test_nothing_of_what_the_old_sidecar_said_is_lost(old):
    def leaves(found) -> set:
        inner = found.values() if isinstance(found, dict) else found if isinstance(found, list) else None
        return {str(found)} if inner is None else set().union(*map(leaves, inner))

    said = old.sidecar()
    said.pop("format", None)
    assert convert_models.main([str(sidecar_of(old.path))]) == 0
    assert leaves(said) - leaves(old.sidecar()) <= {"scripts/train_attributes.py"}, "the command begins with python now"


def test_what_is_of_this_version_stays_as_it_is(old, capsys):
    assert convert_models.main([str(old.path.parent)]) == 0
    before = sidecar_of(old.path).read_bytes()
    assert convert_models.main([str(old.path)]) == 0
    assert "already" in capsys.readouterr().out
    assert sidecar_of(old.path).read_bytes() == before


def refused(old: Kept, capsys, word: str, monkeypatch) -> None:
    before = [path.read_bytes() for path in (old.path, sidecar_of(old.path))]
    monkeypatch.setattr(joblib, "load", lambda *_: pytest.fail("the pickle was opened"))
    assert convert_models.main([str(old.path)]) == 78
    said = capsys.readouterr().err.strip()
    assert word in said
    assert old.kind.remedy_for(old.path) in said
    assert "\n" not in said
    assert [path.read_bytes() for path in (old.path, sidecar_of(old.path))] == before


def test_a_damaged_old_file_is_not_opened_and_stays_as_it_is(old, capsys, monkeypatch):
    data = bytearray(old.path.read_bytes())
    data[len(data) // 2] ^= 1
    old.path.write_bytes(data)
    refused(old, capsys, "its bytes are not those", monkeypatch)


def test_a_format_from_before_the_last_cannot_be_converted(old, capsys, monkeypatch):
    old.say(format=0)
    refused(old, capsys, "format is 0", monkeypatch)


@pytest.mark.parametrize("said", [{}, [], {"sha256": None}, {"sha256": {}, "format": 1}])
def test_an_old_sidecar_that_is_none_is_refused(old, capsys, monkeypatch, said):
    sidecar_of(old.path).write_text(json.dumps(said))
    assert convert_models.main([str(old.path)]) == 78
    assert capsys.readouterr().err.count("\n") == 1


def test_an_inverter_of_an_earlier_version_must_be_trained_anew(tmp_path, capsys, monkeypatch):
    old = outdated(inverter(tmp_path))
    with pytest.raises(ModelMismatch, match="earlier version of this program; train one with"):
        old.read(old.path)
    refused(old, capsys, "of an earlier version", monkeypatch)


def test_one_that_cannot_be_converted_does_not_keep_the_others(tmp_path, capsys):
    made = [outdated(MAKERS[kind](tmp_path / kind.name)) for kind in (kinds.DREAM, kinds.GENERATOR)]
    made[0].path.write_bytes(b"?")
    assert convert_models.main([str(tmp_path)]) == 78
    assert str(made[0].path) in capsys.readouterr().err
    assert made[1].read(made[1].path)


def test_a_missing_file_is_named(tmp_path, capsys):
    assert convert_models.main([str(tmp_path / "none.npz")]) == 78
    assert "none.npz" in capsys.readouterr().err


def test_all_that_ships_is_of_this_version(capsys):
    assert convert_models.main([]) == 0
    said = capsys.readouterr().out.splitlines()
    assert len(said) >= len(kinds.ALL)
    assert all(line.endswith("is of this version already") for line in said)
