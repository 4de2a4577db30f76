"""The One Euro filter, motion on the sphere, and the dream's walk."""

import math

import numpy as np
import pytest

from narcissus.motion import ConstantVelocity, OneEuro, SoftDeadband, Sphere, Walk, angle

L = 64
RANDOM = np.random.default_rng(7)
START = RANDOM.standard_normal(L)


def at_angle(degrees: float, start: np.ndarray = START) -> np.ndarray:
    """A vector (L,) so many degrees from `start`."""
    unit = start / np.linalg.norm(start)
    across = np.random.default_rng(3).standard_normal(len(start))
    across -= (across @ unit) * unit
    across /= np.linalg.norm(across)
    return math.cos(math.radians(degrees)) * unit + math.sin(math.radians(degrees)) * across


def followed(target, rate: float, seconds: float, stiffness=16.0, limit=324.0, start=START) -> np.ndarray:
    """The path (n, L) at `rate` pictures a second; `target` is a vector or a function of time."""
    aim = target if callable(target) else lambda now: target
    sphere = Sphere(start)
    times = np.arange(0, seconds + 1e-9, 1 / rate)
    return np.array([sphere.follow(aim(now), now, stiffness=stiffness, limit=limit) for now in times])


def test_one_euro_without_slope_is_the_first_order_low_pass():
    cutoff, period = 1.5, 1 / 60
    weight = 1 / (1 + 1 / (2 * math.pi * cutoff * period))  # Casiez et al. 2012, equation 6
    smooth = OneEuro(cutoff, 0.0)
    smooth(np.zeros((1, 2)), 0.0)
    steps = [smooth(np.ones((1, 2)), (n + 1) * period)[0, 0] for n in range(20)]
    np.testing.assert_allclose(steps, 1 - (1 - weight) ** np.arange(1, 21), rtol=1e-5)


def test_one_euro_agrees_with_the_algorithm_as_it_was_published():
    """Algorithm 1 of the paper's appendix, one number at a time, as a second witness."""
    cutoff, slope, derivative_cutoff, rate = 1.0, 0.4, 1.0, 120.0
    alpha = lambda fc: 1 / (1 + (1 / (2 * math.pi * fc)) / (1 / rate))
    values = np.cumsum(RANDOM.standard_normal(200))
    expected, hat, speed = [], None, 0.0
    for value in values:
        if hat is None:
            hat = value
        else:
            speed += alpha(derivative_cutoff) * ((value - hat) * rate - speed)
            hat += alpha(cutoff + slope * abs(speed)) * (value - hat)
        expected.append(hat)
    smooth = OneEuro(cutoff, slope, derivative_cutoff)
    got = [smooth(np.array([[value]]), n / rate)[0, 0] for n, value in enumerate(values)]
    np.testing.assert_allclose(got, expected, rtol=1e-4, atol=1e-4)


def test_one_euro_calms_a_still_point_and_lets_a_quick_one_pass():
    noise = RANDOM.standard_normal((300, 1, 2)) * 0.01
    still, quick = OneEuro(0.6, 4.0), OneEuro(0.6, 4.0)
    calmed = np.array([still(value, n / 30) for n, value in enumerate(noise)])
    assert calmed[60:].std() < 0.4 * noise[60:].std()
    times = np.arange(300) / 30
    sway = np.stack([np.sin(2 * math.pi * times), np.zeros(300)], axis=-1)[:, None]
    passed = np.array([quick(value, now) for now, value in zip(times, sway, strict=True)])
    assert np.ptp(passed[60:, 0, 0]) > 0.9 * np.ptp(sway[60:, 0, 0])


def test_one_euro_leaves_out_what_is_not_finite():
    smooth = OneEuro(1.0, 1.0)
    smooth(np.array([[np.nan, 1.0]]), 0.0)
    assert smooth(np.array([[5.0, np.nan]]), 0.1).tolist() == [[5.0, 1.0]]
    assert np.isfinite(smooth(np.array([[np.inf, 2.0]]), 0.2)).all()


def test_one_euro_holds_its_value_when_time_stands_still():
    smooth = OneEuro(1.0, 1.0)
    smooth(np.zeros((1, 2)), 3.0)
    assert smooth(np.ones((1, 2)), 3.0).tolist() == [[0.0, 0.0]]


@pytest.mark.parametrize("degrees", [1e-4, 30.0, 90.0, 179.99])
def test_angle_is_exact(degrees):
    assert angle(START, at_angle(degrees) * 5) == pytest.approx(degrees, rel=1e-6)


@pytest.mark.parametrize("rate", [24, 60, 144])
def test_the_path_does_not_depend_on_the_frame_rate(rate):
    target = at_angle(85.0)
    for seconds in (0.25, 0.5):
        here = followed(target, rate, seconds)[-1]
        reference = followed(target, 240, round(seconds * rate) / rate)[-1]
        assert angle(here, reference) < 0.2


def test_motion_stays_on_the_great_circle_and_on_the_sphere():
    target = at_angle(80.0)
    path = followed(target, 60, 1.0)
    np.testing.assert_allclose(np.linalg.norm(path, axis=1), math.sqrt(L), rtol=1e-5)
    np.testing.assert_allclose(angle(START, path) + angle(path, target), 80.0, atol=1e-3)  # nowhere a detour


def test_the_speed_never_exceeds_its_limit():
    path = followed(lambda now: at_angle(170.0 if now % 1 < 0.5 else -60.0), 60, 3.0, stiffness=40.0, limit=114.0)
    assert angle(path[1:], path[:-1]).max() <= 114 / 60 + 1e-4


