"""The desk's socket beside the sink, where the settings want one."""

import logging
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path

from narcissus.app.build import Installation
from narcissus.app.desk.answers import Answers, wanted
from narcissus.app.tuning import Tuning
from narcissus.core.types import Sink
from narcissus.core.wire import wall_socket

log = logging.getLogger("narcissus")


def beside(
    sink: Sink,
    built: Installation,
    tuning: Tuning,
    parts: ExitStack,
    *,
    file: Path | None,
    kiosk: bool = False,
    on_wall: Callable[[], str] = lambda: "",
) -> Sink:
    """The sink, published to the desk for as long as the `parts` last; presets are kept in `file`."""
    if not wanted(built.settings, kiosk=kiosk):
        return sink
    from narcissus.sinks.publishing import publish

    try:
        path = wall_socket()
    except OSError as fault:
        log.warning("desk: there is no place to meet (%s); the mirror goes on without it", fault)
        return sink
    answers = Answers(tuning, built, file, on_wall, unattended=kiosk)
    tuning.listen_to(answers.heard)
    published = publish(sink, path, built.permit, parts, answers)
    published.tune(built.settings)
    return published
