"""Section "mirror": everything at once, as it hangs on the wall, on one viewer's video or on the imaginary viewer."""

import json
import tempfile
from collections.abc import Iterator
from pathlib import Path

from benchmark.processes import finished
from benchmark.rows import Options, Row
from narcissus.core.files import HOME

CLIPS = ("man_480", "room_720p")
GENERATORS = {"narcissus-128": 128, "fast": 64}


def rows(options: Options) -> Iterator[Row]:
    seconds = 8 if options.quick else 15
    sources = {name: options.shared / "viewers" / f"{name}.mp4" for name in CLIPS} if options.shared else {}
    for generator, size in GENERATORS.items():
        for name, source in {**sources, "imaginary viewer": "demo"}.items():
            yield Row("mirror", f"{size} px, {name}", whole(str(source), seconds, generator))


def whole(source: str, seconds: float, generator: str) -> dict[str, float]:
    """run_mirror.py in a process of its own, and what its report says."""
    with tempfile.TemporaryDirectory() as folder:
        flags = ["--source", source, "--generator", generator, "--offscreen", folder, "--seconds", str(seconds)]
        ran = finished(["run_mirror.py", *flags], HOME)
        report = json.loads((Path(folder) / "report.json").read_text())
    return told(report) | {"most memory, GB": ran.most_memory / 1e9}


def told(report: dict) -> dict[str, float]:
    return {
        "reflections a second": report["reflections_per_second"],
        "latency, ms": report["latency_ms"]["p50"],
        "95 %": report["latency_ms"]["p95"],
        "render, ms": report["stages_ms"]["render"]["p50"],
        "find, ms": report["stages_ms"].get("find", {}).get("p50"),
        "cores busy": report["cores_busy"],
        "first picture after, s": report.get("first_picture_s"),
    }
