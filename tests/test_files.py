"""A file is written whole or not at all."""

import hashlib
import os

import pytest

from narcissus.core.files import sha256_of, write_whole


def test_a_file_is_written_with_its_folders_and_known_by_its_hash(tmp_path):
    path = tmp_path / "models" / "x.bin"
    write_whole(path, b"weights")
    assert path.read_bytes() == b"weights"
    assert sha256_of(path) == hashlib.sha256(b"weights").hexdigest()


@pytest.mark.parametrize("fault", [OSError(28, "No space left on device"), KeyboardInterrupt()])
def test_an_interrupted_write_leaves_the_old_file_and_no_part(tmp_path, monkeypatch, fault):
    path = tmp_path / "x.bin"
    write_whole(path, "old")

    def fail(_):
        raise fault

    monkeypatch.setattr(os, "fsync", fail)
    with pytest.raises(type(fault)):
        write_whole(path, "new")
    assert path.read_text() == "old"
    assert list(tmp_path.iterdir()) == [path]
