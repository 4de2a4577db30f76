"""The arguments of `G_paper` (Karras et al. 2018, `networks.py`) and the variables that they imply."""

import math
from dataclasses import dataclass

from narcissus.core.printable import brief


@dataclass(frozen=True, slots=True)
class Arguments:
    """What the reference calls its network with; names and defaults are the reference's.

    Raises ValueError, naming the argument, when no such network can exist.
    """

    resolution: int = 32  # 4 to 1024, a power of two
    num_channels: int = 1  # 1 or 3
    label_size: int = 0
    latent_size: int | None = None  # None: min(fmap_base, fmap_max); always a number once made
    fmap_base: float = 8192
    fmap_decay: float = 1.0
    fmap_max: int = 512
    fused_scale: bool = True  # how the file stores the first convolution of a block, not how it is computed here
    normalize_latents: bool = True
    use_wscale: bool = True
    use_pixelnorm: bool = True
    pixelnorm_epsilon: float = 1e-8
    use_leakyrelu: bool = True

    def __post_init__(self) -> None:
        for name in ("fused_scale", "normalize_latents", "use_wscale", "use_pixelnorm", "use_leakyrelu"):
            if not isinstance(getattr(self, name), bool):
                raise ValueError(f"{name} is {brief(getattr(self, name))}, but must be true or false")
        self._in("resolution", int, 4, 1024)
        if self.resolution & (self.resolution - 1):
            raise ValueError(f"resolution is {self.resolution}, but must be a power of two")
        self._in("num_channels", int, 1, 3)
        if self.num_channels == 2:
            raise ValueError("num_channels is 2, but a picture has 1 or 3")
        self._in("label_size", int, 0, 4096)
        self._in("fmap_base", (int, float), 1, 1 << 20)
        self._in("fmap_decay", (int, float), 0, 8)
        self._in("fmap_max", int, 1, 8192)
        self._in("pixelnorm_epsilon", (int, float), 0, 1)
        if self.latent_size is None:
            object.__setattr__(self, "latent_size", self.maps(0))
        self._in("latent_size", int, 1, 8192)
        if self.maps(self.log2 - 1) < 1:
            raise ValueError(f"fmap_base {self.fmap_base} leaves no feature map at {self.resolution} px")

    def _in(self, name: str, kind: type | tuple[type, ...], least: float, most: float) -> None:
        value = getattr(self, name)
        if isinstance(value, bool) or not isinstance(value, kind) or not least <= value <= most:
            raise ValueError(f"{name} is {brief(value)}, but must be a number from {least} to {most}")

    @property
    def log2(self) -> int:
        return self.resolution.bit_length() - 1

    def maps(self, stage: int) -> int:
        """Feature maps at a stage; the block at resolution r is of stage log2(r) - 1. The reference's `nf`."""
        return min(int(self.fmap_base / 2.0 ** (stage * self.fmap_decay)), self.fmap_max)

    def shapes(self) -> dict[str, tuple[int, ...]]:
        """Name -> shape of every variable, in the reference's names and layout; `lod` last."""
        maps, shapes = self.maps, {}

        def layer(name: str, *weight: int, outputs: int) -> None:
            shapes[f"{name}/weight"] = weight
            shapes[f"{name}/bias"] = (outputs,)

        layer("4x4/Dense", self.latent_size + self.label_size, maps(1) * 16, outputs=maps(1))
        layer("4x4/Conv", 3, 3, maps(1), maps(1), outputs=maps(1))
        for log2 in range(3, self.log2 + 1):
            block, inputs, outputs = f"{2**log2}x{2**log2}", maps(log2 - 2), maps(log2 - 1)
            if self.fused_scale:
                layer(f"{block}/Conv0_up", 3, 3, outputs, inputs, outputs=outputs)  # a transposed convolution's kernel
            else:
                layer(f"{block}/Conv0", 3, 3, inputs, outputs, outputs=outputs)
            layer(f"{block}/Conv1", 3, 3, outputs, outputs, outputs=outputs)
        for log2 in range(2, self.log2 + 1):
            layer(f"ToRGB_lod{self.log2 - log2}", 1, 1, maps(log2 - 1), self.num_channels, outputs=self.num_channels)
        shapes["lod"] = ()
        return shapes

    def gain(self, name: str) -> float:
        """What the reference multiplies a stored weight by at run time (equalised learning rate; its `get_weight`)."""
        if not self.use_wscale or not name.endswith("/weight"):
            return 1.0
        shape = self.shapes()[name]
        if name == "4x4/Dense/weight":
            return math.sqrt(2) / 4 / math.sqrt(shape[0])
        if name.startswith("ToRGB"):
            return 1 / math.sqrt(shape[2])
        inputs = shape[3] if name.endswith("Conv0_up/weight") else shape[2]
        return math.sqrt(2) / math.sqrt(9 * inputs)  # He initialisation