def test_following_is_critically_damped():
    """Without a limit it is the closed form (1 + ωt) exp(−ωt), and never goes past the target."""
    times = np.arange(0, 1, 1 / 60)
    left = angle(followed(at_angle(40.0), 60, 1 - 1 / 60, stiffness=10.0, limit=1e6), at_angle(40.0))
    np.testing.assert_allclose(left, 40 * (1 + 10 * times) * np.exp(-10 * times), atol=0.05)
    assert (np.diff(left) < 1e-3).all()


def test_a_new_target_bends_the_path_but_never_breaks_it():
    path = followed(lambda now: at_angle(60.0) if now < 0.15 else at_angle(-30.0), 240, 0.6)
    velocity = np.diff(path / math.sqrt(L), axis=0) * 240  # (n, L), radians per second
    assert np.linalg.norm(np.diff(velocity, axis=0), axis=1).max() < 2.5  # of up to 5.7: no jolt from step to step


@pytest.mark.parametrize("target", [-START, START, np.zeros(L), np.full(L, np.nan), np.full(L, np.inf)])
def test_every_target_is_safe(target):
    path = followed(target, 60, 3.0)
    assert np.isfinite(path).all()
    if np.isfinite(target).all() and target.any():
        assert angle(path[-1], target) < 0.1


def test_a_stall_is_not_caught_up_with_by_a_jump():
    sphere = Sphere(START)
    sphere.follow(at_angle(90.0), 0.0, stiffness=26.0, limit=114.0)
    assert angle(sphere.follow(at_angle(90.0), 20.0, stiffness=26.0, limit=114.0), START) < 12


def test_a_movement_needs_somewhere_to_begin():
    with pytest.raises(ValueError, match="without direction"):
        Sphere(np.zeros(L))


def test_the_dream_never_stops_never_jumps_never_settles():
    walk = Walk(128, seed=1, speed=12.0)
    path = np.array([walk.at(n / 10) for n in range(6000)])  # ten minutes
    speed = angle(path[1:], path[:-1]) * 10
    assert speed.min() > 7
    assert speed.max() < 18
    assert np.mean(speed) == pytest.approx(12.0, rel=0.1)
    assert angle(path[0], path[100:]).min() > 30  # it does not come back
    np.testing.assert_allclose(np.linalg.norm(path, axis=1), math.sqrt(128), rtol=1e-5)


def test_the_same_seed_dreams_the_same_dream():
    assert np.array_equal(Walk(16, 5, 12.0).at(100.0), Walk(16, 5, 12.0).at(100.0))
    assert angle(Walk(16, 5, 12.0).at(100.0), Walk(16, 6, 12.0).at(100.0)) > 10


@pytest.mark.parametrize("here", [START, at_angle(120.0)])
def test_a_dream_begins_where_one_is_at_its_own_pace(here):
    walk = Walk(L, seed=2, speed=10.0)
    before = angle(walk.at(50.0), walk.at(50.5))
    walk.begin(here, 50.0)
    assert angle(walk.at(50.0), here) < 1e-3
    assert angle(walk.at(50.0), walk.at(50.5)) == pytest.approx(float(before), rel=1e-3)


def test_a_dream_goes_on_where_it_may_not_be_turned():
    walk = Walk(L, seed=2, speed=10.0)
    for nowhere in (np.zeros(L), np.full(L, np.nan), -walk.at(5.0)):
        walk.begin(nowhere, 5.0)
        assert np.isfinite(walk.at(5.0)).all()


def test_ahead_is_where_a_steady_movement_will_be_and_stays_with_what_stands_still():
    ahead = ConstantVelocity(cutoff=5.0, farthest=0.1)
    for step in range(30):
        ahead.see(np.array([2.0 * step / 30, 7.0]), step / 30)
    assert ahead.at(29 / 30 + 0.05) == pytest.approx([2 * (29 / 30 + 0.05), 7.0], abs=0.01)
    assert np.array_equal(ahead.at(5.0), ahead.at(29 / 30 + 0.1)), "farther ahead nothing is known"


def test_ahead_throws_no_first_value_and_no_moment_twice():
    ahead = ConstantVelocity(cutoff=5.0, farthest=0.1)
    ahead.see(np.array([3.0]), 0.0)
    assert ahead.at(0.1) == pytest.approx([3.0])
    ahead.see(np.array([9.0]), 0.0)
    assert ahead.at(0.1) == pytest.approx([3.0])


def test_what_trembles_is_held_and_what_moves_passes():
    rng = np.random.default_rng(0)
    steady, times = SoftDeadband(0.15), np.arange(300) / 30
    trembling = np.array([steady(rng.normal(0, 0.03, 2), now) for now in times])
    assert np.abs(np.diff(trembling, axis=0)).mean() < 0.002
    moved = np.array([steady(np.full(2, 4.0), 10 + now) for now in times[:4]])
    assert moved[1] == pytest.approx(4.0, abs=0.1)


def test_a_steady_number_is_held_alike_at_any_rate():
    slow, quick = SoftDeadband(0.5), SoftDeadband(0.5)
    slow(np.zeros(1), 0.0), quick(np.zeros(1), 0.0)
    for step in range(1, 11):
        at_thirty = slow(np.full(1, 0.1), step / 30)
    for step in range(1, 21):
        at_sixty = quick(np.full(1, 0.1), step / 60)
    assert at_thirty == pytest.approx(at_sixty, abs=0.005)
    assert 0.0 < at_thirty[0] < 0.1
