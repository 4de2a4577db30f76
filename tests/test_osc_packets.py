"""OSC packets, whole and broken: each is taken, or said in one line, and nothing escapes."""

import logging
import struct

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from osc_wall import FINE, Wall
from pythonosc.osc_bundle_builder import IMMEDIATELY, OscBundleBuilder
from pythonosc.osc_message_builder import build_msg

from narcissus.app.settings import Settings
from narcissus.app.tuning.addresses import HEARD
from narcissus.app.tuning.packets import BUNDLE, MOST, Malformed, messages


@pytest.fixture(autouse=True)
def journal(caplog):
    caplog.set_level(logging.INFO)  # of everybody: python-osc would speak in the root's name
    return lambda: [record.getMessage() for record in caplog.records]


@pytest.fixture
def wall():
    made = Wall()
    yield made
    made.close()


def bundle(*parts):
    data = BUNDLE + struct.pack(">Q", 1)
    for part in parts:
        data += struct.pack(">i", len(part)) + part
    return data


def test_a_bundle_is_its_messages_and_is_not_waited_for(wall):
    later = OscBundleBuilder(2_000_000_000)
    later.add_content(build_msg("/narcissus/mirror/exaggeration", [0.5]))
    inner = OscBundleBuilder(IMMEDIATELY)
    inner.add_content(build_msg("/narcissus/mirror/calm", [0.1]))
    later.add_content(inner.build())
    wall.osc.receive(later.build().dgram)
    turned = wall.pass_by()[1]
    assert (turned.scenes.mirror.exaggeration, turned.scenes.mirror.calm) == (0.5, 0.1)


ENDLESS = BUNDLE + struct.pack(">Qi", 1, -4)  # python-osc reads this size for ever
BROKEN = [
    b"", b"hello", b"/", b"/narcissus/mirror/exaggeration", FINE[:-6], b"/\xff\xff\xff\0\0\0\0", BUNDLE, ENDLESS,
    bundle(FINE)[:-4], bundle(b""), bundle(FINE) + b"\0", bundle(b"abcd"),
    bundle(bundle(bundle(bundle(bundle(FINE))))), bundle(*[FINE] * (MOST + 1)), b"/" + b"a" * 9000 + b"\0",
    b"/a\0\0,[[[", b"/a\0\0,[i]\0\0\0\0\0\0\0\1", b"/a\0\0,Z\0\0", b"/a\0\0,b\0\0\xff\xff\xff\xf0", b"/a\0\0i\0\0\0",
]  # fmt: skip


@pytest.mark.parametrize("packet", BROKEN, ids=lambda packet: str(packet[:30]))
def test_a_packet_that_cannot_be_read_is_one_line(wall, journal, packet):
    for _ in range(50):
        wall.osc.receive(packet)
    assert wall.pass_by() == ([], None)
    (line,) = journal()
    assert line.startswith("osc packet: ")


TEXTS = st.text(st.characters(exclude_characters="\0", exclude_categories=("Cs",)), max_size=8)
NUMBERS = st.one_of(st.integers(-(2**31), 2**31 - 1), st.floats(width=32), st.booleans())
ARGUMENTS = st.lists(st.one_of(NUMBERS, TEXTS), max_size=3)
MESSAGES = st.builds(
    lambda address, arguments: build_msg(address, arguments).dgram, st.sampled_from([*HEARD, "/x"]), ARGUMENTS
)
PACKETS = st.one_of(
    st.binary(max_size=200),
    st.binary(max_size=100).map(lambda data: b"/" + data),
    st.binary(max_size=100).map(lambda data: BUNDLE + data),
    MESSAGES,
    st.lists(MESSAGES, max_size=4).map(lambda parts: bundle(*parts)),
    st.builds(lambda data, at, byte: data[:at] + bytes([byte]) + data[at + 1 :], MESSAGES, st.integers(0, 60),
              st.integers(0, 255)),
)  # fmt: skip


@example(packet=ENDLESS)
@settings(max_examples=300, deadline=None)
@given(packet=PACKETS)
def test_whatever_arrives_it_is_taken_or_said_in_one_line_and_nothing_escapes(packet):
    wall = FUZZED
    wall.journal._faults.clear()
    wall.osc._faults.clear()
    before = wall.tuning.settings
    wall.osc.receive(packet)
    wall.tuning.turn(wall.tuning.hear([]), 0.0)
    after = wall.tuning.settings
    assert Settings.model_validate(after.model_dump(mode="python")) == after, "what was taken is valid"
    try:
        count = len(messages(packet))
    except Malformed:
        assert (after, len(wall.journal.faults)) == (before, 1)
    else:
        assert len(wall.journal.faults) <= count


FUZZED = Wall()
