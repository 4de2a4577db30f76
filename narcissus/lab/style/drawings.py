"""Pictures that code draws: styles that belong to nobody, and contents that may be shown to everybody."""

import cv2
import numpy as np
from sklearn.neighbors import KDTree

SIZE = 512  # pixels
FINE = 3  # drawn so many times as large, then averaged: edges as a microscope or a camera shows them

COPPER, BARE, MASK, HOLE = (205, 127, 60), (236, 172, 98), (14, 58, 44), (16, 20, 22)
SOLDER, INK = (206, 210, 212), (226, 232, 214)


def copper_circuit(seed: int = 0, size: int = SIZE) -> np.ndarray:
    """uint8 (size, size, 3) RGB: traces of a circuit board at 45° and 90°, pads, vias and chips."""
    rng = np.random.default_rng(seed)
    side, pitch = size * FINE, 12 * FINE
    board = np.full((side, side, 3), MASK, np.uint8)
    taken = np.zeros((side // pitch + 2,) * 2, bool)
    for _ in range(side * side // (pitch * pitch * 9)):
        _chip(board, taken, pitch, rng)
    for _ in range(side * side // (pitch * pitch * 3)):
        _trace(board, taken, pitch, rng)
    return _lit(board, size, rng)


def _chip(board, taken, pitch: int, rng) -> None:
    """A black block with two rows of bright legs, where there is room."""
    high, wide = int(rng.integers(2, 6)), int(rng.integers(3, 7))
    row, column = (int(rng.integers(1, max(2, len(taken) - length - 1))) for length in (high, wide))
    place = np.s_[row - 1 : row + high + 1, column - 1 : column + wide + 1]
    if taken[place].any() or rng.random() < 0.75:
        return
    taken[place] = True
    top, left, bottom, right = (pitch * n for n in (row, column, row + high, column + wide))
    for x in range(left + pitch // 2, right, pitch):
        for y in (top, bottom):
            cv2.rectangle(board, (x - pitch // 5, y - pitch // 2), (x + pitch // 5, y + pitch // 2), SOLDER, -1)
    cv2.rectangle(board, (left, top), (right, bottom), HOLE, -1)
    cv2.circle(board, (left + pitch // 2, top + pitch // 2), pitch // 5, INK, -1, cv2.LINE_AA)


def _trace(board, taken, pitch: int, rng) -> None:
    """A line of copper from pad to pad that turns by 45° and never crosses another."""
    steps = np.array([(0, 1), (1, 1), (1, 0), (1, -1), (0, -1), (-1, -1), (-1, 0), (-1, 1)])
    at, heading = rng.integers(0, len(taken), 2), int(rng.integers(8))
    if taken[tuple(at)]:
        return
    path = [at]
    taken[tuple(at)] = True
    for _ in range(int(rng.integers(3, 22))):
        heading = (heading + (int(rng.integers(-1, 2)) if rng.random() < 0.3 else 0)) % 8
        at = at + steps[heading]
        if at.min() < 0 or at.max() >= len(taken) or taken[tuple(at)]:
            break
        taken[tuple(at)] = True
        path.append(at)
    points = np.array([place[::-1] * pitch for place in path], np.int32)
    width = int(pitch * rng.choice([0.28, 0.42, 0.62]))
    cv2.polylines(board, [points], False, COPPER, width, cv2.LINE_AA)
    cv2.polylines(board, [points - FINE // 2], False, BARE, max(1, width // 3), cv2.LINE_AA)
    for x, y in points[[0, -1]]:
        cv2.circle(board, (int(x), int(y)), int(pitch * 0.46), BARE, -1, cv2.LINE_AA)
        cv2.circle(board, (int(x), int(y)), int(pitch * 0.2), HOLE, -1, cv2.LINE_AA)


def cells(seed: int = 0, size: int = SIZE) -> np.ndarray:
    """uint8 (size, size, 3) RGB: stained tissue under a microscope, membranes, nuclei and grains."""
    rng = np.random.default_rng(seed)
    nearest, second, which = _voronoi(rng, size, count=size * size // 900)
    tint = rng.uniform(-1, 1, (which.max() + 1, 1)) * np.array([10, 22, 14])  # each cell takes the stain in its own way
    plasm = np.array([232, 176, 202]) + tint
    picture = plasm[which] + _cloud(rng, size, 5)[..., None] * np.array([8, 20, 12])
    membrane = np.exp(-np.square((second - nearest) / 2.2))[..., None]
    picture = picture * (1 - 0.75 * membrane) + np.array([150, 60, 130]) * 0.75 * membrane
    wobble = nearest + 2.2 * _cloud(rng, size, 4)
    nucleus = (1 / (1 + np.exp((wobble - rng.uniform(5, 8.5, which.max() + 1)[which]) / 0.8)))[..., None]
    picture = picture * (1 - 0.85 * nucleus) + (np.array([74, 34, 122]) + 26 * _cloud(rng, size, 2)[..., None]) * (
        0.85 * nucleus
    )
    lumen = (1 / (1 + np.exp(-(_cloud(rng, size, 48) - 1.5) / 0.08)))[
        ..., None
    ]  # holes in the tissue, where light falls
    picture = picture * (1 - lumen) + np.array([246, 240, 244]) * lumen
    return np.clip(np.rint(cv2.GaussianBlur(picture, (0, 0), 0.7)), 0, 255).astype(np.uint8)


def _voronoi(rng, size: int, count: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Of each pixel (size, size): distance to the nearest of `count` jittered seeds, to the second, and which it is."""
    along = int(np.sqrt(count))
    grid = (np.stack(np.meshgrid(*[np.arange(-1, along + 1)] * 2), -1).reshape(-1, 2) + 0.5) * (size / along)
    seeds = (grid + rng.normal(0, size / along * 0.22, grid.shape)).astype(np.float32)
    bend = 5 * np.stack([_cloud(rng, size, 18), _cloud(rng, size, 18)], -1)  # no wall is quite straight
    places = np.stack(np.meshgrid(np.arange(size), np.arange(size)), -1) + bend
    away, which = KDTree(seeds).query(places.reshape(-1, 2), k=2)
    nearest, second = away.T.reshape(2, size, size)
    return nearest, second, which[:, 0].reshape(size, size)


def _cloud(rng, size: int, softness: float) -> np.ndarray:
    """(size, size) smooth noise of variance 1."""
    soft = cv2.GaussianBlur(rng.standard_normal((size, size)), (0, 0), softness)
    return soft / soft.std()


def _lit(board: np.ndarray, size: int, rng) -> np.ndarray:
    """Averaged down; a lamp from one side, and the grain of the laminate."""
    small = cv2.resize(board, (size, size), interpolation=cv2.INTER_AREA).astype(np.float32)
    lamp = np.linspace(1.1, 0.86, size)[:, None, None] * np.linspace(1.04, 0.96, size)[None, :, None]
    return np.clip(np.rint(small * lamp + 2.5 * _cloud(rng, size, 1)[..., None]), 0, 255).astype(np.uint8)


def landscape(size: int = 256) -> np.ndarray:
    """uint8 (size, size, 3): hills, a sun and a tree, as a content that belongs to nobody."""
    rng = np.random.default_rng(3)
    y, x = np.mgrid[0:size, 0:size] / size
    picture = np.array([120, 170, 225]) + y[..., None] * np.array([110, 60, -20])
    picture[np.hypot(x - 0.74, y - 0.22) < 0.09] = (255, 236, 170)
    for depth, colour in enumerate([(126, 150, 168), (92, 132, 96), (64, 96, 48)]):
        ridge = 0.5 + 0.14 * depth + 0.06 * np.sin(x * (5 + 3 * depth) + depth * 2) + 0.015 * np.sin(x * 31 + depth)
        picture[y > ridge] = colour
    picture[(np.abs(x - 0.27) < 0.018) & (y > 0.42) & (y < 0.84)] = (74, 52, 38)
    for place in rng.normal((0.27, 0.36), (0.075, 0.075), (90, 2)):
        picture[np.hypot(x - place[0], y - place[1]) < 0.03] = np.array([52, 104, 50]) + rng.integers(-22, 36)
    soft = cv2.GaussianBlur(picture + rng.normal(0, 4, picture.shape), (0, 0), 0.6)
    return np.clip(np.rint(soft), 0, 255).astype(np.uint8)


STYLES = {"copper-circuit": copper_circuit, "cells": cells}
TITLES = {
    "copper-circuit": "a circuit board in copper, drawn by code",
    "cells": "cells under a microscope, drawn by code",
}
