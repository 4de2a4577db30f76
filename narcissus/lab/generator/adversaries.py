"""Generator and discriminator taught against each other, step by step.

Non-saturating logistic loss (Goodfellow et al. 2014), R1 on the examples every 16th step (Mescheder et al. 2018; lazily
as in StyleGAN2), Adam without momentum, and a moving average of the generator, which is what ships.
"""

from dataclasses import dataclass
from functools import partial

import keras
import numpy as np
import tensorflow as tf

from narcissus.core.processor import multiplies_bfloat16
from narcissus.lab.generator import augmentation
from narcissus.lab.generator.adam import Adam
from narcissus.lab.generator.augmentation import beside
from narcissus.networks.pggan import backend, discriminator, network
from narcissus.networks.pggan.arguments import Arguments

R1, LAZILY = 0.7, 16  # weight of the penalty at 128 px; steps between two
HALF_LIFE, EARLY = 10_000, 0.05  # pictures after which half of the moving average is new; at most this share of all
AUGMENTED_FROM = 32  # pixels: a smaller picture has nothing to learn by heart
PICTURES, RIDGE = 64, 1e-3  # drawn to hand colours on to the next resolution; its ridge, of a map's mean square


@dataclass(frozen=True, slots=True)
class Moment:
    """What one step is done with."""

    step: int
    seen: int  # pictures before it
    last: int  # log2 of the pixels
    fade: float | None  # how much of the resolution before still shows; None: nothing, and it never will again


