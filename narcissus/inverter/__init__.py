"""Rows of numbers -> latents.

gaps.py      what a row leaves open        fit.py       a regression, and the directions in which it speaks
sight.py     latent -> what would be seen  nearness.py  features -> features and their kernel
lasting.py   what is the same another day  expression.py  how a face looks at this moment, apart from who it is
inverter.py  all of it together            keeping.py   its two files

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
