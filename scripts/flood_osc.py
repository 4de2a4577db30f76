"""Sends the real mirror OSC packets without end, whole and broken, and says what became of it.

    python scripts/flood_osc.py [--packets 200000] [--seed 0] [--report report.json]

The mirror is rehearsal.py in a process of its own. No packet is lost on the way: the next is sent when the kernel has
room for it. In the end the mirror must still take a packet, show fresh pictures, and leave with 0; and each line of its
journal must be one of ours.
"""

import argparse
import json
import random
import signal
import socket
import string
import struct
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

HOME = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(HOME))

from pythonosc.osc_message_builder import build_msg  # noqa: E402
from service_manager import Manager, wait  # noqa: E402

from narcissus.app.tuning.addresses import HEARD, address_of  # noqa: E402
from narcissus.app.tuning.packets import BUNDLE, Malformed, messages  # noqa: E402
from narcissus.core.files import write_whole  # noqa: E402
from narcissus.core.flags import natural, seed  # noqa: E402

LEFT_OUT = {address_of(name) for name in ("scene", "generator")}  # a work made anew each time is another test
ADDRESSES = sorted(set(HEARD) - LEFT_OUT)
PROOF = "/narcissus/mirror/exaggeration"  # set in the end, to see that it is still heard
VALUES = (0, 1, -1, 2**31 - 1, 0.5, 1e38, float("nan"), float("inf"), True, False, "", "off", "\x1b[31m", "x" * 300)
FULL = 64 << 10  # bytes that wait in the kernel: it takes more, and loses none of so many
OURS = "narcissus: "  # begins every line of the journal


def packets(chance: random.Random) -> Iterator[tuple[str, bytes]]:
    """Kinds in turn at random: what somebody means, what a fault on the way makes of it, and noise."""
    while True:
        kind = chance.choice(KINDS)
        yield kind.__name__.strip("_"), kind(chance)


def _message(chance: random.Random) -> bytes:
    address = (
        chance.choice(ADDRESSES) if chance.random() < 0.9 else "/" + "".join(chance.choices(string.printable, k=9))
    )
    return build_msg(address, [_value(chance) for _ in range(chance.choice((0, 1, 1, 1, 2)))]).dgram


def _value(chance: random.Random) -> object:
    if chance.random() < 0.3:
        return chance.choice(VALUES)
    return chance.choice(
        (chance.uniform(-2, 3), chance.randrange(-5, 9), "".join(chance.choices(string.printable, k=6)))
    )


def _bundle(chance: random.Random, depth: int = 0) -> bytes:
    parts = [_message(chance) for _ in range(chance.randrange(6))]
    if depth < 6 and chance.random() < 0.3:
        parts.append(_bundle(chance, depth + 1))
    return BUNDLE + struct.pack(">Q", 1) + b"".join(struct.pack(">i", len(part)) + part for part in parts)


def _damaged(chance: random.Random) -> bytes:
    data = bytearray(chance.choice((_message, _bundle))(chance))
    for _ in range(chance.randrange(1, 9)):
        data[chance.randrange(len(data))] = chance.randrange(256)
    return bytes(data)


def _cut(chance: random.Random) -> bytes:
    data = chance.choice((_message, _bundle))(chance)
    return data[: chance.randrange(len(data))]


def _noise(chance: random.Random) -> bytes:
    return chance.choice((b"", b"/", BUNDLE)) + chance.randbytes(chance.choice((0, 8, 200, 9000)))


KINDS = (_message, _bundle, _damaged, _cut, _noise)


def hostile(chance: random.Random) -> bytes:
    """A packet that nobody meant: the end is missing, or all of it is noise."""
    return chance.choice((_cut, _noise))(chance)


class Line:
    """To the mirror's port; a packet is sent when there is room for it."""

    def __init__(self, port: int) -> None:
        self.port, self._line = port, socket.socket(socket.AF_INET, socket.SOCK_DGRAM)

    def send(self, packet: bytes, patience: float = 60.0) -> bool:
        """False where the mirror takes nothing any more."""
        if not wait(lambda: self._waiting()[0] < FULL, patience):
            return False
        self._line.sendto(packet, ("127.0.0.1", self.port))
        return True

    def lost(self) -> int:
        """Packets that the kernel had no room for."""
        return self._waiting()[1]

    def _waiting(self) -> tuple[int, int]:
        """Bytes that lie in the kernel, and packets lost: proc_net_udp(5)."""
        for row in Path("/proc/net/udp").read_text().splitlines()[1:]:
            columns = row.split()
            if columns[1].endswith(f":{self.port:04X}"):
                return int(columns[4].partition(":")[2], 16), int(columns[-1])
        return 0, 0


def free_port() -> int:
    """A port of this machine on which nobody listens."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as free:
        free.bind(("127.0.0.1", 0))
        return free.getsockname()[1]


def flood(count: int, number: int) -> dict[str, object]:
    """What became of a mirror that was sent so many packets."""
    port = free_port()
    with tempfile.TemporaryDirectory() as folder:
        settings = Path(folder) / "config.yaml"
        settings.write_text(f'osc: {{enabled: true, listen: "127.0.0.1:{port}", send_to: []}}\n')
        manager = Manager(["demo"])
        manager.words = ["--config", str(settings)]
        if not manager.up():
            raise SystemExit("the mirror did not start:\n" + "\n".join(manager.stderr[-9:]))
        first, sent, line = manager.process.pid, Counter(), Line(port)
        readable, begun = 0, time.monotonic()
        for kind, packet in packets(random.Random(number)):
            if sent.total() == count or not line.send(packet):
                break
            sent[kind] += 1
            readable += _is_readable(packet)
        seconds = time.monotonic() - begun
        return {
            "packets": sent.total(),
            "kinds": dict(sent),
            "readable": readable,
            "lost_by_the_kernel": line.lost(),
            "seconds": round(seconds, 1),
            "still_hears": _hears(manager, line),
            "well": manager.well() and manager.process.pid == first,
            "longest_without_fresh_picture_s": round(manager.worst["gap"], 2),
            "exit": manager.end(signal.SIGTERM)[0],
            "lines": len(manager.stderr),
            "strange_lines": [said for said in manager.stderr if not said.startswith(OURS) or not said.isprintable()],
        }


def _is_readable(packet: bytes) -> bool:
    try:
        return bool(messages(packet))
    except Malformed:
        return False


def _hears(manager: Manager, line: Line) -> bool:
    """Whether a value that is sent now, after all that was waiting, is taken."""
    before = len(manager.stderr)
    for value in (0.31, 0.62):  # one of them is another than holds now
        line.send(build_msg(PROOF, [value]).dgram)
        wait(lambda: line._waiting()[0] == 0, 60.0)
    said = "settings: scenes.mirror.exaggeration"
    return wait(lambda: any(said in one and "0.62" in one for one in manager.stderr[before:]), 60.0)


def is_well(found: dict[str, object]) -> bool:
    return bool(found["still_hears"] and found["well"] and found["exit"] == 0 and not found["strange_lines"])


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--packets", type=natural, default=200_000)
    parser.add_argument("--seed", type=seed, default=0)
    parser.add_argument("--report", type=Path)
    asked = parser.parse_args()
    found = flood(asked.packets, asked.seed)
    if asked.report:
        write_whole(asked.report, json.dumps(found, indent=2, ensure_ascii=False) + "\n")
    print("\n".join(f"{name.replace('_', ' ')}: {value}" for name, value in found.items()))
    return int(not is_well(found) or found["packets"] != asked.packets)


if __name__ == "__main__":
    sys.exit(main())
