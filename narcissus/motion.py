"""How the reflection moves: the One Euro filter, motion on the sphere, and the dream's walk.

Only the direction of a latent counts, so a latent is a point of a sphere and every movement here follows great circles.
Latents come and go with length √L; inside, they are unit vectors.
"""

import math

import numpy as np

STEP = 1 / 240  # seconds; a movement is integrated in steps no longer, so that 30, 60 and 144 Hz draw one path
LONGEST = 0.1  # seconds; after a stall the reflection goes on from where it was, it does not catch up by a jump
TINY = 1e-9  # radians, and lengths of unit vectors: below this there is no direction


class OneEuro:
    """The One Euro filter of Casiez, Roussel and Vogel (CHI 2012): calm when the signal is still, quick when it moves.

    `cutoff` (Hz) is how calm a still signal is; `slope` is how fast the cut-off rises with speed (Hz per unit per
    second); `derivative_cutoff` (Hz) smooths the speed itself. For points, speed is that of the point, not of each axis
    alone, so that the filter behaves alike in every direction.
    """

    def __init__(self, cutoff: float, slope: float, derivative_cutoff: float = 1.0) -> None:
        self.cutoff, self.slope, self.derivative_cutoff = cutoff, slope, derivative_cutoff
        self.forget()

    def forget(self) -> None:
        """The next value is a first value: it passes unchanged."""
        self._value: np.ndarray | None = None  # (…, D)
        self._speed: np.ndarray | None = None  # (…, D), per second
        self._time: float | None = None

    def __call__(self, value: np.ndarray, now: float) -> np.ndarray:
        """The filtered `value`, an array (…, D) of points with D axes, measured at `now`.

        A value that is not finite is left out: where there was one before, that one stands.
        """
        value = np.asarray(value, dtype=np.float64)  # (…, D)
        if self._value is None or self._time is None:
            self._value, self._speed, self._time = value, np.zeros_like(value), now
            return value.astype(np.float32)
        elapsed = now - self._time
        if elapsed <= 0:
            return self._value.astype(np.float32)
        last = np.where(
            np.isfinite(self._value), self._value, value
        )  # what was never seen begins with what is seen now
        value = np.where(np.isfinite(value), value, last)
        speed = np.nan_to_num((value - last) / elapsed)
        self._speed = self._speed + _smoothing(self.derivative_cutoff, elapsed) * (speed - self._speed)
        cutoff = self.cutoff + self.slope * np.linalg.norm(self._speed, axis=-1, keepdims=True)  # (…, 1)
        self._value = last + _smoothing(cutoff, elapsed) * (value - last)
        self._time = now
        return self._value.astype(np.float32)


class SoftDeadband:
    """Numbers that stay while what is measured only trembles: the share of a change that is followed grows with it.

    A change d is followed by d² / (d² + width²) thirty times a second, so that noise far below `width` is held still
    and a movement far beyond it passes at once. Unlike the One Euro filter it asks for no speed, which noise has too.
    """

    RATE = 30.0  # a second

    def __init__(self, width: float | np.ndarray) -> None:
        """`width`: of each number (m,), or of all."""
        self.width = width
        self._value: np.ndarray | None = None
        self._time = 0.0

    def __call__(self, value: np.ndarray, now: float) -> np.ndarray:
        """`value` (m,) as it is to be taken at `now`; the first passes unchanged."""
        if self._value is None:
            self._value = np.array(value, np.float64)
        else:
            away = value - self._value
            held = np.square(self.width) / (np.square(away) + np.square(self.width) + TINY)
            self._value += away * (1 - held ** (max(now - self._time, 0.0) * self.RATE))
        self._time = now
        return self._value.astype(np.float32)


def _smoothing(cutoff, elapsed: float):
    """The weight of the new value in a first-order low-pass filter (Casiez et al. 2012, equation 6)."""
    return 1 / (1 + 1 / (2 * math.pi * cutoff * elapsed))


