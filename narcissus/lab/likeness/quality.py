"""Random renders and reflections against real faces, with the distance of real faces from one another as the floor."""

import numpy as np

from narcissus.lab.likeness.distributions import frechet, sliced_wasserstein

FEWEST = 40  # pictures a side; with fewer a distance says nothing


def quality(real: np.ndarray, reflections: np.ndarray, random: np.ndarray, codes: dict, seed: int = 0) -> dict | None:
    """Distances of three sets from the same real faces, at equal n; None where there are too few.

    `real` and `reflections` are uint8 (n, R, R, 3), photographs in the generator's frame and the reflections of the
    same viewers; `random` uint8 (m, R, R, 3). `codes` holds descriptors of each, float32 (n or m, 128), NaN where
    there is none. The even photographs stand for the real world; against them are measured the odd photographs (the
    floor), the reflections of the odd ones (so nobody is compared with himself) and as many random renders.
    """
    n = min(len(real) // 2, len(random))
    if n < FEWEST:
        return None
    world, world_codes = real[0 : 2 * n : 2], codes["real"][0 : 2 * n : 2]
    sides = {
        "real": (real[1 : 2 * n : 2], codes["real"][1 : 2 * n : 2]),
        "reflections": (reflections[1 : 2 * n : 2], codes["reflections"][1 : 2 * n : 2]),
        "random": (random[:n], codes["random"][:n]),
    }
    known = [np.isfinite(c[:, 0]).sum() for c in (world_codes, *(codes for _, codes in sides.values()))]
    equal = int(min(known))
    result = {"n": n, "n_frechet": equal, "sliced_wasserstein": {}, "frechet": {}}
    for name, (pictures, described) in sides.items():
        levels = sliced_wasserstein(world, pictures, seed)
        mean = float(np.mean(list(levels.values())))
        result["sliced_wasserstein"][name] = {str(k): round(v, 2) for k, v in levels.items()} | {"mean": round(mean, 2)}
        if equal >= FEWEST:
            clean = [c[np.isfinite(c[:, 0])][:equal] for c in (world_codes, described)]
            result["frechet"][name] = round(frechet(*clean), 4)
    return result
