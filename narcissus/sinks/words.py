"""What the screen says in words, when asked: help, timings, and what the machine takes the viewer for."""

from narcissus.core.types import Observation

HELP = (
    "Esc or q  leave",
    "f  fullscreen",
    "c  what the camera sees",
    "t  timings",
    "s  save the reflection",
    "r  record the reflections",
    "space  freeze",
    "up, down  exaggeration",
    "1 to 9  presets",
    "h  this help",
)


def timings(report: dict) -> list[str]:
    """The figures of report.json as short lines."""
    step, latency = report["latent_step_degrees"], report["latency_ms"]
    lines = [
        f"{_number(report['reflections_per_second'])} reflections a second, screen {_number(report['screen_fps'])}",
        f"latency {_number(latency['p50'])} ms, 95 % under {_number(latency['p95'])} ms",
        f"latent per 1/30 s: {_number(step['median'])}°, at most {_number(step['max'])}°",
    ]
    for name, taken in report["stages_ms"].items():
        lines.append(f"{name} {_number(taken['p50'])} ms, 95 % under {_number(taken['p95'])} ms")
    return lines


def guessed(observation: Observation) -> list[str]:
    """A line for everybody of whom guesses are to be told, from left to right."""
    people = [(one.face.box.centre[0], one.guesses) for one in observation.company] or [(0.0, observation.guesses)]
    return [guesses(told) for _, told in sorted(people, key=lambda one: one[0]) if told is not None]


def guesses(guessed: dict[str, float]) -> str:
    """One line for the wall: what the machine takes the viewer for, with how sure it is."""
    female = guessed["female"]
    gender, sure = ("a woman", female) if female >= 0.5 else ("a man", 1 - female)
    expressions = {name: value for name, value in guessed.items() if name not in ("age", "female")}
    expression = max(expressions, key=expressions.__getitem__)
    parts = [
        f"about {guessed['age']:.0f} years",
        f"{gender} ({sure:.0%})",
        f"{expression} ({expressions[expression]:.0%})",
    ]
    return "The machine sees: " + ", ".join(parts)


def _number(value: float | None) -> str:
    return "–" if value is None else f"{value:g}"
