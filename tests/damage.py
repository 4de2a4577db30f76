"""Damage by number: the same bytes and the same number are always damaged in the same way."""

import io
import json
import random
import re
import sqlite3
import zipfile
from collections.abc import Callable
from pathlib import Path

Way = Callable[[bytes, random.Random], bytes]
MOST = 4  # ways of damage, one after the other, in one file
EDGES = (b"\0" * 4, b"\xff" * 4, b"\x7f\xff\xff\xff", b"\x80\0\0\0", b"\xff\xff\xff\x7f", b"\0\0\0\x80", b"\n", b"\r\n")
WORDS = (
    *(
        "NaN",
        "-Infinity",
        "1e999",
        "-1",
        "0",
        "null",
        "true",
        "[]",
        "{}",
        '""',
        "~",
        "!!binary x",
        "2026-99-99",
        "\x1b",
    ),
    *(
        "9" * 40,
        "0x" + "f" * 40,
        "{kept:999999999999}",
        "{years!r}",
        "{",
        "}",
        "&a",
        "*a",
        "<<: *a",
        "é" * 300,
        "\\ud800",
    ),
)
VALUES = (
    None,
    True,
    -1,
    0,
    2**70,
    1e308,
    -1e308,
    0.5,
    "",
    "x" * 500,
    "\ud800",
    "{kept:9999999999}",
    [],
    {},
    [[]],
    {"a": 1},
)
ARRAYS = (
    b"\x93NUMPY what",
    b"",
    b"\x93NUMPY\x01\x00\x10\x00{'descr': '|O'} \n",
    b"\x93NUMPY\x01\x00v\x00"
    + b"{'descr': '<f4', 'fortran_order': False, 'shape': (99999999999,), }".ljust(117)
    + b"\n",
)


def damaged(data: bytes, chance: random.Random) -> bytes:
    """Some bytes changed, cut, doubled, moved or made up; or a value, a table's cell or an array of another kind."""
    for _ in range(chance.randint(1, MOST)):
        data = chance.choice(WAYS + _ways_of(data))(data, chance)
    return data


