"""Weights are used whole, unchanged and as they were meant, or refused with the file's name and what mends it."""

import contextlib
import hashlib
import io
import json
import os
import zipfile

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pggan_parts import drawn_weights, refusal

from narcissus.core.errors import ModelCorrupt, ModelMismatch, ModelMissing
from narcissus.networks.pggan import weights as files
from narcissus.store import sidecar_of
from narcissus.store.npz import described, unpacked

TINY = {"resolution": 8, "fmap_base": 8, "fmap_max": 4}


@pytest.fixture
def model(tmp_path):
    path = tmp_path / "a model.npz"
    files.write(path, drawn_weights(**TINY))
    return path


def seal(path, data: bytes) -> None:
    """Put other bytes in place of the weights and let the sidecar vouch for them."""
    path.write_bytes(data)
    facts = {"sha256": hashlib.sha256(data).hexdigest(), "bytes": len(data)}
    with contextlib.suppress(ValueError):  # no plain arrays: those of the sound file are named
        facts["arrays"] = described(unpacked(data, 1 << 20))
    change(path, **facts)


def change(path, **facts) -> None:
    sidecar = sidecar_of(path)
    sidecar.write_text(json.dumps(json.loads(sidecar.read_text()) | facts))


def arguments_of(path) -> dict:
    return json.loads(sidecar_of(path).read_text())["facts"]["arguments"]


def argue(path, arguments: dict) -> None:
    change(path, facts={"arguments": arguments})


def arrays(path) -> dict:
    return dict(np.load(path))


def npz(variables: dict, save=np.savez) -> bytes:
    buffer = io.BytesIO()
    save(buffer, **variables)
    return buffer.getvalue()


def refused(path, kind, *words: str) -> None:
    with pytest.raises(kind) as told:
        files.read(path)
    message = str(told.value)
    assert path.stem in message
    assert "import_pggan.py" in message  # what mends it
    assert "\n" not in message
    for word in words:
        assert word in message


def test_what_is_written_is_read_again(model):
    written, found = drawn_weights(**TINY), files.read(model)
    assert found.arguments == written.arguments
    assert found.sha256 == hashlib.sha256(model.read_bytes()).hexdigest()
    assert (found.name, found.origin, found.licence) == (written.name, written.origin, written.licence)
    assert found.variables.keys() == written.variables.keys()
    assert all(np.array_equal(found.variables[name], array) for name, array in written.variables.items())


def test_the_same_weights_make_the_same_file(model, tmp_path):
    assert files.write(tmp_path / "again.npz", drawn_weights(**TINY)) == files.read(model).sha256


def test_compressed_half_and_column_major_arrays_are_read_too(model):
    changed = {name: array.astype(np.float16).copy(order="F") for name, array in arrays(model).items()}
    seal(model, npz(changed, np.savez_compressed))
    found = files.read(model).variables
    assert all(np.array_equal(found[name], array) for name, array in changed.items())


def test_a_missing_file_is_said_to_be_missing(tmp_path):
    refused(tmp_path / "celebahq-1024.npz", ModelMissing, "no such file")


def test_weights_without_a_sidecar_are_refused(model):
    sidecar_of(model).unlink()
    refused(model, ModelMissing, "sidecar")


@pytest.mark.parametrize("keep", [0, 1, 100, 0.5, -1])
def test_a_truncated_file_is_refused_before_it_is_parsed(model, keep, monkeypatch):
    monkeypatch.setattr(zipfile, "ZipFile", lambda *_: pytest.fail("parsed before its sha256 was checked"))
    data = model.read_bytes()
    model.write_bytes(data[: int(len(data) * keep) if isinstance(keep, float) else keep])
    refused(model, ModelCorrupt, "vouches for")


