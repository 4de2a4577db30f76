"""What is no whole picture is refused from its headers, before a pixel of it is unfolded."""

import struct

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from page_parts import photograph

from narcissus.page.formats import size_of
from narcissus.page.limits import USUAL
from narcissus.page.refusal import NOT_A_PICTURE, TOO_LARGE, UNREADABLE, RequestRefused
from narcissus.page.worker import judge_size

KINDS = {
    "jpeg": ("JPEG", {}),
    "progressive": ("JPEG", {"progressive": True}),
    "restarts": ("JPEG", {"restart_marker_blocks": 4}),
    "png": ("PNG", {}),
    "webp": ("WEBP", {}),
    "lossless webp": ("WEBP", {"lossless": True}),
    "webp with metadata": ("WEBP", {"xmp": b"<x/>"}),
}


def refused(data: bytes) -> RequestRefused:
    with pytest.raises(RequestRefused) as caught:
        size_of(data)
    assert "\n" not in caught.value.reason
    return caught.value


@pytest.mark.parametrize("name", KINDS)
def test_the_size_is_read_from_the_header(name):
    kind, how = KINDS[name]
    assert size_of(photograph(321, 123, kind=kind, **how)) == (321, 123)


@pytest.mark.parametrize("name", KINDS)
def test_a_picture_cut_short_anywhere_is_refused(name):
    kind, how = KINDS[name]
    whole = photograph(64, 48, kind=kind, **how)
    for end in range(1, len(whole), max(1, len(whole) // 80)):
        assert refused(whole[:end]).status in (UNREADABLE, NOT_A_PICTURE)


@pytest.mark.parametrize("name", KINDS)
@pytest.mark.parametrize("tail", [b"PK\x03\x04 an archive", b"<script>alert(1)</script>", b"\xff\xd9", b"\0"])
def test_a_picture_that_is_something_else_behind_its_end_is_refused(name, tail):
    kind, how = KINDS[name]
    assert refused(photograph(64, 48, kind=kind, **how) + tail).status == UNREADABLE


@pytest.mark.parametrize(
    "head",
    [
        b"GIF89a",
        b"%PDF-1.7",
        b"%!PS-Adobe",
        b"II*\0",
        b"BM",
        b"<svg xmlns='http://www.w3.org/2000/svg'/>",
        b"RIFF\x10\0\0\0WAVE",
        b"\x7fELF",
    ],
)
def test_what_is_no_jpeg_png_or_webp_is_refused(head):
    assert refused(head + photograph(64, 48)).status == NOT_A_PICTURE


def test_nothing_is_no_picture():
    assert refused(b"").status == NOT_A_PICTURE


@pytest.mark.parametrize(("width", "height"), [(30_000, 30_000), (30_000, 8), (8, 30_000), (6_000, 5_000)])
def test_too_many_pixels_are_refused_by_the_header_alone(width, height):
    size = size_of(png_bomb(width, height))
    assert size == (width, height)
    with pytest.raises(RequestRefused, match="too many") as caught:
        judge_size(size, USUAL)
    assert caught.value.status == TOO_LARGE


def test_twelve_megapixels_are_not_too_many():
    judge_size((4000, 3000), USUAL)
    judge_size((3000, 4000), USUAL)


@given(st.binary(max_size=200), st.sampled_from([b"\xff\xd8\xff", b"\x89PNG\r\n\x1a\n", b"RIFF\0\0\0\0WEBP", b""]))
@settings(max_examples=300, deadline=None)
def test_whatever_the_bytes_are_the_answer_is_a_size_or_one_line(tail, head):
    try:
        said = "{}×{}".format(*size_of(head + tail))
    except RequestRefused as refusal:
        said = refusal.reason
    assert said.isprintable()


def png_bomb(width: int, height: int) -> bytes:
    """A PNG of a few bytes that claims a size."""
    chunk = lambda kind, body: struct.pack(">I", len(body)) + kind + body + b"\0\0\0\0"
    head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", b"\0") + chunk(b"IEND", b"")
