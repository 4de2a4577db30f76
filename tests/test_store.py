"""The contract of every vouched file, whatever its kind: whole and as it was written, or one line with its remedy."""

import hashlib
import io
import json
import os
import stat
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import joblib
import numpy as np
import pytest
from pggan_parts import drawn_weights
from style_parts import RANDOM, random_model

from narcissus import store
from narcissus.core.errors import ModelCorrupt, ModelError, ModelMismatch, ModelMissing
from narcissus.features.portrait import COLUMNS
from narcissus.inverter import Inverter, storage
from narcissus.networks.attributes import store as attributes
from narcissus.networks.colour import store as colour
from narcissus.networks.pggan import weights
from narcissus.networks.style import store as style
from narcissus.scenes.stored_dream import StoredDream
from narcissus.store import kinds, npz, sidecar_of

SHA = "1" * 64  # of the generator that the small inverter and the small dream were made with


@dataclass
class Kept:
    """A small sound file of one kind."""

    kind: store.Kind
    path: Path
    read: Callable[[Path], object]

    def refusal(self, error: type[ModelError], *words: str) -> str:
        """What reading it says: one line of our own, with the remedy of its kind."""
        with pytest.raises(error) as told:
            self.read(self.path)
        said = str(told.value)
        assert "\n" not in said
        assert said.endswith(self.kind.remedy_for(self.path))
        assert str(self.path.with_suffix("")) in said
        assert all(word in said for word in words), said
        return said

    def sidecar(self) -> dict:
        return json.loads(sidecar_of(self.path).read_text())

    def say(self, **changed) -> None:
        sidecar_of(self.path).write_text(json.dumps(self.sidecar() | changed))


def generator(folder: Path) -> Kept:
    path = folder / "small.npz"
    weights.write(path, drawn_weights(resolution=4, fmap_base=8, fmap_max=4))
    return Kept(kinds.GENERATOR, path, weights.read)


def inverter(folder: Path) -> Kept:
    """An inverter that knows nothing is still an inverter."""
    made = Inverter.__new__(Inverter)
    made.generator, made.columns = ("small", SHA), COLUMNS
    made.save(folder, {"pairs": 3})
    return Kept(
        kinds.INVERTER, folder / storage.FILE, lambda path: Inverter.open(path.parent, SHA, COLUMNS).columns == COLUMNS
    )


def guesses(folder: Path) -> Kept:
    parts = {"network": {"a": np.ones((3, 4), np.float16)}, "calibration": {"spread": np.float32(1)}}
    attributes.save(folder, parts, name="small", licence="none", command="none", figures={"error": 1.5})
    return Kept(kinds.ATTRIBUTES, folder / attributes.ARRAYS, lambda path: attributes.load(path.parent))


def dream(folder: Path) -> Kept:
    pictures = np.random.default_rng(0).integers(0, 255, (3, 4, 4, 3)).astype(np.uint8)
    StoredDream(pictures, np.ones((3, 8), np.float32), 15.0, SHA).save(folder / "small.npz", generator="small")
    return Kept(kinds.DREAM, folder / "small.npz", StoredDream.open)


def colours(folder: Path) -> Kept:
    path = folder / "small.npz"
    model = colour.Model({"a": np.ones((3, 4))}, np.zeros((2, 2)), 0.5, {"slices": ["all"], "limits": {}})
    colour.save(path, model, "none", {"data": "none"})
    return Kept(kinds.COLOUR, path, colour.load)


def filter_(folder: Path) -> Kept:
    return Kept(kinds.FILTER, style.save(folder, random_model(), "none", RANDOM), style.load)


MAKERS = {
    kinds.GENERATOR: generator,
    kinds.INVERTER: inverter,
    kinds.ATTRIBUTES: guesses,
    kinds.DREAM: dream,
    kinds.COLOUR: colours,
    kinds.FILTER: filter_,
}


@pytest.fixture(params=kinds.ALL, ids=lambda kind: kind.name)
def kept(request, tmp_path) -> Kept:
    return MAKERS[request.param](tmp_path)


@pytest.fixture
def unparsed(kept, monkeypatch):
    """Once the file is written no payload is parsed in such a test: neither as a pickle nor as an archive."""
    monkeypatch.setattr(joblib, "load", lambda *_: pytest.fail("a pickle was opened before its sha256 matched"))
    monkeypatch.setattr(npz, "unpacked", lambda *_: pytest.fail("an archive was parsed before its sha256 matched"))


def test_every_kind_is_under_this_contract():
    assert set(MAKERS) == set(kinds.ALL)
    assert len({kind.name for kind in kinds.ALL}) == len(kinds.ALL)


def test_what_is_written_is_read_again(kept):
    assert kept.read(kept.path)
    vouched, said = store.read(kept.path, kept.kind), kept.sidecar()
    assert (said["kind"], said["version"]) == (kept.kind.name, kept.kind.version)
    assert said["sha256"] == hashlib.sha256(kept.path.read_bytes()).hexdigest()
    assert said["name"]
    assert said["licence"]
    assert said["origin"]
    assert bool(said["arrays"]) == kept.kind.plain
    if kept.kind.plain:
        assert npz.described(vouched.arrays()) == said["arrays"]


