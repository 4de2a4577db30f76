"""One block of a settings file rewritten in its place; every other line, comments above all, stays as it is."""

import os
import stat
from pathlib import Path
from typing import Any

import yaml

from narcissus.core.errors import ConfigError
from narcissus.core.files import write_whole
from narcissus.core.reading import bytes_of, parsed

WIDE = 10_000  # characters: no line is broken


def rewrite(path: Path, key: str, value: dict[str, Any]) -> None:
    """Let the file say `value` at its top-level `key`, written anew or at its end; comments inside the block go.

    Raises ConfigError where the file cannot be read or written, or would say anything else than before.
    """
    path = path.resolve()  # a link stays one
    before = bytes_of(path)
    values, lines = parsed(before, path)
    after = _replaced(before.decode(), key, lines.get((key,)), value).encode()
    if not _says(after, path, values | {key: value}):
        raise ConfigError(f"{path}: '{key}' cannot be rewritten without changing more; write it there by hand")
    try:
        write_whole(path, after, stat.S_IMODE(os.stat(path).st_mode))
    except OSError as fault:
        raise ConfigError(f"{path}: cannot be written ({fault.strerror}); write it there by hand") from None


def _says(data: bytes, path: Path, values: dict[str, Any]) -> bool:
    try:
        return parsed(data, path)[0] == values
    except ConfigError:
        return False


def _replaced(text: str, key: str, line: int | None, value: dict[str, Any]) -> str:
    """`line` (from 1): where the key stands now."""
    block = yaml.safe_dump({key: value}, allow_unicode=True, sort_keys=False, default_flow_style=None, width=WIDE)
    rows = text.splitlines(keepends=True)
    if line is None:
        return text + ("" if not text or text.endswith("\n") else "\n") + "\n" + block
    end = line
    while end < len(rows) and (rows[end].startswith((" ", "\t", "-")) or not rows[end].strip()):
        end += 1
    while not rows[end - 1].strip():  # empty lines belong to what follows
        end -= 1
    return "".join([*rows[: line - 1], block, *rows[end:]])
