"""The screen where there is no display: it keeps its own clock like a window, and leaves a film."""

import json
from collections import deque
from collections.abc import Callable
from pathlib import Path

import numpy as np

from narcissus.core.config import Settings
from narcissus.core.files import write_whole
from narcissus.core.types import Picture
from narcissus.sinks.film import HEIGHT, Moment, compressed, write_contact, write_film
from narcissus.sinks.pace import Pace
from narcissus.sinks.viewer import sketch, unseen

RATE = 30  # pictures a second of the film
LONGEST = 60.0  # seconds of the film: what runs longer is filmed in its last minute


class Recorder:
    """Remembers what was shown, in bounded memory. A context manager; `save` writes it when the mirror has stopped.

    Before a live camera no image of it is kept: what comes in is made `unseen` before anything else is done, and
    the landmarks alone stand in the film.
    """

    def __init__(self, pace: Pace, *, live: bool) -> None:
        self._pace, self._live = pace, live
        self._moments: deque[Moment] = deque(maxlen=round(LONGEST * RATE))
        self._due: float | None = None  # when the film wants its next moment
        self._frame_time: float | None = None  # of the viewer's last frame
        self._viewer: np.ndarray | None = None  # its JPEG

    def __enter__(self) -> "Recorder":
        return self

    def __exit__(self, *_) -> None:
        self.close()

    def close(self) -> None:
        """Nothing is held but memory."""

    def commands(self) -> list[str]:
        return []  # there is no keyboard

    def tune(self, settings: Settings) -> None:
        self._pace.period = 1 / settings.screen.rate

    def obey(self, command: str) -> None:
        """It records anyway."""

    def show(self, picture: Picture) -> float:
        now = self._pace.clock()
        self.keep(unseen(picture) if self._live else picture, now)
        self._pace.wait()
        return now

    def keep(self, picture: Picture, now: float) -> None:
        """Remember the picture shown at `now` if the film wants one."""
        if self._due is None:
            self._due = now
        if now < self._due:
            return
        moment = Moment(picture.image, self._seen(picture))
        while self._due <= now:
            self._moments.append(moment)
            self._due += 1 / RATE

    def _seen(self, picture: Picture) -> np.ndarray | None:
        if picture.observation is None:
            return None
        if self._frame_time != picture.observation.frame.time:
            self._frame_time = picture.observation.frame.time
            self._viewer = compressed(sketch(picture.observation, HEIGHT, landmarks=self._live))
        return self._viewer

    def save(self, folder: Path, report: dict, ended: Callable[[], bool]) -> list[Path]:
        """Write mirror.webm, contact.png and report.json, each whole; returns their paths. Raises OSError.

        The film comes last; once `ended` it stops where it is and is shorter.
        """
        film, contact, figures = (Path(folder) / name for name in ("mirror.webm", "contact.png", "report.json"))
        write_whole(figures, json.dumps(report, indent=2, ensure_ascii=False) + "\n")
        if not self._moments:
            return [figures]
        moments = list(self._moments)
        write_contact(contact, moments)
        write_film(film, moments, RATE, ended)
        return [film, contact, figures]