@pytest.mark.usefixtures("unparsed")
def test_a_file_cut_at_any_tenth_byte_is_refused_unparsed(kept):
    data = kept.path.read_bytes()
    for length in range(0, len(data), 10):
        kept.path.write_bytes(data[:length])
        kept.refusal(ModelCorrupt, f"has {length} bytes")


@pytest.mark.usefixtures("unparsed")
@pytest.mark.parametrize("where", [0.0, 0.3, 0.6, 0.999])
def test_one_other_byte_is_refused_unparsed(kept, where):
    data = bytearray(kept.path.read_bytes())
    data[int(where * len(data))] ^= 1
    kept.path.write_bytes(data)
    kept.refusal(ModelCorrupt, "sha256")


@pytest.mark.usefixtures("unparsed")
def test_a_longer_file_is_not_read(kept):
    with open(kept.path, "ab") as file:
        file.truncate(1 << 30)
    kept.refusal(ModelCorrupt, "larger than")


SIDECARS = {
    "another sha256": ({"sha256": "0" * 64}, ModelCorrupt, "vouches for 000000000000"),
    "no sha256": ({"sha256": "beef"}, ModelCorrupt, "64 hexadecimal"),
    "another kind": ({"kind": "hat"}, ModelMismatch, "of kind 'hat'"),
    "another version": ({"version": 99}, ModelMismatch, "version is 99"),
    "no version": ({"version": None}, ModelMismatch, "version is None"),
    "a version that is true": ({"version": True}, ModelError, "version"),
    "no licence": ({"licence": None}, ModelCorrupt, "licence"),
    "an origin of numbers": ({"origin": {"source": 1, "generator": 1}}, ModelCorrupt, "not of type str"),
    "a size of words": ({"bytes": "many"}, ModelCorrupt, "bytes"),
    "a size beyond the kind's": ({"bytes": 1 << 40}, ModelCorrupt, "too large"),
    "a field too many": ({"colour": "red"}, ModelCorrupt, "colour"),
    "a name that rings": ({"name": "a\x07b"}, ModelCorrupt, "name"),
    "arrays of numbers": ({"arrays": {"a": 1}}, ModelCorrupt, "a is missing or not of type str"),
}


@pytest.mark.usefixtures("unparsed")
@pytest.mark.parametrize(("changed", "error", "word"), SIDECARS.values(), ids=SIDECARS.keys())
def test_a_sidecar_that_says_otherwise_is_refused(kept, changed, error, word):
    kept.say(**changed)
    kept.refusal(error, word)


def test_a_sidecar_that_leaves_a_field_out_is_refused_by_its_name(kept):
    whole = kept.sidecar()
    for name in whole.keys() - {"kind", "version"}:
        sidecar_of(kept.path).write_text(json.dumps({field: fact for field, fact in whole.items() if field != name}))
        kept.refusal(ModelCorrupt, name)


def test_facts_and_origin_that_its_kind_needs_must_be_there(kept):
    kept.say(facts={}, origin={})
    if kept.kind.facts or kept.kind.origin:
        kept.refusal(ModelCorrupt, "missing")
    else:
        assert kept.read(kept.path)


TEXTS = {
    "empty": b"",
    "a list": b"[]",
    "a list of 100,000 lists": b"[" * 100_000,
    "60,000 deep": b'{"a":' + b"[" * 60_000,
    "17 deep": b'{"facts":' + b"[" * 16 + b"]" * 16 + b"}",
    "binary": b"\xff\xfe\x00",
    "not a number": b'{"version": NaN}',
    "infinite": b'{"version": 1e999}',
    "half a letter": b'{"name": "\\ud800"}',
    "a number of 50,000 digits": b'{"version": ' + b"9" * 50_000 + b"}",
    "huge": b'{"name": "' + b" " * (1 << 20) + b'"}',
}


@pytest.mark.usefixtures("unparsed")
@pytest.mark.parametrize("text", TEXTS.values(), ids=TEXTS.keys())
def test_a_sidecar_that_is_none_is_refused(kept, text):
    sidecar_of(kept.path).write_bytes(text)
    kept.refusal(ModelCorrupt, ".json")


def test_brackets_inside_a_text_are_no_depth(kept):
    kept.say(licence='free [[[[[[[[[[[[[[[[[[[[[[[ "\\ {')
    assert kept.read(kept.path)


@pytest.mark.parametrize("which", ["payload", "sidecar"])
def test_a_missing_file_is_missed_by_its_name(kept, which):
    gone = kept.path if which == "payload" else sidecar_of(kept.path)
    gone.unlink()
    kept.refusal(ModelMissing, str(gone))


def folder(path: Path) -> None:
    path.mkdir()


def pipe(path: Path) -> None:
    os.mkfifo(path)


def ring(path: Path) -> None:
    path.symlink_to(path)


