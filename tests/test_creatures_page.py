"""The creatures' page: trees, portraits, keep and delete by code in a body, no patience with guessing, and crowds."""

import asyncio
import json
import threading
import time
from contextlib import asynccontextmanager
from dataclasses import replace

import numpy as np
import pytest
from desk_parts import Socket
from page_parts import free_port, wait

from narcissus.breeding.genome import Genome
from narcissus.breeding.population import Population
from narcissus.colony import Colony, Creature
from narcissus.core.permit import Permit
from narcissus.core.types import Picture
from narcissus.core.wire import packed, received
from narcissus.lab.creatures import phones
from narcissus.page.album import Album
from narcissus.page.creatures import EACH, LIMITS, TOGETHER, Clerk, build
from narcissus.page.rate import MINUTE, Rate
from narcissus.page.server import Server, settings
from narcissus.page.wall import Away
from narcissus.sinks.publishing import Publisher

CODE, OTHER = "amber kettle prism walnut", "amber amber amber amber"
HOST = "127.0.0.1:8001"
OWN = ((b"host", HOST.encode()), (b"origin", f"http://{HOST}".encode()))


class Painter:
    """Draws nobody, and says who was asked for."""

    def __init__(self) -> None:
        self.asked = []

    def portrait(self, name, genome, visitors):
        self.asked.append((name, genome.founders, sorted(visitors)))
        return np.full((8, 8, 3), len(self.asked), np.uint8)


@pytest.fixture
def colony():
    """Twelve who hang there, two of them with parents, and a visitor who joined."""
    with Colony() as colony:
        population = Population.new(12, 1)
        colony.settle([Creature.of(being, cell, 100.0 + cell) for cell, being in enumerate(population.beings)])
        for number in range(2):
            birth = population.next()
            population.take(birth)
            colony.born(Creature.of(birth.being, birth.cell, 200.0 + number))
        yield colony


@pytest.fixture
def visitor(colony):
    """A visitor's name, whose own creature hangs in the first cell."""
    name = colony.join(
        np.ones(16, np.float32), {"name": "Tavi", "invented": [["kind", "moth"]], "guessed": []}, 7, CODE
    )
    colony.born(Creature(name, "", "", 7, Genome.of(name), 0, 300.0))
    return name


@pytest.fixture
def painter():
    return Painter()


@pytest.fixture
def album(colony, painter):
    return Album(colony, painter)


async def call(app, method, path, body=b"", headers=OWN, who="10.0.0.1"):
    """One request: status and body."""
    sent, scope = [], {"type": "http", "asgi": {"version": "3.0"}, "http_version": "1.1", "method": method}
    scope |= {"path": path, "raw_path": path.encode(), "query_string": b"", "headers": list(headers)}
    scope |= {"client": (who, 1), "server": ("127.0.0.1", 8001), "scheme": "http", "root_path": ""}
    parts = [{"type": "http.request", "body": body, "more_body": False}]

    async def receive():
        return parts.pop() if parts else {"type": "http.disconnect"}

    async def send(message):
        sent.append(message)

    await app(scope, receive, send)
    return sent[0]["status"], b"".join(message.get("body", b"") for message in sent[1:])


def asked(app, *words, **more):
    return asyncio.run(call(app, *words, **more))


@pytest.fixture
def page(album, tmp_path):
    return build(album, tmp_path / "wall.sock", clock=lambda: 1000.0)


def test_the_first_page_names_visitors_first_and_then_the_newest(page, visitor):
    status, body = asked(page, "GET", "/newest")
    found = json.loads(body)
    assert status == 200
    assert found[0] == {"name": visitor, "visitor": True}
    assert not any(one["visitor"] for one in found[1:])


def test_a_creature_is_told_with_its_tree_and_a_visitor_with_its_profile(page, colony, visitor):
    child = next(one for one in colony.alive() if one.mother)
    tree = json.loads(asked(page, "GET", f"/about/{child.name}")[1])["tree"]
    assert {one["name"] for one in tree["parents"]} == {child.mother, child.father}
    told = json.loads(asked(page, "GET", f"/about/{visitor}")[1])
    assert told["profile"]["name"] == "Tavi"
    assert "latent" not in json.dumps(told)
    assert asked(page, "GET", "/about/nobody")[0] == 404


def test_nobodys_latent_is_unsealed_for_what_the_page_tells(page, visitor, monkeypatch):
    unsealed = []
    monkeypatch.setattr("narcissus.colony.colony.unsealed", lambda data: unsealed.append(data) or np.ones(16, "f4"))
    for question in (f"/about/{visitor}", "/newest"):
        assert asked(page, "GET", question)[0] == 200
    assert unsealed == []
    asked(page, "GET", f"/portrait/{visitor}")
    assert unsealed != [], "the control"


