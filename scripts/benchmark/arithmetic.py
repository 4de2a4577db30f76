"""How much a generator calculates, counted from its arguments; multiplications and additions are one operation each."""

from typing import NamedTuple

from narcissus.networks.pggan.arguments import Arguments


class Convolution(NamedTuple):
    """`kernel`×`kernel` over side×side places, each with `inputs` numbers in and `outputs` out."""

    side: int
    kernel: int
    inputs: int
    outputs: int

    @property
    def operations(self) -> int:
        return 2 * self.side**2 * self.kernel**2 * self.inputs * self.outputs


def convolutions(arguments: Arguments, *, fused: bool) -> list[Convolution]:
    """Every convolution of one picture, the dense layer first as one place of 1×1.

    `fused`: a block's first convolution is done on the small map, four pixels at a time; otherwise on the enlarged one.
    """
    maps = arguments.maps
    latent = arguments.latent_size + arguments.label_size
    layers = [Convolution(1, 1, latent, 16 * maps(1)), Convolution(4, 3, maps(1), maps(1))]
    for log2 in range(3, arguments.log2 + 1):
        side, inputs, outputs = 2**log2, maps(log2 - 2), maps(log2 - 1)
        layers.append(
            Convolution(side // 2, 2, inputs, 4 * outputs) if fused else Convolution(side, 3, inputs, outputs)
        )
        layers.append(Convolution(side, 3, outputs, outputs))
    layers.append(Convolution(arguments.resolution, 1, maps(arguments.log2 - 1), arguments.num_channels))
    return layers


def operations(arguments: Arguments, *, fused: bool = True) -> int:
    """Of one picture. The fused network does 4/9 of the plain one's work in every block's first convolution."""
    return sum(layer.operations for layer in convolutions(arguments, fused=fused))