def _ways_of(data: bytes) -> list[Way]:
    """What only a file of its format can suffer, as often as all else together."""
    if data[:16] == b"SQLite format 3\0":
        return [_cell] * len(WAYS)
    if data[:2] == b"PK":
        return [_member] * len(WAYS)
    if data.lstrip()[:1] in (b"{", b"["):
        return [_value, _word] * (len(WAYS) // 2)
    return [_word] * len(WAYS) if data.isascii() else []


def _bits(data: bytes, chance: random.Random) -> bytes:
    out = bytearray(data)
    for _ in range(chance.randint(1, 20) if out else 0):
        out[chance.randrange(len(out))] ^= 1 << chance.randrange(8)
    return bytes(out)


def _over(data: bytes, chance: random.Random, new: bytes | None = None) -> bytes:
    at, new = _place(data, chance), chance.randbytes(chance.randint(1, 64)) if new is None else new
    return data[:at] + new + data[at + len(new) :]


def _edge(data: bytes, chance: random.Random) -> bytes:
    return _over(data, chance, chance.choice(EDGES))


def _early(data: bytes, chance: random.Random) -> bytes:
    """In the first bytes, where formats say what they are and how large."""
    return _over(data[:256], chance, chance.choice((*EDGES, chance.randbytes(2)))) + data[256:]


def _cut(data: bytes, chance: random.Random) -> bytes:
    at = _place(data, chance)
    return data[:at] + data[at + chance.choice((1, 4, 100, 5000)) :]


def _end(data: bytes, chance: random.Random) -> bytes:
    return data[: _place(data, chance)]


def _double(data: bytes, chance: random.Random) -> bytes:
    at = _place(data, chance)
    return data[:at] + data[at : at + chance.randint(1, 4000)] + data[at:]


def _move(data: bytes, chance: random.Random) -> bytes:
    one, two, three = sorted(_place(data, chance) for _ in range(3))
    return data[:one] + data[two:three] + data[one:two] + data[three:]


def _insert(data: bytes, chance: random.Random) -> bytes:
    at = _place(data, chance)
    return data[:at] + chance.randbytes(chance.randint(1, 64)) + data[at:]


def _blank(data: bytes, chance: random.Random) -> bytes:
    """A sector that was never written."""
    at = _place(data, chance) // 512 * 512
    return data[:at] + bytes(len(data[at : at + 512])) + data[at + 512 :]


def _noise(data: bytes, chance: random.Random) -> bytes:
    return (
        chance.choice((b"", chance.randbytes(chance.randint(1, 2000))))
        if chance.random() < 0.2
        else _bits(data, chance)
    )


WAYS: list[Way] = [_bits, _over, _edge, _early, _cut, _end, _double, _move, _insert, _blank, _noise]


def _place(data: bytes, chance: random.Random) -> int:
    return chance.randrange(len(data) + 1)


def _word(data: bytes, chance: random.Random) -> bytes:
    """A number or a word of a text becomes another."""
    words = list(re.finditer(rb"[\w.-]+", data))
    if not words:
        return data
    found, new = chance.choice(words), chance.choice(WORDS).encode()
    return data[: found.start()] + new + data[found.end() :]


def _value(data: bytes, chance: random.Random) -> bytes:
    """A value of a JSON text becomes another, somewhere in it."""
    try:
        root = json.loads(data)
    except (ValueError, RecursionError):
        return _word(data, chance)
    at, inside = [root], root
    while isinstance(inside, dict | list) and inside and chance.random() < 0.8:
        at = [inside, chance.choice(list(inside) if isinstance(inside, dict) else range(len(inside)))]
        inside = inside[at[1]]
    if len(at) == 2:
        at[0][at[1]] = chance.choice(VALUES)
    return json.dumps(root if len(at) == 2 else chance.choice(VALUES)).encode()


def _member(data: bytes, chance: random.Random) -> bytes:
    """What lies in a zip is damaged, and the zip is whole."""
    out = io.BytesIO()
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as before, zipfile.ZipFile(out, "w") as after:
            which = chance.choice(before.namelist())
            for name in before.namelist():
                content = before.read(name)
                if name == which:
                    new = chance.choice((*ARRAYS, None, None, None))
                    content = chance.choice(WAYS)(content, chance) if new is None else new
                if name != which or chance.random() < 0.9:
                    after.writestr(name, content)
    except Exception:  # it was damaged before; zipfile raises whatever comes
        return _bits(data, chance)
    return out.getvalue()


def _cell(data: bytes, chance: random.Random) -> bytes:
    """A cell of a table holds something else, or a table is gone: the file is sound, and no colony."""
    rows = sqlite3.connect(":memory:")
    try:
        rows.deserialize(data)
        tables = [name for (name,) in rows.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
        table = chance.choice(tables)
        if chance.random() < 0.1:
            rows.execute(f"DROP TABLE {table}")
        else:
            columns = [row[1] for row in rows.execute(f"PRAGMA table_info({table})")]
            new = chance.choice((0, -1, 1e308, "", "x", b"", b"\0" * 20, "[", '{"a": 1}', 2**62))
            where = f"(SELECT max({columns[0]}) FROM {table})" if chance.random() < 0.5 else columns[0]
            rows.execute(
                f"UPDATE OR IGNORE {table} SET {chance.choice(columns)} = ? WHERE {columns[0]} = {where}", (new,)
            )
        rows.commit()
        return rows.serialize()
    except (sqlite3.Error, IndexError, ValueError):
        return _bits(data, chance)
    finally:
        rows.close()


def damage_one(paths: list[Path], chance: random.Random) -> Path:
    """One of the files is damaged in its place; returns which."""
    path = chance.choice(paths)
    path.write_bytes(damaged(path.read_bytes(), chance))
    return path
