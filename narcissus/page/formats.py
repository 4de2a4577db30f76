"""A picture file's size and end, read from its headers alone: JPEG (T.81), PNG (W3C, third edition), WebP (RFC 9649).

A file must be one picture from its first byte to its last: what is two kinds of file at once, or carries something
behind its end, is refused, whatever a decoder would make of it.
"""

import re
import struct
from collections.abc import Callable

from narcissus.page.refusal import NOT_A_PICTURE, UNREADABLE, RequestRefused

JPEG, PNG, WEBP = b"\xff\xd8\xff", b"\x89PNG\r\n\x1a\n", b"RIFF"
FRAMES = {*range(0xC0, 0xD0)} - {0xC4, 0xC8, 0xCC}  # SOF0 to SOF15; the others are tables
END, SCAN = 0xD9, 0xDA
SCANNED = re.compile(rb"\xff[^\x00\xd0-\xd7\xff]")  # the next marker behind a scan; stuffed bytes and restarts are none


def size_of(data: bytes) -> tuple[int, int]:
    """Width and height in pixels, unturned, of a whole JPEG, PNG or WebP. Raises RequestRefused for anything else."""
    try:
        width, height, end = _reader(data)(data)
    except (struct.error, IndexError, ValueError):
        raise RequestRefused(
            UNREADABLE, "The picture is damaged or cut short; send a whole JPEG, PNG or WebP file."
        ) from None
    if end != len(data):
        what = "is cut short" if end > len(data) else "has something else behind its end"
        raise RequestRefused(UNREADABLE, f"The picture {what}; send a whole JPEG, PNG or WebP file and nothing more.")
    return width, height


def _reader(data: bytes) -> Callable[[bytes], tuple[int, int, int]]:
    """What reads width, height and end of this kind of file."""
    if data.startswith(JPEG):
        return _jpeg
    if data.startswith(PNG):
        return _png
    if data.startswith(WEBP) and data[8:12] == b"WEBP":
        return _webp
    raise RequestRefused(NOT_A_PICTURE, "That is not a picture the page can read; send a JPEG, PNG or WebP file.")


def _jpeg(data: bytes) -> tuple[int, int, int]:
    at, size = 2, None
    while data[at + 1] != END:
        marker, length = struct.unpack_from(">xBH", data, at)
        if data[at] != 0xFF or length < 2:
            raise ValueError
        if marker in FRAMES:
            height, width = struct.unpack_from(">xHH", data, at + 4)
            size = width, height
        at += 2 + length
        if marker == SCAN:
            found = SCANNED.search(data, at)
            if found is None:
                raise ValueError
            at = found.start()
        while data[at + 1] == 0xFF:  # fill bytes before a marker
            at += 1
    if size is None:
        raise ValueError
    return *size, at + 2


def _png(data: bytes) -> tuple[int, int, int]:
    kind, width, height = struct.unpack_from(">4sII", data, 12)
    if kind != b"IHDR":
        raise ValueError
    at = len(PNG)
    while True:
        length, kind = struct.unpack_from(">I4s", data, at)
        at += 12 + length
        if kind == b"IEND":
            return width, height, at


def _webp(data: bytes) -> tuple[int, int, int]:
    (length,) = struct.unpack_from("<I", data, 4)
    kind, body = data[12:16], data[20:30]
    if kind == b"VP8 " and body[3:6] == b"\x9d\x01\x2a":
        width, height = (side & 0x3FFF for side in struct.unpack_from("<HH", body, 6))
    elif kind == b"VP8L" and body[0] == 0x2F:
        (bits,) = struct.unpack_from("<I", body, 1)
        width, height = (bits & 0x3FFF) + 1, (bits >> 14 & 0x3FFF) + 1
    elif kind == b"VP8X":
        width, height = (1 + int.from_bytes(body[at : at + 3], "little") for at in (4, 7))
        body[9]  # an IndexError where the header is cut
    else:
        raise ValueError
    return width, height, 8 + length + length % 2
