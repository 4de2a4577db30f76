"""The measures of likeness, each against a closed form or a second witness."""

import numpy as np
import pytest
from scipy.linalg import sqrtm
from sklearn.metrics import roc_auc_score

from narcissus.features.spatial import MEAN_SHAPE
from narcissus.lab.likeness import distributions, identity, skin
from narcissus.lab.likeness.bootstrap import Figure, correlation, estimate, mean, slope
from narcissus.lab.likeness.conditions import strangers
from narcissus.lab.likeness.shape import pair_errors, skill


@pytest.fixture
def rng():
    return np.random.default_rng(7)


@pytest.fixture
def faces(rng):
    """12 faces that differ: float32 (12, 68, 2)."""
    return (MEAN_SHAPE + rng.normal(0, 0.08, (12, 68, 2))).astype(np.float32) * 50 + 64


def all_used(n):
    return np.ones(n, bool)


def test_place_size_and_tilt_do_not_count(faces):
    angle = np.radians(25)
    turn = np.array([[np.cos(angle), np.sin(angle)], [-np.sin(angle), np.cos(angle)]])
    errors = pair_errors(faces, faces @ turn * 3 + [40, -7])
    assert np.diagonal(errors).max() < 1e-5
    assert errors[~np.eye(12, dtype=bool)].min() > 0.02


def test_a_mirrored_face_is_another_face(faces):
    assert np.diagonal(pair_errors(faces, faces * [-1, 1])).min() > 0.1


def test_the_error_is_in_distances_between_the_eyes(rng):
    face = MEAN_SHAPE[None].astype(np.float64)  # its inter-ocular distance is 1
    noise = rng.normal(0, 0.01, (300, 68, 2))
    errors = pair_errors(face, face + noise)
    assert errors.mean() == pytest.approx(0.01 * np.sqrt(np.pi / 2), rel=0.04)  # mean length of a 2-D Gaussian
    np.testing.assert_allclose(pair_errors(face * 9, face + noise), errors, rtol=1e-4)


def test_pairs_agree_with_a_procrustes_by_hand(faces):
    def by_svd(fixed, moving):  # Umeyama 1991
        f, m = fixed - fixed.mean(0), moving - moving.mean(0)
        u, s, vt = np.linalg.svd(f.T @ m)
        sign = np.diag([1, np.sign(np.linalg.det(u @ vt))])
        turned = m @ (u @ sign @ vt).T * (s * np.diag(sign)).sum() / np.square(m).sum()
        eyes = np.linalg.norm(fixed[36] - fixed[45])
        return np.linalg.norm(turned - f, axis=1).mean() / eyes

    witness = [[by_svd(a, b) for b in faces] for a in faces]
    np.testing.assert_allclose(pair_errors(faces, faces), witness, atol=1e-5)


def test_skill_is_one_for_a_perfect_mirror_and_nothing_for_one_face_for_all(faces):
    people = np.arange(12)
    ones = np.ones((1, 12), np.float32)
    assert skill(pair_errors(faces, faces), people)(ones)[0] == pytest.approx(1, abs=1e-4)
    same = np.repeat(faces[:1], 12, axis=0)
    assert skill(pair_errors(faces, same), people)(ones)[0] == pytest.approx(0, abs=0.12)
    assert skill(pair_errors(faces, np.roll(faces, 1, axis=0)), people)(ones)[0] < 0.1


def test_photographs_of_one_person_are_no_strangers(faces):
    errors = pair_errors(faces, faces[::-1])
    people = np.repeat(np.arange(6), 2)
    apart = people[:, None] != people[None]
    expected = 1 - np.diagonal(errors).mean() / errors[apart].mean()
    assert skill(errors, people)(np.ones((1, 12), np.float32))[0] == pytest.approx(expected, rel=1e-5)


