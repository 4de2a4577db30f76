"""The loop, and nothing else: what the camera sees, the scene observes; what the scene draws, the screen shows."""

import time
from collections.abc import Callable
from contextlib import ExitStack

from narcissus.app.tuning import Tuning
from narcissus.core.errors import SourceEnded
from narcissus.core.figures import Figures
from narcissus.core.newest import Newest
from narcissus.core.types import Frame, Observation, Scene, Screen, Source
from narcissus.core.worker import Worker

WAIT = 0.2  # seconds after which a thread that waits looks whether it should end


def run(
    source: Source | None,
    scene: Scene,
    screen: Screen,
    figures: Figures,
    tuning: Tuning,
    ended: Callable[[float], bool],
    *,
    clock: Callable[[], float] = time.monotonic,
) -> bool:
    """Show `scene` on `screen` until `ended(now)`, the keyboard says "quit", or the source has been played to its end.

    Without a source the scene lives by itself. What goes wrong in any thread is raised here. Returns True when every
    thread has ended; False leaves one behind that hangs in its source.
    """
    frames: Newest[Frame] = Newest()
    seen: Newest[Observation] = Newest()

    def see() -> None:
        frames.put(source.read())

    def observe() -> None:
        frame = frames.get(timeout=WAIT)
        if frame is not None:
            with figures.stage("observe"):
                observation = scene.observe(frame)
            seen.put(observation)
            figures.observed(observation)

    workers = [Worker("camera", see), Worker("perception", observe)] if source is not None else []
    with ExitStack() as running:
        for worker in workers:
            running.enter_context(worker)
        running.callback(lambda: [worker.stop() for worker in workers])  # all at once, before the first is waited for
        try:
            while not ended(clock()):
                for worker in workers:
                    worker.check()
                commands = tuning.hear(screen.commands())
                if "quit" in commands:
                    break
                for command in commands:
                    scene.obey(command)
                    screen.obey(command)
                now = clock()
                settings = tuning.turn(commands, now)
                if settings is not None:
                    scene.tune(settings)
                    screen.tune(settings)
                with figures.stage("draw"):
                    picture = scene.draw(seen.peek(), now)
                shown = screen.show(picture)
                figures.presented(picture, drawn_for=now, shown=shown)
                tuning.presented(picture, shown)
        except SourceEnded:
            pass
    return not any(worker.alive for worker in workers)
