"""The camera's controls, read back and compared with the settings."""

from collections.abc import Mapping

from narcissus.core.journal import Journal
from narcissus.core.sections import Camera

POWER_LINES = {0: None, 50: 1, 60: 2}  # Hz -> the value of Video4Linux's control; 0 leaves it as it is


def compare(name: str, got: Mapping[str, object], asked: Camera, journal: Journal) -> None:
    """Say once what the camera gives, and where its controls read back otherwise than they were set."""
    wanted = {
        "exposure": None if asked.exposure == "auto" else asked.exposure,
        "white balance": None if asked.white_balance == "auto" else asked.white_balance,
        "power line": POWER_LINES[asked.power_line],
    }
    refused = [
        f"{control} {value} was set, {got.get(control, 'nothing')} is read back"
        for control, value in wanted.items()
        if value is not None and got.get(control) != value
    ]
    if refused:
        journal.fault("camera controls", f"{name}: {'; '.join(refused)}")
    else:
        journal.recovered("camera controls")
    journal.news("camera", f"{name} gives " + ", ".join(f"{control} {value}" for control, value in got.items()))
