"""OSC: every live setting can be turned and is told back; whatever else arrives is one line and the mirror goes on."""

import logging
import socket
import struct
import time

import numpy as np
import pytest
from conftest import ROOT
from osc_wall import FINE, Wall
from ports import free_port
from pythonosc.osc_message import OscMessage

from narcissus.app.settings import LIVE, Settings, checked, flat, load
from narcissus.app.tuning.addresses import (
    FPS,
    FREEZE,
    HEARD,
    PRESENCE,
    PRESET,
    RECORD,
    SETTINGS,
    TELL,
    VIEWER,
    address_of,
)
from narcissus.app.tuning.kinds import kind_of
from narcissus.app.tuning.osc import AT_ONCE, MOST_FAULTS, SILENT, Osc
from narcissus.app.tuning.packets import packed
from narcissus.app.tuning.presence import GONE
from narcissus.core.errors import ConfigError
from narcissus.core.journal import Journal
from narcissus.core.sections import Osc as Asked
from narcissus.core.types import Box, Face, Frame, Picture
from narcissus.scenes.mirror.seen import Seen, Shown

FACE = Face(np.full((68, 2), 4711.5, np.float32), Box(0, 0, 8, 8), 1)


@pytest.fixture(autouse=True)
def journal(caplog):
    caplog.set_level(logging.INFO)  # of everybody: python-osc would speak in the root's name
    return lambda: [record.getMessage() for record in caplog.records]


@pytest.fixture
def wall():
    made = Wall()
    yield made
    made.close()


def another(name):
    """A value of a live setting that is not its default."""
    if LIVE[name].annotation is bool:
        return 1
    texts = ("dream", "all", "de", "beside", "fill", "cubic", "#102030", "off", "younger", "orthochromatic", "split")
    for value in (0.3, 90, 30.0, 2.0, *texts):
        try:
            here = checked(name, value)
        except ConfigError:
            continue
        if here != flat(Settings())[name]:
            return value
    raise AssertionError(name)


@pytest.mark.parametrize("name", SETTINGS.values())
def test_every_live_setting_can_be_turned_and_is_told_to_everybody(wall, journal, name):
    value = another(name)
    wall.send(address_of(name), value)
    _, turned = wall.pass_by()
    assert flat(turned)[name] == value
    assert wall.told() == {address_of(name): pytest.approx(value) if isinstance(value, float) else value}
    assert journal() == []


def test_what_was_sent_as_0_7_is_0_7(wall):
    wall.send("/narcissus/mirror/calm", 0.7)
    assert wall.pass_by()[1].scenes.mirror.calm == 0.7


def test_two_programs_the_keys_and_a_preset_agree_on_one_value(wall):
    wall.send("/narcissus/mirror/exaggeration", 0.5)
    wall.pass_by()
    commands = wall.tuning.hear(["more"])
    assert wall.tuning.turn(commands, 0.1).scenes.mirror.exaggeration == 0.6
    wall.osc.step(0)
    assert wall.told() == {"/narcissus/mirror/exaggeration": pytest.approx(0.6)}
    wall.send("/narcissus/mirror/exaggeration", 0.9)
    wall.send("/narcissus/mirror/exaggeration", 0.2)
    assert wall.pass_by()[1].scenes.mirror.exaggeration == 0.2, "the last who spoke"
    assert wall.told() == {"/narcissus/mirror/exaggeration": pytest.approx(0.2)}


def test_what_changes_nothing_is_not_told_so_that_two_programs_do_not_echo_for_ever(wall):
    wall.send("/narcissus/mirror/exaggeration", 0.5)
    wall.pass_by()
    (value,) = wall.told().values()
    wall.send("/narcissus/mirror/exaggeration", value)
    assert wall.pass_by()[1] is None
    assert wall.told() == {}


