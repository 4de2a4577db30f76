"""Section "mirror": everything at once, as it hangs on the wall, on one viewer's video or on the imaginary viewer."""

import json
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

from benchmark.processes import finished
from benchmark.rows import Absent, Options, Row
from narcissus.core.files import HOME

CLIPS = ("man_480", "room_720p")


def rows(options: Options) -> Iterator[Row]:
    seconds = 8 if options.quick else 15
    sources = {name: options.shared / "viewers" / f"{name}.mp4" for name in CLIPS} if options.shared else {}
    for name, source in {**sources, "imaginary viewer": "demo"}.items():
        yield Row("mirror", f"64 px, {name}", whole(str(source), seconds))
    if options.quick:
        yield Row("mirror", "128 px", note="skipped by --quick")
    else:
        source = next(iter(sources.values()), "demo")
        yield Row("mirror", "128 px", middling(str(source), seconds), "random weights: a mirror that learned nothing")


def whole(source: str, seconds: float) -> dict[str, float]:
    """run_mirror.py in a process of its own, and what its report says."""
    with tempfile.TemporaryDirectory() as folder:
        ran = finished(["run_mirror.py", "--source", source, "--offscreen", folder, "--seconds", str(seconds)], HOME)
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


def middling(source: str, seconds: float) -> dict[str, float]:
    """The same parts around a 128 px network, in a process of its own: threads are set once in a process."""
    code = f"from benchmark.hanging import hang; hang({source!r}, {seconds})"
    paths = f"import sys; sys.path[:0] = {[str(HOME), str(HOME / 'scripts')]!r}; "
    ran = subprocess.run([sys.executable, "-c", paths + code], capture_output=True, text=True)
    if ran.returncode:
        raise Absent(f"the 128 px mirror ended with {ran.returncode}: {ran.stderr.strip().splitlines()[-1:]}")
    return told(json.loads(ran.stdout.splitlines()[-1]))