def angle(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    """Degrees between vectors (…, L) of any length; exact for tiny angles too (Kahan 2006), where arccos is not."""
    a = a / np.linalg.norm(a, axis=-1, keepdims=True)
    b = b / np.linalg.norm(b, axis=-1, keepdims=True)
    apart, along = np.linalg.norm(a - b, axis=-1), np.linalg.norm(a + b, axis=-1)
    return np.degrees(2 * np.arctan2(apart, along))


def _unit(vector: np.ndarray) -> np.ndarray | None:
    """The direction of a vector (L,) as float64; None where it has none."""
    vector = np.asarray(vector, dtype=np.float64)
    length = np.linalg.norm(vector)
    return vector / length if np.isfinite(length) and length > TINY else None


def _towards(here: np.ndarray, there: np.ndarray, heading: np.ndarray) -> np.ndarray:
    """The tangent (L,) at `here` that leads to `there` along the shorter arc; its length is that arc in radians.

    From a point to its antipode every way is as short: then the way we are `heading` is taken, or else any one way.
    """
    across = there - (here @ there) * here
    length = np.linalg.norm(across)
    arc = math.atan2(length, here @ there)
    if length > TINY:
        return across * (arc / length)
    if arc < 1:
        return np.zeros_like(here)
    across = _unit(heading - (here @ heading) * here)
    if across is None:
        axis = np.zeros_like(here)
        axis[np.argmin(np.abs(here))] = 1
        across = _unit(axis - (here @ axis) * here)
    return across * arc


class Sphere:
    """One latent that always moves and never jumps: a critically damped spring along the great circle to its target.

    It keeps its velocity when the target changes, so that a new target bends the path but never breaks it.
    """

    def __init__(self, latent: np.ndarray) -> None:
        """Begin at rest at `latent` (L,), which must have a direction."""
        self._here = _unit(latent)  # (L,)
        if self._here is None:
            raise ValueError("a movement on the sphere cannot begin at a vector without direction")
        self._velocity = np.zeros_like(self._here)  # (L,), tangent, radians per second
        self._time: float | None = None

    @property
    def latent(self) -> np.ndarray:
        """Where it is: float32 (L,) of length √L."""
        return (self._here * math.sqrt(len(self._here))).astype(np.float32)

    def follow(self, target: np.ndarray, now: float, *, stiffness: float, limit: float) -> np.ndarray:
        """Move towards `target` (L,) until `now`, and say where that leads: float32 (L,) of length √L.

        `stiffness` is the spring's natural frequency in radians per second: it trails a steady movement by 2/stiffness
        seconds. `limit` is the top speed in degrees per second. A target without direction, or not finite, moves
        nothing.
        """
        elapsed = 0.0 if self._time is None else min(max(now - self._time, 0.0), LONGEST)
        self._time = now
        there = _unit(target)
        if there is None or elapsed == 0:
            return self.latent
        steps = math.ceil(elapsed / STEP)
        for _ in range(steps):
            self._step(there, elapsed / steps, stiffness, math.radians(limit))
        return self.latent

    def _step(self, there: np.ndarray, elapsed: float, stiffness: float, limit: float) -> None:
        way = _towards(self._here, there, self._velocity)
        # The closed form of a critically damped spring, in the tangent plane: e(t) = (e₀ + (v + ω e₀) t) exp(−ω t)
        pull = self._velocity - stiffness * way
        decay = math.exp(-stiffness * elapsed)
        move = way - (way - pull * elapsed) * decay
        velocity = (pull - stiffness * (pull * elapsed - way)) * decay
        self._travel(_shortened(move, limit * elapsed), _shortened(velocity, limit))

    def _travel(self, move: np.ndarray, velocity: np.ndarray) -> None:
        """Go along the great circle of `move`, and carry `velocity` along so that it stays tangent."""
        arc = np.linalg.norm(move)
        if arc > TINY:
            ahead = move / arc
            turned = math.cos(arc) * ahead - math.sin(arc) * self._here  # `ahead`, as seen on arrival
            velocity = velocity + (velocity @ ahead) * (turned - ahead)
            self._here = math.cos(arc) * self._here + math.sin(arc) * ahead
            self._here /= np.linalg.norm(self._here)
        self._velocity = velocity - (velocity @ self._here) * self._here


def _shortened(vector: np.ndarray, longest: float) -> np.ndarray:
    length = np.linalg.norm(vector)
    return vector * (longest / length) if length > longest else vector


class Spring:
    """Numbers that go where they should along an eased path: a critically damped spring, in closed form."""

    def __init__(self, value: np.ndarray) -> None:
        """Begin at rest at `value`, any shape."""
        self.value = np.array(value, np.float64)
        self._speed = np.zeros_like(self.value)  # per second
        self._time: float | None = None

    def follow(self, target: np.ndarray, now: float, *, stiffness: float) -> np.ndarray:
        """Move towards `target` until `now`, and say where that leads; `stiffness` as in Sphere.

        A new target bends the path and never breaks it.
        """
        elapsed = 0.0 if self._time is None else min(max(now - self._time, 0.0), LONGEST)
        self._time = now
        away = self.value - target
        pull = self._speed + stiffness * away
        decay = math.exp(-stiffness * elapsed)
        self.value = target + (away + pull * elapsed) * decay
        self._speed = (pull - stiffness * (away + pull * elapsed)) * decay
        return self.value


class ConstantVelocity:
    """Where a value will be: constant velocity from the last values seen, for a moment and no further.

    The velocity is smoothed, so that noise is not thrown ahead; `cutoff` (Hz) says how much. `farthest` is in seconds.
    """

    def __init__(self, cutoff: float, farthest: float) -> None:
        self.cutoff, self.farthest = cutoff, farthest
        self.forget()

    def forget(self) -> None:
        """The next value is a first value: nothing moves yet."""
        self._value: np.ndarray | None = None
        self._speed: np.ndarray | None = None  # per second
        self._time = 0.0

    def see(self, value: np.ndarray, time: float) -> None:
        """Take up `value`, measured at `time`; the same moment again is no news."""
        if self._value is None:
            self._value, self._speed, self._time = value, np.zeros_like(value), time
        elif time > self._time:
            elapsed = time - self._time
            speed = (value - self._value) / elapsed
            self._speed = self._speed + _smoothing(self.cutoff, elapsed) * (speed - self._speed)
            self._value, self._time = value, time

    def at(self, moment: float) -> np.ndarray:
        """The value expected at `moment`; `see` must have been called."""
        return self._value + self._speed * min(max(moment - self._time, 0.0), self.farthest)


class Walk:
    """The dream: an endless slow walk on the sphere that never stops, jumps or settles.

    Each axis is a sum of a few slow waves of random pitch and phase: a band-limited Gaussian process, known at every
    moment without being stepped there. In many dimensions its speed is nearly constant, and it never comes back.
    """

    WAVES = 3  # per axis: enough that no axis is seen to repeat

    def __init__(self, size: int, seed: int, speed: float) -> None:
        """`speed` is in degrees per second, about; the same seed dreams the same dream."""
        random = np.random.default_rng(seed)
        spread = random.uniform(0.5, 1.5, (self.WAVES, size))
        self._pitch = math.radians(speed) * spread / math.sqrt(np.mean(spread**2))  # (WAVES, L), radians per second
        self._phase = random.uniform(0, 2 * math.pi, (self.WAVES, size))  # (WAVES, L)
        self._turn: tuple[np.ndarray, np.ndarray] | None = (
            None  # unit vectors (L,): the first is turned onto the second
        )

    def begin(self, latent: np.ndarray, moment: float) -> None:
        """Turn the sphere so that the walk passes through `latent` (L,) at `moment`: the dream begins where one is."""
        self._turn = None
        here, there = _unit(self.at(moment)), _unit(latent)
        if there is not None and here @ there > TINY - 1:  # onto the antipode there is no one way to turn
            self._turn = here, there

    def at(self, moment: float) -> np.ndarray:
        """Where the walk is at `moment` (seconds of the dream): float32 (L,) of length √L."""
        point = _unit(np.cos(self._pitch * moment + self._phase).sum(axis=0))  # (L,)
        if self._turn is not None:
            here, there = self._turn
            middle = here + there
            point = point - (point @ middle) / (1 + here @ there) * middle + 2 * (point @ here) * there
        return (point * math.sqrt(len(point))).astype(np.float32)
