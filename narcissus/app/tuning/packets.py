"""OSC packets as messages. Whatever a network may deliver is either read or refused with Malformed.

python-osc reads and builds the messages. Bundles are taken apart here, because there a negative size never ends, and
tags of a kind that no setting takes are refused before it logs a line for each. Time tags are not waited for.
"""

import struct
from collections.abc import Iterable
from typing import Any

from pythonosc.osc_message import OscMessage, ParseError
from pythonosc.osc_message_builder import OscMessageBuilder
from pythonosc.parsing import osc_types

LARGEST = 8192  # bytes of a packet
MOST = 64  # messages of one packet
DEEPEST = 4  # bundles within bundles
BUNDLE = b"#bundle\0"
HEAD = len(BUNDLE) + 8  # with the time tag
TAGS = frozenset("ihfdsTF")  # whole numbers, numbers, texts and truth values


class Malformed(ValueError):
    """Says in a few words what is wrong with the packet."""


def messages(packet: bytes) -> list[tuple[str, list[Any]]]:
    """The address and the arguments of every message of a packet, in order. Raises Malformed."""
    if len(packet) > LARGEST:
        raise Malformed(f"larger than {LARGEST} bytes")
    parts = _unpacked(packet, 0)
    if len(parts) > MOST:
        raise Malformed(f"more than {MOST} messages in one packet")
    return [_message(part) for part in parts]


def _unpacked(packet: bytes, depth: int) -> list[bytes]:
    """The messages of bundles within bundles."""
    if not packet.startswith(BUNDLE):
        return [packet]
    if depth == DEEPEST:
        raise Malformed("bundles within bundles without end")
    parts, start = [], HEAD
    if len(packet) < HEAD:
        raise Malformed("a bundle that is cut off")
    while start < len(packet):
        size = struct.unpack_from(">i", packet, start)[0] if start + 4 <= len(packet) else 0
        start += 4
        if size <= 0 or size % 4 or start + size > len(packet):
            raise Malformed("a bundle that is cut off")
        parts += _unpacked(packet[start : start + size], depth + 1)
        start += size
    return parts


def _message(data: bytes) -> tuple[str, list[Any]]:
    if not data.startswith(b"/"):
        raise Malformed("neither an OSC message nor a bundle")
    try:
        _, end = osc_types.get_string(data, 0)
        tags = osc_types.get_string(data, end)[0] if end < len(data) else ","
        if not TAGS.issuperset(tags[1:]):
            raise Malformed("arguments that are neither numbers nor texts")
        message = OscMessage(data)
    except (ParseError, osc_types.ParseError, UnicodeDecodeError):
        raise Malformed("an OSC message that is cut off or broken") from None
    return message.address, message.params


def packed(address: str, value: bool | int | float | str) -> bytes:
    """A message with one argument; truth values go out as 1 and 0, which every program understands."""
    builder = OscMessageBuilder(address)
    kind = "s" if isinstance(value, str) else "f" if isinstance(value, float) else "i"
    builder.add_arg(int(value) if kind == "i" else value, kind)
    return builder.build().dgram


def bundled(messages: Iterable[bytes]) -> bytes:
    """Messages as one bundle, to be obeyed at once (OSC 1.0: the time tag is 1)."""
    parts = [struct.pack(">i", len(message)) + message for message in messages]
    return BUNDLE + struct.pack(">Q", 1) + b"".join(parts)
