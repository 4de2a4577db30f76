"""Light is not skin: the same face under other lamps has the same colours, and a portrait stays as it was measured."""

import numpy as np
import pytest

from narcissus.features import light
from narcissus.features.colour import PATCHES, patches, without_colour
from narcissus.features.portrait import COLUMNS, GROUPS, light_on, portray
from narcissus.people import find_portrait

LAMPS = {
    "two stops": (0.25, 0.25, 0.25),
    "a stop": (0.5, 0.5, 0.5),
    "tungsten": (1.25, 1.0, 0.6),
    "dim tungsten": (0.62, 0.5, 0.3),
    "shade": (0.8, 1.0, 1.3),
}
CHEEK = PATCHES.index("cheek left")


def under(image, lamp):
    return np.clip(np.rint(image * np.float32(lamp)), 0, 255).astype(np.uint8)


@pytest.fixture(scope="module")
def faces(drawn):
    """Drawn faces with their landmarks: (picture, (68, 2))."""
    return [(picture, face.landmarks) for picture in drawn[:16] if (face := find_portrait(picture))]


def colours(image, landmarks, colour="auto"):
    return portray(image, landmarks, colour=colour)[GROUPS["colour"]].reshape(-1, 3)


@pytest.mark.parametrize("lamp", LAMPS.values(), ids=LAMPS)
def test_another_lamp_changes_the_colour_of_a_cheek_far_less_than_it_changes_the_picture(faces, lamp):
    moved = {"auto": [], "on": []}
    for image, landmarks in faces:
        for colour, apart in moved.items():
            before, after = (colours(seen, landmarks, colour)[CHEEK] for seen in (image, under(image, lamp)))
            apart.append(np.linalg.norm(after - before))
    assert np.mean(moved["auto"]) < 0.5 * np.mean(moved["on"])


def test_a_well_lit_face_stays_as_measured(faces):
    gains = np.array([light_on(*face) for face in faces])
    assert np.median(np.abs(np.log(gains)), axis=0).max() < 0.03


def test_in_the_dark_light_skin_and_dark_skin_stay_apart(faces):
    before = [colours(*face)[CHEEK, 0] for face in faces]
    after = [colours(under(image, LAMPS["two stops"]), landmarks)[CHEEK, 0] for image, landmarks in faces]
    assert np.corrcoef(before, after)[0, 1] > 0.75


@pytest.mark.parametrize("exposure", [1.3, 1.6])
def test_of_an_overexposed_portrait_the_exposure_is_found(faces, exposure):
    """Whoever takes a portrait avoids burning out the face: it was not taken so."""
    gains = np.array([light_on(under(image, (exposure,) * 3), landmarks) for image, landmarks in faces])
    assert abs(np.median(np.log(gains * exposure))) < 0.12


def test_a_grey_picture_is_made_lighter_and_stays_grey(faces):
    image, landmarks = faces[0]
    grey = np.repeat(image.mean(axis=2, keepdims=True), 3, axis=2).astype(np.uint8)
    dark = under(grey, LAMPS["two stops"])
    gains = light_on(dark, landmarks)
    assert gains[0] == gains[1] == gains[2]
    assert gains[0] > 2
    assert np.isnan(colours(dark, landmarks)).all()


def test_a_dark_colour_picture_is_not_taken_for_a_grey_one(faces):
    for image, landmarks in faces:
        assert without_colour(under(image, LAMPS["two stops"]), landmarks) == without_colour(image, landmarks)


@pytest.mark.parametrize("value", [0, 255])
def test_black_and_white_pictures_say_nothing_of_the_light(value):
    landmarks = np.random.default_rng(0).uniform(20, 80, (68, 2)).astype(np.float32)
    assert light.gains(np.full((100, 100, 3), value, np.uint8), landmarks) == pytest.approx(np.ones(3))


def test_a_face_outside_the_picture_says_nothing_of_the_light(faces):
    image, landmarks = faces[0]
    assert light_on(image, landmarks + 5000) == pytest.approx(np.ones(3))


def test_colours_may_be_taken_as_measured_or_left_out(faces):
    image, landmarks = faces[0]
    dark = under(image, LAMPS["a stop"])
    assert np.array_equal(colours(dark, landmarks, "on"), patches(dark, landmarks), equal_nan=True)
    assert np.isnan(colours(dark, landmarks, "off")).all()


def test_a_light_found_before_is_used(faces):
    image, landmarks = faces[0]
    row = portray(image, landmarks, gains=np.float32([0.5, 0.5, 0.5]))
    assert row[COLUMNS.index("cheek left, L")] < colours(image, landmarks)[CHEEK, 0] * 0.7


def test_the_likelihood_is_that_of_a_normal_distribution():
    """A second witness: the formula with an inverse and a determinant."""
    usable, nothing = np.zeros(36, bool), np.zeros(36, bool)
    usable[[1, 4, 7, 10]] = True
    alone = light.COVARIANCE[np.ix_(usable, usable)]
    away = np.where(usable, 0.3, 0.0)
    expected = -0.5 * (away[usable] @ np.linalg.inv(alone) @ away[usable] + np.log(np.linalg.det(alone)))
    assert light._log_likelihood(away, usable, nothing, away, light.COVARIANCE) == pytest.approx(expected)


def test_what_is_clipped_is_expected_where_samples_beyond_the_limit_lie():
    """A second witness: a hundred thousand draws of two correlated numbers."""
    usable, clipped = np.arange(36) == 0, np.arange(36) == 3
    covariance = np.eye(36)
    covariance[0, 3] = covariance[3, 0] = 0.6
    draws = np.random.default_rng(0).normal(0.6 * 0.5, 0.8, 100_000)
    away, limit = np.where(usable, 0.5, 0.0), np.where(clipped, 0.7, 0.0)
    assert light._beyond(away, usable, clipped, limit, covariance)[3] == pytest.approx(
        draws[draws > 0.7].mean(), abs=0.01
    )
