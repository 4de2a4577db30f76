"""Paint goes with what moves: strokes that stay on the screen while a head passes under them swim on it.

Each painting is mixed with the one before it, brought along the optical flow of the frames themselves (Kroeger et al.
2016), as far as movement alone explains what is seen now; what came into view is painted afresh (Ruder, Dosovitskiy,
Brox 2016). Strokes neither boil nor swim then, and no filter needs to know of it. What is kept of the paint goes by the
time between two pictures: a film of 60 a second is as calm as one of 24, and follows a dial as soon.
"""

import math

import cv2
import numpy as np

KEPT = 0.316  # seconds: time constant of the paint that was there before; 0.9 of it after 1/30 s, as was measured
ALIKE, OTHER = 8.0, 24.0  # levels: up to the first movement explains a place, beyond the second it is another
AROUND = 5  # places whose mean difference is looked at: a neighbourhood of 10 × 10 pixels
HALF = 2  # pixels of a place, each way: the flow is looked for at half the size …
FINEST = 1  # … and is there as fine as half of that (2: a quarter of the time, and strokes swim a third more)


class Carried:
    """Remembers the last painting. One for a camera, or a film."""

    def __init__(self) -> None:
        self._flow = cv2.DISOpticalFlow_create(cv2.DISOPTICAL_FLOW_PRESET_FAST)
        self._flow.setFinestScale(FINEST)
        self._grid = np.zeros((0, 0, 2), np.float32)
        self.forget()

    def forget(self) -> None:
        """After a cut: nothing of before is there any more."""
        self._grey: np.ndarray | None = None  # uint8 (H/2, W/2): the last frame
        self._paint: np.ndarray | None = None  # float32 (H, W, 3)
        self._time: float | None = None  # of that frame, seconds

    def carry(self, frame: np.ndarray, painted: np.ndarray, now: float) -> np.ndarray:
        """A frame and its painting, both uint8 (H, W, 3) RGB -> the painting, mixed with what is carried on.

        `now`: the frame's time in seconds.
        """
        grey = cv2.cvtColor(frame, cv2.COLOR_RGB2GRAY)
        grey = cv2.resize(grey, None, fx=1 / HALF, fy=1 / HALF, interpolation=cv2.INTER_AREA)
        before, self._grey = self._grey, grey
        last, self._time = self._time, now
        fresh = painted.astype(np.float32)
        if last is None or self._paint.shape != fresh.shape or before.shape != grey.shape:
            self._paint = fresh
            return painted
        flow = self._flow.calc(grey, before, None)  # (H/2, W/2, 2): from each place to where it was
        size = painted.shape[1::-1]
        most = math.exp(min(0.0, last - now) / KEPT)
        kept = cv2.resize(most * self._explained(grey, before, flow), size, interpolation=cv2.INTER_LINEAR)
        moved = cv2.resize(flow, size, interpolation=cv2.INTER_LINEAR) * HALF
        carried = cv2.remap(self._paint, self._places(moved), None, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
        self._paint = cv2.blendLinear(carried, fresh, kept, 1 - kept)
        return cv2.convertScaleAbs(self._paint)

    @property
    def state(self) -> dict[str, np.ndarray]:
        """All that is remembered, for another to go on from; {} at the beginning."""
        if self._time is None:
            return {}
        return {"grey": self._grey, "paint": self._paint, "time": np.array(self._time)}

    def go_on(self, state: dict[str, np.ndarray]) -> None:
        """From what `state` was. Raises ValueError where it is none."""
        grey, paint, time = (state.get(name) for name in ("grey", "paint", "time"))
        if grey is None or paint is None or time is None or time.shape != () or time.dtype != np.float64:
            raise ValueError("no state of a painting")
        if grey.dtype != np.uint8 or paint.dtype != np.float32:
            raise ValueError(f"a frame of {grey.dtype}, and a painting of {paint.dtype}")
        if grey.ndim != 2 or paint.ndim != 3 or paint.shape[2] != 3:
            raise ValueError(f"a frame of the shape {grey.shape}, and a painting of {paint.shape}")
        self._grey, self._paint, self._time = grey, paint, float(time)

    def _explained(self, grey: np.ndarray, before: np.ndarray, flow: np.ndarray) -> np.ndarray:
        """How far movement alone explains what is seen at each place: float32 (H/2, W/2), 0 to 1."""
        was = cv2.remap(before, self._places(flow), None, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
        away = cv2.blur(cv2.absdiff(grey, was).astype(np.float32), (AROUND, AROUND))
        return np.clip((OTHER - away) * (1 / (OTHER - ALIKE)), 0, 1)

    def _places(self, flow: np.ndarray) -> np.ndarray:
        """Where to look, float32 (h, w, 2), x and y."""
        height, width = flow.shape[:2]
        if self._grid.shape[0] < height or self._grid.shape[1] < width:
            self._grid = np.dstack(np.meshgrid(np.arange(width), np.arange(height))).astype(np.float32)
        return self._grid[:height, :width] + flow
