"""What a wall says, in the words of one language: a file of `languages/`, named by the setting `language`.

A language is added by adding its file. In its sentences, {…} stands for a figure; see languages/en.yaml.
"""

from functools import lru_cache
from pathlib import Path
from string import Formatter

from pydantic import ValidationError, ValidationInfo, field_validator

from narcissus.core.errors import ConfigError
from narcissus.core.reading import read_yaml
from narcissus.core.sections import LANGUAGES, Section

HOLES = {"sees": {"guesses"}, "age": {"years"}, "ledger_gender": {"kept"}}  # what may stand in {…}, by sentence
HOLES |= {name: {"sure"} for name in ("woman", "man", "neutral", "happiness", "surprise")}
HOLES |= {name: {"kept"} for name in ("lighter", "darker", "same")}
HOLES |= {name: {"years", "kept"} for name in ("older", "younger")}


class Said(Section):
    """A text that is checked: whoever translates has a sentence refused at the start, not in front of visitors."""

    @field_validator("*")
    @classmethod
    def _filled(cls, text: object, about: ValidationInfo) -> object:
        if isinstance(text, str):
            known = HOLES[about.field_name or ""]
            try:
                holes = [hole[1:] for hole in Formatter().parse(text) if hole[1] is not None]
            except ValueError as fault:
                raise ValueError(f"should have every {{ closed by a }} ({fault})") from None
            if any(name not in known or spec or turned for name, spec, turned in holes):
                raise ValueError("should hold no other {…} than " + ", ".join(f"{{{name}}}" for name in sorted(known)))
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
    return read_wording(LANGUAGES / f"{language}.yaml")


def read_wording(path: Path) -> Wording:
    """A file of these words, whole. Raises ConfigError."""
    values, lines = read_yaml(path)
    try:
        return Wording.model_validate(values)
    except ValidationError as refused:
        first = refused.errors()[0]
        keys = tuple(str(key) for key in first["loc"])
        line = f", line {lines[keys]}" if keys in lines else ""
        raise ConfigError(f"{path}{line}: '{'.'.join(keys)}': {first['msg']}; compare languages/en.yaml") from None
