#!/usr/bin/env python
"""How quick the rotoscope is, whole: from a camera's frame to the picture on the wall, and for files.

    python scripts/measure_rotoscope.py                   every row
    python scripts/measure_rotoscope.py --only live       the scene alone; or files alone
    python scripts/measure_rotoscope.py --film FILE --filter great-wave --markdown out/rotoscope.md

Live: every frame of a film goes through the scene as a camera's would, one after the other: who is there is looked for,
the frame is steadied, lit, painted, mixed with the paint that is carried, and the picture drawn. Its film is
../shared/viewers/room_720p.mp4, or the imaginary viewer. Files: scripts/rotoscope.py with a drawn photograph of 24
megapixels, and with 72 frames of the same film at 1920 × 1080 (the time of the first 24, start included, taken off).
`ms` is the median by the clock, `processor` that of the processor's time, all threads together.
"""

import argparse
import os
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

HOME = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(HOME))
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import numpy as np  # noqa: E402

LIVE = (("camera", 384, "≥ 25"), ("camera", 512, "≥ 18"), ("reflection", 512, ""))
WARM, FRAMES = 20, 90  # frames that do not count, and that do
SHORT, LONG = 24, 72  # frames of the films
PHOTOGRAPH = 4000, 6000  # pixels
ROW = "| {} | {} | {} |"


def main(words: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--only", choices=("live", "files"), help="one half of it")
    parser.add_argument("--film", type=Path, default=HOME.parent / "shared" / "viewers" / "room_720p.mp4")
    parser.add_argument("--filter", default="starry-night", help="default: %(default)s")
    parser.add_argument("--markdown", type=Path, metavar="FILE", help="write the table there, too")
    asked = parser.parse_args(words)

    from narcissus.core.files import write_whole

    before = os.getloadavg()[0]
    table = [ROW.format("", "reached", "asked"), "|---|---:|---:|"]
    for row in rows(asked):
        print(row, flush=True)
        table.append(row)
    said = f"`{asked.filter}`, {os.cpu_count()} cores, whose load was {before:.1f} before."
    print(said)
    if asked.markdown:
        write_whole(asked.markdown, "\n".join([*table, "", said, ""]))
    return 0


def rows(asked: argparse.Namespace) -> Iterator[str]:
    if asked.only != "files":
        for of, size, wanted in LIVE:
            clock, processor = scene_of(of, size, asked)
            told = f"{1000 / clock:.1f} ({clock:.0f} ms; {processor:.0f} ms processor)"
            yield ROW.format(f"pictures a second, of the {of}, size {size}", told, wanted)
    if asked.only != "live":
        seconds, memory = photograph(asked)
        yield ROW.format(
            "a photograph of 24 megapixels, start included", f"{seconds:.0f} s, {memory:.2f} GB", "≤ 60 s, 2 GB"
        )
        yield ROW.format("frames a second of a film of 1920 × 1080", f"{film(asked):.1f}", "≥ 2")


def scene_of(of: str, size: int, asked: argparse.Namespace) -> tuple[float, float]:
    """Milliseconds from frame to picture: by the clock, and of the processor."""
    from narcissus.app.build import Installation
    from narcissus.app.settings import load

    settings = load(HOME / "config.yaml", source="demo", scene="rotoscope")
    mine = settings.scenes.rotoscope.model_copy(update={"of": of, "size": size, "filter": asked.filter})
    scenes = settings.scenes.model_copy(update={"rotoscope": mine})
    built = Installation(settings.model_copy(update={"scenes": scenes}))
    scene, times = built.scene(), []
    for frame in list(frames(asked.film, built)):  # decoded before: a camera's driver does that beside
        begun = time.perf_counter(), time.process_time()
        scene.draw(scene.observe(frame), frame.time)
        times.append((time.perf_counter() - begun[0], time.process_time() - begun[1]))
    return tuple(1000 * np.median(times[WARM:], axis=0))


def frames(path: Path, built) -> Iterator:
    from itertools import islice

    from narcissus.sources.demo import DemoSource
    from narcissus.sources.lockstep import Clock, every_frame

    if path.exists():
        yield from islice(every_frame(path), WARM + FRAMES)
        return
    clock, network = Clock(), built.generator
    source = DemoSource(network.render, network.latent_size, clock=clock, sleep=clock.sleep)
    yield from islice(iter(source.read, None), WARM + FRAMES)


def photograph(asked: argparse.Namespace) -> tuple[float, float]:
    """Seconds, and gigabytes of memory at most."""
    import cv2

    from narcissus.lab.style.drawings import landscape

    with tempfile.TemporaryDirectory() as folder:
        height, width = PHOTOGRAPH
        drawn = cv2.resize(landscape(1000), (width, height), interpolation=cv2.INTER_CUBIC)
        cv2.imwrite(f"{folder}/large.jpg", drawn[..., ::-1])
        return tool(Path(folder, "large.jpg"), asked.filter)


def film(asked: argparse.Namespace) -> float:
    """Frames a second, without the start."""
    with tempfile.TemporaryDirectory() as folder:
        took = [tool(large(asked.film, count, Path(folder)), asked.filter)[0] for count in (SHORT, LONG)]
    return (LONG - SHORT) / (took[1] - took[0])


def large(path: Path, count: int, folder: Path) -> Path:
    """So many frames of the film, or of nothing but a drawing, at 1920 × 1080."""
    from itertools import cycle, islice

    import cv2

    from narcissus.lab.style.drawings import landscape
    from narcissus.sources.lockstep import every_frame

    shown = (frame.image for frame in every_frame(path)) if path.exists() else cycle([landscape(1080)])
    out = folder / f"{count}.mp4"
    writer = cv2.VideoWriter(str(out), cv2.VideoWriter_fourcc(*"mp4v"), 30, (1920, 1080))
    for image in islice(shown, count):
        writer.write(cv2.resize(image, (1920, 1080), interpolation=cv2.INTER_CUBIC)[..., ::-1])
    writer.release()
    return out


def tool(path: Path, name: str) -> tuple[float, float]:
    """Seconds by the clock, and gigabytes of memory at most of any tool so far."""
    words = [sys.executable, str(HOME / "scripts" / "rotoscope.py"), str(path), "--filter", name, "--out"]
    begun = time.monotonic()
    subprocess.run([*words, str(path.parent / "out")], check=True, capture_output=True)
    return time.monotonic() - begun, resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1e6


if __name__ == "__main__":
    sys.exit(main())