@pytest.mark.parametrize("asked", ["quiet", 1, 1.0])
def test_a_preset_is_chosen_by_name_or_number(wall, asked):
    wall.send(PRESET, asked)
    turned = wall.pass_by()[1]
    assert (turned.scenes.mirror.exaggeration, turned.scenes.mirror.calm) == (0.4, 0.9)
    told = wall.told()
    assert told.pop(PRESET) == "quiet"
    assert told == {"/narcissus/mirror/exaggeration": pytest.approx(0.4), "/narcissus/mirror/calm": pytest.approx(0.9)}
    assert wall.said == ["quiet"]


def test_a_released_button_chooses_nothing(wall, journal):
    wall.send(PRESET, 0.0)
    assert wall.pass_by() == ([], None)
    assert journal() == []


def test_a_preset_and_what_follows_it_are_done_in_that_order(wall):
    wall.send(PRESET, "bold")
    wall.send("/narcissus/mirror/exaggeration", 0.1)
    assert wall.pass_by()[1].scenes.mirror.exaggeration == 0.1
    wall.send("/narcissus/mirror/exaggeration", 0.2)
    wall.send(PRESET, "bold")
    assert wall.pass_by()[1].scenes.mirror.exaggeration == 1.8


def test_freezing_is_said_as_it_is_meant_whoever_asks(wall):
    wall.send(FREEZE, 1)
    assert wall.pass_by()[0] == ["freeze"]
    assert wall.told() == {FREEZE: 1}
    wall.send(FREEZE, True)
    assert wall.pass_by()[0] == []
    assert wall.tuning.hear(["freeze"]) == ["thaw"]
    wall.osc.step(0)
    assert wall.told() == {FREEZE: 0}


def test_a_film_is_begun_and_ended_from_elsewhere(wall):
    wall.send(RECORD, 1)
    assert wall.pass_by() == (["record"], None)
    wall.send(RECORD, 0.0)
    assert wall.pass_by() == (["stop recording"], None)
    assert wall.pass_by() == ([], None)


def test_who_comes_late_may_ask_for_everything(wall):
    wall.send(TELL)
    wall.pass_by()
    told = wall.told()
    assert told.keys() == {*SETTINGS, FREEZE, PRESENCE}
    assert told["/narcissus/mirror/exaggeration"] == 1.0


def seen(moment, viewer=True):
    image = np.full((8, 8, 3), 99, np.uint8)
    faces = (FACE,) if viewer else ()
    latent = np.full(4, 0.777, np.float32) if viewer else None
    behind = Seen(Frame(image, moment), faces, FACE if viewer else None, latent, 0.9, {"age": 31.0})
    state = (behind, Shown(np.ones(4, np.float32)))
    return Picture(image, moment if viewer else None, captions=("age 31",) if viewer else (), state=state)


def test_presence_is_told_when_it_changes_and_pictures_once_a_second(wall):
    told = []
    for n in range(240):
        moment = n / 60
        wall.tuning.presented(seen(moment, viewer=1.0 <= moment < 2.0 and n % 10), moment)
        wall.osc.step(0)
        told += [(round(moment, 1), *pair) for pair in wall.told().items()]
    assert [(moment, value) for moment, address, value in told if address == PRESENCE] == [
        (0.0, 0), (1.0, 1), (2.6, 0),
    ]  # fmt: skip
    rates = [value for _, address, value in told if address == FPS]
    assert rates == [pytest.approx(60.0)] * 3
    assert GONE < 1


def test_a_camera_that_hangs_is_nobody_there(wall):
    for n in range(120):
        wall.tuning.presented(seen(0.0), n / 60)
    wall.osc.step(0)
    assert wall.told()[PRESENCE] == 0


def test_nothing_of_a_viewer_leaves_but_presence(wall):
    """Also the bytes themselves: no landmark, no colour, no latent, no guess."""
    wall.send(TELL)
    for n in range(200):
        wall.tuning.presented(seen(n / 60), n / 60)
        wall.tuning.turn(wall.tuning.hear([]), n / 60)
    heard = []
    wall.osc._mouth.close()
    wall.osc._mouth = type("Mouth", (), {"sendto": lambda _, data, to: heard.append(data), "close": lambda _: None})()
    wall.osc.step(0)
    assert {OscMessage(data).address for data in heard} == {*SETTINGS, FREEZE, PRESENCE, FPS}
    for value in (4711.5, 0.777, 31.0):
        assert not any(struct.pack(">f", value) in data for data in heard)


