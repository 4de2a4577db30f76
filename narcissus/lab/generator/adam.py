"""Adam without momentum (Kingma and Ba 2015, β₁ = 0), one operation a variable.

Keras' own takes a dozen, and building a step's graph a third longer: there are two for each resolution.
"""

import keras
import tensorflow as tf

RATE = 2e-3  # with equalised learning rate; Karras et al. 2018 take 1e-3
MEMORY, EPSILON = 0.99, 1e-8  # β₂; PG-GAN's


class Adam:
    """Each variable counts its own steps, for its bias correction: else those of a resolution that only begins to be
    learned would take a first step ten times too long.
    """

    def __init__(self, variables: list[keras.Variable]) -> None:
        self.rate = keras.Variable(RATE)
        self._moments = {id(one): [_zeros(one), _zeros(one)] for one in variables}
        self._powers = {id(one): keras.Variable(MEMORY) for one in variables}

    @property
    def variables(self) -> list[keras.Variable]:
        """All that the next step depends on, but for the rate."""
        return [*self._powers.values(), *(moment for both in self._moments.values() for moment in both)]

    def apply(self, gradients: list, variables: list[keras.Variable]) -> None:
        """A step downhill; a variable whose gradient is None had no part in the loss and stays as it is."""
        for gradient, variable in zip(gradients, variables, strict=True):
            if gradient is not None:
                self._step(gradient, variable)

    def _step(self, gradient, variable: keras.Variable) -> None:
        (first, second), power = self._moments[id(variable)], self._powers[id(variable)]
        tf.raw_ops.ResourceApplyAdam(
            var=variable.value.handle,
            m=first.value.handle,
            v=second.value.handle,
            beta1_power=0.0,
            beta2_power=power.value,
            lr=self.rate.value,
            beta1=0.0,
            beta2=MEMORY,
            epsilon=EPSILON,
            grad=gradient,
        )
        power.assign(power * MEMORY)


def _zeros(like: keras.Variable) -> keras.Variable:
    return keras.Variable(tf.zeros(like.shape))
