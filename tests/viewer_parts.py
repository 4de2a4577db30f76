"""What the tests of works before a camera share: a finder that sees what it is told, and a face to be told of."""

import numpy as np

from narcissus.core.types import Box, Face
from narcissus.features.spatial import MEAN_SHAPE


class Script:
    """A finder that sees what it is told."""

    reach = 2.0

    def __init__(self):
        self.faces = []

    def find(self, frame):
        return self.faces


def face(identity=1, x=160.0, size=50.0):
    landmarks = (MEAN_SHAPE * size + (x, 110)).astype(np.float32)
    return Face(landmarks, Box(x - size, 110 - size, x + size, 110 + size), identity)
