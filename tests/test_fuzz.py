"""Whatever a model file, a sidecar, a pickle or the settings hold, it is read or refused in an error of ours by name.

Thousands of cases, some seconds. A damaged file is sealed again with its true sha256, so that the parser itself meets
the damage. Only our own errors may come out: any other fails the test.
"""

import hashlib
import io
import json
import pickle
import zipfile

import numpy as np
import pytest
import yaml
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pggan_parts import drawn_weights, official_pickle

from narcissus.app.settings import Settings, load
from narcissus.core import sections
from narcissus.core.errors import ModelError, NarcissusError
from narcissus.core.files import HOME
from narcissus.inverter import Inverter, storage
from narcissus.networks.attributes import store
from narcissus.networks.pggan import legacy, weights
from narcissus.scenes.stored_dream import StoredDream
from narcissus.store import sidecar_of

CASES = settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


def refused(read, path, *names: str) -> NarcissusError | None:
    """What `read(path)` is refused with; None when it is not. Any other error than ours fails the test."""
    fault = None
    try:
        read(path)
    except NarcissusError as refusal:
        fault = refusal
    assert fault is None or any(name in str(fault) for name in (str(path), *names)), f"which file? {fault}"
    return fault


class Npz:
    """A small good file of one kind, its sidecar, and how it is read."""

    def __init__(self, path, read):
        self.path, self.read = path, read
        self.good, self.sidecar = path.read_bytes(), path.with_suffix(".json")
        self.facts = json.loads(self.sidecar.read_text())

    def put(self, data: bytes, facts: dict | None = None, seal: bool = True) -> NarcissusError | None:
        self.path.write_bytes(data)
        facts = dict(self.facts if facts is None else facts)
        if seal:
            facts |= {"sha256": hashlib.sha256(data).hexdigest(), "bytes": len(data)}
        return self.put_sidecar(json.dumps(facts).encode())

    def put_sidecar(self, text: bytes) -> NarcissusError | None:
        self.sidecar.write_bytes(text)
        return refused(self.read, self.path, str(self.path.parent))


def generator_file(folder):
    weights.write(folder / "drawn.npz", drawn_weights(resolution=4, fmap_base=8, fmap_max=4))
    return Npz(folder / "drawn.npz", weights.read)


def attributes_file(folder):
    rng = np.random.default_rng(0)
    parts = {"network": {"a": rng.random((3, 4), np.float32)}, "calibration": {"spread": np.float32(1)}}
    store.save(folder, parts, name="drawn", licence="none", command="none", figures={})
    return Npz(folder / store.ARRAYS, lambda path: store.load(path.parent))


def dream_file(folder):
    rng = np.random.default_rng(0)
    dream = StoredDream(rng.integers(0, 255, (3, 4, 4, 3), np.uint8), np.ones((3, 8), np.float32), 15.0)
    dream.save(folder / "dream.npz", generator="drawn")
    return Npz(folder / "dream.npz", StoredDream.open)


@pytest.fixture(params=[generator_file, attributes_file, dream_file], ids=["generator", "attributes", "dream"])
def file(request, tmp_path):
    made = request.param(tmp_path)
    assert made.put(made.good) is None, "the undamaged file is read"
    return made


@st.composite
def damage(draw):
    """bytes -> bytes: some bytes changed, a part cut out or doubled, or the end cut off."""
    kind = draw(st.sampled_from(["change", "cut", "double", "end"]))
    where, length = draw(st.floats(0, 1)), draw(st.integers(1, 64))
    new = draw(st.binary(min_size=1, max_size=8))

    def apply(data: bytes) -> bytes:
        at = int(where * len(data))
        if kind == "change":
            return data[:at] + new + data[at + len(new) :]
        if kind == "cut":
            return data[:at] + data[at + length :]
        if kind == "double":
            return data[:at] + data[at : at + length] + data[at:]
        return data[:at]

    return apply


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=8,
)


@CASES
@given(damages=st.lists(damage(), min_size=1, max_size=3))
def test_a_damaged_file_is_read_or_refused_by_name(file, damages):
    data = file.good
    for apply in damages:
        data = apply(data)
    file.put(data)


@CASES
@given(data=st.binary(max_size=300))
def test_any_bytes_are_read_or_refused_by_name(file, data):
    file.put(data)


@CASES
@given(apply=damage())
def test_without_a_new_seal_no_damage_is_parsed(file, apply):
    data = apply(file.good)
    assert (file.put(data, seal=False) is None) == (data == file.good)


@CASES
@given(facts=JSON, key=st.data())
def test_any_sidecar_is_read_or_refused_by_name(file, facts, key):
    file.put(file.good)
    name = key.draw(st.sampled_from(sorted(file.facts)))
    file.put_sidecar(json.dumps(file.facts | {name: facts}).encode())
    file.put_sidecar(json.dumps(facts).encode())


@CASES
@given(apply=damage())
def test_a_damaged_sidecar_is_read_or_refused_by_name(file, apply):
    file.put(file.good)
    file.put_sidecar(apply(file.sidecar.read_bytes()))


def member(data: bytes, name: str, content: bytes, method=zipfile.ZIP_STORED) -> bytes:
    """The .npz with one array replaced by `content`, or with one more."""
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as before, zipfile.ZipFile(out, "w", method) as after:
        for info in before.infolist():
            after.writestr(info.filename, content if info.filename == name else before.read(info))
        if name not in before.namelist():
            after.writestr(name, content)
    return out.getvalue()


