"""Pairs -> an inverter: feature selection, regression, its output directions, the forward model, confidence."""

import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import numpy as np
from sklearn.base import clone
from sklearn.cross_decomposition import PLSRegression
from sklearn.ensemble import RandomForestRegressor
from sklearn.exceptions import ConvergenceWarning
from sklearn.linear_model import Ridge
from sklearn.model_selection import cross_val_predict
from sklearn.neighbors import KNeighborsRegressor
from sklearn.neural_network import MLPRegressor
from sklearn.pipeline import Pipeline
from sklearn.preprocessing import StandardScaler

from narcissus.features.portrait import COLUMNS, GROUPS
from narcissus.features.spatial import FORMS, MEAN_SHAPE, GreedyFeatures, forms
from narcissus.inverter import ForwardModel, IdentityCode, Imputer, Inverter, KernelFeatures, LatentRegression
from narcissus.lab.training.expression import learn_expression
from narcissus.lab.training.pairs import Pairs

TREMOR = 0.01  # noise of each coordinate, distances between the eyes: a following predictor trembles by 0.005 to 0.02
SHAPE_NUMBERS = 30  # principal components of a shape for the forward model: 99.4 % of real shapes' variance
HIDDEN = 256  # hidden units of the forward model
IDENTITY = 40  # principal components of a shape that choose a visitor's own fill
FILL = 5  # seed of the fill: of eight tried on photographs of 120 people, its reflections are most often found as faces
ORDINARY = 0.6  # quantile of ‖prediction‖ over drawn faces, used as a clamp
CARE = 3.0  # weight, in the correction, of what a viewer looks at first: a mouth that opens, the colour of skin, and
# gender presentation: on the five films it flips 25, 8 and 0 times a minute where it weighs 1, 2 and 3
CARED_FOR = ("mouth aspect", "mouth inside aspect", "cheek", "forehead", "female")
TRUST = 0.25  # in the correction; 1 would be likeliest were shapes normal and the model exact: fewer faces, less calm
EXCLUDED = "roll"  # never an input: drawn faces hardly tilt, a viewer may, and how the picture hangs answers that


def estimators(seed: int) -> dict[str, list]:
    """What may follow the scaled features: the competitors, by the name that `--estimator` gives them."""
    return {
        "nystroem": [("kernel", KernelFeatures(seed=seed)), ("ridge", Ridge(100.0))],
        "ridge": [("ridge", Ridge(300.0))],
        "pls": [("pls", PLSRegression(40, scale=False))],
        "mlp": [("mlp", MLPRegressor(hidden_layer_sizes=(256,), alpha=10.0, early_stopping=True, random_state=seed))],
        "neighbours": [("neighbours", KNeighborsRegressor(50, weights="distance"))],
        "forest": [
            ("forest", RandomForestRegressor(60, min_samples_leaf=10, max_features=0.2, n_jobs=2, random_state=seed))
        ],
    }


@dataclass(frozen=True, slots=True, eq=False)
class Prepared:
    """What every estimator is given: the pairs, made ready, and all that is learned before one is chosen."""

    pairs: Pairs
    rows: np.ndarray  # float32 (n, P), without gaps, trembling
    identity_code: IdentityCode
    imputer: Imputer
    forward_model: ForwardModel
    features: tuple[GreedyFeatures, GreedyFeatures]  # for pictures with colours, and without
    seed: int


def prepare(pairs: Pairs, limit: int, seed: int) -> Prepared:
    """At most `limit` features are selected. The same pairs and seed give the same result."""
    upright = pairs.rows.copy()
    upright[:, COLUMNS.index(EXCLUDED)] = np.nan
    imputer = Imputer.from_rows(upright)
    rows = trembled(imputer.impute(upright), seed)
    known = ~np.isnan(upright).all(axis=0)
    features = []
    for groups in (("pose", "colour", "guesses"), ("pose", "guesses")):
        columns = [i for group in groups for i in range(len(COLUMNS))[GROUPS[group]] if known[i]]
        chosen = GreedyFeatures(tuple(columns), tuple(COLUMNS[i] for i in columns), limit=limit)
        features.append(chosen.fit(rows, pairs.latents))
    model = learn_forward_model(pairs, imputer, seed)
    return Prepared(pairs, rows, learn_identity_code(rows), imputer, model, tuple(features), seed)


