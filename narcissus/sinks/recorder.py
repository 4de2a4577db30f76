"""The screen where there is no display: it keeps its own clock like a window, and leaves a film."""

import json
from collections import deque
from collections.abc import Callable
from pathlib import Path

import numpy as np

from narcissus.core.files import write_whole
from narcissus.core.permit import Permit
from narcissus.core.sections import SharedSettings
from narcissus.core.types import Picture
from narcissus.sinks.enlarge import cubic
from narcissus.sinks.film import HEIGHT, Moment, compressed, write_contact, write_film
from narcissus.sinks.pace import Pace

RATE = 30  # pictures a second of the film
SMALL = 256  # pixels: a picture no higher is kept as it is, a higher one as a JPEG, at most as high as the film
LONGEST = 60.0  # seconds of the film: what runs longer is filmed in its last minute


class Recorder:
    """Remembers what was shown, in bounded memory. A context manager; `save` writes it when the loop has stopped.

    Only what the permit lets out of the window is kept: before a live camera the reflections alone.
    """

    def __init__(self, pace: Pace, permit: Permit) -> None:
        self._pace, self._permit = pace, permit
        self._moments: deque[Moment] = deque(maxlen=round(LONGEST * RATE))
        self._due: float | None = None  # when the film wants its next moment
        self._behind: Callable | None = None  # the frame that was drawn last
        self._viewer: np.ndarray | None = None  # its JPEG

    def __enter__(self) -> "Recorder":
        return self

    def __exit__(self, *_) -> None:
        self.close()

    def close(self) -> None:
        """Nothing is held but memory."""

    def commands(self) -> list[str]:
        return []  # there is no keyboard

    def tune(self, settings: SharedSettings) -> None:
        self._pace.period = 1 / settings.screen.rate

    def obey(self, command: str) -> None:
        """It records anyway."""

    def say(self, message: str, seconds: float = 0.0) -> None:
        """There is no wall."""

    def show(self, picture: Picture) -> float:
        now = self._pace.clock()
        self.keep(picture, now)
        self._pace.wait()
        return now

    def keep(self, picture: Picture, now: float) -> None:
        """Remember the picture shown at `now` if the film wants one."""
        if self._due is None:
            self._due = now
        if now < self._due:
            return
        picture = self._permit.outside(picture)
        moment = Moment(kept(picture.image), self._seen(picture))
        while self._due <= now:
            self._moments.append(moment)
            self._due += 1 / RATE

    def _seen(self, picture: Picture) -> np.ndarray | None:
        if picture.behind is None:
            return None
        if self._behind is not picture.behind:
            self._behind, self._viewer = picture.behind, compressed(picture.behind(HEIGHT))
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


def kept(image: np.ndarray) -> np.ndarray:
    """uint8 (H, W, 3) RGB -> what a Moment holds of it."""
    if len(image) <= SMALL:
        return image
    return compressed(cubic(image, HEIGHT) if len(image) > HEIGHT else image)
