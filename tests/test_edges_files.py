"""Files and names that were made to hurt, given as a source: each is refused in one line."""

import os
import struct
import zlib

import cv2
import numpy as np
import pytest

from narcissus.core.errors import SourceError
from narcissus.core.files import unused
from narcissus.core.printable import printable
from narcissus.sources import open_source


def huge_png(side: int) -> bytes:
    """A few kilobytes that promise `side` × `side` pixels."""

    def chunk(kind: bytes, body: bytes) -> bytes:
        return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))

    head = struct.pack(">IIBBBBB", side, side, 8, 2, 0, 0, 0)
    rows = zlib.compress(b"\0" * (side * 3 + 1) * 10)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", rows) + chunk(b"IEND", b"")


def refused(what) -> str:
    with pytest.raises(SourceError) as refusal:
        open_source(str(what))
    assert str(refusal.value).isprintable()
    return str(refusal.value)


def test_a_small_file_that_promises_gigabytes_is_not_decoded(tmp_path):
    path = tmp_path / "huge.png"
    path.write_bytes(huge_png(30_000))
    assert "cannot be read" in refused(path) or "not a photo" in refused(path)


def test_a_line_of_pixels_is_no_photo(tmp_path):
    path = tmp_path / "line.png"
    cv2.imwrite(str(path), np.zeros((1, 20_000, 3), np.uint8))
    assert "20000×1" in refused(path)


def test_a_pipe_is_not_waited_for(tmp_path):
    path = tmp_path / "pipe"
    os.mkfifo(path)
    assert "neither a file nor a folder" in refused(path)


NAMES = {"nobody's home": "~nobody-of-that-name/x", "too long": "x" * 300, "null": "a\0b", "surrogate": "a\udc80b"}


@pytest.mark.parametrize("name", NAMES.values(), ids=NAMES.keys())
def test_a_name_that_no_file_can_have_is_refused(name):
    assert "name a video" in refused(name)


def test_a_folder_that_may_not_be_read_is_named(tmp_path, monkeypatch):
    folder = tmp_path / "locked"
    folder.mkdir()

    def forbidden(_):
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(type(folder), "iterdir", forbidden)
    assert "Permission denied" in refused(folder)


def test_nothing_that_is_there_is_overwritten(tmp_path):
    first = unused(tmp_path / "reflection.png")
    first.touch()
    second = unused(tmp_path / "reflection.png")
    second.touch()
    assert [first.name, second.name, unused(first).name] == ["reflection.png", "reflection-2.png", "reflection-3.png"]


def test_control_characters_are_escaped_and_long_texts_cut():
    assert printable("a\x1b[31mb\n") == "a\\x1b[31mb\\n"
    assert len(printable("x" * 10_000)) < 300
