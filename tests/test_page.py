"""Who may ask the page, how much, and how it says no: the application without a network and without colours."""

import asyncio

import pytest
from page_parts import EchoPool, FullPool, RefusingPool, call

from narcissus.page.limits import Limits
from narcissus.page.server import FILES, build

HERE = {"host": "127.0.0.1:8000", "origin": "http://127.0.0.1:8000", "content_type": "image/jpeg"}
SMALL = Limits(upload=100, buffered=250, body_seconds=0.2, drain_seconds=0.1)


def asked(pool=None, names=(), limits=SMALL, **request):
    return asyncio.run(call(build(pool or EchoPool(), names, limits), **(HERE | request)))


def test_a_picture_from_the_page_is_answered():
    pool = EchoPool()
    status, _, body = asked(pool, chunks=[b"one", b"two"], query="temperature=0.5")
    assert (status, body) == (200, b"answered")
    assert pool.asked == [(b"onetwo", 0.5)]


@pytest.mark.parametrize(
    "strange",
    [
        {"origin": "http://evil.example"},
        {"origin": "http://127.0.0.1:9000"},
        {"origin": "null"},
        {"origin": None},
        {"origin": "http://["},
        {"origin": "file://127.0.0.1:8000"},
        {"sec_fetch_site": "cross-site"},
        {"sec_fetch_site": "same-site"},
        {"sec_fetch_site": "none"},
    ],
    ids=str,
)
def test_a_picture_from_anywhere_else_is_not_taken(strange):
    pool = EchoPool()
    status, _, body = asked(pool, **strange)
    assert status == 403
    assert body.count(b"\n") == 1
    assert pool.asked == []


@pytest.mark.parametrize(
    "host", ["evil.example", "evil.example:8000", "127.0.0.1.evil.example", "", "[", None], ids=str
)
@pytest.mark.parametrize("method", ["GET", "POST"])
def test_a_strange_name_is_not_answered(host, method):
    """A site may point its own name at this machine, and would then be the same origin to a browser."""
    origin = f"http://{host}"
    assert asked(method=method, path="/" if method == "GET" else "/assume", host=host, origin=origin)[0] == 403


def test_the_page_answers_to_the_names_it_was_given():
    here = {"host": "colour.example", "origin": "https://colour.example"}
    assert asked(names=["colour.example"], **here)[0] == 200
    assert asked(names=["other.example"], **here)[0] == 403


@pytest.mark.parametrize("path", FILES)
def test_every_file_and_every_refusal_forbids_inline_script_cookies_and_keeping(path):
    for answer in (asked(method="GET", path=path), asked(method="GET", path=path, host="evil.example")):
        policy = answer[1]["content-security-policy"]
        assert "default-src 'none'" in policy
        assert "unsafe" not in policy
        assert answer[1]["x-content-type-options"] == "nosniff"
        assert answer[1]["cache-control"] == "no-store"
        assert "set-cookie" not in answer[1]


def test_the_page_needs_nothing_from_elsewhere_and_no_inline_script_or_style():
    html = asked(method="GET", path="/")[2].decode()
    everything = "".join(asked(method="GET", path=path)[2].decode() for path in FILES)
    assert "<script>" not in html
    assert "style=" not in html
    assert " on" not in {word[:3] for word in html.split("=")}
    assert "https://" not in everything
    assert "localStorage" not in everything


@pytest.mark.parametrize(
    ("request_", "status"),
    [
        ({"chunks": [b"x" * 60, b"x" * 60]}, 413),
        ({"content_length": "101"}, 413),
        ({"content_type": "multipart/form-data; boundary=x"}, 415),
        ({"content_type": None}, 415),
        ({"query": "temperature=hot"}, 400),
        ({"method": "PUT"}, 405),
        ({"path": "/etc/passwd", "method": "GET"}, 404),
        ({"path": "/../server.py", "method": "GET"}, 404),
    ],
)
def test_what_is_too_much_or_meant_otherwise_is_refused_in_one_line(request_, status):
    pool = EchoPool()
    found, _, body = asked(pool, **request_)
    assert found == status
    assert len(body.strip().splitlines()) == 1
    assert pool.asked == []


def test_a_picture_that_takes_too_long_to_arrive_is_refused():
    found, _, body = asked(chunks=[b"x"] * 100, pause=lambda: asyncio.sleep(0.02))
    assert found == 408
    assert b"too long" in body


def test_a_full_house_says_when_to_ask_again():
    status, headers, body = asked(FullPool())
    assert status == 503
    assert headers["retry-after"] == "2"
    assert b"Many are asking" in body


def test_a_refused_body_is_still_taken_off_the_line():
    """Who is still sending would otherwise see a broken connection instead of the answer."""
    taken = []

    async def pause():
        taken.append(1)

    asked(FullPool(), chunks=[b"x" * 90] * 50, pause=pause)
    assert len(taken) == 50


def test_a_refusal_of_the_pool_is_handed_on():
    assert asked(RefusingPool())[::2] == (422, b"damaged\n")


def test_all_uploads_together_take_no_more_memory_than_allowed():
    """Three of 90 bytes where 250 are allowed: the third is told to come again, and later there is room once more."""

    class Slow(EchoPool):
        async def ask(self, data, temperature):
            await asyncio.sleep(0.05)
            return await super().ask(data, temperature)

    async def crowd():
        app = build(Slow(), (), SMALL)
        together = await asyncio.gather(*(call(app, chunks=[b"x" * 90], **HERE) for _ in range(3)))
        after = await call(app, chunks=[b"x" * 90], **HERE)
        return sorted(status for status, *_ in together), after[0]

    assert asyncio.run(crowd()) == ([200, 200, 503], 200)


def test_health_says_whether_there_is_room():
    assert asked(method="GET", path="/health")[0] == 200
    assert asked(FullPool(), method="GET", path="/health")[0] == 503


def test_a_refusal_does_not_wait_for_a_body_that_has_ended():
    waited = []

    async def pause():
        waited.append(1)

    asked(RefusingPool(), chunks=[b"one", b"two"], pause=pause)
    asked(chunks=[b"x" * 101], pause=pause)
    assert len(waited) == 3, "one for each chunk, and none for what does not come"
