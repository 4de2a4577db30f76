"""What the page's tests need: a network of chance, small pictures, a pool that answers at once, and a real page."""

import io
import os
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path

import numpy as np
from conftest import ROOT
from PIL import Image
from ports import free_port

from narcissus.page.refusal import RequestRefused, busy


def chance_model(folder: Path, seed: int = 0) -> Path:
    """A colour model of the shipping shape that has learned nothing, stored as the trained one is."""
    import keras

    from narcissus.networks.colour import store
    from narcissus.networks.colour.network import build
    from narcissus.networks.learned import weights_of

    keras.utils.set_random_seed(seed)
    centres = np.array([(a, b) for a in range(-40, 61, 10) for b in range(-60, 71, 10)], np.float32)
    weights = weights_of(build(len(centres)))
    weights["colours/kernel"] = weights["colours/kernel"] * 6  # decided, if wrongly: something is to be seen
    weights["prior/kernel"] = np.random.default_rng(seed).normal(0, 2, weights["prior/kernel"].shape)
    facts = {"slices": [], "limits": {}}
    store.save(folder / "chance.npz", store.Model(weights, centres, 0.4, facts), "CC0-1.0", {"made by": "chance"})
    return folder / "chance.npz"


def photograph(width: int, height: int, seed: int = 0, kind: str = "JPEG", **how) -> bytes:
    """A soft picture of chance, as a file."""
    coarse = np.random.default_rng(seed).integers(0, 256, (12, 16, 3), np.uint8)
    file = io.BytesIO()
    Image.fromarray(coarse).resize((width, height), Image.Resampling.BICUBIC).save(file, kind, **how)
    return file.getvalue()


def as_file(image: np.ndarray, kind: str = "PNG", **how) -> bytes:
    """uint8 (H, W, 3) -> a file's bytes."""
    file = io.BytesIO()
    Image.fromarray(image).save(file, kind, **how)
    return file.getvalue()


class EchoPool:
    """A pool that answers with what it was asked."""

    full = False

    def __init__(self) -> None:
        self.asked: list[tuple[bytes, float | None]] = []

    async def ask(self, data, temperature):
        self.asked.append((bytes(data), temperature))
        return b"answered"


class FullPool:
    full = True

    async def ask(self, data, temperature):
        raise busy(2)


class RefusingPool:
    full = False

    async def ask(self, data, temperature):
        raise RequestRefused(422, "damaged")


class Page:
    """The real page in a process of its own."""

    def __init__(self, model: Path, *words: str, before: tuple[str, ...] = (), program: Path | None = None) -> None:
        self.port = free_port()
        self.address = f"http://127.0.0.1:{self.port}"
        script = program or ROOT / "scripts" / "page.py"
        command = [*before, sys.executable, str(script), "--port", str(self.port), "--model", str(model), *words]
        environment = os.environ | {"PYTHONDONTWRITEBYTECODE": "1"}
        self.process = subprocess.Popen(
            command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=environment, start_new_session=True
        )

    def __enter__(self) -> "Page":
        self.said = self.process.stdout.readline()  # once it is served, or when it has ended
        return self

    def __exit__(self, *_) -> None:
        if self.process.poll() is None:
            os.killpg(self.process.pid, signal.SIGTERM)
        self.rest = self.process.communicate(timeout=60)

    def ask(self, data: bytes, address: str = "/assume", **headers: str) -> tuple[int, bytes]:
        """Status and body; the headers are those of the page itself, but for those given."""
        usual = {"Content-Type": "image/jpeg", "Origin": self.address}
        return fetch(self.address + address, data, usual | {name.replace("_", "-"): h for name, h in headers.items()})


def fetch(address: str, data: bytes | None = None, headers: dict[str, str] | None = None) -> tuple[int, bytes]:
    request = urllib.request.Request(address, data, headers or {})
    try:
        with urllib.request.urlopen(request, timeout=120) as answer:
            return answer.status, answer.read()
    except urllib.error.HTTPError as refusal:
        return refusal.code, refusal.read()


def wait(condition, seconds: float) -> bool:
    end = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > end:
            return False
        time.sleep(0.05)
    return True


async def call(
    app, method: str = "POST", path: str = "/assume", chunks=(b"x",), query: str = "", pause=None, **headers
):
    """One request spoken to an ASGI application: status, headers and body. `pause` is awaited before every chunk."""
    named = {name.replace("_", "-"): value for name, value in headers.items() if value is not None}
    scope = {
        "type": "http",
        "method": method,
        "path": path,
        "query_string": query.encode(),
        "headers": [(name.encode(), value.encode()) for name, value in named.items()],
    }
    left = list(chunks)

    async def receive():
        if pause is not None:
            await pause()
        chunk = left.pop(0) if left else b""
        return {"type": "http.request", "body": chunk, "more_body": bool(left)}

    heard = []

    async def send(message):
        heard.append(message)

    await app(scope, receive, send)
    told = {name.decode(): value.decode() for name, value in heard[0]["headers"]}
    return heard[0]["status"], told, b"".join(message.get("body", b"") for message in heard[1:])