WRONG = [
    (("/narcissus/exagerration", 1.0), "unknown; did you mean /narcissus/mirror/exaggeration?"),
    (("/camera/1", 1.0), "unknown; docs/tuning.md has them all"),
    (("/narcissus/mirror/exaggeration", "much"), "'scenes.mirror.exaggeration' should be a number, not 'much'"),
    (("/narcissus/mirror/exaggeration", 7.0), "should be less than or equal to 2, not 7.0"),
    (("/narcissus/mirror/exaggeration", float("nan")), "should be a finite number, not nan"),
    (("/narcissus/mirror/exaggeration", float("inf")), "should be a finite number, not inf"),
    (("/narcissus/mirror/exaggeration", True), "should be a number, not True"),
    (("/narcissus/mirror/exaggeration",), "takes one argument, not 0"),
    (("/narcissus/mirror/exaggeration", 1.0, 2.0), "takes one argument, not 2"),
    (("/narcissus/screen/rotation", 45), "should be 0, 90, 180 or 270, not 45"),
    (("/narcissus/mirror/guesses", 0.5), "should be 0 or 1, not 0.5"),
    (("/narcissus/mirror/guesses", "yes"), "should be 0 or 1, not 'yes'"),
    ((PRESET, "loud"), "no such preset: 'loud'; there are 1 (quiet), 2 (bold)"),
    ((PRESET, 3), "no such preset: 3"),
    ((PRESET, -1), "no such preset: -1"),
    ((FREEZE, 2), "should be 0 or 1, not 2"),
    (("/narcissus/source", "demo"), "unknown"),
    ((PRESENCE, 1), "is told by the mirror, and not heard"),
]


@pytest.mark.parametrize(("message", "said"), WRONG, ids=lambda case: str(case)[:40])
def test_what_is_wrong_is_one_line_however_often_it_comes(wall, journal, message, said):
    for _ in range(50):
        wall.send(*message)
    assert wall.pass_by() == ([], None)
    assert len(journal()) == 1
    assert said in journal()[0]


def test_who_was_refused_hears_what_holds_instead(wall):
    wall.send("/narcissus/mirror/exaggeration", 7.0)
    wall.pass_by()
    assert wall.told() == {"/narcissus/mirror/exaggeration": 1.0}


def test_good_and_bad_in_turn_are_still_one_line_until_it_has_long_been_silent(wall, journal):
    for n in range(100):
        wall.send("/narcissus/mirror/exaggeration", 0.5 if n % 2 else "much")
        wall.pass_by()
    assert len(journal()) == 1
    wall.now += SILENT + 1
    wall.pass_by()
    wall.send("/narcissus/mirror/exaggeration", "much")
    assert [line for line in journal() if "much" in line] == [journal()[0]] * 2


def test_a_flood_of_addresses_is_no_flood_of_lines(wall, journal):
    for n in range(1000):
        wall.send(f"/{n}/\n{'x' * 500}", n)
    assert len(journal()) == MOST_FAULTS + 1
    assert all(len(line) < 200 and "\n" not in line for line in journal())


def test_the_values_that_go_out_are_of_the_kinds_every_program_reads():
    kinds = {value: OscMessage(packed("/a", value)).params for value in (True, 0.5, 90, "quiet")}
    assert kinds == {True: [1], 0.5: [0.5], 90: [90], "quiet": ["quiet"]}
    assert b",i" in packed("/a", True)


def opened(journal, **asked):
    osc = Osc.open(Settings(osc=Asked(enabled=True, **asked)), Journal())
    if osc is not None:
        osc.close()
    return osc, journal()


def test_a_text_that_is_sent_is_one_line_of_the_journal_and_moves_no_terminal(wall, journal):
    wall.send("/narcissus/rotoscope/filter", "\x1b[31m\n" + "x" * 300)
    wall.pass_by()
    wall.tuning.turn([], 100.0)
    (line,) = [line for line in journal() if line.startswith("settings: ")]
    assert "scenes.rotoscope.filter" in line
    assert line.isprintable()
    assert len(line) < 200


