"""Colours: right, robust to light and noise, and honest about what cannot be seen."""

import cv2
import numpy as np
import pytest

from narcissus.features.colour import PATCHES, patches
from narcissus.features.spatial import MEAN_SHAPE

SKIN, WALL, LIPS = (205, 160, 135), (60, 90, 140), (180, 70, 80)
CHEEKS = [PATCHES.index("cheek left"), PATCHES.index("cheek right")]


def lab(rgb):
    return cv2.cvtColor(np.float32([[rgb]]) / 255, cv2.COLOR_RGB2LAB)[0, 0]


def portrait(size=200, height=480, width=640):
    """A face of one skin colour with red lips before a blue wall: picture and landmarks."""
    landmarks = (MEAN_SHAPE * size * 0.5 + [width / 2, height / 2]).astype(np.float32)
    image = np.full((height, width, 3), WALL, np.uint8)
    outline = np.vstack([landmarks[:17], landmarks[26:16:-1] - [0, size * 0.3]])
    cv2.fillPoly(image, [outline.astype(np.int32)], SKIN)
    cv2.fillPoly(image, [landmarks[48:60].astype(np.int32)], LIPS)
    return image, landmarks


@pytest.mark.parametrize("size", [60, 200, 420])
def test_a_colour_is_the_same_at_every_resolution(size):
    image, landmarks = portrait(size)
    colours = patches(image, landmarks)
    assert colours[CHEEKS] == pytest.approx(np.tile(lab(SKIN), (2, 1)), abs=1)
    assert colours[PATCHES.index("lips")] == pytest.approx(lab(LIPS), abs=4)
    assert colours[PATCHES.index("background left")] == pytest.approx(lab(WALL), abs=1)


def test_a_highlight_and_a_shadow_do_not_count():
    image, landmarks = portrait()
    x, y = landmarks[[41, 31, 48, 2]].mean(axis=0).astype(int)
    image[y - 9 : y - 5, x - 9 : x + 9] = 255
    image[y + 6 : y + 9, x - 9 : x + 9] = 0
    assert patches(image, landmarks)[CHEEKS[0]] == pytest.approx(lab(SKIN), abs=1)


def test_noise_and_jpeg_hardly_move_a_colour():
    image, landmarks = portrait()
    rng = np.random.default_rng(0)
    seen = []
    for _ in range(12):
        noisy = np.clip(image + rng.normal(0, 3, image.shape[:2])[..., None], 0, 255).astype(np.uint8)
        jpeg = cv2.imencode(".jpg", noisy[..., ::-1], [cv2.IMWRITE_JPEG_QUALITY, 80])[1]
        seen.append(patches(cv2.imdecode(jpeg, cv2.IMREAD_COLOR)[..., ::-1], landmarks))
    assert np.std(seen, axis=0)[CHEEKS].max() < 0.4


def test_what_lies_outside_the_picture_is_not_known():
    image, landmarks = portrait()
    left = int(landmarks[4, 0]) - 4
    colours = patches(np.ascontiguousarray(image[:, left:]), landmarks - [left, 0])
    assert np.isnan(colours[PATCHES.index("background left")]).all()
    assert np.isfinite(colours[PATCHES.index("background right")]).all()
    assert np.isfinite(colours[CHEEKS]).all()


@pytest.mark.parametrize("tint", [(1, 1, 1), (0.98, 1, 0.98)], ids=["grey", "infra-red"])
def test_a_picture_without_colour_has_none(tint):
    image, landmarks = portrait()
    grey = image.mean(axis=2, keepdims=True) * np.array(tint)
    assert np.isnan(patches(grey.astype(np.uint8), landmarks)).all()


def test_a_face_wholly_outside_is_not_known():
    image, landmarks = portrait()
    assert np.isnan(patches(image, landmarks + 5000)).all()


def test_drawn_faces_have_colours(drawn):
    from narcissus.people import find_portrait

    faces = [(image, find_portrait(image)) for image in drawn[:8]]
    colours = np.array([patches(image, face.landmarks) for image, face in faces if face])
    assert np.isfinite(colours[:, CHEEKS]).all()
    assert colours[:, CHEEKS, 0].std() > 5  # some are light, some are dark


@pytest.mark.parametrize("lamp", [(1.5, 1.5, 1.5), (1.5, 1.0, 0.6)], ids=["overexposed", "tungsten"])
def test_in_a_channel_too_bright_a_skin_keeps_its_hue(lamp):
    """Red is clipped first: without a remedy, gains would turn an overexposed cheek green."""
    image, landmarks = portrait()
    lamp = np.array(lamp)
    bright = np.clip(image * lamp, 0, 255).astype(np.uint8)
    assert bright[tuple(landmarks[[41, 31, 48, 2]].mean(axis=0).astype(int)[::-1])][0] == 255
    a = patches(bright, landmarks, 1 / lamp)[CHEEKS, 1]
    plain = lab(np.minimum(np.array(SKIN) * lamp, 255) / lamp)[1]
    assert np.abs(a - lab(SKIN)[1]).max() < 0.7 * abs(plain - lab(SKIN)[1])
