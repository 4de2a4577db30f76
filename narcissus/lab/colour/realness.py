"""Can a classifier tell a coloured picture from a real one? Gradient boosting on how colours are distributed.

It sees chroma at 64 × 64 places: quantiles of a, b and chroma, their joint histogram, how they vary between
neighbours near and far, and how they go with lightness. It is trained on other pictures than it is asked about (five
folds; a picture and its coloured twin are always on the same side).
"""

import numpy as np
from sklearn.ensemble import HistGradientBoostingClassifier
from sklearn.metrics import roc_auc_score
from sklearn.model_selection import GroupKFold, cross_val_predict

FOLDS = 5
LEVELS = np.arange(5, 100, 10)  # per cent
EDGES = np.arange(-44, 45, 8)  # ab units: the joint histogram's bins


def auc(real: np.ndarray, coloured: np.ndarray, resamples: int = 200) -> tuple[float, float, float]:
    """Area under the ROC curve of Lab (n, h, w, 3) against the same pictures coloured, and its 95 % interval."""
    rows = np.stack([_row(lab) for lab in (*real, *coloured)])
    label = np.repeat([0, 1], len(real))
    picture = np.tile(np.arange(len(real)), 2)
    model = HistGradientBoostingClassifier(max_iter=120, max_leaf_nodes=12, learning_rate=0.08, random_state=0)
    score = cross_val_predict(model, rows, label, groups=picture, cv=GroupKFold(FOLDS), method="predict_proba")[:, 1]
    rng = np.random.default_rng(0)
    samples = []
    for _ in range(resamples):
        drawn = rng.integers(0, len(real), len(real))
        both = np.concatenate([drawn, drawn + len(real)])
        samples.append(roc_auc_score(label[both], score[both]))
    return float(roc_auc_score(label, score)), *(float(q) for q in np.percentile(samples, (2.5, 97.5)))


def _row(lab: np.ndarray) -> np.ndarray:
    """What the classifier sees of Lab (h, w, 3)."""
    light, a, b = np.moveaxis(lab.astype(np.float64), -1, 0)
    joint = np.histogram2d(a.ravel(), b.ravel(), bins=(EDGES, EDGES))[0].ravel() / a.size
    spread = [np.percentile(x, LEVELS) for x in (a, b, np.hypot(a, b))]
    near = [np.abs(x[step:] - x[:-step]).mean() for x in (a, b) for step in (1, 2, 4, 8, 16) if step < len(x)]
    together = [np.corrcoef(x.ravel(), y.ravel())[0, 1] for x, y in ((light, a), (light, b), (a, b))]
    return np.nan_to_num(np.concatenate([joint, *spread, near, together]))
