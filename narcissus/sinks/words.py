"""What the window says in words, when asked: help and timings."""

from collections.abc import Sequence

HELP = (
    "Esc or q  leave",
    "f  fullscreen",
    "c  what the camera sees",
    "t  timings",
    "s  save the reflection",
    "r  record the reflections",
    "space  freeze",
    "k  keep the visitor in the middle (creatures)",
    "up, down  more or less of what the work does",
    "h  this help",
)


def helped(presets: Sequence[str]) -> list[str]:
    """What the keys do, each preset by its name."""
    return [*HELP, *(f"{number}  {name}" for number, name in enumerate(presets, 1))]


def timings(report: dict) -> list[str]:
    """The figures of report.json as short lines."""
    latency = report["latency_ms"]
    lines = [
        f"{_number(report['reflections_per_second'])} reflections a second, screen {_number(report['screen_fps'])}",
        f"latency {_number(latency['p50'])} ms, 95 % under {_number(latency['p95'])} ms",
    ]
    if step := report.get("latent_step_degrees"):
        lines.append(f"latent per 1/30 s: {_number(step['median'])}°, at most {_number(step['max'])}°")
    for name, taken in report["stages_ms"].items():
        lines.append(f"{name} {_number(taken['p50'])} ms, 95 % under {_number(taken['p95'])} ms")
    return lines


def _number(value: float | None) -> str:
    return "–" if value is None else f"{value:g}"
