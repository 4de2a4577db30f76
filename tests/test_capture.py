"""Who begins a ring, who closes it, and who never does: posters, passers-by, and whoever turns away."""

import cv2
import numpy as np
import pytest

from narcissus.core.types import Box, Face, Frame
from narcissus.features.spatial.shape import MEAN_SHAPE
from narcissus.lab.joining.films import ROOM, passing, standing
from narcissus.people.liveness import Liveness, sharpness
from narcissus.scenes.creatures.joining.candidates import BENEFIT, Candidates
from narcissus.scenes.creatures.joining.capture import HELD, LAPSE, RING, Capture, Sign
from narcissus.scenes.creatures.joining.signs import Signs

RATE = 30
STILL = Sign(1, turned=3.0, speed=0.1, sharpness=0.5, size=0.2, lived=0.0)


def told(capture, signs, start=0.0):
    """The phases that this sequence of signs, one a frame, leads through, each with its moment."""
    phases = []
    for number, sign in enumerate(signs):
        now = start + number / RATE
        sign = sign if sign is None or sign.lived is None else Sign(*(*astuple(sign)[:-1], now))
        phase = capture.update(sign, now)
        if not phases or phases[-1][0] != phase:
            phases.append((phase, now))
    return phases


def astuple(sign):
    return tuple(getattr(sign, name) for name in Sign.__slots__)


def changed(**more):
    return Sign(**{**dict(zip(Sign.__slots__, astuple(STILL), strict=True)), **more})


def seconds(count, sign=STILL):
    return [sign] * round(count * RATE)


def test_a_face_that_holds_still_is_captured_after_the_ring_and_once():
    phases = told(Capture(), seconds(12))
    assert [phase for phase, _ in phases] == ["holding", "ring", "captured", "resting"]
    assert phases[1][1] == pytest.approx(HELD, abs=0.05)
    assert phases[2][1] - phases[1][1] == pytest.approx(RING, abs=0.05)


@pytest.mark.parametrize(
    "sign",
    [
        changed(turned=40.0),
        changed(speed=3.0),
        changed(sharpness=0.1),
        changed(size=0.05),
        changed(lived=None),
        None,
    ],
    ids=["from the side", "walking past", "smeared", "too far", "a poster", "nobody"],
)
def test_whoever_does_not_mean_it_begins_no_ring(sign):
    assert "ring" not in [phase for phase, _ in told(Capture(), seconds(30, sign))]


@pytest.mark.parametrize(
    "sign",
    [changed(turned=45.0), changed(speed=4.0), changed(identity=2), None],
    ids=["turned", "off", "other", "gone"],
)
def test_the_ring_is_cancelled_by_turning_away_or_leaving(sign):
    phases = [phase for phase, _ in told(Capture(), [*seconds(2), *seconds(1, sign)])]
    assert "ring" in phases
    assert "captured" not in phases
    assert phases[-1] in ("nobody", "holding")


def test_a_blink_of_the_detector_cancels_nothing():
    gap = [None] * round(LAPSE * RATE * 0.7)
    assert "captured" in [phase for phase, _ in told(Capture(), [*seconds(2), *gap, *seconds(3)])]


def test_a_poster_across_which_somebody_walked_is_not_captured():
    """It seemed to live for a moment, and then no more."""
    capture = Capture()
    phases = [capture.update(changed(lived=1.0), n / RATE) for n in range(30, 240)]
    assert "captured" not in phases


def test_whoever_was_captured_is_left_in_peace_and_another_may_begin_at_once():
    capture = Capture()
    first, peace = told(capture, seconds(5)), told(capture, seconds(6), 5.0)
    another = told(capture, seconds(3, changed(identity=2)), 11.0)
    assert [phase for phase, _ in peace] == ["resting"]
    assert "ring" in [phase for phase, _ in another]
    assert [phase for phase, _ in [*first, *peace, *another]].count("captured") == 1


def test_the_same_signs_give_the_same_phases():
    signs = [*seconds(1.5), *seconds(0.5, changed(turned=50.0)), *seconds(6)]
    assert told(Capture(), signs) == told(Capture(), signs)


def placed(face, size=240):
    """A drawn face uint8 (64, 64, 3) as large as a viewer's, and its landmarks where a mean face has them."""
    large = cv2.resize(face, (size, size), interpolation=cv2.INTER_CUBIC)
    room = cv2.copyMakeBorder(large, 60, 60, 60, 60, cv2.BORDER_REPLICATE)
    return room, (MEAN_SHAPE * size * 0.42 + 60 + size / 2).astype(np.float32)


