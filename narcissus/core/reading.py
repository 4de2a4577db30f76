"""A settings file -> plain values, and the line on which each stands. Nothing is evaluated, all is bounded."""

from pathlib import Path
from typing import Any

import yaml

from narcissus.core.errors import ConfigError

WORD = yaml.resolver.BaseResolver.DEFAULT_SCALAR_TAG  # what a key is: text, and no number, date or nothing
LARGEST_FILE = 64 * 1024  # bytes; a settings file is a page of text
DEEPEST = 6  # keys inside keys: presets, a name, scenes, a scene, a section, a setting


def read_yaml(path: Path) -> tuple[dict[str, Any], dict[tuple, int]]:
    """The file's values and the line on which each key stands, by its path of keys. Raises ConfigError."""
    try:
        with open(path, "rb") as file:
            data = file.read(LARGEST_FILE + 1)
    except OSError as error:
        raise ConfigError(f"{path}: cannot be read ({error.strerror}); name one with --config") from None
    if len(data) > LARGEST_FILE:
        raise ConfigError(f"{path}: larger than {LARGEST_FILE // 1024} KiB; a settings file is a page of text")
    try:
        text = data.decode("utf-8")
        for token in yaml.scan(text):
            if isinstance(token, yaml.TagToken):
                raise ConfigError(f"{path}, line {token.start_mark.line + 1}: a tag such as !!set is no setting")
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
    except RecursionError:
        raise ConfigError(f"{path}: is nested too deeply") from None
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        where = f", line {mark.line + 1}" if mark else ""
        raise ConfigError(f"{path}{where}: is not YAML: {getattr(error, 'problem', None) or error}") from None
    except ValueError as error:  # a date such as 2026-13-45 is YAML, yet no date
        raise ConfigError(f"{path}: holds a value that cannot be read: {error}") from None


def _lines(node: yaml.MappingNode, path: Path, above: tuple = ()) -> dict[tuple, int]:
    lines: dict[tuple, int] = {}
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
