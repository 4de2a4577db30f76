"""Every kind of file that the house reads: how a good one is made, and how the house reads it.

Pictures, films and streams are listed in film_kinds.py.
"""

import hashlib
import json
import random
import shutil
import zipfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from unittest.mock import patch

import cv2
import numpy as np
from conftest import ROOT

from narcissus.app.settings import Settings, load
from narcissus.app.tuning import presets
from narcissus.store import sidecar_of

Make = Callable[[Path], list[Path]]
Read = Callable[[Path], object]  # of the file that was damaged


@dataclass(frozen=True)
class Kind:
    """`make` writes good files and returns those that may be damaged; `read` is how the house reads one of them."""

    make: Make
    read: Read
    sealed: bool = (
        False  # a payload with a sidecar: a damaged payload gets its true sha256, so that its parser meets it
    )


KINDS: dict[str, Kind] = {}


def kind(name: str, make: Make, *, sealed: bool = False) -> Callable[[Read], Read]:
    def listed(read: Read) -> Read:
        KINDS[name] = Kind(make, read, sealed)
        return read

    return listed


def seal(payload: Path) -> None:
    """The sidecar vouches for whatever the payload holds now."""
    data, sidecar = payload.read_bytes(), sidecar_of(payload)
    facts = json.loads(sidecar.read_text()) | {"sha256": hashlib.sha256(data).hexdigest(), "bytes": len(data)}
    sidecar.write_text(json.dumps(facts))


def copied(*names: str) -> Make:
    """Files of the checkout."""

    def make(folder: Path) -> list[Path]:
        return [Path(shutil.copy(ROOT / name, folder)) for name in names]

    return make


def payload(path: Path) -> list[Path]:
    return [path, path, sidecar_of(path)]