def shaken(room, landmarks, rng, count=90):
    """A photograph moved by hand, with a camera's noise: pictures, and landmarks that tremble as a predictor's do."""
    height, width = room.shape[:2]
    way = np.zeros(6)
    for number in range(count):
        way = 0.8 * way + 0.6 * rng.standard_normal(6)
        turn, grown = np.radians(0.4 * way[2]), 1 + 0.004 * way[3]
        cos, sin = grown * np.cos(turn), grown * np.sin(turn)
        matrix = np.array([[cos, -sin, 3 * way[0]], [sin, cos, 3 * way[1]], [*(0.02 * way[4:] / width), 1]])
        middle = np.array([[1, 0, -width / 2], [0, 1, -height / 2], [0, 0, 1]])
        matrix = np.linalg.inv(middle) @ matrix @ middle
        moved = cv2.warpPerspective(room, matrix, (width, height), borderMode=cv2.BORDER_REPLICATE)
        points = cv2.perspectiveTransform(landmarks[None].astype(np.float64), matrix)[0]
        noisy = np.clip(moved + rng.normal(0, 3, moved.shape), 0, 255).astype(np.uint8)
        yield noisy, (points + rng.normal(0, 0.7, points.shape)).astype(np.float32), number / RATE


def blinking(frames, landmarks):
    """The same with eyes that close for a tenth of a second now and then."""
    for picture, points, now in frames:
        if now % 0.7 < 0.12:
            for eye in (slice(36, 42), slice(42, 48)):
                x, y = np.rint(points[eye].mean(axis=0)).astype(int)
                skin = picture[y + 18, x].tolist()
                cv2.ellipse(picture, (x, y), (22, 12), 0, 0, 360, skin, -1)
        yield picture, points, now


def watched(frames) -> Liveness:
    liveness = Liveness()
    for picture, points, now in frames:
        liveness.update(cv2.cvtColor(picture, cv2.COLOR_RGB2GRAY), points, now)
    return liveness


@pytest.mark.parametrize("number", [0, 7, 19])
def test_a_photograph_moved_by_hand_never_lives(drawn, number):
    room, landmarks = placed(drawn[number])
    assert watched(shaken(room, landmarks, np.random.default_rng(number))).seen is None


@pytest.mark.parametrize("number", [0, 7, 19])
def test_a_face_that_blinks_lives(drawn, number):
    room, landmarks = placed(drawn[number])
    frames = shaken(room, landmarks, np.random.default_rng(number))
    assert watched(blinking(frames, landmarks)).seen is not None


def test_a_smear_is_told_from_a_face_in_focus(drawn):
    room, landmarks = placed(drawn[3])
    grey = cv2.cvtColor(room, cv2.COLOR_RGB2GRAY)
    sharp, smeared = Liveness(), Liveness()
    sharp.update(grey, landmarks, 0.0)
    smeared.update(cv2.GaussianBlur(grey, (0, 0), 9), landmarks, 0.0)
    assert sharpness(smeared.face) < 0.7 * sharpness(sharp.face)


def test_signs_tell_a_turn_a_walk_and_a_distance(drawn):
    room, landmarks = placed(drawn[0])
    signs, frame = Signs(), lambda moment: Frame(room, moment)
    face = lambda points: Face(points, Box(60, 60, 300, 300), 1)
    signs.look(frame(0.0), face(landmarks))
    still = signs.look(frame(0.2), face(landmarks))
    assert still.speed == 0
    assert still.size == pytest.approx(240 / 360)
    walked = signs.look(frame(0.25), face(landmarks + np.float32([60, 0])))
    assert walked.speed > 2
    squeezed = (landmarks - landmarks.mean(axis=0)) * np.float32([0.75, 1.0]) + landmarks.mean(axis=0)
    squeezed[27:36, 0] += 18  # the nose points aside
    assert signs.look(frame(0.3), face(squeezed.astype(np.float32))).turned > still.turned + 10


def test_a_poster_is_left_out_after_a_while_and_never_stands_in_anybodys_way():
    candidates = Candidates(live=True)
    still = Face(np.zeros((68, 2), np.float32), Box(0, 0, 90, 90), 1, has_moved=False)
    moved = Face(np.zeros((68, 2), np.float32), Box(0, 0, 50, 50), 2)
    assert candidates.among([still, moved], 0.0) == [still, moved], "whoever wants to join holds still on purpose"
    assert candidates.among([still, moved], BENEFIT + 0.1) == [moved]
    assert Candidates(live=False).among([still], 99.0) == [still], "a film is by right"


def test_a_passer_by_on_film_crosses_the_room_at_the_speed_that_was_asked_for_and_lives():
    faces = [np.full((60, 80, 3), level, np.uint8) for level in (250, 220)]
    rng = np.random.default_rng(0)
    film = [frame.image.astype(int).max(axis=2) > 170 for frame in passing(faces, 50.0, 3.0, rng)]
    lefts = [np.flatnonzero(frame.mean(axis=0) > 0.1).min() for frame in film]
    assert lefts[0] <= 4
    assert lefts[-1] >= (ROOM - 1) * 80 - 10
    assert np.diff(lefts).mean() == pytest.approx(3.0 * 50 / RATE, rel=0.1)
    stood = [frame.image for frame in standing(faces, 1.0, rng)]
    assert len(stood) == RATE
    assert {round(float(image[150:210, 130:180].mean()), -1) for image in stood} == {250.0, 220.0}