@pytest.mark.usefixtures("unparsed")
@pytest.mark.parametrize("which", ["payload", "sidecar"])
@pytest.mark.parametrize("put", [folder, pipe, ring])
def test_what_is_no_file_is_refused_and_not_waited_for(kept, which, put):
    path = kept.path if which == "payload" else sidecar_of(kept.path)
    path.unlink()
    put(path)
    kept.refusal(ModelCorrupt, str(path), "is not a regular file" if put is pipe else "cannot be read")


@pytest.mark.parametrize("which", [".json", ".npz .joblib"])
def test_a_file_that_may_not_be_read_is_refused(kept, which, monkeypatch):
    """Asked of os.open, for a suite may run as root, who may read everything."""
    whole = os.open

    def guarded(path, *flags, **more):
        if Path(path).suffix in which.split():
            raise PermissionError(13, "Permission denied", str(path))
        return whole(path, *flags, **more)

    monkeypatch.setattr(os, "open", guarded)
    kept.refusal(ModelCorrupt, "Permission denied")


def test_a_system_short_of_files_is_no_fault_of_the_file(kept, monkeypatch):
    def none_left(*_):
        raise OSError(24, "Too many open files")

    monkeypatch.setattr(os, "open", none_left)
    with pytest.raises(OSError, match="Too many"):
        kept.read(kept.path)


def test_a_path_with_a_line_break_is_still_one_line(kept, tmp_path):
    kept.path = tmp_path / "two\nlines" / kept.path.name
    with pytest.raises(ModelMissing) as told:
        kept.read(kept.path)
    assert "\n" not in str(told.value)


@pytest.mark.parametrize("kind", [kind for kind in kinds.ALL if kind.plain], ids=lambda kind: kind.name)
def test_arrays_that_the_sidecar_does_not_name_are_refused(kind, tmp_path):
    kept = MAKERS[kind](tmp_path)
    named = kept.sidecar()["arrays"]
    data = npz.packed(dict(np.load(kept.path)) | {"more": np.zeros(3, np.float32)})
    kept.path.write_bytes(data)
    kept.say(sha256=hashlib.sha256(data).hexdigest(), bytes=len(data))
    kept.refusal(ModelCorrupt, "holds other arrays")
    kept.say(arrays=named | {next(iter(named)): "object (3,)"})
    kept.refusal(ModelError)


def pickled(thing) -> bytes:
    whole = io.BytesIO()
    joblib.dump(thing, whole)
    return whole.getvalue()


def test_a_pickle_is_opened_only_when_its_sha256_matches(tmp_path, monkeypatch):
    kept = inverter(tmp_path)
    loads = []
    monkeypatch.setattr(joblib, "load", lambda file: loads.append(file.read()))
    kept.path.write_bytes(bytes(kept.sidecar()["bytes"]))
    kept.refusal(ModelCorrupt, "sha256")
    assert not loads
    kept.say(sha256=hashlib.sha256(kept.path.read_bytes()).hexdigest())
    kept.refusal(ModelCorrupt, "holds no inverter")
    assert len(loads) == 1, "and with the right sha256 it is"


NO_INVERTERS = {
    "a list": pickled([1, 2]),
    "nothing": b"",
    "no pickle": b"this is a text\n" * 20,
    "half a pickle": pickled(np.zeros(100))[:60],
    "of a module that is not here": b"cnowhere.at_all\nThing\n.",
    "of a name that is not here": b"cnarcissus.inverter\nThing\n.",
}


@pytest.mark.parametrize("data", NO_INVERTERS.values(), ids=NO_INVERTERS.keys())
def test_a_joblib_file_that_is_no_inverter_is_refused_even_when_vouched_for(tmp_path, data):
    kept = inverter(tmp_path)
    storage.write(kept.path, data, "small", SHA, {"columns": list(COLUMNS)})
    kept.refusal(ModelCorrupt)


def test_a_full_disk_leaves_the_file_that_was_there(kept, monkeypatch):
    before = {path: path.read_bytes() for path in kept.path.parent.iterdir()}

    def full(*_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OSError, match="No space"):
        MAKERS[kept.kind](kept.path.parent)
    assert {path: path.read_bytes() for path in kept.path.parent.iterdir()} == before


def test_what_could_not_be_read_again_is_not_written(kept):
    before = sidecar_of(kept.path).read_bytes()
    said = {"name": "a", "licence": "none", "origin": dict.fromkeys(kept.kind.origin, "a"), "facts": {"a": np.nan}}
    with pytest.raises((ModelError, ValueError)):
        store.write(kept.path, kept.kind, kept.path.read_bytes(), **said)
    with pytest.raises(ModelCorrupt):
        store.write(kept.path, kept.kind, kept.path.read_bytes(), **said | {"facts": {}, "name": "a\nb"})
    assert sidecar_of(kept.path).read_bytes() == before


def test_both_files_may_be_read_by_everybody(kept):
    assert all(stat.S_IMODE(path.stat().st_mode) == 0o644 for path in kept.path.parent.iterdir())