class Adversaries:
    """The two networks, their optimizers and the moving average. All that changes is in `variables`."""

    def __init__(self, arguments: Arguments, seed: int, precision: str | None = None) -> None:
        """`precision` None: bfloat16 where it is multiplied in hardware, else float32."""
        self.arguments, self.seed = arguments, seed
        self.precision = precision or best_precision()
        rng = np.random.default_rng(seed)
        shapes = {name: shape for name, shape in arguments.shapes().items() if name != "lod"}
        self.generator = _by_lot(shapes, rng)
        self.discriminator = _by_lot(discriminator.shapes(arguments), rng)
        self.average = {name: keras.Variable(np.array(value)) for name, value in self.generator.items()}
        self.optimizers = [Adam(list(one.values())) for one in (self.generator, self.discriminator)]
        self.augmenting = keras.Variable(0.0)  # the probability of each augmentation
        self.sureness = keras.Variable(0.0)  # r_t of ADA
        self._graphs: dict = {}

    @property
    def variables(self) -> dict[str, list]:
        """All that the next step depends on, but for the step's number."""
        return {
            "generator": list(self.generator.values()),
            "discriminator": list(self.discriminator.values()),
            "average": list(self.average.values()),
            "optimizers": [variable for one in self.optimizers for variable in one.variables],
            "augmenting": [self.augmenting, self.sureness],
        }

    def learn(self, real: np.ndarray, now: Moment) -> tuple[float, float]:
        """One step with examples uint8 (B, 2^last, 2^last, C): the losses of discriminator and generator."""
        penalised = now.step % LAZILY == 0
        key = (real.shape, now.fade is None, penalised)
        if key not in self._graphs:
            step = partial(self._step, last=now.last, penalised=penalised)
            self._graphs[key] = tf.function(step, autograph=False)
        fade = None if now.fade is None else tf.constant(now.fade, tf.float32)
        memory = tf.constant(_memory(len(real), now.seen), tf.float32)
        losses = self._graphs[key](tf.constant(real), tf.constant([self.seed, 8 * now.step]), fade, memory)
        return tuple(map(float, losses))

    def draw(self, latents: np.ndarray, last: int, fade: float | None) -> np.ndarray:
        """What the moving average draws: uint8 (B, 2^last, 2^last, 3)."""
        images = self._drawn(self.average, tf.constant(latents, tf.float32), last, fade)
        return np.array(network.to_picture(images, self.arguments.num_channels))

    def fit_to_rgb(self, last: int) -> None:
        """ToRGB of a new resolution, 2^last pixels, begins as the least-squares fit to the picture of the one before.

        Its maps are linear enough in what they come from that least squares finds most of the colours in them. Left to
        chance they are violet or green, and a short fade hands that to a judge which has never seen the like.
        """
        latents = tf.random.stateless_normal((PICTURES, self.arguments.latent_size), (self.seed, last))
        for variables in (self.generator, self.average):
            weights = network.folded(self.arguments, self._used(variables, last), keras.ops)
            before, maps = network.feature_maps(weights, latents, self.arguments, last)
            colours = network.coarse_picture(weights, before, self.arguments, last)
            weight, bias = _least_squares(np.array(maps), np.array(colours))
            layer = f"ToRGB_lod{self.arguments.log2 - last}"
            gain = self.arguments.gain(f"{layer}/weight")
            variables[f"{layer}/weight"].assign(weight[None, None] / gain)
            variables[f"{layer}/bias"].assign(bias / self.arguments.gain(f"{layer}/bias"))

    def _step(self, real, seed, fade, memory, *, last: int, penalised: bool):
        real = _examples(real, seed, fade)
        batch = real.shape[0]
        latents = tf.random.stateless_normal((batch, self.arguments.latent_size), beside(seed, 1))
        with tf.GradientTape() as drawing:
            false = self._drawn(self.generator, latents, last, fade)
            with drawing.stop_recording():
                cost = self._judge_learns(real, false, seed, fade, last, penalised)
            said = self._said(self._judging(last), self._shown(false, beside(seed, 6), last), last, fade)
            loss = tf.reduce_mean(tf.nn.softplus(-said))
        _follow(self.optimizers[0], drawing, loss, self.generator)
        self._remember(memory)
        return cost, loss

    def _judge_learns(self, real, false, seed, fade, last: int, penalised: bool):
        shown, other = self._shown(real, beside(seed, 2), last), self._shown(false, beside(seed, 4), last)
        with tf.GradientTape() as judging:
            weights = self._judging(last)
            how = self._penalised if penalised else self._plain
            said, penalty = how(weights, shown, last, fade)
            loss = tf.reduce_mean(tf.nn.softplus(-said) + tf.nn.softplus(self._said(weights, other, last, fade)))
            cost = loss + penalty
        _follow(self.optimizers[1], judging, cost, self.discriminator)
        if 2**last >= AUGMENTED_FROM:
            self._adapt(said)
        return loss

    def _plain(self, weights: dict, shown, last: int, fade):
        return self._said(weights, shown, last, fade), 0.0

    def _penalised(self, weights: dict, shown, last: int, fade):
        """What is said of examples, and R1: how steeply that changes with what the judge sees."""
        with tf.GradientTape() as tape:
            tape.watch(shown)
            said = self._said(weights, shown, last, fade)
            total = tf.reduce_sum(said)
        slope = tape.gradient(total, shown)
        return said, LAZILY * r1_at(last) / 2 * tf.reduce_mean(tf.reduce_sum(tf.square(slope), axis=(1, 2, 3)))

    def _drawn(self, variables: dict, latents, last: int, fade):
        weights = network.folded(self.arguments, self._used(variables, last), keras.ops)
        ready = {n: w if n.startswith("4x4/Dense") else tf.cast(w, self.precision) for n, w in weights.items()}
        return network.growing(ready, latents, self.arguments, last, fade)

    def _judging(self, last: int) -> dict:
        """The discriminator's weights, ready to judge with."""
        weights = discriminator.folded(self._used(self.discriminator, last))
        return {name: tf.cast(weight, self.precision) for name, weight in weights.items()}

    def _said(self, weights: dict, images, last: int, fade):
        return discriminator.judge(weights, images, self.arguments, last, fade)

    def _used(self, variables: dict, last: int) -> dict:
        """Those that a picture of 2^last pixels goes through, as tensors."""
        top = self.arguments.log2
        ends = {f"RGB_lod{lod}" for lod in (top - last, top - last + 1)}
        inside = lambda name: name[0].isdigit() and int(name.split("x")[0]) <= 2**last
        wanted = lambda name: inside(name) or any(name.split("/")[0].endswith(end) for end in ends)
        return {name: _tensor(variable) for name, variable in variables.items() if wanted(name)}

    def _shown(self, images, seed, last: int):
        if 2**last < AUGMENTED_FROM:
            return images
        return augmentation.augmented(images, _tensor(self.augmenting), seed)

    def _adapt(self, said) -> None:
        memory = augmentation.MEMORY
        self.sureness.assign(memory * self.sureness + (1 - memory) * augmentation.signs(said))
        self.augmenting.assign(augmentation.next_probability(self.augmenting.value, self.sureness.value, said.shape[0]))

    def _remember(self, memory) -> None:
        for slow, quick in zip(self.average.values(), self.generator.values(), strict=True):
            slow.assign(quick + (slow - quick) * memory)