def build(prepared: Prepared, generator, estimator: str = "nystroem") -> Inverter:
    """The inverter with one of `estimators` at its heart, for this generator."""
    inverter = Inverter(
        *(learn(features, prepared, estimator) for features in prepared.features),
        prepared.forward_model,
        prepared.imputer,
        prepared.identity_code,
        learn_expression(prepared.imputer.impute(prepared.pairs.rows), prepared.pairs.latents, generator.render),
        colours=GROUPS["colour"],
        limits=(0.0, 1.0),
        trust=TRUST,
        generator=(generator.name, generator.sha256),
        columns=COLUMNS,
        seed=FILL,
    )
    ordinary = float(np.quantile(inverter.strangeness(prepared.rows), 0.99))
    inverter.limits = (2 * ordinary, 6 * ordinary)
    return inverter


@contextmanager
def interruptible() -> Iterator[None]:
    """Ctrl-C ends a fit: scikit-learn's networks swallow it, and hand over what they have as if it were finished."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)  # the number of passes is chosen, not reached by chance
        warnings.filterwarnings("error", "Training interrupted by user")
        try:
            yield
        except UserWarning:
            raise KeyboardInterrupt from None


def trembled(rows: np.ndarray, seed: int) -> np.ndarray:
    """Rows with noise on their shapes, as landmarks of a followed face have, so that the fit learns to shrink."""
    shape = GROUPS["shape"]
    noise = np.random.default_rng([seed, 2]).standard_normal(rows[:, shape].shape, np.float32)
    rows = rows.copy()
    rows[:, shape] += TREMOR * noise
    return rows


def passing_numbers(rows: np.ndarray) -> np.ndarray:
    """What changes in a face in a moment, standardised (n, ≤ 4): a turn, a nod, an open mouth, a smile."""
    shapes = rows[:, GROUPS["shape"]].reshape(-1, 68, 2)
    mouth = forms(shapes)[:, [FORMS.index("mouth inside aspect")]]
    return standardised(np.hstack([rows[:, GROUPS["pose"]][:, :2], mouth, rows[:, [COLUMNS.index("happiness")]]]))


def standardised(numbers: np.ndarray) -> np.ndarray:
    """(n, d) -> (n, ≤ d): mean 0, spread 1; what never varies is left out."""
    varying = numbers[:, numbers.std(axis=0) > 1e-6]
    return (varying - varying.mean(axis=0)) / varying.std(axis=0)


def learn_identity_code(rows: np.ndarray) -> IdentityCode:
    """The principal components of shapes, and age and gender presentation, all of one spread, less what passes.

    Whitening matters: what tells people apart is small (a crooked brow, a nose's width) beside how shapes vary at all.
    """
    mean, spread = rows.mean(axis=0), rows.std(axis=0)
    shape = GROUPS["shape"]
    _, sizes, components = np.linalg.svd(rows[:10_000, shape] - mean[shape], full_matrices=False)
    count = min(IDENTITY, np.count_nonzero(sizes > 1e-3 * sizes[0]))
    guessed = [COLUMNS.index(name) for name in ("age", "female") if spread[COLUMNS.index(name)] > 1e-6]
    weights = np.zeros((rows.shape[1], count + len(guessed)))
    weights[shape, :count] = components[:count].T
    weights[guessed, range(count, count + len(guessed))] = 1
    code = (rows - mean) @ weights
    weights /= code.std(axis=0)
    passing, _ = np.linalg.qr(Ridge(1.0).fit(code / code.std(axis=0), passing_numbers(rows)).coef_.T)  # (q, ≤ 4)
    weights -= weights @ passing @ passing.T
    weights /= np.sqrt(np.square((rows - mean) @ weights).sum(axis=1).mean())
    return IdentityCode(mean.astype(np.float32), weights.astype(np.float32))


def learn(features: GreedyFeatures, prepared: Prepared, estimator: str) -> LatentRegression:
    """Fit the estimator; its axes are the first L/3 principal directions of its cross-validated predictions."""
    selected, latents = features.transform(prepared.rows), prepared.pairs.latents
    model = Pipeline([("scale", StandardScaler()), *estimators(prepared.seed)[estimator]])
    with interruptible():
        predicted = cross_val_predict(clone(model), selected, latents, cv=3)
        model.fit(selected, latents)
    _, _, directions = np.linalg.svd(predicted - predicted.mean(axis=0), full_matrices=False)
    axes = directions[: latents.shape[1] // 3].astype(np.float32)  # (k, L)
    said = predicted @ axes.T  # (n, k)
    longest = float(np.quantile(np.linalg.norm(said, axis=1), ORDINARY))
    fitted = Pipeline([("features", features), *model.steps])
    return LatentRegression(fitted, axes, longest)


def learn_forward_model(pairs: Pairs, imputer: Imputer, seed: int) -> ForwardModel:
    """The forward model from latents to numbers; its error is measured on every tenth face.

    Colours are those of the drawing itself: what a lamp does to a viewer's colours is for `light` to take off, and a
    model that saw it in drawn faces would hardly believe that a latent has a colour at all.
    """
    mean = imputer.mean.astype(np.float32)
    clean = pairs.rows.copy()
    clean[:, GROUPS["colour"]] = pairs.painted
    away = imputer.impute(clean) - mean
    shapes = shape_numbers(away)  # (136, m)
    known = ~np.isnan(pairs.rows).all(axis=0) & (away.std(axis=0) > 1e-6)
    others = np.flatnonzero(known[len(shapes) :]) + len(shapes)
    scale = away[:, others].std(axis=0)
    numbers = np.hstack([away[:, : len(shapes)] @ shapes, away[:, others] / scale])
    names = [*[""] * SHAPE_NUMBERS, *FORMS, *(COLUMNS[i] for i in others)]
    weight = np.array([CARE if name.startswith(CARED_FOR) else float(name != EXCLUDED) for name in names])
    held = np.arange(len(away)) % 10 == 0
    net = MLPRegressor(
        hidden_layer_sizes=(HIDDEN,),
        alpha=0.1,
        batch_size=200,
        learning_rate_init=2e-3,
        max_iter=30,
        tol=0,
        random_state=seed,
    )
    with interruptible():
        net.fit(pairs.latents[~held], numbers[~held])
    error = np.square(net.predict(pairs.latents[held]) - numbers[held]).mean(axis=0)
    arrays = (net.coefs_[0], net.intercepts_[0], net.coefs_[1], net.intercepts_[1], error, weight, mean, shapes)
    return ForwardModel(*(array.astype(np.float32) for array in arrays), others, scale.astype(np.float32))


def shape_numbers(away: np.ndarray) -> np.ndarray:
    """Which few numbers of a shape are seen: rows less their mean (n, P) -> (136, m), each of unit variance.

    Principal components, and beside them every form as far as it is linear: the opening of mouth and eyes is a small
    part of a shape's variance and the largest of its life.
    """
    shapes = away[:, GROUPS["shape"]]  # (n, 136)
    _, _, components = np.linalg.svd(shapes[:10_000], full_matrices=False)
    answering = Ridge(1.0).fit(shapes, forms((shapes + MEAN_SHAPE.ravel()).reshape(-1, 68, 2)))
    basis = np.hstack([components[:SHAPE_NUMBERS].T, answering.coef_.T])
    return basis / (shapes @ basis).std(axis=0)
