"""A settings file -> plain values, and the line on which each stands. Nothing is evaluated, all is bounded."""

import os
import stat
from pathlib import Path
from typing import Any

import yaml

from narcissus.core.errors import ConfigError

WORD = yaml.resolver.BaseResolver.DEFAULT_SCALAR_TAG  # what a key is: text, and no number, date or nothing
LARGEST_FILE = 64 * 1024  # bytes; a settings file is a page of text
LONGEST_VALUE = 400  # characters: an address or a path; YAML reads a number of thousands of digits for minutes
DEEPEST_NESTING = 16  # of brackets and indented blocks
OPENING = (
    yaml.BlockMappingStartToken,
    yaml.BlockSequenceStartToken,
    yaml.FlowMappingStartToken,
    yaml.FlowSequenceStartToken,
)
CLOSING = (yaml.BlockEndToken, yaml.FlowMappingEndToken, yaml.FlowSequenceEndToken)
Keys = tuple[str, ...]  # where a setting stands: section, section, name
DEEPEST = 6  # keys inside keys: presets, a name, scenes, a scene, a section, a setting


def read_yaml(path: Path) -> tuple[dict[str, Any], dict[Keys, int]]:
    """The file's values and the line on which each key stands, by its path of keys. Raises ConfigError."""
    return parsed(bytes_of(path), path)


def parsed(data: bytes, path: Path) -> tuple[dict[str, Any], dict[Keys, int]]:
    """The same of what the file at `path` would hold."""
    try:
        text = data.decode("utf-8")
        _refuse_what_no_setting_needs(text, path)
        loader = yaml.SafeLoader(text)
        root = loader.get_single_node()
        if root is None:
            return {}, {}
        if not isinstance(root, yaml.MappingNode):
            raise ConfigError(f"{path}: expected lines of the form 'key: value'")
        lines = _lines(root, path)
        return loader.construct_document(root), lines
    except UnicodeDecodeError:
        raise ConfigError(f"{path}: is not text in UTF-8") from None
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        where = f", line {mark.line + 1}" if mark else ""
        said = " ".join(str(getattr(error, "problem", None) or error).split())
        raise ConfigError(f"{path}{where}: is not YAML: {said}") from None
    except (ValueError, OverflowError) as error:  # a date such as 2026-13-45; hundreds of digits to the base of sixty
        raise ConfigError(f"{path}: holds a value that cannot be read: {error}") from None


def bytes_of(path: Path) -> bytes:
    """What the file holds, if it is as small as a settings file. Raises ConfigError."""
    try:
        with open(path, "rb", opener=_not_waiting) as file:
            if not stat.S_ISREG(os.fstat(file.fileno()).st_mode):
                raise ConfigError(f"{path}: is no file; name one with --config")
            data = file.read(LARGEST_FILE + 1)
    except (OSError, ValueError) as error:  # ValueError: a name with a byte that no file's can have
        said = getattr(error, "strerror", None) or error
        raise ConfigError(f"{path}: cannot be read ({said}); name one with --config") from None
    if len(data) > LARGEST_FILE:
        raise ConfigError(f"{path}: larger than {LARGEST_FILE // 1024} KiB; a settings file is a page of text")
    return data


def _not_waiting(path: str, flags: int) -> int:
    """A pipe is opened at once, whether anybody writes into it or not."""
    return os.open(path, flags | os.O_NONBLOCK)


def _refuse_what_no_setting_needs(text: str, path: Path) -> None:
    """Before anything is built of the text: tags, aliases, deep nesting and endless values. Raises ConfigError."""
    depth = 0
    for token in yaml.scan(text):
        depth += isinstance(token, OPENING) - isinstance(token, CLOSING)
        if reason := _refusal(token, depth):
            raise ConfigError(f"{path}, line {token.start_mark.line + 1}: {reason}")


def _refusal(token: yaml.Token, depth: int) -> str | None:
    if isinstance(token, yaml.TagToken):
        return "a tag such as !!set is no setting"
    if isinstance(token, yaml.AnchorToken | yaml.AliasToken):
        return "an anchor or alias, such as &this or *this, is no setting; write the value out"
    if isinstance(token, yaml.ScalarToken) and len(token.value) > LONGEST_VALUE:
        return f"a value of {len(token.value)} characters is no setting; {LONGEST_VALUE} are the most"
    return f"is nested more than {DEEPEST_NESTING} deep" if depth > DEEPEST_NESTING else None


def _lines(node: yaml.MappingNode, path: Path, above: Keys = ()) -> dict[Keys, int]:
    lines: dict[Keys, int] = {}
    for key, value in node.value:
        if not isinstance(key, yaml.ScalarNode) or key.tag != WORD:
            raise ConfigError(f"{path}, line {key.start_mark.line + 1}: a key must be a word")
        here = (*above, key.value)
        if here in lines:
            raise ConfigError(f"{path}, line {key.start_mark.line + 1}: '{key.value}' is given twice")
        lines[here] = key.start_mark.line + 1
        if isinstance(value, yaml.MappingNode) and len(here) < DEEPEST:  # what is deeper is unknown anyway
            lines |= _lines(value, path, here)
        elif isinstance(value, yaml.SequenceNode):
            for number, item in enumerate(value.value):
                lines[*here, str(number)] = item.start_mark.line + 1
                if isinstance(item, yaml.MappingNode) and len(here) < DEEPEST:
                    lines |= _lines(item, path, (*here, str(number)))
    return lines
