"""The drawing of what was measured, quietly: thin outlines, dots, and the chosen distances."""

import cv2
import numpy as np
import pygame

from narcissus.core.types import Diagram

RGB = np.uint32(0xF5F3EE)  # the ink
OUTLINE, DOT = 95, 215  # of 255: how much of the ink there is
FAINTEST, STRONGEST = 26, 110  # the same of a distance, by its weight
WIDTH, WIDEST = 0.002, 2.0  # of the square: an outline; and how many times that the weightiest distance
RADIUS = 0.0038  # of the square: a dot
FINE = 4  # bits behind the point: lines move by sixteenths of a pixel, so that they do not tremble


def drawn(diagram: Diagram, side: int) -> tuple[pygame.Surface, int, int]:
    """The diagram with alpha, in a square this many pixels wide, and where in it that lies: left and top."""
    border = 4 + round(2 * side * max(RADIUS, WIDTH * WIDEST))
    points = diagram.dots * side
    left, top = np.floor(points.min(axis=0)).astype(int) - border
    right, bottom = np.ceil(points.max(axis=0)).astype(int) + border
    mask = np.zeros((bottom - top, right - left), np.uint8)
    at = lambda points: np.rint((points * side - (left, top)) * 2**FINE).astype(np.int32)
    thin = max(1, round(side * WIDTH))
    for number in np.argsort(diagram.weights):  # what weighs most lies uppermost
        weight, line = float(diagram.weights[number]), at(diagram.lines[number])
        ink, width = FAINTEST + (STRONGEST - FAINTEST) * weight, thin * (1 + (WIDEST - 1) * weight)
        cv2.polylines(mask, [line], False, ink, round(width), cv2.LINE_AA, FINE)
    cv2.polylines(mask, [at(line) for line in diagram.outlines], False, OUTLINE, thin, cv2.LINE_AA, FINE)
    radius = max(2**FINE, round(side * RADIUS * 2**FINE))
    for x, y in at(diagram.dots).tolist():
        cv2.circle(mask, (x, y), radius, DOT, -1, cv2.LINE_AA, FINE)
    alpha = cv2.convertScaleAbs(mask, alpha=diagram.opacity)
    pixels = np.left_shift(alpha, 24, dtype="<u4") | RGB  # bytes BGRA, as displays have them: any other order is slow
    return pygame.image.frombuffer(pixels, mask.shape[::-1], "BGRA"), left, top
