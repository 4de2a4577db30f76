"""An artist's file of invented attributes -> a visitor's profile. The file is checked whole when it is opened.

Attribute   one line of a profile: words to choose from, or a number with its unit; both by a formula
Profile     what was invented of one visitor, what the machine really guessed, and with what error
"""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from string import Formatter
from typing import Any

from narcissus.breeding.names import Chance, named
from narcissus.core.errors import ConfigError
from narcissus.core.files import HOME
from narcissus.core.reading import Keys, read_yaml
from narcissus.scenes.creatures.profile.formulas import Formula
from narcissus.scenes.creatures.profile.measures import LUCK, NAMES

FOLDER = Path(__file__).parent
AUTO = "auto"  # the file that ships in the language of the wall
MOST, MOST_WORDS, LONGEST = 12, 60, 90  # attributes, words of one, characters of anything that is shown
DIGITS = 3  # behind the point, at most
SAYINGS = ("hold", "born", "keep", "forget", "kept", "delete", "guessed", "scan")  # what the wall says
GUESSES = ("age", "expression")  # how a real guess is put
FILLED = {
    "forget": {"seconds": 9},
    "kept": {"until": "18:00"},
    "age": {"age": 40, "error": 9},
    "expression": {"expression": "neutral", "share": 80},
}


@dataclass(frozen=True, slots=True, eq=False)
class Attribute:
    name: str
    formula: Formula
    words: tuple[str, ...] = ()  # none: it is a number
    unit: str = ""
    digits: int = 0

    def told(self, values: Mapping[str, float]) -> str:
        found = self.formula(values)
        if not self.words:
            return f"{found:.{self.digits}f} {self.unit}".strip()
        return self.words[min(len(self.words) - 1, max(0, int(found * len(self.words))))]


@dataclass(frozen=True, slots=True)
class Profile:
    """What the wall and the page show of one visitor."""

    name: str
    invented: tuple[tuple[str, str], ...]  # attribute and value
    guessed: tuple[str, ...]  # lines

    def as_json(self) -> dict[str, Any]:
        return asdict(self)


@dataclass(frozen=True, slots=True, eq=False)
class Profiles:
    """A file, read and checked."""

    attributes: tuple[Attribute, ...]
    guesses: dict[str, str]
    expressions: dict[str, str]
    say: dict[str, str]

    def of(self, measured: Mapping[str, float], guessed: Mapping[str, float] | None, seed: int) -> Profile:
        """`measured` as measures.measured has it; `guessed`: age and its spread in years, probabilities."""
        invented = tuple((one.name, one.told({**measured, **draws(seed, one.name)})) for one in self.attributes)
        name = named("", "", seed).split("-")[0].capitalize()
        return Profile(name, invented, () if guessed is None else self._guessed(guessed))

    def _guessed(self, guessed: Mapping[str, float]) -> tuple[str, ...]:
        likeliest = max(self.expressions, key=lambda name: guessed[name])
        age = self.guesses["age"].format(age=round(guessed["age"]), error=max(1, round(guessed["age_spread"])))
        share = round(100 * guessed[likeliest])
        return age, self.guesses["expression"].format(expression=self.expressions[likeliest], share=share)


def path_of(named: str, language: str) -> Path:
    """The artist's own file, from the checkout on, or what ships: in English where the language has none."""
    if named != AUTO:
        return HOME / named
    path = FOLDER / f"profiles.{language}.yaml"
    return path if path.is_file() else FOLDER / "profiles.en.yaml"


def draws(seed: int, attribute: str) -> dict[str, float]:
    """Chance's share: other numbers for every attribute, the same ones for the same seed."""
    chance = Chance(str(seed), f"profile {attribute}")
    return {name: chance.below(1 << 20) / (1 << 20) for name in LUCK}


