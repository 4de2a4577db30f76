"""What a wall says, in the words of one language: a file of `languages/`, named by the setting `language`.

A language is added by adding its file. In its sentences, {…} stands for a figure; see languages/en.yaml.
"""

from functools import lru_cache
from string import Formatter

from pydantic import ValidationError, field_validator

from narcissus.core.errors import ConfigError
from narcissus.core.reading import read_yaml
from narcissus.core.sections import LANGUAGES, Section

HOLES = {"guesses", "years", "sure", "kept"}  # what may stand in {…}


class Said(Section):
    """A text that is checked: whoever translates has a sentence refused at the start, not in front of visitors."""

    @field_validator("*")
    @classmethod
    def _filled(cls, text: object) -> object:
        if isinstance(text, str):
            try:
                holes = {name for _, name, _, _ in Formatter().parse(text) if name is not None}
            except ValueError as fault:
                raise ValueError(f"should have every {{ closed by a }} ({fault})") from None
            if not holes <= HOLES:
                raise ValueError("should hold no other {…} than " + ", ".join(f"{{{name}}}" for name in sorted(HOLES)))
        return text


class Expressions(Said):
    neutral: str
    happiness: str
    surprise: str


class Skin(Said):
    lighter: str
    darker: str
    same: str


class Age(Said):
    older: str
    younger: str
    same: str


class Wording(Said):
    """All that is said on a wall."""

    sees: str
    age: str
    woman: str
    man: str
    expressions: Expressions
    ledger_skin: Skin
    ledger_age: Age
    ledger_gender: str


@lru_cache(maxsize=8)
def wording(language: str) -> Wording:
    """Raises ConfigError where the language has no file, or the file is not whole."""
    path = LANGUAGES / f"{language}.yaml"
    values, lines = read_yaml(path)
    try:
        return Wording.model_validate(values)
    except ValidationError as refused:
        first = refused.errors()[0]
        keys = tuple(str(key) for key in first["loc"])
        line = f", line {lines[keys]}" if keys in lines else ""
        raise ConfigError(f"{path}{line}: '{'.'.join(keys)}': {first['msg']}; compare languages/en.yaml") from None