def test_listening_beyond_this_machine_is_said(journal):
    _, said = opened(journal, listen=f"0.0.0.0:{free_port()}", send_to=["192.0.2.7:9001", "127.0.0.1:9001"])
    assert any("whoever reaches 0.0.0.0" in line for line in said)
    assert any(line.startswith("osc: 192.0.2.7:9001 is told over the network") for line in said)


def test_on_this_machine_alone_there_is_nothing_to_warn_of(journal):
    _, said = opened(journal, listen=f"127.0.0.1:{free_port()}")
    assert len(said) == 1


def test_by_default_there_is_no_osc_and_its_address_is_this_machine():
    assert Osc.open(Settings(), Journal()) is None
    assert Settings().osc.listen.startswith("127.0.0.1:")


def test_what_cannot_be_sent_is_one_line(wall, journal):
    class Deaf:
        def sendto(self, data, target):
            raise OSError(101, "Network is unreachable")

        def close(self):
            pass

    wall.osc._mouth.close()
    wall.osc._mouth = Deaf()
    for _ in range(5):
        wall.send(TELL)
        wall.pass_by()
    assert len(journal()) == len(wall.programs)
    assert "cannot be sent (Network is unreachable)" in journal()[0]


def test_a_flood_takes_no_more_than_a_tenth_of_the_time(wall, monkeypatch):
    """However much arrives, a step takes in so much, and then rests nine times as long as it worked."""
    paused = []
    monkeypatch.setattr("narcissus.app.tuning.osc.time.sleep", paused.append)
    receive = wall.osc.receive

    def slowly(packet):
        wall.now += 0.001
        receive(packet)

    wall.osc.receive = slowly
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as line:
        for _ in range(10 * AT_ONCE):
            line.sendto(b"rubbish", ("127.0.0.1", wall.osc.port))
    wall.osc.step(0)
    assert paused == [pytest.approx(AT_ONCE * 0.001 * 9)]


def test_packets_that_really_arrive_are_heard():
    wall = Wall()
    with wall.tuning, socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as line:
        line.sendto(FINE, ("127.0.0.1", wall.osc.port))
        turned = (wall.tuning.turn(wall.tuning.hear([]), 0.0) or time.sleep(0.001) for _ in range(10_000))
        assert next(filter(None, turned)).scenes.mirror.exaggeration == 0.5
    wall.close()


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("osc: {listen: here}", "line 1: 'osc.listen' should be such as 127.0.0.1:9000"),
        ("osc: {listen: 127.0.0.1:99999}", "a port from 1 to 65535"),
        ("osc: {listen: 'localhost:9000'}", "should be such as 127.0.0.1:9000"),
        ("osc: {send_to: [10.0.0.1]}", "'osc.send_to' should be such as"),
        ("osc: {on: true}", "a key must be a word"),
    ],
)
def test_a_wrong_address_in_the_settings_is_refused(tmp_path, line, said):
    (tmp_path / "config.yaml").write_text(line)
    with pytest.raises(ConfigError, match="line 1") as refused:
        load(tmp_path / "config.yaml")
    assert said in str(refused.value)


def test_the_table_in_the_docs_is_what_the_code_hears_and_tells():
    page = (ROOT / "docs" / "tuning.md").read_text()
    rows = [line.split("|")[1:-1] for line in page.splitlines() if line.startswith("| `/narcissus/")]
    rows = [cells for cells in rows if VIEWER not in cells[0]]  # what scenes measure: test_osc_out.py
    table = {cells[0].strip().strip("`"): cells[1].strip() for cells in rows}
    assert set(table) == {*HEARD, PRESENCE, FPS}
    takes = {address: str(kind_of(name)) for address, name in SETTINGS.items()}
    wrong = {address: said for address, said in takes.items() if table[address] != said}
    assert not wrong, f"docs/tuning.md should say {wrong}"
