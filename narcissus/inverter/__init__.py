"""Rows of numbers -> latents.

imputation.py     a row's missing numbers           regression.py       rows -> latents, and their directions
forward_model.py  latent -> row                     kernel_features.py  features -> features and their kernel (Nystroem)
identity_code.py  whitened PCA, for the fill        expression.py       how a face looks at this moment, apart from who
inverter.py       all of it together                storage.py          its two files

What is pickled into an inverter's file stands here or in narcissus/features: a mirror loads nothing of the lab. Whoever
changes it so that an older file would not work raises the version of INVERTER in narcissus/store/kinds.py.
"""

from narcissus.inverter.expression import Expression
from narcissus.inverter.forward_model import ForwardModel
from narcissus.inverter.identity_code import IdentityCode
from narcissus.inverter.imputation import Imputer
from narcissus.inverter.inverter import Inverter
from narcissus.inverter.kernel_features import KernelFeatures
from narcissus.inverter.regression import LatentRegression

__all__ = ["Expression", "ForwardModel", "IdentityCode", "Imputer", "Inverter", "KernelFeatures", "LatentRegression"]
