#!/usr/bin/env python
"""How fast the page answers, and how much memory a crowd leaves behind: the real page, on this machine, now.

examples:
  python scripts/measure_page.py                       100 uploads from 8 clients at once, on all cores
  python scripts/measure_page.py --workers 1 --uploads 40

The portrait is one that the generator draws. Answers a second and core come from the seconds of processor that an
answer takes, so they hold on a busy machine too; seconds of the clock do not, and the load stands beside them.
"""

import argparse
import json
import os
import socket
import statistics
import subprocess
import sys
import time
import urllib.error
import urllib.request
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import psutil

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from narcissus.core.flags import natural  # noqa: E402

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

GENERATOR = ROOT / "models" / "pg_gan" / "utk-64.npz"
COPY, LARGE = (576, 768), (3000, 4000)  # width and height: what the page sends, and twelve megapixels
WARM = 8  # uploads before anything is measured


def main(words: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--model", default="pile", help="as scripts/page.py has it (default %(default)s)")
    parser.add_argument("--workers", type=natural, default=len(os.sched_getaffinity(0)))
    parser.add_argument("--uploads", type=natural, default=100)
    parser.add_argument("--clients", type=natural, default=8)
    asked = parser.parse_args(words)
    portrait = drawn()
    small, large = jpeg(portrait, COPY), jpeg(portrait, LARGE)
    server, address = started(asked)
    try:
        print(json.dumps(measured(server, address, small, large, asked), indent=1))
    except (urllib.error.URLError, KeyboardInterrupt) as fault:
        print(f"measure_page: stopped ({type(fault).__name__})", file=sys.stderr)
        return 1
    finally:
        server.terminate()
        server.wait()
    return 0


def measured(server: psutil.Process, address: str, small: bytes, large: bytes, asked: argparse.Namespace) -> dict:
    crowd = lambda count: together(address, [small] * count, asked.clients)
    crowd(WARM)
    ask(address, large)
    single, heavy = alone(server, address, large)
    copies, light = alone(server, address, small)
    before, processor, start = memory(server), busy(server), time.monotonic()
    statuses = crowd(asked.uploads)
    seconds = time.monotonic() - start
    return {
        "load": os.getloadavg()[0],
        "cores": len(os.sched_getaffinity(0)),
        "workers": asked.workers,
        "12 megapixels: seconds (median of 5)": round(statistics.median(single), 3),
        "12 megapixels: seconds of processor": round(heavy, 3),
        "12 megapixels: bytes": len(large),
        "the page's own copy: seconds (median of 5)": round(statistics.median(copies), 3),
        "the page's own copy: bytes": len(small),
        "the page's own copy: seconds of processor": round(light, 3),
        "seconds of processor an answer, in the crowd": round((busy(server) - processor) / statuses.count(200), 3),
        "answers a second and core": round(statuses.count(200) / (busy(server) - processor), 2),
        "answered": statuses.count(200),
        "politely refused": statuses.count(503),
        "otherwise": len(statuses) - statuses.count(200) - statuses.count(503),
        "seconds for all": round(seconds, 1),
        "memory before, MB": before >> 20,
        "memory grown, MB": (memory(server) - before) >> 20,
    }


def drawn():
    """uint8 (64, 64, 3) RGB: a face that nobody has."""
    import numpy as np

    from narcissus.networks.pggan import Generator

    generator = Generator.load(GENERATOR)
    return generator.render(np.random.default_rng(0).standard_normal((4, generator.latent_size)).astype(np.float32))[3]


def jpeg(image, size: tuple[int, int]) -> bytes:
    """The portrait in the middle of a grey wall, with the grain that a camera adds."""
    import cv2
    import numpy as np

    width, height = size
    wall = np.full((height, width, 3), 110, np.uint8)
    top = (height - width) // 2
    wall[top : top + width] = cv2.resize(image[..., ::-1], (width, width), interpolation=cv2.INTER_CUBIC)
    grain = np.random.default_rng(0).normal(0, 4, (height, width, 1))
    return cv2.imencode(".jpg", np.clip(wall + grain, 0, 255).astype(np.uint8))[1].tobytes()


def started(asked: argparse.Namespace) -> tuple[psutil.Process, str]:
    with socket.create_server(("127.0.0.1", 0)) as line:
        port = line.getsockname()[1]
    words = ["--port", str(port), "--workers", str(asked.workers), "--model", asked.model]
    server = psutil.Popen([sys.executable, ROOT / "scripts" / "page.py", *words], stdout=subprocess.PIPE, text=True)
    if not server.stdout.readline():
        sys.exit(server.wait())
    return server, f"http://127.0.0.1:{port}"


def ask(address: str, picture: bytes) -> int:
    headers = {"Content-Type": "image/jpeg", "Origin": address}
    try:
        with urllib.request.urlopen(
            urllib.request.Request(f"{address}/assume", picture, headers), timeout=300
        ) as answer:
            answer.read()
            return answer.status
    except urllib.error.HTTPError as refusal:
        return refusal.code


def alone(server: psutil.Process, address: str, picture: bytes) -> tuple[list[float], float]:
    """Seconds of the clock of five answers, one after the other, and of processor on average."""
    processor = busy(server)
    seconds = [timed(address, picture) for _ in range(5)]
    return seconds, (busy(server) - processor) / len(seconds)


def timed(address: str, picture: bytes) -> float:
    start = time.monotonic()
    status = ask(address, picture)
    if status != 200:
        sys.exit(f"measure_page: the portrait was not answered ({status})")
    return time.monotonic() - start


def together(address: str, pictures: list[bytes], clients: int) -> list[int]:
    with ThreadPoolExecutor(clients) as crowd:
        return list(crowd.map(lambda picture: ask(address, picture), pictures))


def family(server: psutil.Process) -> list[psutil.Process]:
    return [server, *server.children(recursive=True)]


def memory(server: psutil.Process) -> int:
    """Bytes resident of server and workers."""
    return sum(process.memory_info().rss for process in family(server))


def busy(server: psutil.Process) -> float:
    """Seconds of processor that server and workers have taken."""
    return sum(sum(process.cpu_times()[:2]) for process in family(server))


if __name__ == "__main__":
    sys.exit(main())
