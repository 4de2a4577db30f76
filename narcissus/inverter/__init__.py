"""Rows of numbers -> latents.

gaps.py      imputation of missing numbers  fit.py         a regression and its output directions
sight.py     forward model, latent -> row   nearness.py    features -> features and their kernel (Nystroem)
lasting.py   whitened PCA, for the fill     expression.py  how a face looks at this moment, apart from who it is
inverter.py  all of it together             storage.py     its two files

Some names say little (Sight, Lasting, Nearness); they stay, because inverter.joblib is a pickle and refers to them.

What is pickled into an inverter's file stands here or in narcissus/features: a mirror loads nothing of the lab. Whoever
changes it so that an older file would not work raises the version of INVERTER in narcissus/store/kinds.py.
"""

from narcissus.inverter.expression import Expression
from narcissus.inverter.fit import Fit
from narcissus.inverter.gaps import Gaps
from narcissus.inverter.inverter import Inverter
from narcissus.inverter.lasting import Lasting
from narcissus.inverter.nearness import Nearness
from narcissus.inverter.sight import Sight

__all__ = ["Expression", "Fit", "Gaps", "Inverter", "Lasting", "Nearness", "Sight"]