def picture(side: int = 48, seed: int = 0) -> np.ndarray:
    """Something between a gradient and noise, uint8 (side, 1.5 · side, 3)."""
    small = np.random.default_rng(seed).integers(0, 255, (4, 6, 3), np.uint8)
    return cv2.resize(small, (side * 3 // 2, side), interpolation=cv2.INTER_CUBIC)


# ── settings and words ────────────────────────────────────────────────────────────────────────────────────────────────

SETTINGS = copied("config.yaml")


@kind("settings", SETTINGS)
def _(path: Path) -> None:
    load(path)


@kind("presets", SETTINGS)
def _(path: Path) -> None:
    presets.keep(path, "another", Settings())
    load(path)


@kind("profiles", copied(*(f"narcissus/scenes/creatures/profile/profiles.{one}.yaml" for one in ("en", "de"))))
def _(path: Path) -> None:
    from test_profile import GUESSED, MIDDLE

    from narcissus.scenes.creatures.profile.profile import FILLED, read_profiles

    found = read_profiles(path)
    found.of(MIDDLE, GUESSED, 7)
    for name, sentence in found.say.items():
        sentence.format(**FILLED.get(name, {}))


@kind("languages", copied("narcissus/languages/en.yaml", "narcissus/languages/de.yaml"))
def _(path: Path) -> None:
    from narcissus.scenes.mirror.captions import guessed
    from narcissus.scenes.mirror.ledger import Ledger, sentences
    from narcissus.scenes.wording import read_wording

    words = read_wording(path)
    guessed({"age": 40.0, "female": 0.4, **dict.fromkeys(("neutral", "happiness", "surprise", "other"), 0.3)}, words)
    for change in (-9.0, 0.0, 9.0):
        numbers = {"skin_change": change, "skin_kept": 0.5, "age_change": change, "age_kept": 0.5, "gender_kept": 0.5}
        sentences(Ledger(generator_sha256="0", people=9, **numbers), words)


@kind("ledger", copied("models/inverter/narcissus-128/ledger.json"))
def _(path: Path) -> None:
    from narcissus.scenes.mirror.ledger import read_ledger, sentences
    from narcissus.scenes.wording import wording

    try:
        generator = json.loads(path.read_bytes())["generator_sha256"]
    except (ValueError, KeyError, TypeError, RecursionError):
        generator = "0"
    sentences(read_ledger(path.parent, generator), wording("en"))


def light_file(folder: Path) -> list[Path]:
    from narcissus.features import sheet

    sheet.write(folder / "light.json", sheet.looked_at([np.full((80, 80, 3), 200, np.uint8)] * 3))
    return [folder / "light.json"]


@kind("light", light_file)
def _(path: Path) -> None:
    from narcissus.features.sheet import read_gains

    read_gains(path)


# ── models ────────────────────────────────────────────────────────────────────────────────────────────────────────────


def generator_file(folder: Path) -> list[Path]:
    from pggan_parts import drawn_weights

    from narcissus.networks.pggan import weights

    weights.write(folder / "drawn.npz", drawn_weights(resolution=4, fmap_base=8, fmap_max=4))
    return payload(folder / "drawn.npz")


@kind("generator", generator_file, sealed=True)
def _(path: Path) -> None:
    from narcissus.networks.pggan import weights

    weights.read(path.with_suffix(".npz"))


@kind("official pickle", lambda folder: [pickled(folder / "official.pkl")])
def _(path: Path) -> None:
    from narcissus.networks.pggan import legacy

    legacy.read(path)


def pickled(path: Path) -> Path:
    from pggan_parts import drawn_weights, official_pickle

    path.write_bytes(official_pickle(drawn_weights(resolution=4, fmap_base=8, fmap_max=4)))
    return path


def dream_file(folder: Path) -> list[Path]:
    from narcissus.scenes.stored_dream import StoredDream

    pictures = np.random.default_rng(0).integers(0, 255, (3, 4, 4, 3), np.uint8)
    StoredDream(pictures, np.ones((3, 8), np.float32), 15.0).save(folder / "dream.npz", generator="drawn")
    return payload(folder / "dream.npz")


@kind("stored dream", dream_file, sealed=True)
def _(path: Path) -> None:
    from narcissus.scenes.stored_dream import StoredDream

    StoredDream.open(path.with_suffix(".npz")).draw(None, 1.0)


@kind("attributes", lambda folder: copied(*ATTRIBUTES)(folder) and payload(folder / "attributes.npz"), sealed=True)
def _(path: Path) -> None:
    from narcissus.networks.attributes import Attributes

    Attributes.open(path.parent)


ATTRIBUTES = ("models/attributes/attributes.npz", "models/attributes/attributes.json")
COLOURS = ("models/colour/pile.npz", "models/colour/pile.json")


@kind("colours", lambda folder: copied(*COLOURS)(folder) and payload(folder / "pile.npz"), sealed=True)
def _(path: Path) -> None:
    from narcissus.networks.colour.colourist import Colourist

    Colourist.open(path.with_suffix(".npz"))


def filter_file(folder: Path) -> list[Path]:
    from style_parts import write_filter

    return payload(write_filter(folder) / "filter.npz")


@kind("filter", filter_file, sealed=True)
def _(path: Path) -> None:
    from narcissus.networks.style.filter import Filter

    Filter.load(path.parent).apply(np.zeros((1, 16, 16, 3), np.uint8))


INVERTER = ("models/inverter/utk-64/inverter.joblib", "models/inverter/utk-64/inverter.json")


@kind("inverter", lambda folder: copied(*INVERTER)(folder) and payload(folder / "inverter.joblib"))
def _(path: Path) -> None:
    """Never sealed anew: a joblib file is a program, and only the bytes that its sidecar names are opened."""
    from narcissus.features.portrait import COLUMNS
    from narcissus.inverter import Inverter

    Inverter.open(path.parent, json.loads((ROOT / INVERTER[1]).read_text())["origin"]["generator_sha256"], COLUMNS)


# ── what the house keeps ──────────────────────────────────────────────────────────────────────────────────────────────


def colony_file(folder: Path) -> list[Path]:
    from test_colony import CODE, LATENT, creature, of_two

    from narcissus.colony import Colony

    seeded = random.Random(0)  # the same damage is to meet the same bytes
    of_chance = {"token_bytes": seeded.randbytes, "token_hex": lambda count: seeded.randbytes(count).hex()}
    with patch.multiple("secrets", **of_chance), Colony(folder / "wall.sqlite", lambda: 1e9) as colony:
        colony.fact("generator", "drawn")
        name = colony.join(LATENT, {"kind": "moth of glass"}, 12345, CODE)
        for cell in range(12):
            colony.born(creature(cell, cell))
        colony.born(creature(99, 3, name, "b", of_two(name, "#4")))
    return [folder / "wall.sqlite"]


@kind("colony", colony_file)
def _(path: Path) -> None:
    from narcissus.colony import Colony

    with Colony(path) as colony:
        colony.fact("generator")
        alive, visitors = colony.alive(), colony.visitors()
        for one in (*alive[:2], *visitors):
            colony.tree(one.name)
            colony.creature(one.name)
        assert all(isinstance(one.cell, int) and isinstance(one.integer, int) for one in alive)
        assert all(isinstance(one.until, int | float) for one in visitors)
        colony.version()
        colony.prune()
        colony.expire(1e9)
        colony.sound()


ABOUT = {"seed": 7}


def state_file(folder: Path) -> list[Path]:
    from narcissus.lab import checkpoint

    checkpoint.save(folder / "state.npz", {"network": variables()}, {"step": 3}, ABOUT)
    return [folder / "state.npz"]


def variables() -> list["Variable"]:
    return [np.zeros((4, 3), np.float32).view(Variable) for _ in range(2)]


class Variable(np.ndarray):
    """What a network's variable does when it is given a value: it refuses another shape."""

    def assign(self, value) -> None:
        if np.shape(value) != self.shape:
            raise ValueError(f"shape {np.shape(value)} is not {self.shape}")
        self[...] = value


@kind("training state", state_file)
def _(path: Path) -> None:
    from narcissus.lab import checkpoint

    checkpoint.load(path, {"network": variables()}, ABOUT)


def album_file(folder: Path) -> list[Path]:
    with zipfile.ZipFile(folder / "album.zip", "w") as album:
        for seed in range(4):
            album.writestr(f"{seed}.jpg", cv2.imencode(".jpg", picture(48, seed))[1].tobytes())
    return [folder / "album.zip"]


@kind("folder of pictures in a zip", album_file)
def _(path: Path) -> None:
    from narcissus.lab.reading import pictures_in

    pictures_in(path, 32, "give another")


def labelled(folder: Path) -> list[Path]:
    album_file(folder)
    rows = [f"album.zip,{seed}.jpg,{20 + seed},{seed % 2},0" for seed in range(4)]
    (folder / "index.csv").write_text("shard,name,age,gender,race\n" + "\n".join(rows) + "\n")
    np.savez(folder / "landmarks.npz", landmarks=np.zeros((4, 68, 2), np.int16))
    return sorted(folder.iterdir())


@kind("labelled portraits", labelled)
def _(path: Path) -> None:
    from narcissus.lab.attributes import portraits

    portraits.read(path.parent)


def pairs_file(folder: Path) -> list[Path]:
    from narcissus.lab.training import pairs

    columns = len(pairs.COLUMNS) + len(pairs.COLOURS)
    np.save(folder / "00000.npy", np.ones((pairs.CHUNK, columns), np.float32))
    return [folder / "00000.npy"]


@kind("pairs of a training", pairs_file)
def _(path: Path) -> None:
    """Half a chunk is none, and is drawn again."""
    from narcissus.lab.training import pairs

    if pairs._whole(path):
        np.load(path)


def carried_file(folder: Path) -> list[Path]:
    paint, time = np.zeros((48, 72, 3), np.float32), np.array(1.6)
    np.savez(folder / "000001.npz", grey=np.zeros((24, 36), np.uint8), paint=paint, time=time)
    return [folder / "000001.npz"]


@kind("painted film stopped midway", carried_file)
def _(path: Path) -> None:
    from narcissus.app.painted_film import carried_to

    carried_to(path.parent, 1).carry(picture(48), picture(48), 1.7)


def pile_files(folder: Path) -> list[Path]:
    from narcissus.lab.generator.crops import REASONS

    np.save(folder / "pile.npy", np.stack([picture(8)[:, :8]] * 5))
    counts = dict.fromkeys((*REASONS, "shown twice"), 1)
    (folder / "pile.json").write_text(json.dumps({"counts": counts, "unreadable": ["a.jpg"]}))
    return sorted(folder.iterdir())


@kind("pile of a training", pile_files)
def _(path: Path) -> None:
    from narcissus.lab.generator import pile

    found = pile.kept(path.parent, 8, "photos")
    found.told()
    pile.remedy(found)
    np.asarray(found.pictures).mean()
