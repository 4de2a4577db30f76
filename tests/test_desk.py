"""The desk as its own process beside a wall: what one hand turns all are told, and strangers are let in nowhere."""

import asyncio
import socket
from pathlib import Path

import psutil
import pytest
from desk_parts import Desk, LiveWall, Socket, wall_and_desk
from page_parts import fetch, wait
from pythonosc.osc_message_builder import build_msg

from narcissus.app.desk import controls
from narcissus.core.errors import ConfigError
from narcissus.page.desk import Present, new_token
from narcissus.page.limits import USUAL
from narcissus.page.server import Address, bound

CALM = "scenes.mirror.calm"


@pytest.fixture(scope="module")
def room(tmp_path_factory):
    """A wall and a desk beside it."""
    with wall_and_desk(tmp_path_factory.mktemp("wall")) as both:
        yield both


@pytest.fixture
def hands(room):
    """Two browsers of one desk."""
    _, desk = room
    pair = [Socket(desk.port, "/hand", desk.token) for _ in range(2)]
    for one in pair:
        while "values" not in one.told():
            pass
    yield pair
    for one in pair:
        one.close()


def until(hand, name, value):
    """The news in which a setting has this value: raises where none comes within ten seconds."""
    while hand.told().get("values", {}).get(name) != value:
        pass


def test_what_one_browser_turns_the_other_the_wall_and_osc_are_told(room, hands):
    wall, _ = room
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as ear:
        ear.bind(("127.0.0.1", wall.tell))
        ear.settimeout(10)
        assert hands[0].ask(ask="set", values={CALM: 0.125})["refused"] == {}
        for hand in hands:
            until(hand, CALM, 0.125)
        while ear.recv(4096) != build_msg("/narcissus/mirror/calm", [0.125]).dgram:
            pass
    assert wall.settings.scenes.mirror.calm == 0.125


def test_what_osc_the_file_and_a_preset_turn_every_browser_is_told(room, hands):
    wall, _ = room
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as mouth:
        mouth.sendto(build_msg("/narcissus/mirror/calm", [0.75]).dgram, ("127.0.0.1", wall.listen))
        for hand in hands:
            until(hand, CALM, 0.75)
    wall.path.write_text(wall.path.read_text() + "framing: {zoom: 2.5}\n")
    for hand in hands:
        until(hand, "framing.zoom", 2.5)
    hands[0].ask(ask="choose", name="bold")
    for hand in hands:
        until(hand, "scenes.mirror.exaggeration", 1.8)


def test_a_new_browser_is_told_all_there_is_to_turn(room):
    _, desk = room
    told = {}
    hand = Socket(desk.port, "/hand", desk.token)
    while not {"controls", "values", "presets", "health"} <= told.keys():
        told |= hand.told()
    assert {control["name"] for control in told["controls"]} == told["values"].keys()
    assert told["health"]["on_wall"] == "a band"
    hand.close()


def test_a_browser_that_is_opened_later_is_offered_what_was_made_meanwhile(room, hands, tmp_path, monkeypatch):
    _, desk = room
    (tmp_path / "models" / "filters" / "made-now").mkdir(parents=True)
    (tmp_path / "models" / "filters" / "made-now" / "filter.npz").touch()
    monkeypatch.setattr(controls, "HOME", tmp_path)
    hand = Socket(desk.port, "/hand", desk.token)
    assert wait(lambda: any("made-now" in one["words"] for one in hand.told().get("controls", ())), 30)
    hand.close()


@pytest.mark.parametrize(
    "stranger",
    [
        {"token": None},
        {"token": "guessed"},
        {"origin": "http://evil.example"},
        {"origin": "null"},
        {"origin": None},
        {"origin": "http://["},
        {"host": "evil.example", "origin": "http://evil.example"},
        {"host": "evil.example:{port}", "origin": "http://evil.example:{port}"},
        {"host": "127.0.0.1.evil.example:{port}", "origin": "http://127.0.0.1.evil.example:{port}"},
    ],
    ids=str,
)
@pytest.mark.parametrize("path", ["/hand", "/wall"])
def test_strangers_are_let_in_nowhere(room, path, stranger):
    _, desk = room
    words = {key: value and value.format(port=desk.port) for key, value in stranger.items()}
    assert not Socket(desk.port, path, **({"token": desk.token} | words)).let_in


