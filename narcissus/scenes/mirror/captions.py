"""What the wall says in words, if asked: what the machine takes the viewers for."""

from narcissus.scenes.mirror.seen import Seen


def captions(seen: Seen) -> tuple[str, ...]:
    """A line for everybody of whom guesses are to be told, from left to right."""
    people = [(one.face.box.centre[0], one.guesses) for one in seen.company] or [(0.0, seen.guesses)]
    return tuple(guessed(told) for _, told in sorted(people, key=lambda one: one[0]) if told is not None)


def guessed(guesses: dict[str, float]) -> str:
    """One line: what the machine takes the viewer for, with how sure it is."""
    female = guesses["female"]
    gender, sure = ("a woman", female) if female >= 0.5 else ("a man", 1 - female)
    expressions = {name: value for name, value in guesses.items() if name not in ("age", "female")}
    expression = max(expressions, key=expressions.__getitem__)
    parts = [
        f"about {guesses['age']:.0f} years",
        f"{gender} ({sure:.0%})",
        f"{expression} ({expressions[expression]:.0%})",
    ]
    return "The machine sees: " + ", ".join(parts)
