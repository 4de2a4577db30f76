"""What a training run will take of disk and memory, asked before it takes anything.

The figures are upper estimates: the peak of whole runs of 1,000 pairs with the generator that ships, and what more
pairs and longer latents add by arithmetic. A run that is let through is not to die in its last hour.
"""

import shutil
from pathlib import Path

import psutil

from narcissus.core.errors import ConfigError
from narcissus.features.portrait import COLUMNS
from narcissus.lab.training import room

MB = 1 << 20
LOADED = 750 * MB  # the generator and what draws with it
CANDIDATES = 350 * MB  # the numbers of all candidate features (2,429² × folds) while some are chosen
WORKER = 620 * MB  # a process that looks: dlib, OpenCV and the networks that guess
SELECTED = 600  # features and kernels beside each pair while it is fitted: float64, copied by the solver
COPIES = 3
LEAVES = 60 / 10 * 2 * 2  # of a forest, for each pair: 60 trees, leaves of ten, two nodes a leaf, for both fits
WRITTEN = 24 * MB  # the inverter, its report and pictures


def memory(pairs: int, latent_size: int, workers: int, chunk: int, pixels: int, forest: bool) -> int:
    """Bytes at the most, all processes together: while faces are seen, or while they are fitted and nobody looks."""
    drawn = chunk * min(pixels, room.LARGEST) ** 2 * 3
    seeing = workers * WORKER + 2 * (workers + 2) * drawn
    return LOADED + max(seeing, CANDIDATES + pairs * each(latent_size, forest))


def each(latent_size: int, forest: bool) -> int:
    """Bytes of one pair, while the inverter is fitted."""
    numbers = COPIES * SELECTED + 6 * latent_size + 4 * len(COLUMNS)
    return 8 * int(numbers + forest * LEAVES * latent_size)


def disk(pairs: int) -> int:
    """Bytes at the most."""
    return WRITTEN + pairs * 4 * (len(COLUMNS) + 1)


def check(out: Path, pairs: int, kept: int, least: int, **how) -> str:
    """What it will take, in words. Raises ConfigError where there is less, saying how many pairs there is room for.

    `kept` pairs are on the disk already; `least` is the fewest that are worth training with; `how`: see `memory`.
    """
    folder = next(parent for parent in (out.resolve(), *out.resolve().parents) if parent.is_dir())
    needed, free = memory(pairs, **how), psutil.virtual_memory().available
    _refuse("memory", pairs, needed, free, each(how["latent_size"], how["forest"]), least, "--workers fewer, or ")
    asked, room = disk(pairs - kept), shutil.disk_usage(folder).free
    _refuse(f"the disk of {folder}", pairs, asked, room, disk(1) - disk(0), least, "--out elsewhere, or ")
    return f"up to {_told(needed)} of memory ({_told(free)} free), {_told(asked)} of disk ({_told(room)} free)"


def _refuse(what: str, pairs: int, needed: int, free: int, one: int, least: int, else_: str) -> None:
    if needed <= free:
        return
    fit = (pairs - -(-(needed - free) // one)) // 1000 * 1000
    remedy = f"{else_}--pairs {fit}, which would fit" if fit >= least else f"{else_}a larger machine: none would fit"
    raise ConfigError(f"--pairs {pairs} needs {_told(needed)} of {what}, {_told(free)} are free; {remedy}")


def _told(size: float) -> str:
    return f"{size / 1e9:.1f} GB" if size >= 1e9 else f"{size / 1e6:.0f} MB"
