"""What the wall says in words, if asked: what the machine takes the viewer for."""

from narcissus.scenes.mirror.seen import Seen
from narcissus.scenes.wording import Wording


def captions(seen: Seen, words: Wording) -> dict[int, str]:
    """A line for everybody of whom guesses are to be told, by the person's number, from left to right."""
    people = sorted(seen.company, key=lambda one: one.face.box.centre[0])
    return {one.person: guessed(one.guesses, words) for one in people if one.guesses is not None}


def guessed(guesses: dict[str, float], words: Wording) -> str:
    """One line: what the machine takes the viewer for, with how sure it is.

    An expression that it has no word for, "other", is left out: beside a gender it would be read as one.
    """
    female = guesses["female"]
    gender, sure = (words.woman, female) if female >= 0.5 else (words.man, 1 - female)
    parts = [words.age.format(years=round(guesses["age"])), gender.format(sure=round(100 * sure))]
    expressions = {name: value for name, value in guesses.items() if name not in ("age", "female")}
    expression = max(expressions, key=expressions.__getitem__)
    if (said := getattr(words.expressions, expression, None)) is not None:
        parts.append(said.format(sure=round(100 * expressions[expression])))
    return words.sees.format(guesses=", ".join(parts))
