"""Who and how: a latent is moved so that the head turns and the mouth opens, and the person stays."""

from dataclasses import replace

import numpy as np
import pytest
from test_inverter import SIZE, World, sphere

from narcissus.features.moment import NUMBERS, moment
from narcissus.features.portrait import GROUPS
from narcissus.inverter.expression import FARTHEST
from narcissus.lab.training.expression import SHOWN, direction, learn_expression
from narcissus.motion import angle

YAW, MOUTH = NUMBERS.index("yaw"), NUMBERS.index("mouth inside aspect")


@pytest.fixture(scope="module")
def world():
    return World()


@pytest.fixture(scope="module")
def expression(world):
    latents = sphere(1500, 1)
    rows = world.rows(latents)
    rows[np.isnan(rows)] = 0.0
    return learn_expression(rows, latents, world.render)


@pytest.fixture(scope="module")
def people():
    return sphere(40, 5)


def asked(expression, people, number: int, value: float) -> np.ndarray:
    numbers = people @ expression.reads.T + expression.bias
    numbers[:, number] = value
    return expression.move(people, numbers)


@pytest.mark.parametrize(("number", "least"), [(YAW, 0.6), (MOUTH, 0.3)])  # this world's mouths are hard to read
def test_a_latent_moves_until_its_number_is_shown(world, expression, people, number, least):
    low, high = (
        expression.numbers(world.rows(asked(expression, people, number, value)))[:, number].mean() for value in (-1, 1)
    )
    assert high - low > 2 * least * SHOWN[NUMBERS[number]]


def test_no_latent_moves_farther_than_a_person_reaches(expression, people):
    far = asked(expression, people, YAW, 1000.0)
    assert angle(far, people).max() <= FARTHEST + 0.1
    assert np.linalg.norm(far, axis=1) == pytest.approx(np.sqrt(SIZE), rel=1e-4)


def test_a_closed_mouth_is_the_same_person_however_far_it_was_open(expression, people):
    """The latent that says what lies above the mouth; a mouth no further open than most are stays as it is."""
    shut, ajar, wide = (asked(expression, people, MOUTH, value) for value in (-1.5, 1.0, 2.0))
    said = lambda latents: latents @ expression.reads[MOUTH] + expression.bias[MOUTH]
    closed = said(shut) <= 0
    assert np.array_equal(expression.closed(shut)[closed], shut[closed])
    assert np.abs(said(expression.closed(wide))).max() < np.abs(said(wide)).max() / 5
    before, after = angle(ajar, wide), angle(expression.closed(ajar), expression.closed(wide))
    assert np.median(after) < np.median(before) / 3
    assert np.linalg.norm(expression.closed(wide), axis=1) == pytest.approx(np.sqrt(SIZE), rel=1e-4)


def test_a_latent_without_a_direction_is_given_none(expression):
    nowhere = np.zeros((2, SIZE), np.float32)
    assert np.array_equal(expression.closed(nowhere), nowhere)


def test_a_mouth_that_no_latent_says_is_left_alone(expression, people):
    mute = replace(expression, reads=np.zeros_like(expression.reads))
    assert mute.closed(people) is people


def test_a_direction_moves_its_own_number_and_leaves_what_lasts():
    reads = np.eye(3, 6)
    reads[1, 4] = 0.5
    lasting = np.zeros((1, 6))
    lasting[0, :] = [0.5, 0, 0, 1.0, 0, 0]
    nothing_painted = np.zeros((16, 16, 3, 6))
    way = direction(0, reads, np.full(3, 1e-6), lasting, nothing_painted)
    assert reads @ way == pytest.approx([1, 0, 0], abs=1e-3)
    assert abs(lasting @ way) < 0.05


def test_at_rest_everybody_looks_alike_and_a_change_there_and_back_is_none(world, expression, people):
    rows = world.rows(people)
    numbers = expression.numbers(rows)
    resting = expression.changed(rows, numbers, np.zeros_like(numbers))
    back = expression.changed(resting, np.zeros_like(numbers), numbers)
    assert back[:, GROUPS["shape"]] == pytest.approx(rows[:, GROUPS["shape"]], abs=1e-4)
    assert expression.numbers(resting).std(axis=0)[YAW] < 0.3 * numbers.std(axis=0)[YAW]


def test_a_lower_lip_that_falls_opens_the_mouth_and_turns_no_head(world):
    rows = world.rows(np.zeros((1, SIZE), np.float32))
    opened = rows.copy()
    opened[:, [2 * point + 1 for point in (65, 66, 67)]] += 0.2
    change = (moment(opened) - moment(rows))[0]
    assert change[MOUTH] > 0.1
    assert change[YAW] == 0


def test_a_row_without_a_shape_asks_for_nothing(expression):
    assert not expression.numbers(np.full((1, 200), np.nan, np.float32)).any()