def test_auc_agrees_with_scikit_learn_also_with_weights_and_ties(rng):
    n = 30
    similarity = np.round(rng.normal(0, 1, (n, n)) + np.eye(n), 1)
    people = np.repeat(np.arange(10), 3)
    own, strange = np.eye(n, dtype=bool), people[:, None] != people[None]
    weights = rng.integers(0, 3, n).astype(np.float32)
    pairs = own | strange
    i, j = np.nonzero(pairs)
    each = np.where(i == j, weights[i], weights[i] * weights[j])
    witness = roc_auc_score(own[pairs], similarity[pairs], sample_weight=each)
    assert identity.auc(similarity, own, strange)(weights[None])[0] == pytest.approx(witness, abs=1e-9)


def test_recall_is_perfect_chance_or_a_share_of_a_tie(rng):
    people = np.repeat(np.arange(40), 3)
    clear = np.repeat(rng.normal(0, 1, (40, 8)), 3, axis=0) + rng.normal(0, 1e-3, (120, 8))
    assert identity.recall(clear, people)[1].mean() == 1
    assert identity.recall(rng.normal(0, 1, (120, 8)), people)[1].mean() == pytest.approx(1 / 40, abs=0.015)
    assert identity.recall(np.zeros((120, 8)), people)[1].mean() == pytest.approx(1 / 40)


def test_nobody_is_recognised_from_a_single_photograph(rng):
    assert len(identity.recall(rng.normal(0, 1, (9, 4)), np.arange(9))[1]) == 0


def test_correlation_and_slope_agree_with_numpy(rng):
    x = rng.normal(0, 1, 50)
    y = 0.7 * x + rng.normal(0, 0.2, 50) + 1000
    ones = np.ones((1, 50), np.float32)
    assert correlation(x, y)(ones)[0] == pytest.approx(np.corrcoef(x, y)[0, 1], abs=1e-6)
    assert slope(x, y)(ones)[0] == pytest.approx(np.polyfit(x, y, 1)[0], abs=1e-6)
    assert np.isnan(correlation(x, np.zeros(50))(ones)[0])


def test_the_interval_is_as_wide_as_the_theory_says(rng):
    values = rng.normal(5, 2, 400)
    figure = estimate(mean(values), np.arange(400), all_used(400), resamples=2000)
    assert figure.value == pytest.approx(values.mean(), abs=1e-4)
    assert figure.high - figure.low == pytest.approx(2 * 1.96 * values.std() / 20, rel=0.08)


def test_ten_photographs_of_everybody_do_not_make_ten_times_as_many_people(rng):
    values = rng.normal(0, 1, 40)
    once = estimate(mean(values), np.arange(40), all_used(40))
    often = estimate(mean(np.repeat(values, 10)), np.repeat(np.arange(40), 10), all_used(400))
    assert often.high - often.low == pytest.approx(once.high - once.low, rel=0.15)


def test_the_same_seed_gives_the_same_interval(rng):
    values = rng.normal(0, 1, 40)
    one, two, other = (estimate(mean(values), np.arange(40), all_used(40), seed=seed) for seed in (1, 1, 2))
    assert one == two != other


def test_what_cannot_be_said_is_null():
    assert estimate(mean(np.zeros(3)), np.arange(3), np.zeros(3, bool)) == Figure(None, None, None, 0)
    alone = estimate(mean(np.ones(3)), np.zeros(3), all_used(3))
    assert (alone.value, alone.low, alone.high) == (1.0, None, None)


def test_the_typology_angle_is_the_published_one():
    light, dark = np.array([70.0, 10, 15]), np.array([35.0, 12, 18])
    assert skin.typology_angle(light) == pytest.approx(np.degrees(np.arctan(20 / 15)))
    assert skin.typology_angle(dark) == pytest.approx(np.degrees(np.arctan(-15 / 18)))
    assert abs(skin.typology_angle(np.array([60, 0, 0.01])) - skin.typology_angle(np.array([60, 0, -0.01]))) < 1


