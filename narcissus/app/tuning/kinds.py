"""What a live setting takes, read off its type and its limits: the one truth of OSC's addresses and of the desk."""

from dataclasses import dataclass
from types import UnionType
from typing import Annotated, Any, Literal, Union, get_args, get_origin

from narcissus.app.settings import LIVE
from narcissus.core.sections import Words


@dataclass(frozen=True, slots=True)
class Kind:
    """A switch, some words of which one or several hold, a number within limits (or one of the words), or a text."""

    words: tuple[str | int, ...] = ()
    several: bool = False  # any number of the words
    switch: bool = False
    number: bool = False
    low: float | None = None
    high: float | None = None
    above: bool = False  # `low` itself is not taken

    def __str__(self) -> str:
        """In words for people."""
        if self.switch:
            return "0 or 1"
        *most, last = map(str, self.words or ["a text"])
        words = f"{', '.join(most)} or {last}" if most else last
        if not self.number:
            return f"any of {words}" if self.several else words
        return f"{words}, or a number{self._between()}" if self.words else f"a number{self._between()}"

    def _between(self) -> str:
        low = "" if self.low is None else f" above {self.low:g}, up" if self.above else f" from {self.low:g}"
        return low + ("" if self.high is None else f" to {self.high:g}")


def is_simple(name: str) -> bool:
    """Whether it is a value or some words; a list of sections, such as a schedule, is for the settings file alone."""
    annotation = LIVE[name].annotation
    return get_origin(annotation) is not list or get_origin(get_args(annotation)[0]) is Literal


def kind_of(name: str) -> Kind:
    """Of the live setting with this dotted name, if it is simple."""
    field = LIVE[name]
    return _kind(field.annotation, field.metadata)


def _kind(annotation: Any, limits: list[Any]) -> Kind:
    origin, parts = get_origin(annotation), get_args(annotation)
    if origin is Annotated:
        return _kind(parts[0], [one for limit in parts[1:] for one in getattr(limit, "metadata", [limit])])
    if origin in (Union, UnionType):  # words, or else a number
        kinds = [_kind(part, limits) for part in parts]
        number = next(kind for kind in kinds if kind.number)
        words = tuple(word for kind in kinds for word in kind.words)
        return Kind(words, number=True, low=number.low, high=number.high, above=number.above)
    if origin is Literal:
        return Kind(parts)
    if origin is list:
        return Kind(_kind(parts[0], []).words, several=True)
    if annotation in (int, float):
        return Kind(number=True, **_limits(limits))
    return Kind(words=_words(limits), switch=annotation is bool)


def _words(limits: list[Any]) -> tuple[str, ...]:
    return tuple(word for limit in limits if isinstance(limit, Words) for word in limit.of)


def _limits(limits: list[Any]) -> dict[str, Any]:
    known = {key: getattr(limit, key) for limit in limits for key in ("ge", "gt", "le") if hasattr(limit, key)}
    return {"low": known.get("ge", known.get("gt")), "high": known.get("le"), "above": "gt" in known}