def test_whoever_has_the_link_is_let_in(room):
    """The control of the test above."""
    _, desk = room
    assert all(Socket(desk.port, path, desk.token).let_in for path in ("/hand", "/wall"))


def test_a_page_of_another_name_is_not_even_given_the_files(room):
    _, desk = room
    address = f"http://127.0.0.1:{desk.port}"
    assert fetch(address, headers={"Host": f"evil.example:{desk.port}"})[0] == 403
    status, page = fetch(address)
    assert status == 200
    assert desk.token.encode() not in page


def test_a_message_that_is_too_long_ends_its_line_and_nothing_else(room, hands):
    hands[0].say("x" * (USUAL.message + 1))
    assert hands[0].closed() == 1009
    assert hands[1].ask(ask="set", values={CALM: 0.5})["refused"] == {}


@pytest.mark.parametrize(
    "text",
    ["", "[]", "{", '{"ask": "quit"}', '{"ask": "present"}', "[" * 9000, '{"ask": "set", "values": {"a": 1e999}}'],
)
def test_nonsense_is_answered_in_words_and_the_line_stays(hands, text):
    hands[0].say(text)
    assert hands[0].ask(ask="set", values={})["refused"] == {}


def test_the_desk_outlives_the_wall_and_finds_the_next_one(tmp_path, monkeypatch):
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(tmp_path))
    with Desk("--beside") as desk:
        hand = Socket(desk.port, "/hand", desk.token)
        assert hand.told()["away"] is True
        assert hand.ask(ask="choose", name="bold")["fault"] == "the wall is away"
        for _ in range(2):
            with LiveWall(tmp_path):
                while hand.told().get("away") is not False:
                    pass
            while hand.told().get("away") is not True:
                pass
    assert desk.process.returncode == 0
    assert desk.rest[1] == ""


class Faulty:
    """A line to a wall that answers once with a fault."""

    def __init__(self) -> None:
        self.asked = []

    async def ask(self, question):
        self.asked.append(question["ask"])
        if len(self.asked) == 1:
            return {"fault": "config.yaml: cannot be read"}, b""
        return {"controls": [], "revision": 1}, b""


def test_a_wall_that_answers_with_a_fault_is_away_until_it_answers_well(monkeypatch):
    monkeypatch.setattr("narcissus.page.desk.AGAIN", 0.0)
    line = Faulty()
    _, told = asyncio.run(Present(line).after(0))
    assert told == {"away": False, "controls": [], "revision": 1}
    assert line.asked == ["controls", "controls", "present"]


def test_nobody_but_this_machine_can_reach_it(room):
    _, desk = room
    lines = [line for lines in psutil.net_if_addrs().values() for line in lines if line.family == socket.AF_INET]
    for name in {line.address for line in lines if not line.address.startswith("127.")}:
        with pytest.raises((ConnectionRefusedError, TimeoutError)):
            socket.create_connection((name, desk.port), 2).close()


def test_a_port_that_is_taken_is_said(room):
    _, desk = room
    with pytest.raises(ConfigError, match=f"port {desk.port}"):
        bound(Address(port=desk.port))


def test_it_starts_the_mirror_where_none_runs_and_ends_with_it(tmp_path, monkeypatch):
    """A mirror that is refused at once says so itself, and its exit code is the desk's."""
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(tmp_path))
    with Desk("--config", str(tmp_path / "none.yaml")) as desk:
        assert desk.link
        assert wait(lambda: desk.process.poll() is not None, 60)
    assert desk.process.returncode == 78
    assert "none.yaml: cannot be read" in desk.rest[1]


def test_a_browser_is_started_with_a_file_of_this_user_alone_and_without_the_token(tmp_path, monkeypatch):
    """Whoever lists the processes of this machine reads what a browser was started with."""
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(tmp_path))
    browser, started = tmp_path / "browser", tmp_path / "started"
    browser.write_text(f'#!/bin/sh\necho "$@" > {started}.part && mv {started}.part {started}\n')
    browser.chmod(0o700)
    with Desk("--beside", browser=browser) as desk:
        assert wait(started.exists, 60)
        words = started.read_text()
        assert desk.token not in words
        path = Path(words.strip().removeprefix("file://"))
        assert path.stat().st_mode & 0o777 == 0o600
        assert desk.link in path.read_text()
        assert fetch(desk.link)[0] == 200  # it hears signals now
    assert not path.exists()


def test_the_link_is_another_one_each_time():
    assert len({new_token() for _ in range(100)}) == 100
