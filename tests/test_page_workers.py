"""Workers that answer, overrun, die and never start, played by a small program without a network."""

import asyncio
import os
import sys

import pytest
from conftest import ROOT

from narcissus.core.errors import ModelError
from narcissus.page.limits import Limits
from narcissus.page.refusal import RequestRefused
from narcissus.page.workers import Lost, Pool

LIMITS = Limits(work_seconds=60, waiting=3)  # patient: a busy machine is no overrun
SHORT = Limits(work_seconds=5, waiting=3)
CHILD = """
import os, sys, time
sys.path.insert(0, {root!r})
from narcissus.page import worker

def answer(data, temperature):
    if data == b"slow":
        time.sleep(60)
    if data == b"die":
        os._exit(9)
    if data == b"greedy":
        raise MemoryError
    while data == b"nap" and not os.path.exists({morning!r}):
        time.sleep(0.01)
    return b"%d %s" % (os.getpid(), data)

worker.size_of = lambda data: (8, 8)
asked, told = os.fdopen(0, "rb"), os.fdopen(1, "wb")
worker.reply(told, worker.READY, b"")
sys.exit(worker.serve(asked, told, answer))
"""


@pytest.fixture
def command(tmp_path):
    program = tmp_path / "child.py"
    program.write_text(CHILD.format(root=str(ROOT), morning=str(tmp_path / "morning")))
    return [sys.executable, str(program)]


def played(command, script, count=1, limits=LIMITS):
    """What an async function makes of a started pool."""

    async def play():
        pool = Pool(command, count, limits)
        try:
            await pool.start()
            return await script(pool)
        finally:
            await pool.stop()

    return asyncio.run(play())


def test_every_upload_gets_its_own_answer(command):
    async def script(pool):
        return await asyncio.gather(*(pool.ask(b"%d" % number, None) for number in range(4)))

    answers = played(command, script, count=2)
    assert [answer.split()[1] for answer in answers] == [b"0", b"1", b"2", b"3"]
    assert len({answer.split()[0] for answer in answers}) == 2, "and both workers were asked"


@pytest.mark.parametrize("hostile", [b"slow", b"die", b"greedy"])
def test_a_worker_that_overruns_or_dies_is_replaced_and_its_upload_refused(command, hostile):
    async def script(pool):
        before = await pool.ask(b"well", None)
        with pytest.raises(RequestRefused) as caught:
            await pool.ask(hostile, None)
        return before, caught.value, await asyncio.wait_for(pool.ask(b"well", None), 60)

    before, refusal, after = played(command, script, limits=SHORT if hostile == b"slow" else LIMITS)
    assert refusal.status == 422
    assert "\n" not in refusal.reason
    assert before.split()[0] != after.split()[0], "another process"


def test_a_full_queue_is_refused_and_says_when_to_ask_again(command, tmp_path):
    async def script(pool):
        crowd = [asyncio.create_task(pool.ask(b"nap", None)) for _ in range(4)]  # one at work, three waiting
        await asyncio.sleep(0.1)
        assert pool.full
        with pytest.raises(RequestRefused) as caught:
            await pool.ask(b"one more", None)
        (tmp_path / "morning").touch()
        return caught.value, await asyncio.gather(*crowd)

    refusal, answers = played(command, script)
    assert refusal.status == 503
    assert refusal.retry == LIMITS.retry_seconds
    assert len(answers) == 4


def test_no_worker_outlives_the_pool(command):
    async def script(pool):
        return int((await pool.ask(b"", None)).split()[0])

    with pytest.raises(ProcessLookupError):
        os.kill(played(command, script), 0)


def test_a_worker_that_says_why_it_cannot_start_is_quoted():
    program = f"""
import os, sys; sys.path.insert(0, {str(ROOT)!r})
from narcissus.page import worker
worker.reply(os.fdopen(1, "wb"), worker.FAILED, b"no network; train one")
"""

    async def script(_):
        raise AssertionError("it must not start")

    with pytest.raises(ExceptionGroup) as caught:
        played([sys.executable, "-c", program], script)
    assert caught.group_contains(ModelError, match="no network; train one")


def test_a_worker_that_ends_without_a_word_is_noticed():
    async def script(_):
        raise AssertionError("it must not start")

    with pytest.raises(ExceptionGroup) as caught:
        played([sys.executable, "-c", ""], script)
    assert caught.group_contains(Lost)
