"""A visitor's code: four plain words, drawn by the operating system's own chance, and written nowhere.

256 words make 32 bits of four. Who guesses through the page has a few tries a minute, for everybody together, so that
to hit one of 96 visitors takes years and they stay for hours; who has stolen the file pays scrypt's 50 ms for each.
The words are common, differ early, and can be said across a loud room.
"""

import secrets
from functools import cache
from pathlib import Path

COUNT = 4


@cache
def words() -> tuple[str, ...]:
    return tuple(Path(__file__).with_name("words.txt").read_text().split())


def new_code() -> str:
    """Such as "amber kettle prism walnut"."""
    return " ".join(secrets.choice(words()) for _ in range(COUNT))


def is_code(text: str) -> bool:
    """Whether it could be one, however it is spaced and written: nothing else is worth a slow hash."""
    said = text.lower().replace("-", " ").split()
    return len(said) == COUNT and all(word in words() for word in said)


def spoken(code: str) -> str:
    """As an address carries it: "amber-kettle-prism-walnut"."""
    return "-".join(code.lower().replace("-", " ").split())
