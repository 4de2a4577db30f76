"""A creature's name stands for two parents and one integer; all that chance decides of it follows from the name.

Chance is Philox (Salmon et al. 2011), counter-based, with a key that is a hash: the same whole numbers on any machine
and in any version of numpy, which promises as much of a bit generator and not of its distributions.
"""

import hashlib

import numpy as np

CONSONANTS, VOWELS = "bdfghjklmnprstvz", "aeiou"
SYLLABLES = 6  # 80^6 names: among 10,000 creatures two are called the same with a probability of 0.02 %


def named(mother: str, father: str, integer: int) -> str:
    """Such as "tavilo-gurane". Both parents are empty for an immigrant; a visitor's are not known here."""
    number = int.from_bytes(_digest(f"{mother} {father} {integer}"), "big")
    syllables = []
    for _ in range(SYLLABLES):
        number, syllable = divmod(number, len(CONSONANTS) * len(VOWELS))
        syllables.append(CONSONANTS[syllable // len(VOWELS)] + VOWELS[syllable % len(VOWELS)])
    half = SYLLABLES // 2
    return "".join(syllables[:half]) + "-" + "".join(syllables[half:])


class Chance:
    """Whole numbers by lot, always the same ones for the same name and purpose."""

    def __init__(self, name: str, purpose: str) -> None:
        self._bits = np.random.Philox(key=int.from_bytes(_digest(f"{purpose} {name}"), "big"))

    def below(self, limit: int) -> int:
        """0 to limit - 1, each as likely, within one in 2^32, for limits up to 2^32."""
        return int(self._bits.random_raw()) * limit >> 64

    def one_in(self, many: int) -> bool:
        return self.below(many) == 0

    def normals(self, count: int) -> np.ndarray:
        """float32 (count,) of mean 0 and variance 1: the sum of twelve even ones, which no machine rounds differently.

        Irwin-Hall; beyond six times its spread there is nothing.
        """
        words = np.asarray(self._bits.random_raw(3 * count), np.uint64)
        parts = words[:, None] >> np.arange(0, 64, 16, dtype=np.uint64) & np.uint64(0xFFFF)  # four from each word
        sums = parts.reshape(count, 12).astype(np.int64).sum(axis=1)  # each 0 to 12 · 65535
        return ((sums - 6 * 65535) / 65536).astype(np.float32)


def _digest(text: str) -> bytes:
    return hashlib.blake2b(text.encode(), digest_size=16).digest()