def arguments_for(size: int, maps: int | None) -> Arguments:
    """The network for pictures of `size` pixels with at most so many maps; None: as many as this machine likes.

    The last resolution has 16 maps at least, the reference's number at 1024 px; a smaller one can be taught in an hour.
    """
    most = maps or (512 if backend.on_gpu() else 128)
    base = max(4 * most, 8 * size)
    return Arguments(resolution=size, num_channels=3, fmap_base=base, fmap_max=most, fused_scale=False)


def r1_at(last: int) -> float:
    """R1's weight at 2^last pixels: the fewer there are, the more of a face is in each, and the steeper a judge may be.

    With one weight for all, a judge of 8 or 64 px ends near a loss of 1.39, which is chance.
    """
    return R1 * 2**last / 128


def best_precision() -> str:
    if backend.on_gpu():
        return "bfloat16" if all(_capability(gpu) >= 8 for gpu in tf.config.list_physical_devices("GPU")) else "float32"
    return "bfloat16" if multiplies_bfloat16() else "float32"


def _capability(gpu) -> int:
    """8 and above multiplies bfloat16 (NVIDIA Ampere)."""
    return tf.config.experimental.get_device_details(gpu).get("compute_capability", (0, 0))[0]


def _least_squares(maps: np.ndarray, colours: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Weight (m, C) and bias (C,) with which maps (B, H, W, m) come nearest to colours (B, H, W, C)."""
    maps, colours = (one.reshape(-1, one.shape[-1]).astype(np.float64) for one in (maps, colours))
    middle, mean = maps.mean(axis=0), colours.mean(axis=0)
    away = maps - middle
    square = away.T @ away / len(away) + RIDGE * np.square(maps).mean() * np.eye(maps.shape[1])
    weight = np.linalg.solve(square, away.T @ (colours - mean) / len(away))
    return weight, mean - middle @ weight


def _memory(batch: int, seen: int) -> float:
    """Of the moving average: what it keeps of itself in this step."""
    return 0.5 ** (batch / max(1.0, min(HALF_LIFE, EARLY * seen)))


def _by_lot(shapes: dict, rng: np.random.Generator) -> dict[str, keras.Variable]:
    """Weights of unit variance (equalised learning rate), biases of zero."""
    lot = lambda name, shape: np.zeros(shape) if name.endswith("/bias") else rng.standard_normal(shape)
    return {name: keras.Variable(lot(name, shape).astype(np.float32)) for name, shape in shapes.items()}


def _follow(optimizer: Adam, tape: tf.GradientTape, loss, variables: dict) -> None:
    """One step downhill, of those variables that had a part in it: resolutions not yet grown have none."""
    own = list(variables.values())
    optimizer.apply(tape.gradient(loss, [variable.value for variable in own]), own)


def _tensor(variable: keras.Variable):
    return tf.convert_to_tensor(variable.value)


def _examples(real, seed, fade):
    """uint8 (B, r, r, C) -> float32, -1 to 1, half of them mirrored, as blurred as what is drawn."""
    real = tf.cast(real, tf.float32) / 127.5 - 1
    mirrored = tf.random.stateless_uniform((real.shape[0], 1, 1, 1), seed) < 0.5
    real = tf.where(mirrored, tf.reverse(real, [2]), real)
    if fade is None:
        return real
    small = tf.nn.avg_pool2d(real, 2, 2, "VALID")
    coarse = tf.repeat(tf.repeat(small, 2, axis=1), 2, axis=2)
    return real + (coarse - real) * fade
