"""A clip of one viewer through the mirror, in lockstep at the screen's rate: what is done, and what is shown for it."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

import cv2
import numpy as np

from narcissus.core.types import Frame, Picture
from narcissus.features.spatial import pose
from narcissus.lab.likeness.figures import eye_opening, mouth_opening
from narcissus.people import describe, find_portrait
from narcissus.scenes.mirror.seen import Seen

RATE = 60.0  # pictures a second
BEGIN, EVERY = 2.0, 0.4  # seconds of film: from when, and how often, a picture is asked who it is
SIGNALS = ("yaw", "pitch", "roll", "mouth", "eyes")
NOTHING = np.zeros(0), np.zeros((0, len(SIGNALS)))  # the signals of a film in which nobody is followed
NOBODY = np.zeros(0), np.zeros(0, int), np.zeros((0, 128)), *(np.zeros((0, 2)),) * 3, np.zeros(0)  # … and its answers
UNKNOWN = np.full(2, np.nan)


@dataclass(frozen=True, slots=True, eq=False)
class Clip:
    """What one film's viewer did and what the wall showed, while somebody was followed."""

    seen_at: np.ndarray  # float64 (n,): seconds of the frames
    seen: np.ndarray  # float32 (n, 5): SIGNALS of the viewer, unfiltered
    shown_at: np.ndarray  # float64 (m,): seconds of the pictures
    shown: np.ndarray  # float32 (m, 5): SIGNALS of the reflection; NaN where no face is found
    asked_at: np.ndarray  # float64 (k,): seconds of the pictures that were asked who they are
    seats: np.ndarray  # int (k,): whose they are; a cut to another person, or a hand-over, is another seat
    codes: np.ndarray  # float32 (k, 128): their descriptors; NaN where no face is found
    guesses: np.ndarray  # float32 (k, 2): age in years, probability of a woman; NaN where no face is found
    own: np.ndarray  # float32 (k, 2): the same of the viewer's own frame: what the guesses tremble by themselves
    told: np.ndarray  # float32 (k, 2): the same as the wall would say it; NaN where nothing is told
    sharp: np.ndarray  # float32 (k,): `sharpness` of the pictures

    @property
    def found(self) -> float:
        """The share of the pictures shown in which a face is found."""
        return float(np.isfinite(self.shown[:, 0]).mean()) if len(self.shown) else float("nan")


def screened(scene, frames: Iterable[Frame], rate: float = RATE) -> Iterator[tuple[float, Seen, Picture]]:
    """Every picture of the screen: its moment, what was seen last, and the picture. No threads.

    Every frame is observed, at once; a picture aims at the newest frame that was captured when it is shown.
    """
    seen, count = None, 0
    for frame in frames:
        while seen is not None and count / rate < frame.time:
            yield count / rate, seen, scene.draw(seen, count / rate)
            count += 1
        seen = scene.observe(frame)
    if seen is not None:
        yield count / rate, seen, scene.draw(seen, count / rate)


def signals(landmarks: np.ndarray) -> np.ndarray:
    """Landmarks (68, 2) -> float32 (5,), as SIGNALS: degrees, and openings as shares of widths."""
    return np.array([*pose(landmarks), mouth_opening(landmarks), eye_opening(landmarks)], np.float32)


def read(scene, frames: Iterable[Frame], guess: Callable, rate: float = RATE, every: int = 1) -> Clip:
    """Play the frames to a fresh mirror and look at what it shows; `guess` (image, landmarks) as of Attributes.

    Landmarks are looked for in every `every`-th picture.
    """
    seen, shown, asked, last, due, face = [], [], [], None, BEGIN, None
    for count, (now, observation, picture) in enumerate(screened(scene, frames, rate)):
        if observation.viewer is None:
            continue
        if observation is not last:
            seen.append((observation.frame.time, signals(observation.viewer.landmarks)))
            last = observation
        if picture.state.phase != "following":
            continue
        if now >= due or count % every == 0:
            face = find_portrait(picture.image)
        if count % every == 0:
            shown.append((now, np.full(len(SIGNALS), np.nan) if face is None else signals(face.landmarks)))
        if now >= due:
            asked.append((now, observation.company[0].person, *_asked(picture.image, face, observation, guess)))
            due = max(due, now - 1 / rate) + EVERY  # after a gap no more often than before
    return Clip(*columns(seen, NOTHING), *columns(shown, NOTHING), *columns(asked, NOBODY))


def columns(rows: list[tuple], empty: tuple[np.ndarray, ...]) -> list[np.ndarray]:
    """Rows of (number, array, …) as one array of each; `empty` where there is no row."""
    return [np.array(column) for column in zip(*rows, strict=True)] or list(empty)


def _asked(image: np.ndarray, face, seen: Seen, guess: Callable) -> tuple:
    """Code, guesses, the viewer's own, what is told of the viewer, and sharpness, as in Clip."""
    code, guessed = np.full(128, np.nan), UNKNOWN
    if face is not None:
        code, guessed = describe(image, face.landmarks), _two(guess(image, face.landmarks))
    told = UNKNOWN if seen.guesses is None else np.array([seen.guesses["age"], seen.guesses["female"]])
    return code, guessed, _two(guess(seen.frame.image, seen.viewer.landmarks)), told, sharpness(image)


def _two(guesses) -> np.ndarray:
    return np.array([guesses.age, guesses.female])


def sharpness(image: np.ndarray) -> float:
    """The spread of the Laplacian of a picture uint8 (R, R, 3), in grey levels: what a blur takes away first."""
    return float(cv2.Laplacian(cv2.cvtColor(image, cv2.COLOR_RGB2GRAY), cv2.CV_32F).std())
