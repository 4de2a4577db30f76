"""What must be gone when it is deleted: sealed where SQLite copies it, wiped where we hold it.

SQLite copies what it is given into memory that it gives back unwiped. So it is given a latent under a seal that is
drawn anew each time; deletion overwrites both, and the latent itself was never anywhere but in our own arrays.
"""

import hashlib
import hmac
import secrets

import numpy as np

SEAL = 16  # bytes
SALT = 16  # bytes
COST = {"n": 1 << 14, "r": 8, "p": 1, "maxmem": 1 << 26}  # scrypt: 16 MB and some 50 ms for every guess


def sealed(latent: np.ndarray) -> bytes:
    """A latent float32 (L,) as bytes in which it cannot be read without the seal that begins them."""
    seal = secrets.token_bytes(SEAL)
    plain = np.asarray(latent, "<f4").view(np.uint8)
    return seal + (plain ^ _stream(seal, plain.size)).tobytes()


def unsealed(data: bytes) -> np.ndarray:
    """float32 (L,), memory of its own, to be wiped in the end."""
    covered = np.frombuffer(data, np.uint8, offset=SEAL)
    return (covered ^ _stream(data[:SEAL], covered.size)).view("<f4")


def wipe(latent: np.ndarray) -> None:
    """Overwrite it in place."""
    latent.fill(0)


def hashed(code: str, salt: bytes) -> bytes:
    """A slow hash of a code; how words are spaced and written does not matter."""
    words = " ".join(code.lower().replace("-", " ").split())
    return hashlib.scrypt(words.encode(), salt=salt, dklen=32, **COST)


def same(one: bytes, other: bytes) -> bool:
    """Compared in a time that does not tell how much of it is right."""
    return hmac.compare_digest(one, other)


def _stream(seal: bytes, count: int) -> np.ndarray:
    return np.frombuffer(hashlib.shake_256(seal).digest(count), np.uint8)
