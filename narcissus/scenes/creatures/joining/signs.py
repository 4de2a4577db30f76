"""Frame and face -> a Sign: how far the face is turned, how fast it moves, how sharp it is, and whether it lives."""

from collections import deque

import numpy as np

from narcissus.core.types import Face, Frame
from narcissus.features.spatial import pose
from narcissus.people.liveness import Liveness, sharpness
from narcissus.people.models import grey
from narcissus.scenes.creatures.joining.capture import Sign

OVER = 0.25  # seconds over which movement is measured: below, it is the landmarks' own trembling
CORNERS = [36, 45]  # of the 68 points: the outer corners of the eyes


class Signs:
    """Watches one face at a time; another one begins anew."""

    def __init__(self) -> None:
        self.forget()

    def forget(self) -> None:
        self._identity: int | None = None
        self._liveness = Liveness()
        self._poses: deque[tuple[float, np.ndarray]] = deque()  # moments and landmarks (68, 2) of the last OVER

    def look(self, frame: Frame, face: Face) -> Sign:
        if face.identity != self._identity:
            self.forget()
            self._identity = face.identity
        self._liveness.update(grey(frame.image), face.landmarks, frame.time)
        yaw, pitch, _ = pose(face.landmarks)
        return Sign(
            face.identity,
            turned=float(max(abs(yaw), abs(pitch))),
            speed=self._speed(face.landmarks, frame.time),
            sharpness=sharpness(self._liveness.face),
            size=face.box.width / max(frame.image.shape[:2]),
            lived=self._liveness.seen,
        )

    def _speed(self, landmarks: np.ndarray, now: float) -> float:
        """Eye distances a second; 0 while nothing is known."""
        self._poses.append((now, landmarks))
        while now - self._poses[0][0] > OVER:
            self._poses.popleft()
        before, start = self._poses[0]
        if now == before:
            return 0.0
        eyes = max(1.0, float(np.hypot(*(landmarks[CORNERS[0]] - landmarks[CORNERS[1]]))))
        return float(np.linalg.norm(landmarks - start, axis=1).mean()) / eyes / (now - before)