def test_a_portrait_is_drawn_once_and_anew_when_somebody_in_it_was_deleted(page, colony, painter, visitor):
    first = asked(page, "GET", f"/portrait/{visitor}")
    assert first[0] == 200
    assert first[1].startswith(b"\x89PNG")
    assert asked(page, "GET", f"/portrait/{visitor}") == first
    assert len(painter.asked) == 1
    assert asked(page, "POST", "/delete", CODE.encode())[0] == 200
    assert asked(page, "GET", f"/portrait/{visitor}")[0] == 404
    assert asked(page, "GET", f"/about/{visitor}")[0] == 404
    assert colony.visitors() == []


def test_the_page_forgets_portraits_of_whoever_is_deleted(album, visitor):
    album.portrait(visitor)
    album.delete(CODE)
    assert not album._portraits


@pytest.mark.parametrize("question", ["newest", "about", "portrait"])
def test_the_page_forgets_portraits_of_whoever_the_wall_has_deleted(painter, tmp_path, question):
    with Colony(tmp_path / "wall.sqlite") as wall, Colony(tmp_path / "wall.sqlite") as colony:
        visitor = wall.join(np.ones(16, np.float32), {}, 7, CODE, until=2e11)
        heir = Creature("heir", visitor, "", 8, Genome.of(visitor), 1, 300.0)
        other = Creature("other", "", "", 9, Genome.of("#9"), 2, 300.0)
        wall.settle([Creature(visitor, "", "", 7, Genome.of(visitor), 0, 300.0), heir, other])
        album = Album(colony, painter)
        for name in (visitor, "heir", "other"):
            album.portrait(name)
        wall.expire(3e11)
        getattr(album, question)(*([] if question == "newest" else ["other"]))
        assert list(album._portraits) == ["other"]


@pytest.mark.parametrize(
    ("body", "status"),
    [
        (b"Amber-Kettle  prism walnut", 200),
        (OTHER.encode(), 404),
        (b"four words but wrong", 422),
        (b"", 422),
        (b"\xff\xfe", 422),
        (b"amber " * 100, 413),
    ],
)
def test_four_words_in_the_body_delete_and_nothing_else_does(page, colony, visitor, body, status):
    assert asked(page, "POST", "/delete", body)[0] == status
    assert (colony.visitors() == []) is (status == 200)


def test_another_site_can_neither_delete_nor_keep(page, colony, visitor):
    strange = ((b"host", HOST.encode()), (b"origin", b"http://elsewhere.example"))
    for where in ("/delete", "/keep"):
        assert asked(page, "POST", where, CODE.encode(), headers=strange)[0] == 403
    assert len(colony.visitors()) == 1


def test_guessing_is_slow_for_one_and_for_all(page, colony, visitor):
    tries = [asked(page, "POST", "/delete", OTHER.encode())[0] for _ in range(EACH + 2)]
    assert tries == [404] * EACH + [429] * 2
    assert asked(page, "POST", "/delete", CODE.encode())[0] == 429, "the right words too, from there"
    assert asked(page, "POST", "/delete", CODE.encode(), who="10.0.0.2")[0] == 200


@pytest.mark.parametrize("where", ["/keep", "/delete"])
def test_a_code_that_never_arrives_is_not_waited_for(album, tmp_path, where):
    """Enough of those who announce one and send none would take every connection."""
    port = free_port()
    app = build(album, tmp_path / "wall.sock", limits=replace(LIMITS, body_seconds=0.05))
    host = f"127.0.0.1:{port}"
    head = f"POST {where} HTTP/1.1\r\nHost: {host}\r\nOrigin: http://{host}\r\nContent-Length: 50\r\n\r\n"

    async def announced():
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(head.encode() + b"amber")
        try:
            return await asyncio.wait_for(reader.readline(), 20)
        finally:
            writer.close()

    assert asyncio.run(served(app, port, announced())).split()[1] == b"408"


def test_no_more_look_at_the_wall_than_there_is_room_for_and_whoever_leaves_makes_room(album, tmp_path):
    port = free_port()
    app = build(album, tmp_path / "nobody.sock", limits=replace(LIMITS, sockets=2))

    def look():
        first, second, third = (Socket(port, "/wall", None) for _ in range(3))
        let_in = [one.let_in for one in (first, second, third)]
        first.close()
        return let_in, wait(lambda: Socket(port, "/wall", None).let_in, 20)

    assert asyncio.run(served(app, port, asyncio.to_thread(look))) == ([True, True, False], True)


def test_a_rate_forgets_after_a_minute_and_counts_all_together():
    rate = Rate(EACH, TOGETHER)
    allowed = [rate.allowed(f"10.0.0.{n}", 0.0) for n in range(TOGETHER + 1)]
    assert allowed == [True] * TOGETHER + [False]
    assert rate.allowed("10.0.0.1", MINUTE)


@asynccontextmanager
async def wall(path, does):
    """A wall's socket that answers every question, after doing something with it."""

    async def serve(reader, writer):
        while (question := await received(reader)) is not None:
            does(question[0])
            writer.write(packed({}))
        writer.close()

    server = await asyncio.start_unix_server(serve, path)
    try:
        yield
    finally:
        server.close()