@pytest.mark.parametrize(
    ("angle", "name"),
    [(56, "very light"), (55, "light"), (30, "intermediate"), (11, "tan"), (0, "brown"), (-31, "dark")],
)
def test_tones_have_the_published_limits(angle, name):
    assert skin.TONES[int(skin.tone(np.array(angle)))][0] == name


def test_skin_is_seen_from_whatever_patches_there_are():
    patches = np.full((2, 8, 3), np.nan, np.float32)
    patches[0, skin.SKIN[0]] = (60, 10, 20)
    seen = skin.skin_of(patches)
    np.testing.assert_allclose(seen[0], (60, 10, 20))
    assert np.isnan(seen[1]).all()
    assert skin.tone(skin.typology_angle(seen)).tolist() == [3, -1]


def test_frechet_of_known_gaussians(rng):
    a = rng.normal(0, 1, (200_000, 3)) * [1, 2, 3]
    b = rng.normal(0, 1, (200_000, 3)) * [2, 2, 1] + [1, 0, 0]
    assert distributions.frechet(a, b) == pytest.approx(1 + 1 + 0 + 4, rel=0.03)  # ‖Δμ‖² + Σ(σa − σb)²


def test_frechet_agrees_with_the_matrix_square_root(rng):
    a, b = rng.normal(0, 1, (60, 12)) @ rng.normal(0, 1, (12, 12)), rng.normal(1, 1, (50, 12))
    ca, cb = np.cov(a, rowvar=False), np.cov(b, rowvar=False)
    witness = np.square(a.mean(0) - b.mean(0)).sum() + np.trace(ca + cb - 2 * sqrtm(ca @ cb).real)
    assert distributions.frechet(a, b) == pytest.approx(witness, rel=1e-6)


def test_sliced_wasserstein_is_least_for_the_same_pictures_and_grows_with_coarseness(drawn):
    coarse = np.repeat(np.repeat(drawn[:, ::4, ::4], 4, axis=1), 4, axis=2)
    same, other = (distributions.sliced_wasserstein(drawn, pictures) for pictures in (drawn, coarse))
    assert list(same) == [64, 32, 16]
    assert other[64] > 2 * same[64]
    assert other == distributions.sliced_wasserstein(drawn, coarse)  # the seed says which patches and projections


def test_sliced_wasserstein_refuses_unequal_sets(drawn):
    with pytest.raises(ValueError, match="as many pictures"):
        distributions.sliced_wasserstein(drawn, drawn[:8])


def test_one_slice_of_a_wasserstein_distance_has_a_closed_form(rng):
    a, b = rng.normal(0, 1, (4000, 1)).astype(np.float32), rng.normal(0, 1, (4000, 1)).astype(np.float32) + 2
    assert distributions._distance(a, b, rng) == pytest.approx(
        2, rel=0.03
    )  # in one dimension: how far the mean has moved


def test_the_pyramid_adds_up_to_the_picture(rng):
    pictures = rng.integers(0, 256, (2, 64, 64, 3)).astype(np.uint8)
    *fine, coarse = distributions._laplacian(pictures)
    for level in reversed(fine):
        spaced = np.zeros_like(level)
        spaced[:, ::2, ::2] = coarse
        coarse = level + 4 * distributions._blurred(spaced)
    np.testing.assert_allclose(coarse, pictures, atol=1e-2)


@pytest.mark.parametrize("seed", range(20))
def test_strangers_are_strangers_and_everybody_is_used_once(seed):
    people = np.array(list("aaabbbccdddde"))
    given = strangers(people, seed)
    assert sorted(given) == list(range(13))
    assert not (people[given] == people).any()


def test_strangers_of_one_person_are_not_all_of_one_other(rng):
    people = np.repeat(np.arange(100), 3)
    others = people[strangers(people, 0)].reshape(100, 3)
    assert np.mean([len(set(row)) for row in others]) > 2.5  # or shuffled reflections would be recognised again
