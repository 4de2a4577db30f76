"""Whatever is damaged in a file that the house reads, it is read or refused in one line of our own.

    NARCISSUS_FUZZ=125 make test ARGS="tests/test_damaged.py --dist load"      5,000 damaged files of every kind
    PYTHONPATH=. python tests/test_damaged.py 5000 [kind …]                    the same, with a table

The same number is the same damage: `… tests/test_damaged.py 1 photo --first 1234` is case 1234 alone.
"""

import argparse
import faulthandler
import logging
import os

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")  # as in every test: before TensorFlow is loaded
import random
import shutil
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import film_kinds  # noqa: F401  lists its kinds
import pytest
from damage import damage_one
from file_kinds import KINDS, Kind, seal

from narcissus.core.errors import NarcissusError

CASES = 40  # of a kind, for each of NARCISSUS_FUZZ
HUNG = 60  # seconds, on however busy a machine: who takes longer will never end
SLOW = 5.0  # seconds that a case may take where nothing runs beside it
LONGEST = 1500  # characters of a line


class Good:
    """Undamaged files of a kind, to be copied anew for every case."""

    def __init__(self, kind: Kind, folder: Path) -> None:
        self._kind, self._good, self._folder = kind, folder / "good", folder / "damaged"
        self._good.mkdir()
        self._names = [path.relative_to(self._good) for path in kind.make(self._good)]

    def case(self, name: str, number: int | None) -> str:
        """ "read", or the name of our error; AssertionError for anything else. Without a number nothing is damaged."""
        shutil.rmtree(self._folder, ignore_errors=True)
        shutil.copytree(self._good, self._folder)
        chance, paths = random.Random(f"{name} {number}"), [self._folder / one for one in self._names]
        path = paths[0] if number is None else damage_one(paths, chance)
        if self._kind.sealed and number is not None and path.suffix != ".json" and chance.random() < 0.8:
            seal(path)
        with overheard() as said:
            outcome = self._read(path)
        assert not said, f"a library spoke: {said[0]!r:.300}"
        return outcome

    def _read(self, path: Path) -> str:
        line, outcome = "", "read"
        try:
            self._kind.read(path)
        except NarcissusError as refusal:
            line, outcome = str(refusal), type(refusal).__name__
        assert line.isprintable(), f"{outcome}, and no printable line: {line!r:.300}"
        assert len(line) < LONGEST, f"{outcome} of {len(line)} characters"
        return outcome


@contextmanager
def overheard() -> Iterator[list[bytes]]:
    """What is written to the standard streams inside, by whatever library, once it is over."""
    said: list[bytes] = []
    with tempfile.TemporaryFile() as heard:
        kept = [os.dup(number) for number in (1, 2)]
        try:
            for number in (1, 2):
                os.dup2(heard.fileno(), number)
            yield said
        finally:
            for number, one in zip((1, 2), kept, strict=True):
                os.dup2(one, number)
                os.close(one)
        heard.seek(0)
        said += [text] if (text := heard.read()) else []


@pytest.fixture
def good(tmp_path, request):
    faulthandler.dump_traceback_later(HUNG * CASES, exit=True)
    yield Good(KINDS[request.param], tmp_path)
    faulthandler.cancel_dump_traceback_later()


@pytest.mark.parametrize(("good", "name"), [(name, name) for name in KINDS], indirect=["good"], ids=KINDS.keys())
@pytest.mark.parametrize("part", range(int(os.environ.get("NARCISSUS_FUZZ", "1"))))
def test_a_damaged_file_is_read_or_refused_in_one_line(good, name, part):
    if name != "inverter":  # whose scikit-learn may be another
        assert good.case(name, None) == "read", "the undamaged file is read"
    for number in range(part * CASES, (part + 1) * CASES):
        try:
            good.case(name, number)
        except Exception as fault:
            raise AssertionError(f"case {number}: {type(fault).__name__}: {fault}") from fault


def tried(name: str, numbers: range) -> tuple[int, dict[str, list[int]], float]:
    """How many were read; whatever escaped, with its cases; seconds of the slowest."""
    read, escaped, slowest = 0, {}, 0.0
    with tempfile.TemporaryDirectory() as folder:
        good = Good(KINDS[name], Path(folder))
        for number in numbers:
            faulthandler.dump_traceback_later(HUNG, exit=True)
            start = time.monotonic()
            try:
                read += good.case(name, number) == "read"
            except Exception as fault:
                escaped.setdefault(f"{type(fault).__name__}: {str(fault)[:100]}", []).append(number)
            slowest = max(slowest, time.monotonic() - start)
            faulthandler.cancel_dump_traceback_later()
    return read, escaped, slowest


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("cases", type=int)
    parser.add_argument("kinds", nargs="*", metavar="kind", choices=[*KINDS, []])
    parser.add_argument("--first", type=int, default=0)
    asked = parser.parse_args()
    logging.disable()
    faults = 0
    print(f"{'kind':32}{'tried':>7}{'read':>7}{'refused':>9}{'escaped':>9}{'slowest':>10}")
    for name in asked.kinds or KINDS:
        read, escaped, slowest = tried(name, range(asked.first, asked.first + asked.cases))
        count = sum(map(len, escaped.values()))
        refused = asked.cases - read - count
        print(f"{name:32}{asked.cases:7}{read:7}{refused:9}{count:9}{slowest:8.1f} s", flush=True)
        for fault, numbers in escaped.items():
            print(f"    {len(numbers)} × {fault}  (case {numbers[0]})", flush=True)
        faults += count + (slowest > SLOW)
    return int(faults > 0)


if __name__ == "__main__":
    sys.exit(main())
