"""Rows of numbers -> latents.

gaps.py      what a row leaves open        fit.py       a regression, and the directions in which it speaks
sight.py     latent -> what would be seen  inverter.py  all of it together, kept in two files
"""

from narcissus.inverter.fit import Fit
from narcissus.inverter.gaps import Gaps
from narcissus.inverter.inverter import Inverter
from narcissus.inverter.sight import Sight

__all__ = ["Fit", "Gaps", "Inverter", "Sight"]
