"""The pile: all pictures of a folder, cropped, sifted and kept in one file that a training reads from.

Finished parts are kept as it goes, so that whoever is stopped goes on there. No picture leaves the work folder.
"""

import hashlib
import json
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from narcissus.core.errors import ConfigError, SourceError
from narcissus.core.files import write_whole, writing_whole
from narcissus.core.printable import printable
from narcissus.lab.generator import crops
from narcissus.lab.generator.crops import REASONS, UNREADABLE, Crops
from narcissus.lab.likeness.album import Album, Photo
from narcissus.lab.likeness.progress import counted
from narcissus.lab.twins import repeated
from narcissus.store import npz

PART = 64  # photographs
FEWEST = 100  # pictures; fewer are learned by heart, whatever is done
NAMED = 5  # unreadable photographs that are named


@dataclass(frozen=True, slots=True, eq=False)
class Pile:
    pictures: np.ndarray  # uint8 (n, R, R, 3), on the disk until they are looked at
    counts: dict[str, int]  # how many photographs became what, and how many were twins
    unreadable: list[str]  # names, the first few
    source: str  # the folder's own name

    def told(self) -> str:
        """What became of the photographs, in one line."""
        total = sum(self.counts.values())
        left_out = [f"{count} {reason}" for reason, count in self.counts.items() if count and reason != REASONS[0]]
        said = f"{total} photographs looked at, {len(self.pictures)} used"
        return said + ("; left out: " + ", ".join(left_out) if left_out else "")


def gather(album: Album, side: int, work: Path, see_all: Callable | None, stopped: Callable[[], bool]) -> Pile | None:
    """The pile of an album's photographs at `side` pixels; None where somebody stopped it.

    `see_all` finds the faces (lab.likeness.seeing); None takes the pictures as they are. Raises ConfigError where the
    work folder holds another pile or is damaged, SourceError where too few pictures are left.
    """
    _claim(work, album, side, as_they_are=see_all is None)
    whole = (work / "pile.npy").exists() and (work / "pile.json").exists()  # which is written last
    if not whole and not _crop_all(album, side, work, see_all, stopped):
        return None
    pile = kept(work, side, album.path.name)
    if len(pile.pictures) < FEWEST:
        raise SourceError(f"{album.path}: {pile.told()}; {remedy(pile)}")
    return pile


def kept(work: Path, side: int, source: str) -> Pile:
    """The pile that lies in a work folder. Raises ConfigError where it is damaged."""
    try:
        about = json.loads((work / "pile.json").read_text())
        pictures = np.load(work / "pile.npy", mmap_mode="r", allow_pickle=False)
        if pictures.dtype != np.uint8 or pictures.shape[1:] != (side, side, 3):
            raise ValueError(f"pictures {pictures.dtype} {pictures.shape}")
        counts = {reason: int(about["counts"][reason]) for reason in (*REASONS, "shown twice")}
        return Pile(pictures, counts, [str(name) for name in about["unreadable"]], source)
    except (*npz.UNREADABLE, OverflowError) as fault:
        said = printable(str(fault))
        raise ConfigError(f"{work}: its pile cannot be read ({said}); remove that folder to begin anew") from fault


def remedy(pile: Pile) -> str:
    """What would make a pile that is too small large enough."""
    wanted = f"at least {FEWEST} must be left, and a thousand or more are worth the time: add photographs"
    hidden = pile.counts[REASONS[crops.NO_FACE]]
    return wanted + (", or take pictures of anything with --as-they-are" if hidden else "")


def expectation(count: int) -> str:
    """What may be hoped for of so many pictures."""
    if count < 1000:
        return (
            f"{count} pictures are few: expect variations on those you gave, some nearly a copy, and faces that "
            "resemble each other; a thousand or more draw people who were not in the pile"
        )
    if count < 5000:
        return f"{count} pictures: enough for a face of their kind, with little variety in hair, light and age"
    return f"{count} pictures: enough to be various; time is what counts now"


def _claim(work: Path, album: Album, side: int, as_they_are: bool) -> None:
    """The work folder belongs to one pile of one size."""
    names = hashlib.sha256("\n".join(photo.name for photo in album.photos).encode()).hexdigest()
    mine = json.dumps({"photographs": names, "side": side, "as they are": as_they_are}, sort_keys=True)
    claim = work / "claim.json"
    if not claim.exists():
        write_whole(claim, mine)
    elif claim.read_text(errors="replace") != mine:
        raise ConfigError(
            f"{work}: begun with other photographs, another --size or without the same --as-they-are; choose another "
            "--name, or remove that folder to begin anew"
        )


def _crop_all(album: Album, side: int, work: Path, see_all, stopped: Callable[[], bool]) -> bool:
    """Write pile.npy and pile.json; False where it was stopped before."""
    starts = range(0, len(album.photos), PART)
    parts = [work / "parts" / f"{start:07}.npz" for start in starts]
    unread: list[str] = []
    jobs = zip(starts, parts, strict=True)
    for start, path in counted("looking at photographs", len(album.photos), "photo", lambda job: PART)(jobs):
        if stopped():
            return False
        if not path.exists():
            _write(path, _cropped(album, album.photos[start : start + PART], side, see_all))
        verdicts = _read(path, "verdicts")
        unread += [album.photos[start + i].name for i in np.flatnonzero(verdicts == UNREADABLE)]
    _sift(parts, side, work, unread)
    return True


def _cropped(album: Album, photos: list[Photo], side: int, see_all) -> Crops:
    pictures = list(_opened(album, photos))
    readable = [picture for picture in pictures if picture is not None]
    if see_all is None:
        judged = iter([crops.middle(picture, side) for picture in readable])
    else:
        seen = see_all([(picture, None, False) for picture in readable])
        judged = iter([crops.face(p, landmarks, side) for p, (landmarks, _) in zip(readable, seen, strict=True)])
    return Crops.of([(UNREADABLE, None) if picture is None else next(judged) for picture in pictures], side)


def _opened(album: Album, photos: list[Photo]) -> Iterator[np.ndarray | None]:
    for photo in photos:
        try:
            yield album.read(photo)
        except SourceError:
            yield None


def _sift(parts: list[Path], side: int, work: Path, unread: list[str]) -> None:
    """Leave out twins, and put the rest into one file."""
    again = repeated(np.concatenate([_read(path, "prints") for path in parts]))
    verdicts = Counter(np.concatenate([_read(path, "verdicts") for path in parts]).tolist())
    counts = {reason: verdicts[index] for index, reason in enumerate(REASONS)}
    counts[REASONS[0]] -= int(again.sum())
    counts["shown twice"] = int(again.sum())
    with writing_whole(work / "pile.npy") as file:
        header = {"descr": "|u1", "fortran_order": False, "shape": (int((~again).sum()), side, side, 3)}
        np.lib.format.write_array_header_1_0(file, header)
        for path in parts:
            pictures = _read(path, "pictures")
            here, again = again[: len(pictures)], again[len(pictures) :]
            file.write(pictures[~here].tobytes())
    write_whole(work / "pile.json", json.dumps({"counts": counts, "unreadable": unread[:NAMED]}, ensure_ascii=False))
    for path in parts:
        path.unlink()


def _write(path: Path, part: Crops) -> None:
    write_whole(path, npz.packed({name: getattr(part, name) for name in Crops.__slots__}, compressed=False))


def _read(path: Path, name: str) -> np.ndarray:
    """One array of a part: all pictures of a large pile would not fit into memory."""
    with np.load(path, allow_pickle=False) as file:
        return file[name]