def read_profiles(path: Path) -> Profiles:
    """Raises ConfigError with the file, the line, the name, and what was expected."""
    values, lines = read_yaml(path)
    reading = _Reading(path, lines)
    reading.only((), values, ("attributes", "guesses", "expressions", "say"))
    attributes = reading.section(values, "attributes")
    if not 1 <= len(attributes) <= MOST:
        reading.refuse(("attributes",), f"should hold 1 to {MOST} attributes")
    return Profiles(
        tuple(reading.attribute(name, about) for name, about in attributes.items()),
        reading.sentences(values, "guesses", GUESSES),
        reading.sentences(values, "expressions", ("neutral", "happiness", "surprise", "other")),
        reading.sentences(values, "say", SAYINGS),
    )


class _Reading:
    def __init__(self, path: Path, lines: dict[Keys, int]) -> None:
        self._path, self._lines = path, lines

    def refuse(self, keys: Keys, reason: str) -> None:
        """Raises ConfigError."""
        near = keys
        while near and near not in self._lines:
            near = near[:-1]
        where = f"{self._path}, line {self._lines[near]}" if near else str(self._path)
        raise ConfigError(f"{where}: '{'.'.join(keys)}' {reason}" if keys else f"{where}: {reason}")

    def only(self, above: Keys, values: Mapping[str, Any], known: tuple[str, ...]) -> None:
        for key in values:
            if key not in known:
                self.refuse((*above, key), f"is unknown; known here: {', '.join(known)}")

    def section(self, values: Mapping[str, Any], key: str) -> dict[str, Any]:
        found = values.get(key)
        if not isinstance(found, dict):
            self.refuse((key,), "should be a section of lines 'name: value'")
        return found

    def attribute(self, name: str, about: Any) -> Attribute:
        keys = ("attributes", name)
        self.text(keys, name)
        if not isinstance(about, dict):
            self.refuse(keys, "should have words and by, or number and unit")
        self.only(keys, about, ("words", "by") if "words" in about else ("number", "unit", "digits"))
        formula = self.formula((*keys, "by" if "words" in about else "number"), about)
        if "words" in about:
            return Attribute(name, formula, self.words((*keys, "words"), about["words"]))
        digits = about.get("digits", 0)
        if type(digits) is not int or not 0 <= digits <= DIGITS:
            self.refuse((*keys, "digits"), f"should be 0 to {DIGITS}")
        return Attribute(name, formula, unit=self.text((*keys, "unit"), about.get("unit", "")), digits=digits)

    def formula(self, keys: Keys, about: Mapping[str, Any]) -> Formula:
        try:
            return Formula(str(about.get(keys[-1], "")), NAMES)
        except ValueError as fault:
            self.refuse(keys, str(fault))

    def words(self, keys: Keys, found: Any) -> tuple[str, ...]:
        if not isinstance(found, list) or not 1 <= len(found) <= MOST_WORDS:
            self.refuse(keys, f"should be 1 to {MOST_WORDS} words in brackets")
        return tuple(self.text((*keys, str(number)), word) for number, word in enumerate(found))

    def text(self, keys: Keys, found: Any) -> str:
        if not isinstance(found, str) or len(found) > LONGEST or not (found.isprintable() or not found):
            self.refuse(keys, f"should be a text of up to {LONGEST} letters")
        return found

    def sentences(self, values: Mapping[str, Any], key: str, wanted: tuple[str, ...]) -> dict[str, str]:
        found = self.section(values, key)
        self.only((key,), found, wanted)
        for name in wanted:
            if name not in found:
                self.refuse((key,), f"lacks {name}")
            self._fill((key, name), self.text((key, name), found[name]), FILLED.get(name, {}))
        return found

    def _fill(self, keys: Keys, sentence: str, filled: Mapping[str, Any]) -> None:
        """The places in braces are those that will be filled, and plain ones."""
        try:
            places = [(name, spec, turned) for _, name, spec, turned in Formatter().parse(sentence) if name is not None]
        except ValueError:
            places = [("{", "", None)]
        if any(name not in filled or spec or turned for name, spec, turned in places):
            known = ", ".join(f"{{{name}}}" for name in filled)
            self.refuse(keys, f"may hold {known or 'nothing'} in braces, as it stands")
