"""The stored dream plays without TensorFlow, has no seam, and is believed only when its sidecar vouches for it."""

import contextlib
import hashlib
import io
import itertools
import json
import subprocess
import sys
import zipfile

import numpy as np
import pytest
from conftest import ROOT

from narcissus.core.errors import ModelCorrupt
from narcissus.scenes.stored_dream import FOLDER, StoredDream
from narcissus.store.npz import described, unpacked

STORED = FOLDER / "utk-64.npz"


@pytest.fixture(scope="module")
def stored():
    return StoredDream.open(STORED)


@pytest.fixture
def copy(tmp_path):
    path = tmp_path / STORED.name
    path.write_bytes(STORED.read_bytes())
    path.with_suffix(".json").write_bytes(STORED.with_suffix(".json").read_bytes())
    return path


def test_it_plays_without_tensorflow():
    code = (
        "import sys; from narcissus.scenes.stored_dream import *;"
        f"print(StoredDream.open('{STORED}').draw(None, 5.0).image.shape, 'tensorflow' in sys.modules)"
    )
    said = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert said.stdout.strip() == "(64, 64, 3) False"


def test_the_loop_has_no_seam(stored):
    seconds = np.arange(60, 60 + 26, 1 / 15) + 0.01
    shown = [stored.draw(None, now) for now in seconds]
    latents = np.stack([picture.state.latent for picture in shown])
    unit = latents / np.linalg.norm(latents, axis=1, keepdims=True)
    steps = np.degrees(np.arccos(np.clip((unit[1:] * unit[:-1]).sum(axis=1), -1, 1)))
    assert steps.max() < 2 * np.median(steps), "no jump, also where the last picture meets the first"
    changes = [np.abs(a.image.astype(int) - b.image).mean() for a, b in itertools.pairwise(shown)]
    assert max(changes) < 4 * np.median(changes)


def test_the_pictures_are_those_of_their_latents(stored, generator):
    for now in (0.0, 7.0, 13.0):
        picture = StoredDream.draw(stored, None, now)
        drawn = generator.render(picture.state.latent[None])[0].astype(int)
        assert np.abs(drawn - picture.image).mean() < 2, "so that the mirror can take over where the dream is"
    assert stored.generator_sha256 == generator.sha256


def test_what_is_saved_is_read_again(tmp_path, stored):
    stored.save(tmp_path / "x.npz", generator="utk-64")
    again = StoredDream.open(tmp_path / "x.npz")
    assert np.array_equal(again.draw(None, 3.0).image, StoredDream.open(STORED).draw(None, 3.0).image)


def revouched(path, data):
    """Put `data` there with a sidecar that vouches for it: now only the parser can refuse it."""
    path.write_bytes(data)
    facts = json.loads(path.with_suffix(".json").read_text())
    facts |= {"sha256": hashlib.sha256(data).hexdigest(), "bytes": len(data)}
    with contextlib.suppress(ValueError):  # no arrays at all: those of a sound loop are named
        facts["arrays"] = described(unpacked(data, 1 << 20))
    path.with_suffix(".json").write_text(json.dumps(facts))


def npz(**arrays):
    data = io.BytesIO()
    np.savez(data, **arrays)
    return data.getvalue()


def bomb():
    data = io.BytesIO()
    with zipfile.ZipFile(data, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("changes.npy", bytes(2**27))
    return data.getvalue()


GOOD = {"changes": np.zeros((2, 4, 4, 3), np.uint8), "latents": np.ones((2, 8), np.float32), "rate": np.float64(15)}


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"no zip at all",
        npz(**GOOD)[:-30],
        npz(**GOOD | {"changes": np.array([{}], object)}),
        npz(**GOOD | {"changes": np.zeros((2, 4, 4), np.uint8)}),
        npz(**GOOD | {"latents": np.ones((3, 8), np.float32)}),
        npz(**GOOD | {"rate": np.float64(np.nan)}),
        npz(changes=GOOD["changes"]),
        bomb(),
    ],
    ids=["empty", "text", "truncated", "objects", "flat", "too many latents", "no rate", "missing", "bomb"],
)
def test_a_broken_loop_is_refused_even_when_its_sidecar_vouches(copy, data):
    revouched(copy, data)
    with pytest.raises(ModelCorrupt, match=rf"{copy.name}.*store_dream\.py"):
        StoredDream.open(copy)


def test_a_swapped_file_is_refused_before_it_is_parsed(copy, monkeypatch):
    copy.write_bytes(copy.read_bytes()[:-1] + b"x")
    monkeypatch.setattr(zipfile, "ZipFile", None)
    with pytest.raises(ModelCorrupt, match="sha256"):
        StoredDream.open(copy)


def test_a_bomb_is_not_unfolded(copy):
    revouched(copy, bomb())
    with pytest.raises(ModelCorrupt, match="unfolds to more than"):
        StoredDream.open(copy)