def npy(array) -> bytes:
    out = io.BytesIO()
    np.save(out, array, allow_pickle=True)
    return out.getvalue()


ARRAYS = {
    "objects": npy(np.array([{"a": 1}], object)),
    "not an array": b"\x93NUMPY what",
    "empty": b"",
    "huge claim": npy(np.zeros(1, np.float32)).replace(b"(1,)", b"(999999999999,)", 1),
    "negative claim": npy(np.zeros(1, np.float32)).replace(b"(1,)", b"(-1,)", 1),
    "code in the header": npy(np.zeros(1, np.float32)).replace(b"(1,)", b"(exit(),)", 1),
    "structured": npy(np.zeros(2, [("a", "f4")])),
    "strings": npy(np.array(["a"])),
    "bomb": bytes(65 << 20),  # more than a dream or attributes may ever unfold to, and than this generator says
}


@pytest.mark.parametrize("what", ARRAYS)
@pytest.mark.parametrize("method", [zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED, zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA])
def test_no_array_but_the_expected_is_taken(file, what, method):
    with zipfile.ZipFile(io.BytesIO(file.good)) as archive:
        name = archive.namelist()[0]
    assert file.put(member(file.good, name, ARRAYS[what], method)) is not None


def test_a_sidecar_nested_without_end_is_refused(file):
    assert file.put_sidecar(b"[" * 20_000) is not None


@pytest.fixture
def trained(tmp_path):
    """An inverter's sidecar of another file: the joblib file must not be opened by any of this."""
    path = tmp_path / storage.FILE
    storage.write(path, pickle.dumps(Bomb()), "drawn", "1", {"columns": ["a"]})
    facts = json.loads(sidecar_of(path).read_text()) | {"sha256": "0" * 64}
    return tmp_path, facts


class Bomb:
    """A pickle that would tell on whoever opens it."""

    def __reduce__(self):
        return exec, ("raise SystemExit('the joblib file was opened')",)


def test_the_bomb_goes_off():
    with pytest.raises(SystemExit):
        pickle.loads(pickle.dumps(Bomb()))


@CASES
@given(facts=JSON, apply=damage(), key=st.data())
def test_any_sidecar_of_an_inverter_is_refused_by_name_and_the_joblib_file_stays_shut(trained, facts, apply, key):
    folder, good = trained
    name = key.draw(st.sampled_from(sorted(good)))
    sidecar = sidecar_of(folder / storage.FILE)
    texts = (json.dumps(facts).encode(), json.dumps(good | {name: facts}).encode(), apply(json.dumps(good).encode()))
    for text in texts:
        sidecar.write_bytes(text)
        fault = refused(lambda path: Inverter.open(path, "1", ("a",)), folder)
        assert isinstance(fault, ModelError)


def test_an_inverter_sidecar_nested_without_end_is_refused(trained):
    folder, _ = trained
    sidecar_of(folder / storage.FILE).write_bytes(b"[" * 20_000)
    assert refused(lambda path: Inverter.open(path, "1", ("a",)), folder) is not None


@pytest.fixture(scope="module")
def pickled():
    return official_pickle(drawn_weights(resolution=4, fmap_base=8, fmap_max=4))


@CASES
@given(damages=st.lists(damage(), min_size=1, max_size=3))
def test_a_damaged_pickle_is_read_or_refused_by_name(tmp_path, pickled, damages):
    path, data = tmp_path / "official.pkl", pickled
    for apply in damages:
        data = apply(data)
    path.write_bytes(data)
    refused(legacy.read, path)


@CASES
@given(data=st.binary(max_size=200))
def test_any_bytes_as_a_pickle_are_read_or_refused_by_name(tmp_path, data):
    path = tmp_path / "official.pkl"
    path.write_bytes(data)
    refused(legacy.read, path)


SECTIONS = {
    "camera": sections.Camera,
    "perception": sections.Perception,
    "screen": sections.Display,
    "scenes": Settings.model_fields["scenes"].annotation,
}
KEYS = [*Settings.model_fields, *(key for section in SECTIONS.values() for key in section.model_fields), "resolutoin"]
VALUES = (
    st.sampled_from(["auto", "always", "10:00-18:00", 0, 1, -1, 1.5, 1e300, float("nan"), True, None, "", []]) | JSON
)


@CASES
@given(
    flat=st.dictionaries(st.sampled_from(KEYS), VALUES, max_size=4), nested=VALUES, section=st.sampled_from([*SECTIONS])
)
def test_any_settings_are_understood_or_refused_by_name_and_line(tmp_path, flat, nested, section):
    path = tmp_path / "config.yaml"
    path.write_text(yaml.safe_dump(flat | {section: {"width": nested, "fps": nested}}, allow_unicode=True))
    fault = refused(load, path)
    assert fault is None or "line " in str(fault)


@CASES
@given(damages=st.lists(damage(), min_size=1, max_size=3))
def test_damaged_settings_are_understood_or_refused_by_name(tmp_path, damages):
    path, data = tmp_path / "config.yaml", (HOME / "config.yaml").read_bytes()
    for apply in damages:
        data = apply(data)
    path.write_bytes(data)
    refused(load, path)
