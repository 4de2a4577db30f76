"""The pool: a few children that hold the network. One that overruns or fails is ended, and another takes its place."""

import asyncio
import logging
import math
import os
import sys
from asyncio.subprocess import PIPE, Process
from collections.abc import Sequence
from pathlib import Path

from narcissus.core.errors import ModelError
from narcissus.core.files import HOME
from narcissus.page.limits import Limits
from narcissus.page.refusal import UNREADABLE, RequestRefused, busy
from narcissus.page.worker import ANSWERED, ENVIRONMENT, FAILED, READY, REPLY, REQUEST

START = 180.0  # seconds in which a child must be ready; TensorFlow takes 3 to 20
AGAIN = 5.0  # seconds between two tries to replace one
log = logging.getLogger("narcissus")


def command(model: Path) -> list[str]:
    return [sys.executable, "-m", "narcissus.page.worker", str(model)]


class Lost(Exception):
    """The child ended without an answer."""


class WorkerProcess:
    def __init__(self, process: Process) -> None:
        self.process = process

    @classmethod
    async def start(cls, command: Sequence[str]) -> "WorkerProcess":
        """Raises ModelError where the child says that it cannot work, Lost where it says nothing."""
        environment = os.environ | ENVIRONMENT | {"PYTHONPATH": str(HOME)}
        worker = cls(
            await asyncio.create_subprocess_exec(
                *command, stdin=PIPE, stdout=PIPE, env=environment, start_new_session=True
            )
        )
        try:
            async with asyncio.timeout(START):
                status, body = await worker._reply()
            if status != READY:
                raise ModelError(body.decode())
        except TimeoutError:
            await worker.end()
            raise Lost from None
        except BaseException:
            await worker.end()
            raise
        return worker

    async def ask(self, data: bytes, temperature: float | None) -> tuple[int, bytes]:
        """Status and body. Raises Lost."""
        try:
            self.process.stdin.write(REQUEST.pack(len(data), math.nan if temperature is None else temperature))
            self.process.stdin.write(data)
            await self.process.stdin.drain()
        except ConnectionError:
            raise Lost from None
        return await self._reply()

    async def end(self) -> None:
        if self.process.returncode is None:
            self.process.kill()
        await self.process.wait()

    async def _reply(self) -> tuple[int, bytes]:
        try:
            status, length = REPLY.unpack(await self.process.stdout.readexactly(REPLY.size))
            return status, await self.process.stdout.readexactly(length)
        except (asyncio.IncompleteReadError, ConnectionError):
            raise Lost from None


class Pool:
    def __init__(self, command: Sequence[str], count: int, limits: Limits) -> None:
        self._command, self.count, self._limits = command, count, limits
        self._idle: asyncio.Queue[WorkerProcess] = asyncio.Queue()
        self._all: set[WorkerProcess] = set()
        self._mending: set[asyncio.Task] = set()
        self._waiting = 0

    async def start(self) -> None:
        """Returns when all are ready. Raises ModelError, Lost."""
        async with asyncio.TaskGroup() as group:
            for _ in range(self.count):
                group.create_task(self._add())

    async def stop(self) -> None:
        for task in self._mending:
            task.cancel()
        await asyncio.gather(*self._mending, return_exceptions=True)
        await asyncio.gather(*(worker.end() for worker in self._all))

    @property
    def full(self) -> bool:
        """Whether one more would have to be turned away."""
        return self._waiting >= self._limits.waiting

    async def ask(self, data: bytes, temperature: float | None) -> bytes:
        """The answer. Raises RequestRefused: no room, a picture that cannot be read, one that took too long."""
        if self.full:
            raise busy(self._limits.retry_seconds)
        self._waiting += 1
        try:
            worker = await self._idle.get()
        finally:
            self._waiting -= 1
        status, body = await self._answered(worker, data, temperature)
        if status != ANSWERED:
            raise RequestRefused(status, body.decode())
        return body

    async def _answered(self, worker: WorkerProcess, data: bytes, temperature: float | None) -> tuple[int, bytes]:
        well = False
        try:
            async with asyncio.timeout(self._limits.work_seconds):
                status, body = await worker.ask(data, temperature)
            well = status != FAILED
        except (Lost, TimeoutError):
            status = FAILED
        finally:
            if well:
                self._idle.put_nowait(worker)
            else:
                self._mend(worker)
        if status == FAILED:
            return UNREADABLE, b"The picture was too much for the page; try it smaller, or saved anew."
        return status, body

    def _mend(self, worker: WorkerProcess) -> None:
        task = asyncio.create_task(self._replace(worker))
        self._mending.add(task)
        task.add_done_callback(self._mending.discard)

    async def _replace(self, worker: WorkerProcess) -> None:
        await worker.end()
        self._all.discard(worker)
        while True:
            try:
                await self._add()
                return
            except (ModelError, Lost, OSError) as fault:
                log.warning("a worker could not be replaced: %s", fault or type(fault).__name__)
                await asyncio.sleep(AGAIN)

    async def _add(self) -> None:
        worker = await WorkerProcess.start(self._command)
        self._all.add(worker)
        self._idle.put_nowait(worker)
