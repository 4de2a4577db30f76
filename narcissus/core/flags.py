"""The kinds of numbers that a command takes: what cannot be meant is refused where it is typed, in one line."""

import argparse

LARGEST_SEED = 2**32 - 1  # of scikit-learn and of NumPy's older generators


def natural(text: str) -> int:
    """A whole number from 1 up."""
    return _whole(text, least=1)


def seed(text: str) -> int:
    """A whole number from which chance begins, 0 to 2**32 - 1."""
    return _whole(text, least=0, most=LARGEST_SEED)


def _whole(text: str, least: int, most: float = float("inf")) -> int:
    asked = f"{least} or more" if most == float("inf") else f"from {least} to {most}"
    try:
        value = int(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"must be a whole number, {asked}; not {text[:40]!r}") from None
    if not least <= value <= most:
        raise argparse.ArgumentTypeError(f"must be {asked}")
    return value
