"""An imaginary viewer: a person drawn by the generator, placed and moved in a camera's frame like somebody in a room.

It shows that the mirror runs where there is no camera; it goes through the same perception as anybody. It is never
evidence of likeness: what the generator has drawn, the generator can draw.
"""

import time
from collections.abc import Callable

import cv2
import numpy as np

from narcissus.core.types import Frame
from narcissus.sources.frames import Leavable, mirrored

WIDTH, HEIGHT, RATE = 640, 480, 30.0
STAY = (12.0, 20.0)  # seconds that a person stays
WALK = 1.2  # seconds to come or to go
EMPTY = 1.5  # seconds with nobody there
FACE = (230.0, 300.0)  # pixels: how large the drawn picture is in the frame, from the back of the room to the front
REDRAWN = 0.2  # seconds between drawings; between two the picture is mixed, a degree apart they are as good as one
STRAY = 0.35  # how far the walk strays from the person's own latent, as a share of its length
PACE = 5.0  # seconds from one turning point of the walk to the next


class DemoSource(Leavable):
    """Frames 640×480 at 30 a second. `draw_faces`: float32 (B, latent_size) -> uint8 (B, R, R, 3) RGB."""

    live = False
    name = "imaginary viewer"

    def __init__(
        self,
        draw_faces: Callable[[np.ndarray], np.ndarray],
        latent_size: int,
        *,
        seed: int = 0,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self._draw, self._size, self._clock, self._sleep = draw_faces, latent_size, clock, sleep
        self._rng = np.random.default_rng(seed)
        self._room = _room(self._rng)
        self._origin: float | None = None
        self._count = -1
        self._ends = 0.0  # seconds since the origin at which the visit now going on is over
        self._visit: _Visit | None = None

    def read(self) -> Frame:
        """The next frame, when it is due; what is late is skipped."""
        now = self._clock()
        if self._origin is None:
            self._origin = now
        self._count = max(self._count + 1, int((now - self._origin) * RATE))
        moment = self._count / RATE
        due = self._origin + moment
        image = self._seen(moment)
        remaining = due - self._clock()
        if remaining > 0:
            self._sleep(remaining)
        return mirrored(image, due, cut=self._count == 0)

    def _seen(self, moment: float) -> np.ndarray:
        """uint8 (480, 640, 3) BGR."""
        if moment >= self._ends:
            self._visit = _Visit(self._rng, self._size, start=moment)
            self._ends = self._visit.ends + EMPTY
        if moment >= self._visit.ends:
            return self._room.copy()
        return self._visit.paint(self._room, self._draw, moment)


class _Visit:
    """One person, from coming to going."""

    def __init__(self, rng: np.random.Generator, latent_size: int, start: float) -> None:
        self._start = start
        self.ends = start + rng.uniform(*STAY)
        self._own = rng.standard_normal(latent_size)  # (L,)
        self._turns = rng.standard_normal((8, latent_size))  # points between which the walk strays
        self._side = rng.choice([-1.0, 1.0])
        self._phase = rng.uniform(0, 2 * np.pi, 4)
        self._cloth = np.full((HEIGHT, WIDTH, 3), rng.uniform(40, 110) + rng.uniform(-20, 20, 3), np.uint8)
        self._drawn: dict[int, np.ndarray] = {}  # uint8 (R, R, 3) BGR by number of the drawing

    def paint(self, room: np.ndarray, draw: Callable, moment: float) -> np.ndarray:
        """The room with this person in it, uint8 (480, 640, 3) BGR."""
        face = self._face(draw, moment - self._start)
        side = face.shape[0]
        x, y, size, angle = self._pose(moment)
        turn = cv2.getRotationMatrix2D(((side - 1) / 2, (side - 1) / 2), angle, size / side)
        turn[:, 2] += np.array([x, y]) - (side - 1) / 2
        head = cv2.warpAffine(face, turn, (WIDTH, HEIGHT), flags=cv2.INTER_CUBIC)
        share = cv2.warpAffine(oval(side), turn, (WIDTH, HEIGHT), flags=cv2.INTER_LINEAR)  # float32 (480, 640)
        return cv2.blendLinear(self._with_body(room, x, y, size), head, 1.0 - share, share)

    def _with_body(self, room: np.ndarray, x: float, y: float, size: float) -> np.ndarray:
        """uint8 (480, 640, 3): the room with shoulders in it, under where the head will be."""
        share = np.zeros((HEIGHT // 4, WIDTH // 4), np.float32)
        centre = (round(x * 4), round((y + 0.98 * size) * 4))  # in sixteenths of a pixel of the quarter-size mask
        cv2.ellipse(share, centre, (round(3.4 * size), round(2.5 * size)), 0, 0, 360, 1.0, -1, shift=4)
        share = cv2.resize(cv2.GaussianBlur(share, (0, 0), 1.5), (WIDTH, HEIGHT))  # float32 (480, 640)
        return cv2.blendLinear(room, self._cloth, 1.0 - share, share)

    def _pose(self, moment: float) -> tuple[float, float, float, float]:
        """Centre x and y, size in pixels, angle in degrees: sways; comes from one side and leaves by the other."""
        age = moment - self._start
        a, b, c, d = self._phase
        x = WIDTH / 2 + 50 * np.sin(0.5 * age + a) + 6 * np.sin(1.7 * age + b)
        x += self._side * (WIDTH / 2 + FACE[1]) * (_ease(1 - age / WALK) - _ease(1 - (self.ends - moment) / WALK))
        y = HEIGHT / 2 - 20 + 12 * np.sin(0.7 * age + c)
        size = np.mean(FACE) + (FACE[1] - FACE[0]) / 2 * np.sin(0.3 * age + d)
        return float(x), float(y), float(size), float(6 * np.sin(0.6 * age + b))

    def _face(self, draw: Callable, age: float) -> np.ndarray:
        """uint8 (R, R, 3) BGR between the drawings before and after."""
        number, share = divmod(age / REDRAWN, 1.0)
        for wanted in (int(number), int(number) + 1):
            if wanted not in self._drawn:
                picture = np.asarray(draw(self._latent(wanted * REDRAWN)[None].astype(np.float32)))[0]  # (R, R, 3)
                colours = np.broadcast_to(picture, (*picture.shape[:2], 3))  # a generator may draw in grey
                self._drawn[wanted] = np.ascontiguousarray(colours[..., ::-1])
        self._drawn = {key: self._drawn[key] for key in (int(number), int(number) + 1)}
        before, after = self._drawn[int(number)], self._drawn[int(number) + 1]
        return cv2.addWeighted(before, 1.0 - share, after, share, 0.0)

    def _latent(self, age: float) -> np.ndarray:
        """(L,) of length √L: the person's own point, straying smoothly."""
        number, share = divmod(age / PACE, 1.0)
        eased = _ease(share)
        one, other = self._turns[int(number) % 8], self._turns[(int(number) + 1) % 8]
        latent = self._own + STRAY * ((1 - eased) * one + eased * other)
        return latent * np.sqrt(len(latent)) / np.linalg.norm(latent)


def _ease(share: float) -> float:
    """0 to 1, gently at both ends."""
    share = min(1.0, max(0.0, share))
    return share * share * (3 - 2 * share)


def oval(side: int) -> np.ndarray:
    """float32 (side, side): 1 over the head, softly 0 at the picture's edges."""
    across = np.linspace(-1, 1, side, dtype=np.float32)
    cubes = np.abs(across) ** 3
    far = np.cbrt(cubes[None, :] + cubes[:, None])  # 1 at mid-edge; fuller than an ellipse, for the hair
    return np.clip((1.0 - far) / 0.2, 0.0, 1.0)


def _room(rng: np.random.Generator) -> np.ndarray:
    """uint8 (480, 640, 3): a wall out of focus, warm on one side, with a few large dim shapes and a camera's noise."""
    coarse = (rng.uniform(-22, 22, (6, 8, 1)) + rng.uniform(-5, 5, (6, 8, 3))).astype(np.float32)
    shapes = cv2.GaussianBlur(cv2.resize(coarse, (WIDTH, HEIGHT), interpolation=cv2.INTER_CUBIC), (0, 0), 12)
    light = np.linspace(-25, 25, WIDTH, dtype=np.float32)[None, :, None]
    wall = np.float32([105, 118, 128]) + light + shapes + rng.normal(0, 2, (HEIGHT, WIDTH, 1)).astype(np.float32)
    return np.clip(np.rint(wall), 0, 255).astype(np.uint8)
