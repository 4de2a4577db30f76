"""Age, gender presentation and expression, as a machine trained on UTKFace guesses them; each guess with its doubt.

crop.py        landmarks -> an upright crop of 64 px              guesses.py     Attributes: what the mirror asks
network.py     crop -> age and gender                             expression.py  landmarks -> expression
store.py       the two files of models/attributes/
How it was learned: narcissus/lab/attributes.
"""

from narcissus.core.quiet import quiet

with quiet():  # TensorFlow greets on the standard error whatever its log level
    from narcissus.networks.attributes.expression import EXPRESSIONS
    from narcissus.networks.attributes.guesses import NAMES, Attributes, Guesses

__all__ = ["EXPRESSIONS", "NAMES", "Attributes", "Guesses"]
