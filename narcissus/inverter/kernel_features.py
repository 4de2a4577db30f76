"""Nystroem kernel features beside the features themselves: a linear fit over both is a nonlinear regression."""

import numpy as np
from sklearn.base import BaseEstimator, TransformerMixin
from sklearn.kernel_approximation import Nystroem


class KernelFeatures(TransformerMixin, BaseEstimator):
    """The features and, beside them, their RBF kernel to some training faces (Nystroem)."""

    def __init__(self, gamma=1e-3, components=500, weight=20.0, seed=0):
        self.gamma = gamma
        self.components = components
        self.weight = weight  # of the kernel beside the features, which are about 1
        self.seed = seed

    def fit(self, X, y=None):
        near = Nystroem(gamma=self.gamma, n_components=min(self.components, len(X)), random_state=self.seed).fit(X)
        self.centres_ = near.components_.astype(np.float32)
        self.mixing_ = (self.weight * near.normalization_.T).astype(np.float32)
        self.n_features_in_ = X.shape[1]
        return self

    def transform(self, X):
        X = np.asarray(X, np.float32)
        apart = np.square(X).sum(1)[:, None] - 2 * X @ self.centres_.T + np.square(self.centres_).sum(1)
        return np.hstack([X, np.exp(-self.gamma * apart) @ self.mixing_])
