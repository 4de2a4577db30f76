"""The wall for other processes: the newest picture to whoever asks, nothing queued, and no viewer without consent."""

import asyncio
import io
import json
import os
import stat
import time
from contextlib import ExitStack

import numpy as np
import pytest
from hanging import Wall
from PIL import Image
from starlette.applications import Starlette

from narcissus.core.permit import REFUSED, Permit
from narcissus.core.types import Picture
from narcissus.core.wire import HEAD, packed, runtime_folder
from narcissus.page.guard import Guard
from narcissus.page.wall import LENGTH, Away, Line, Pictures, wall_route
from narcissus.sinks.publishing import Publisher, publish
from narcissus.sinks.small_wall import LARGEST

HOST = [(b"host", b"127.0.0.1:8100"), (b"origin", b"http://127.0.0.1:8100")]


@pytest.fixture
def path(tmp_path):
    return tmp_path / "wall.sock"


@pytest.fixture
def wall(path):
    with Publisher(path, Permit(live=True), lambda asked: {"heard": asked}) as publisher:
        yield publisher


def picture(level=100, height=64, width=64, **more) -> Picture:
    return Picture(np.full((height, width, 3), level, np.uint8), **more)


def asked(path, **question):
    return asyncio.run(Line(path).ask(question))


def test_whoever_asks_gets_the_newest_picture_small_and_what_the_work_tells(wall, path):
    for level in range(50):
        wall.put(picture(level, 1024, 700, told={"creature": "Ada"}), time.monotonic())
    told, blob = asked(path, ask="picture", after=0)
    image = Image.open(io.BytesIO(blob))
    assert image.size == (438, LARGEST)
    assert abs(int(np.asarray(image).mean()) - 49) <= 1
    assert (told["number"], told["told"]) == (50, {"creature": "Ada"})


def test_every_other_question_is_answered_by_the_house(wall, path):
    assert asked(path, ask="settings") == ({"heard": {"ask": "settings"}}, b"")


def test_a_picture_of_a_live_viewer_is_refused_with_the_reason(wall, path):
    wall.put(picture(shows_viewer=True, captions=("about 30 years",)), 1.0)
    told, blob = asked(path, ask="picture", after=0)
    assert (told["refused"], blob) == (REFUSED, b"")
    assert "30" not in json.dumps(told | {"number": 0, "rate": 0})


def test_where_all_have_agreed_it_is_shown(path):
    with Publisher(path, Permit(live=True, agreed=True)) as wall:
        wall.put(picture(shows_viewer=True), 1.0)
        assert asked(path, ask="picture", after=0)[1]


def test_only_its_owner_may_open_the_socket_and_it_is_gone_in_the_end(path):
    with Publisher(path, Permit()):
        assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert not path.exists()


def test_a_socket_that_a_killed_mirror_left_is_no_hindrance_and_a_living_mirror_is_not_robbed(path, caplog):
    with Publisher(path, Permit()) as first:
        os.link(path, path.with_name("left"))
        first.put(picture(), 1.0)
        with Publisher(path, Permit()) as second:
            second.put(picture(), 1.0)
        assert "another mirror is there" in caplog.text
        assert asked(path, ask="picture", after=0)[1]
    os.rename(path.with_name("left"), path)
    with Publisher(path, Permit()) as third:
        third.put(picture(), 1.0)
        assert asked(path, ask="picture", after=0)[1]


def test_a_reader_that_takes_nothing_and_one_that_talks_nonsense_hold_up_nobody(wall, path):
    async def crowd():
        wall.put(picture(), 1.0)
        held = []
        for words in (packed({"ask": "picture"}) * 5, b"GET / HTTP/1.1\r\n\r\n", HEAD.pack(1 << 30, 0)):
            _, writer = await asyncio.open_unix_connection(path)
            writer.write(words)
            held.append(writer)
        answer = await Line(path).ask({"ask": "picture", "after": 0})
        for writer in held:
            writer.close()
        return answer

    assert asyncio.run(crowd())[1]


