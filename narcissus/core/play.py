"""The loop, and nothing else: what the camera sees, the scene observes; what the scene draws, the sink shows.

`run` plays in real time, in three threads. `played` is its offline twin: the same scene, frame by frame, in lockstep.
"""

import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack
from typing import Protocol

from narcissus.core.errors import SourceEnded
from narcissus.core.figures import Figures
from narcissus.core.newest import Newest
from narcissus.core.sections import SharedSettings
from narcissus.core.types import Frame, Picture, Scene, Sink, Source
from narcissus.core.worker import Worker

WAIT = 0.2  # seconds after which a thread that waits looks whether it should end


class Dials(Protocol):
    """Whatever turns settings while the loop runs: keys, the settings file, other programs."""

    def hear(self, pressed: list[str]) -> list[str]:
        """What scene and sink are to obey, of the keys and of what else was asked for."""
        ...

    def turn(self, commands: list[str], now: float) -> SharedSettings | None:
        """The settings as they are from now on; None while they stay as they are."""
        ...

    def presented(self, picture: Picture, shown: float) -> None: ...


def run(
    source: Source | None,
    scene: Scene,
    sink: Sink,
    figures: Figures,
    dials: Dials,
    ended: Callable[[float], bool],
    *,
    clock: Callable[[], float] = time.monotonic,
) -> bool:
    """Show `scene` on `sink` until `ended(now)`, the keyboard says "quit", or the source has been played to its end.

    Without a source the scene lives by itself. What goes wrong in any thread is raised here. Returns True when every
    thread has ended; False leaves one behind that hangs in its source.
    """
    frames: Newest[Frame] = Newest()
    seen: Newest[object] = Newest()

    def see() -> None:
        frames.put(source.read())

    def observe() -> None:
        frame = frames.get(timeout=WAIT)
        if frame is not None:
            with figures.stage("observe"):
                observed = scene.observe(frame)
            seen.put(observed)

    workers = [Worker("camera", see), Worker("perception", observe)] if source is not None else []
    with ExitStack() as running:
        for worker in workers:
            running.enter_context(worker)
        running.callback(lambda: [worker.stop() for worker in workers])  # all at once, before the first is waited for
        try:
            while not ended(clock()):
                for worker in workers:
                    worker.check()
                commands = dials.hear(sink.commands())
                if "quit" in commands:
                    break
                for command in commands:
                    scene.obey(command)
                    sink.obey(command)
                now = clock()
                settings = dials.turn(commands, now)
                if settings is not None:
                    scene.tune(settings)
                    sink.tune(settings)
                with figures.stage("draw"):
                    picture = scene.draw(seen.peek(), now)
                shown = sink.show(picture)
                figures.presented(picture, shown)
                dials.presented(picture, shown)
        except SourceEnded:
            pass
    return not any(worker.alive for worker in workers)


def played(scene: Scene, frames: Iterable[Frame], rate: float) -> Iterator[tuple[object, Picture, float]]:
    """What the scene observes and draws at `rate` pictures a second: (seen, picture, its moment).

    Each frame is observed once, at its own time, and stands until the next one's; nothing waits and nothing is left
    out. The same frames and a fresh scene give the same pictures.
    """
    seen, moment = None, None
    for frame in frames:
        if moment is None:
            moment = frame.time
        while moment < frame.time - 1e-9:
            yield seen, scene.draw(seen, moment), moment
            moment += 1 / rate
        seen = scene.observe(frame)
    if moment is not None:
        yield seen, scene.draw(seen, moment), moment
