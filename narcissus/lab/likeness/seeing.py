"""The slow part of perception, done by several processes at once: face detection, landmarks and descriptor.

Nothing here loads the networks that guess or draw, so a worker is light.
"""

import multiprocessing
from collections.abc import Iterable, Iterator
from concurrent.futures import ProcessPoolExecutor

import numpy as np

from narcissus.core.types import Frame
from narcissus.lab.lifeline import end_with_parent, lifeline, starting
from narcissus.people import FaceFinder, describe, find_portrait

PORTRAIT = 256  # pixels: in a larger picture without a portrait's face, a small one is looked for as before a camera

Job = tuple[np.ndarray, np.ndarray | None, bool]  # picture, its landmarks where they are known, whether to describe
Described = tuple[np.ndarray | None, np.ndarray | None]  # landmarks (68, 2) or None, descriptor (128,) or None


def see(job: Job) -> Described:
    picture, landmarks, described = job
    if landmarks is None:
        landmarks = find(picture)
    return landmarks, describe(picture, landmarks) if described and landmarks is not None else None


def find(picture: np.ndarray) -> np.ndarray | None:
    """Landmarks of a portrait's face; in a large photograph with none, of the largest that the live finder sees."""
    face = find_portrait(picture)
    if face is None and max(picture.shape[:2]) > PORTRAIT:
        face = max(FaceFinder().find(Frame(picture, 0.0, cut=True)), key=lambda one: one.box.area, default=None)
    return None if face is None else face.landmarks


def see_each(jobs: Iterable[Job]) -> Iterator[Described]:
    """One after the other, as they are asked for."""
    return map(see, jobs)


def see_all(jobs: list[Job]) -> list[Described]:
    return list(see_each(jobs))


class SeeingPool:
    """`see_all`, and as `each` `see_each`, by several processes.

    A context manager: leaving it ends them, and so does the end of this process.
    """

    def __init__(self, count: int) -> None:
        # spawned, not forked: TensorFlow's threads do not survive a fork
        context = multiprocessing.get_context("spawn")
        self._pool = ProcessPoolExecutor(count, mp_context=context, initializer=end_with_parent, initargs=(lifeline(),))

    def each(self, jobs: Iterable[Job]) -> Iterator[Described]:
        """In the order of the jobs, each as soon as it is done."""
        with starting():
            return self._pool.map(see, jobs, chunksize=4)

    def __call__(self, jobs: list[Job]) -> list[Described]:
        return list(self.each(jobs))

    def __enter__(self) -> "SeeingPool":
        return self

    def __exit__(self, *_) -> None:
        self._pool.shutdown(cancel_futures=True)