def test_the_wall_is_taken_down_in_silence_though_somebody_still_looks_on(path, caplog):
    async def look(wall):
        line = Line(path)
        await line.ask({"ask": "picture", "after": 0})
        await asyncio.to_thread(wall.__exit__)
        with pytest.raises(Away):
            await line.ask({"ask": "picture", "after": 0})

    wall = Publisher(path, Permit()).__enter__()
    wall.put(picture(), 1.0)
    asyncio.run(look(wall))
    assert caplog.records == []


def test_nothing_is_encoded_while_nobody_asks(wall):
    for _ in range(100):
        wall.put(picture(), time.monotonic())
    assert wall._encoded[0] == 0


def test_the_display_shows_the_same_with_and_without_it(path):
    shown = Wall()
    with ExitStack() as parts:
        both = publish(shown, path, Permit(live=True), parts)
        one = picture(shows_viewer=True)
        both.show(one)
        both.obey("freeze")
    assert shown.shown == [one]
    assert shown.obeyed == ["freeze"]


def test_the_folder_belongs_to_this_user_alone(tmp_path):
    folder = runtime_folder({"XDG_RUNTIME_DIR": str(tmp_path)})
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    folder.chmod(0o755)
    with pytest.raises(PermissionError, match="remove it"):
        runtime_folder({"XDG_RUNTIME_DIR": str(tmp_path)})


class Browser:
    """A WebSocket spoken to an application: what it was sent."""

    def __init__(self, app, headers=HOST) -> None:
        self.sent, self.questions = asyncio.Queue(), asyncio.Queue()
        self.questions.put_nowait({"type": "websocket.connect"})
        scope = {"type": "websocket", "path": "/wall", "headers": headers, "query_string": b"", "subprotocols": []}
        self.task = asyncio.create_task(app(scope, self.questions.get, self.sent.put))

    async def next(self):
        """What the next picture is said to be, and its bytes."""
        self.questions.put_nowait({"type": "websocket.receive", "text": "next"})
        while (sent := await asyncio.wait_for(self.sent.get(), 5))["type"] != "websocket.send":
            assert sent["type"] == "websocket.accept"
        (length,) = LENGTH.unpack_from(sent["bytes"])
        return json.loads(sent["bytes"][4 : 4 + length]), sent["bytes"][4 + length :]


def on_the_page(path):
    return Guard(Starlette(routes=[wall_route(Pictures(path))]), ())


def test_many_browsers_share_a_picture_and_one_that_asks_nothing_more_is_sent_nothing(wall, path):
    async def look():
        app = on_the_page(path)
        crowd, idle = [Browser(app) for _ in range(20)], Browser(app)
        for browser in (*crowd, idle):
            await browser.next()
        wall.put(picture(200), time.monotonic())
        shown = await asyncio.gather(*(browser.next() for browser in crowd))
        return shown, idle.sent.empty()

    shown, nothing_more = asyncio.run(look())
    assert all(told["number"] == 1 and picture for told, picture in shown)
    assert nothing_more


def test_a_wall_that_is_away_is_said_and_found_again(path):
    async def look():
        browser = Browser(on_the_page(path))
        assert (await browser.next())[0] == {"away": True}
        with Publisher(path, Permit()) as wall:
            wall.put(picture(), 1.0)
            while not (shown := await browser.next())[1]:
                assert shown[0] == {"away": True}
        return shown[0]

    assert asyncio.run(look())["number"] == 1


@pytest.mark.parametrize(
    "headers",
    [HOST[:1], [HOST[0], (b"origin", b"http://evil.example")], [(b"host", b"evil.example"), (b"origin", b"http://evil.example")]],
    ids=["no origin", "another's page", "another name for this machine"],
)  # fmt: skip
def test_a_strangers_page_is_not_let_in(path, headers):
    async def knock():
        browser = Browser(on_the_page(path), headers)
        return await asyncio.wait_for(browser.sent.get(), 5)

    assert asyncio.run(knock()) == {"type": "websocket.close"}


def test_nobody_there_is_said_to_whoever_asks(path):
    with pytest.raises(Away):
        asked(path, ask="settings")