def test_a_single_flipped_bit_is_refused_before_it_is_parsed(model, monkeypatch):
    monkeypatch.setattr(zipfile, "ZipFile", lambda *_: pytest.fail("parsed before its sha256 was checked"))
    data = bytearray(model.read_bytes())
    data[len(data) // 2] ^= 4
    model.write_bytes(data)
    refused(model, ModelCorrupt, "sha256")


def test_a_sidecar_of_another_file_is_refused(model):
    change(model, sha256="0" * 64)
    refused(model, ModelCorrupt, "000000000000")


def other_arrays():
    name = "8x8/Conv1/weight"
    yield "missing", lambda a: a.pop(name), ModelMismatch, name
    yield "extra", lambda a: a.update(more=np.zeros(3, "f")), ModelMismatch, "more"
    yield "shape", lambda a: a.update({name: a[name][..., :1]}), ModelMismatch, name
    yield "turned", lambda a: a.update({name: a[name].reshape(-1)}), ModelMismatch, name
    yield "double", lambda a: a.update({name: a[name].astype("f8")}), ModelMismatch, name
    yield "integer", lambda a: a.update({name: a[name].astype("i4")}), ModelMismatch, name
    yield "big-endian", lambda a: a.update({name: a[name].astype(">f4")}), ModelCorrupt, name
    yield "object", lambda a: a.update({name: np.array([print], dtype=object)}), ModelCorrupt, name
    yield "NaN", lambda a: a[name].__setitem__((0, 0, 0, 0), np.nan), ModelCorrupt, name
    yield "infinity", lambda a: a[name].__setitem__((0, 0, 0, 0), -np.inf), ModelCorrupt, name
    yield "lod", lambda a: a.update(lod=np.float32(1.5)), ModelMismatch, "lod"


OTHERS = list(other_arrays())


@pytest.mark.parametrize(("spoil", "kind", "word"), [case[1:] for case in OTHERS], ids=[case[0] for case in OTHERS])
def test_arrays_other_than_the_arguments_imply_are_refused_by_name(model, spoil, kind, word):
    variables = arrays(model)
    spoil(variables)
    seal(model, npz(variables))
    refused(model, kind, word)


def test_a_small_file_that_unfolds_to_gigabytes_is_refused_unread(model, monkeypatch):
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name in arrays(model):
            archive.writestr(f"{name}.npy", bytes(1 << 24))
    assert len(buffer.getvalue()) < 300_000
    monkeypatch.setattr(zipfile.ZipFile, "read", lambda *_: pytest.fail("it was unfolded"))
    seal(model, buffer.getvalue())
    refused(model, ModelCorrupt, "unfolds to more than")


def test_arguments_beyond_all_memory_are_refused_before_a_byte_is_read(model):
    argue(model, arguments_of(model) | {"fmap_base": 1 << 20, "fmap_max": 8192})
    refused(model, ModelMismatch, "larger")


def test_something_that_is_no_archive_is_refused(model):
    seal(model, b"this is a text file\n" * 20)
    refused(model, ModelCorrupt)


SIDECARS = {
    "empty": (b"", ModelCorrupt, "JSON"),
    "binary": (b"\xff\xfe\x00", ModelCorrupt, "JSON"),
    "list": (b"[]", ModelCorrupt, "object"),
    "too deep": (b"[" * 60000, ModelCorrupt, "JSON"),
    "too large": (b" " * 70000, ModelCorrupt, "large"),
}


@pytest.mark.parametrize(("data", "kind", "word"), SIDECARS.values(), ids=SIDECARS.keys())
def test_a_sidecar_that_is_none_is_refused(model, data, kind, word):
    sidecar_of(model).write_bytes(data)
    refused(model, kind, word)


@pytest.mark.parametrize(
    ("fact", "value", "kind"),
    [
        ("version", 1, ModelMismatch),
        ("version", None, ModelMismatch),
        ("sha256", 7, ModelCorrupt),
        ("name", None, ModelCorrupt),
        ("licence", ["free"], ModelCorrupt),
        ("facts", {"arguments": []}, ModelCorrupt),
    ],
)
def test_a_sidecar_whose_facts_are_of_another_kind_is_refused_by_their_name(model, fact, value, kind):
    change(model, **{fact: value})
    refused(model, kind, fact)


@pytest.mark.parametrize(
    ("argument", "value"),
    [
        ("resolution", 48),
        ("resolution", 2048),
        ("resolution", 2),
        ("resolution", "64"),
        ("resolution", True),
        ("num_channels", 2),
        ("latent_size", 0),
        ("label_size", -1),
        ("fmap_base", 1e300),
        ("fmap_base", 1),
        ("fmap_decay", -1),
        ("fmap_max", 4.5),
        ("fused_scale", 1),
        ("use_wscale", None),
        ("pixelnorm_epsilon", 1.5),
        ("resolutoin", 64),
    ],
)
def test_arguments_of_no_network_are_refused_by_name(model, argument, value):
    argue(model, arguments_of(model) | {argument: value})
    refused(model, ModelMismatch, argument)


def test_a_missing_argument_is_refused_by_name(model):
    arguments = arguments_of(model)
    del arguments["use_pixelnorm"]
    argue(model, arguments)
    refused(model, ModelMismatch, "use_pixelnorm")


@pytest.mark.parametrize("before", [True, False], ids=["over an older model", "in an empty folder"])
def test_a_power_cut_while_writing_leaves_nothing_that_is_silently_accepted(tmp_path, monkeypatch, before):
    path = tmp_path / "model.npz"
    if before:
        files.write(path, drawn_weights(seed=5, **TINY))
    replace = os.replace

    def cut(part, target):
        if target.suffix == ".json":
            raise KeyboardInterrupt
        replace(part, target)

    monkeypatch.setattr(os, "replace", cut)
    with pytest.raises(KeyboardInterrupt):
        files.write(path, drawn_weights(**TINY))
    refused(path, ModelCorrupt if before else ModelMissing)


def test_weights_that_could_not_be_read_again_are_not_written(tmp_path):
    broken = drawn_weights(**TINY)
    broken.variables["4x4/Conv/bias"][0] = np.nan
    with pytest.raises(ModelCorrupt):
        files.write(tmp_path / "model.npz", broken)
    assert not list(tmp_path.iterdir())


FUZZ = settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
SPOTS = st.lists(st.tuples(st.integers(0, 1 << 16), st.integers(0, 255)), min_size=1, max_size=8)


def spoiled(data: bytes, spots, length: int | None) -> bytes:
    spoiled = bytearray(data)
    for at, value in spots:
        spoiled[at % len(spoiled)] = value
    return bytes(spoiled[:length])


@FUZZ
@given(spots=SPOTS, length=st.none() | st.integers(0, 1 << 13))
def test_damaged_archives_are_read_or_refused(model, spots, length):
    """A few seconds. The sidecar vouches for each of them, so that the parser sees them all."""
    seal(model, spoiled(npz(drawn_weights(**TINY).variables, np.savez_compressed), spots, length))
    message = refusal(files.read, model)
    assert message is None or model.stem in message


@FUZZ
@given(spots=SPOTS, length=st.none() | st.integers(0, 1 << 10))
def test_damaged_sidecars_are_read_or_refused(model, spots, length):
    """A second or two."""
    sidecar, whole = sidecar_of(model), model.with_suffix(".whole")
    if not whole.exists():
        sidecar.rename(whole)
    sidecar.write_bytes(spoiled(whole.read_bytes(), spots, length))
    message = refusal(files.read, model)
    assert message is None or model.stem in message
