"""The picture hangs as the viewer stands: it tilts, moves aside and grows, gently, and no corner of it is black."""

import cv2
import numpy as np
import pytest
from gallery import Gallery, face, tuned

from narcissus.core.types import Box, Face
from narcissus.scenes.mirror.placing import ASIDE, FARTHER, FOLLOW, NEARER, STEEPEST, UPRIGHT, placed, wanted

FRAME = (240, 320, 3)
BAR = np.full((64, 64, 3), 200, np.uint8)
BAR[10:54, 30:34] = 20


def tilted(degrees: float, **rest) -> Face:
    """A face that leans clockwise."""
    upright = face(**rest)
    centre, angle = upright.landmarks.mean(axis=0), np.radians(degrees)
    turn = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
    landmarks = (upright.landmarks - centre) @ turn.T + centre
    return Face(landmarks.astype(np.float32), upright.box, upright.identity)


def leaning(picture: np.ndarray) -> float:
    """Degrees by which the dark bar in a picture leans clockwise from upright."""
    y, x = np.nonzero(picture[..., 0] < 110)
    _, vectors = np.linalg.eigh(np.cov(x, y))
    along = vectors[:, 1] * (-1 if vectors[1, 1] > 0 else 1)  # upwards
    return float(np.degrees(np.arctan2(along[0], -along[1])))


@pytest.mark.parametrize("degrees", [-25, -10, 0, 10, 25])
def test_the_picture_tilts_as_the_head_does(degrees):
    one = tilted(degrees)
    picture = placed(BAR, wanted(one, one.landmarks, FRAME, ["tilt"]))
    assert leaning(picture) == pytest.approx(degrees, abs=2.5)


def test_stepping_aside_moves_it_as_far_as_it_may_and_no_farther():
    middle, aside, far = (wanted(one, one.landmarks, FRAME, ["place"]) for one in (face(), face(x=220), face(x=318)))
    assert middle[1] == pytest.approx(0, abs=1e-6)
    assert 0 < aside[1] < far[1] <= ASIDE
    columns = placed(BAR, aside)[32, :, 0]
    assert np.argmin(columns) > 32


def test_a_near_viewer_is_larger_within_bounds():
    sizes = [
        wanted(one, one.landmarks, FRAME, ["distance"])[3] for one in (face(size=5), face(size=40), face(size=900))
    ]
    assert sizes == sorted(sizes)
    assert min(sizes) == pytest.approx(FARTHER)
    assert max(sizes) == pytest.approx(NEARER)


def test_what_is_not_followed_stays_as_it_is():
    one = tilted(20, x=300, size=20)
    assert np.array_equal(wanted(one, one.landmarks, FRAME, []), UPRIGHT)
    assert placed(BAR, UPRIGHT) is BAR


@pytest.mark.parametrize("corner", [-1, 1])
def test_no_corner_is_black(corner):
    bright = np.random.default_rng(0).integers(90, 250, (64, 64, 3)).astype(np.uint8)
    bright = cv2.GaussianBlur(bright, (0, 0), 2)
    place = np.array([corner * STEEPEST, corner * ASIDE, ASIDE, FARTHER])
    assert placed(bright, place).min() > 60


def test_the_wall_tilts_calmly_and_stands_upright_when_nobody_is_there():
    gallery, tilts = Gallery(follow=FOLLOW), []
    for now in range(90):
        gallery.live(1 / 30, [tilted(0 if now < 30 else 20)])
        tilts.append(np.degrees(gallery.mirror._gathering.places[0, 0]))
    assert tilts[29] == pytest.approx(0, abs=0.5)
    assert tilts[-1] == pytest.approx(20, abs=1)
    assert max(tilts) < 23
    assert np.abs(np.diff(tilts)).max() < 10
    gallery.live(4.0)
    assert np.abs(gallery.mirror._gathering.places).max() < 1e-2


@pytest.mark.parametrize(("follow", "straightened"), [(FOLLOW, True), ([], False)])
def test_a_face_that_is_drawn_with_a_tilt_hangs_upright_if_tilt_is_followed(follow, straightened):
    gallery = Gallery(follow=follow)
    gallery.painter.render = lambda latents: np.repeat(BAR[None], len(latents), axis=0)
    gallery.inverter.drawn_tilt = 10.0
    gallery.live(2.0, [face()])
    assert leaning(gallery.pictures[-1].image) == pytest.approx(-10 if straightened else 0, abs=1.5)


def test_what_is_followed_can_be_tuned():
    gallery = Gallery()
    gallery.mirror.tune(tuned(follow=["place"]))
    gallery.live(1.0, [tilted(20, x=250)])
    tilt, aside, *_ = gallery.mirror._gathering.places[0]
    assert tilt == 0
    assert aside > 0.01


def test_the_box_decides_where_somebody_stands():
    one = Face(face().landmarks, Box(0, 0, 40, 40), 1)
    assert wanted(one, one.landmarks, FRAME, ["place"])[1] < 0
