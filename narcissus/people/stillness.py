"""Is this a person or a poster? A poster's landmarks only jitter; somebody who stands at rest sways and blinks."""

import numpy as np

from narcissus.people.models import interocular

SETTLED = 0.3  # seconds of averaging; it shrinks jitter, independent from frame to frame, to under 1 % (see MOVED)
BEGINNING = 2  # frames in which the landmarks of a new face may still slip into place
MOVED = 0.02  # root mean square shift of the 68 points in distances between the eyes; noisy posters: 0.009
STRODE = 0.12  # the same without averaging: somebody who walks up need not wait
PATIENCE = 20.0  # seconds in which slow shifts are forgotten: daylight moves the landmarks of a painting


class Stillness:
    """Remembers where the landmarks of a face were; whoever has once moved has moved for good."""

    def __init__(self) -> None:
        self.has_moved = False
        self.forget()

    def forget(self) -> None:
        """The landmarks begin anew elsewhere, and not because the face has moved."""
        self._count = 0
        self._start = self._last = 0.0
        self._anchor = self._mean = np.zeros((68, 2), np.float32)  # where it was; where it is

    def update(self, landmarks: np.ndarray, now: float) -> bool:
        """Take the landmarks (68, 2) of a face at `now`; True once it has moved."""
        if self.has_moved:
            return True
        elapsed, self._last = max(0.0, now - self._last), now
        self._count += 1
        if self._count <= BEGINNING:
            self._anchor = self._mean = landmarks
            self._start = now
            return False
        if now - self._start < SETTLED:
            self._anchor = self._mean = self._anchor + (landmarks - self._anchor) / (self._count - BEGINNING + 1)
        else:
            self._mean = self._mean + (1 - np.exp(-elapsed / SETTLED)) * (landmarks - self._mean)
            self._anchor = self._anchor + (1 - np.exp(-elapsed / PATIENCE)) * (self._mean - self._anchor)
        eyes = interocular(landmarks)
        self.has_moved = (
            _shift(self._mean, self._anchor) > MOVED * eyes or _shift(landmarks, self._anchor) > STRODE * eyes
        )
        return self.has_moved


def _shift(one: np.ndarray, other: np.ndarray) -> float:
    return float(np.sqrt(((one - other) ** 2).sum(axis=1).mean()))
