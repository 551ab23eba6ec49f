"""Seeded, named randomness: one seed, many independent streams that do not disturb each other.

The stream depends on (seed, names) alone: not on the order of calls, the process, the platform's hash seed
or the Python version. The bits are those of PCG64, which NumPy promises never to change; a draw by a
*distribution* method (normal, choice …) may change with a NumPy release (NEP 19), so golden files pin NumPy
or use integers and uniforms.
"""

import hashlib

import numpy as np

_BITS = 128


def seed_of(seed: int, *names: str) -> int:
    """A 128-bit seed for the stream of that name; every name is hashed with its length, so ("ab", "c") ≠
    ("a", "bc").
    """
    digest = hashlib.sha256(f"hutong:{seed}".encode())
    for name in names:
        raw = name.encode()
        digest.update(len(raw).to_bytes(8, "big"))
        digest.update(raw)
    return int.from_bytes(digest.digest()[: _BITS // 8], "big")


def rng(seed: int, *names: str) -> np.random.Generator:
    """A generator of its own for (seed, names): the same arguments always give the same draws."""
    return np.random.Generator(np.random.PCG64(np.random.SeedSequence(seed_of(seed, *names))))