def test_a_phone_keeps_by_telling_the_wall_which_alone_knows_who_hangs_there(album, colony, tmp_path):
    path, heard = tmp_path / "wall.sock", []

    def keep(question):
        heard.append(question)
        colony.join(np.ones(16, np.float32), {"name": "Tavi", "invented": [], "guessed": []}, 7, question["code"])

    async def run():
        async with wall(path, keep):
            return await call(build(album, path), "POST", "/keep", b"amber-kettle-prism-walnut")

    status, body = asyncio.run(run())
    assert status == 200
    assert heard == [{"ask": "keep", "code": CODE}]
    assert json.loads(body)["name"] == colony.visitors()[0].name


def test_a_wall_that_is_away_is_said(page):
    assert asked(page, "POST", "/keep", CODE.encode())[0] == 503


def test_no_address_of_the_page_ever_holds_a_code():
    """What stands after # is never sent; the script takes it off, and puts it into bodies alone."""
    from narcissus.page.server import STATIC

    script = (STATIC / "creatures.js").read_text()
    assert "history.replaceState" in script
    assert 'fetch(where, { method: "POST", body: words })' in script
    assert "localStorage" not in script
    assert "cookie" not in script


NOISE = np.random.default_rng(0).integers(0, 256, (360, 640, 3), np.uint8)  # a JPEG of more than a network holds


class Lively:
    """A wall whose picture is another one each time that it is looked at."""

    def __init__(self, path) -> None:
        self._publisher, self._over = Publisher(path, Permit()), threading.Event()
        self._thread = threading.Thread(target=self._live)

    def __enter__(self):
        self._publisher.__enter__()
        self._publisher.put(Picture(NOISE.copy()), time.monotonic())  # there is one, however late the thread comes
        self._thread.start()

    def __exit__(self, *words) -> None:
        self._over.set()
        self._thread.join()
        self._publisher.__exit__(*words)

    def _live(self) -> None:
        while not self._over.wait(0.02):
            self._publisher.put(Picture(NOISE.copy()), time.monotonic())


async def served(app, port, ask):
    """What `ask` finds on the page."""
    server = Server(settings(app, LIMITS, sockets="wsproto"))
    server.config.port = port
    running = asyncio.create_task(server.serve())
    while not server.started:
        await asyncio.sleep(0.01)
    try:
        return await ask
    finally:
        server.should_exit = True
        await running


def test_slow_telephones_get_fewer_pictures_and_quick_ones_get_theirs(colony, painter, tmp_path):
    path, port = tmp_path / "wall.sock", free_port()
    with Lively(path):
        app = build(Album(colony, painter), path)
        quick, slow = asyncio.run(served(app, port, phones.crowd(port, 3, 2, 6.0)))
    assert all(one.pictures > 1 for one in quick)
    assert max(one.pictures for one in slow) < min(one.pictures for one in quick)
    assert phones.told(quick, 6.0)["told_that_the_wall_is_away"] == 0


def test_a_wall_that_is_away_is_counted(colony, painter, tmp_path):
    port = free_port()
    app = build(Album(colony, painter), tmp_path / "nobody.sock")
    looked, _ = asyncio.run(served(app, port, phones.crowd(port, 1, 0, 5.0)))
    assert looked[0].away
    assert not looked[0].pictures


def test_fifty_who_open_the_page_at_once_all_get_everything(colony, painter, tmp_path):
    """And each portrait is drawn once, whoever asks first."""
    port = free_port()
    app = build(Album(colony, painter), tmp_path / "nobody.sock")
    statuses, seconds = asyncio.run(served(app, port, phones.opened_together(port, 50)))
    assert set(statuses) == {200}
    assert len(seconds) == 50
    assert len(painter.asked) <= 12


def test_what_many_ask_at_once_is_looked_up_once_and_other_questions_wait_in_a_queue_with_an_end():
    asked, go_on = [], threading.Event()

    def question(what):
        go_on.wait(10)
        asked.append(what)
        return what.upper()

    async def ask():
        clerk = Clerk(None)
        same = [asyncio.create_task(clerk.ask(question, "same")) for _ in range(200)]
        others = [asyncio.create_task(clerk.ask(question, f"{number}")) for number in range(40)]
        await asyncio.sleep(0)
        same[0].cancel()
        go_on.set()
        return await asyncio.gather(*same[1:], *others, return_exceptions=True)

    answers = asyncio.run(ask())
    assert answers[:199] == ["SAME"] * 199
    assert asked.count("same") == 1
    assert {type(one) for one in answers[199:]} == {str, Away}


def test_the_longest_wait_of_a_telephone_is_between_two_pictures():
    assert phones.Looked(3, 0, [1.0, 1.5, 3.0]).longest == pytest.approx(1.5)
    assert phones.Looked().longest == 0
