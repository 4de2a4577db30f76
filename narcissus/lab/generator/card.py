"""The generator's card: what it was made of, how, and how good it is."""

from narcissus.lab.generator.pile import expectation
from narcissus.lab.generator.training import Training

CARD = """# Model card: `{name}`

**What it is.** PG-GAN in the layout of `G_paper` (Karras et al. 2018, arXiv 1710.10196) at {resolution} px: {weights:,}
weights, latent {latent}, at most {maps} feature maps, pixel norm, equalised learning rate, no labels, stored in float16
under the reference's variable names. Made by `scripts/train_generator.py`.

**What it was trained on.** {taught} pictures of `{source}`. {told}.
{expectation}.

**How.** {seen:,} pictures seen in {minutes:.0f} minutes, each about {times:.0f} times; from 4 px on, growing{grown};
non-saturating logistic loss with R1, adaptive augmentation ({augmenting:.0%} at the end), a moving average of the
weights, seed {seed}.

**How good it is.** {figures}

![64 uncurated samples]({name}-samples.png)

64 samples, none left out: latents of `numpy.random.default_rng(0)`.

**What it must not be used for.** It identifies nobody, and nothing it draws is evidence about anybody. A small
generator can come close to a person it has seen often: show it only where the people in the pile would agree.

Licence: {licence}
"""

NONE = "Not measured: stopped before its end (the same command goes on), or smaller than 16 px."
TABLE = """{count} random renders against {count} pictures {held}; beside them {count} others of the pile: the floor.

| measure | renders | pictures of the pile |
|---|---|---|
| dlib's HOG finds a face (threshold 0, enlarged to 256 px) | {renders[found]:.1%} | {floor[found]:.1%} |
| Fréchet distance in dlib's descriptor space | {frechet[0]} | {frechet[1]} |
| sliced Wasserstein distance ×10³ at {levels} px | {waves[0]} | {waves[1]} |"""
HELD = {True: "that it was not taught with", False: "that it was taught with (the pile is too small to hold any out)"}


def text(name: str, training: Training, told: str, source: str, licence: str, figures: dict | None) -> str:
    own, last = training.adversaries, training.growth[0]
    arguments = own.arguments
    return CARD.format(
        name=name,
        resolution=arguments.resolution,
        weights=sum(value.numpy().size for value in own.average.values()),
        latent=arguments.latent_size,
        maps=arguments.fmap_max,
        taught=len(training.pictures),
        source=source,
        told=told,
        expectation=expectation(len(training.pictures)).capitalize(),
        seen=training.seen,
        times=training.seen / len(training.pictures),
        minutes=training.seconds / 60,
        grown="" if last == arguments.log2 else f" (so far to {2**last} px, drawn enlarged)",
        augmenting=float(own.augmenting.value),
        seed=own.seed,
        figures=NONE if figures is None else table(figures),
        licence=licence,
    )


def table(figures: dict) -> str:
    both = renders, floor = figures["renders"], figures["real pictures"]
    levels = [level for level in renders["sliced_wasserstein"] if level != "mean"]
    waves = [
        " / ".join(f"{one['sliced_wasserstein'][level]:.1f}" for level in levels)
        + f", mean {one['sliced_wasserstein']['mean']:.1f}"
        for one in both
    ]
    return TABLE.format(
        count=renders["n"],
        held=HELD[figures["held out"]],
        renders=renders,
        floor=floor,
        frechet=["too few faces" if one["frechet"] is None else f"{one['frechet']:.4f}" for one in both],
        levels=" / ".join(levels),
        waves=waves,
    )
