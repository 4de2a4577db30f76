"""A creature's body: the features of its founders, cell by cell as its genome says, and on from there to a picture."""

import numpy as np

from narcissus.breeding.genome import BELOW, GROUPS, LEVELS, SIDE, Genome
from narcissus.core.errors import NotFinite
from narcissus.networks.pggan.seam import Seam

FIRST = 8  # pixels: the coarsest level at which founders' features are taken


def drawn(seam: Seam, genome: Genome, latents: np.ndarray) -> np.ndarray:
    """The creature whose founders have these latents float32 (founders, L): float32 (H, W, C), not limited to [-1, 1].

    The network has 16 px or more; of a small one the finer levels of the genome are left out.
    """
    maps = _composed(_features(seam, latents, genome.alleles[0], FIRST), genome.alleles[0], genome.sources)
    for level, alleles in enumerate(genome.alleles[1:], 1):
        resolution = FIRST << level
        if resolution > seam.finest:
            break
        if (alleles != BELOW).any():
            maps = seam.onward(maps, resolution)
            own = _composed(_features(seam, latents, alleles, resolution), alleles % BELOW, genome.sources)
            maps = np.where(_spread(alleles, maps.shape) == BELOW, maps, own)
    return seam.picture(maps)[0]


def prepare(seam: Seam, latent_size: int) -> None:
    """Have all compiled that any genome asks for: that takes a second, and afterwards no birth does."""
    for levels in range(1, LEVELS + 1):
        whole = Genome.of("#0")
        alleles = whole.alleles.copy()
        alleles[:levels] = 0
        drawn(seam, Genome(whole.founders, alleles, whole.sources), np.zeros((1, latent_size), np.float32))


def portrait(seam: Seam, genome: Genome, latents: np.ndarray) -> np.ndarray:
    """The same as a picture: uint8 (H, W, 3) RGB. Raises NotFinite."""
    image = drawn(seam, genome, latents)
    if not np.isfinite(image).all():
        raise NotFinite("a creature's picture holds NaN or infinity")
    picture = np.clip(np.rint(image * 127.5 + 127.5), 0, 255).astype(np.uint8)
    return np.ascontiguousarray(np.broadcast_to(picture, (*picture.shape[:2], 3)))


def _features(seam: Seam, latents: np.ndarray, alleles: np.ndarray, resolution: int) -> np.ndarray:
    """float32 (founders, r, r, maps), zeros where a founder is not asked for. One by one: each number is compiled."""
    found = [
        seam.features(latents[n : n + 1], resolution) if (alleles == n).any() else None for n in range(len(latents))
    ]
    like = next(maps for maps in found if maps is not None)
    return np.concatenate([np.zeros_like(like) if maps is None else maps for maps in found])


def _composed(features: np.ndarray, alleles: np.ndarray, sources: np.ndarray) -> np.ndarray:
    """Features float32 (founders, r, r, maps) -> float32 (1, r, r, maps), each cell and group of channels from one."""
    _, size, _, maps = features.shape
    whose = _spread(alleles, (1, size, size, maps))[0]  # (r, r, maps)
    each = size // SIDE
    rows, columns = (np.kron(part, np.ones((each, each), np.intp)) for part in np.divmod(sources.astype(np.intp), SIDE))
    within = np.tile(np.arange(each), SIDE)
    rows, columns = rows * each + within[:, None], columns * each + within[None, :]  # (r, r)
    return features[whose, rows[..., None], columns[..., None], np.arange(maps)][None]


def _spread(alleles: np.ndarray, shape: tuple[int, ...]) -> np.ndarray:
    """uint8 (SIDE, SIDE, GROUPS) -> intp (1, r, r, maps): a cell is several pixels, a group a range of channels."""
    _, size, _, maps = shape
    each = size // SIDE
    group = np.arange(maps) * GROUPS // maps
    return alleles.repeat(each, axis=0).repeat(each, axis=1)[..., group][None].astype(np.intp)
