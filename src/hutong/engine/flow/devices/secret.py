"""What a device must show: kept as a salted hash, and remembered once it was right, because it comes with every packet."""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import secrets
import threading
from collections import OrderedDict

from hutong.kernel.base import SECOND, Instant
from hutong.kernel.errors import Invalid
from hutong.kernel.thing import Device

COST, BLOCK, PARALLEL = 2**12, 8, 1
"""scrypt (RFC 7914) parameters: 4 MB and some 10 ms, since after a restart every device shows its secret at once."""
REMEMBERED = 100_000
TRIES = 5
"""Secrets that one peer may try on one device before it has to wait …"""
PER_TRY = 10 * SECOND
"""… this long for each further one."""


def hash_secret(secret: str) -> str:
    """`scrypt$N$r$p$salt$hash`, salted anew each time."""
    if not secret:
        raise Invalid("secret", "is empty", "give what the device shows, or leave the secret out")
    salt = secrets.token_bytes(16)
    parts = (COST, BLOCK, PARALLEL, _text(salt), _text(_derived(secret, salt, COST, BLOCK, PARALLEL)))
    return "$".join(("scrypt", *map(str, parts)))


def is_hash(text: str) -> bool:
    """Whether this is what `hash_secret` gives."""
    try:
        _parts(text)
    except Invalid:
        return False
    return True


def check_secret(stored: str, secret: str) -> bool:
    """Whether the secret is the one that was hashed. Takes as long as hashing does."""
    n, r, p, salt, kept = _parts(stored)
    return hmac.compare_digest(_derived(secret, salt, n, r, p), kept)


def _parts(text: str) -> tuple[int, int, int, bytes, bytes]:
    try:
        name, n, r, p, salt, kept = text.split("$")
        found = (
            int(n),
            int(r),
            int(p),
            base64.b64decode(salt, validate=True),
            base64.b64decode(kept, validate=True),
        )
    except (ValueError, binascii.Error):
        found, name = (0, 0, 0, b"", b""), ""
    if name != "scrypt" or not (1 < found[0] <= 2**17 and 0 < found[1] <= 16 and 0 < found[2] <= 4):
        raise Invalid("secret_hash", "is no salted hash of a secret", "make it with `hutong device hash`")
    return found


def _derived(secret: str, salt: bytes, n: int, r: int, p: int) -> bytes:
    return hashlib.scrypt(secret.encode(), salt=salt, n=n, r=r, p=p, dklen=32, maxmem=256 * n * r)


def _text(raw: bytes) -> str:
    return base64.b64encode(raw).decode()


class Credentials:
    """Answers of `check_secret`, remembered under a key of this process; wrong guesses are slowed down."""

    def __init__(self) -> None:
        self._key = secrets.token_bytes(32)
        self._known: OrderedDict[bytes, bool] = OrderedDict()
        self._tries: OrderedDict[tuple[int, str], Instant] = OrderedDict()
        self._lock = threading.Lock()

    def known(self, device: Device, secret: str | None) -> bool | None:
        """The answer, if it takes no hashing; None: ask `verify`, off the event loop."""
        if not device.secret:
            return True
        if not secret:
            return False
        return self._known.get(self._name(device, secret))

    def verify(self, device: Device, secret: str | None, now: Instant, peer: str = "") -> bool:
        """Whether the device showed what it must. A peer that tries too many secrets is told no without a look."""
        answer = self.known(device, secret)
        if answer is not None or secret is None:
            return bool(answer)
        if not self._may_try((device.id, peer), now):
            return False
        answer = check_secret(device.secret, secret)
        with self._lock:
            self._known[self._name(device, secret)] = answer
            while len(self._known) > REMEMBERED:
                self._known.popitem(last=False)
        return answer

    def _name(self, device: Device, secret: str) -> bytes:
        text = f"{device.id}\0{device.secret}\0{secret}".encode(errors="surrogatepass")
        return hashlib.blake2b(text, key=self._key, digest_size=16).digest()

    def _may_try(self, who: tuple[int, str], now: Instant) -> bool:
        """A bucket of TRIES that fills by one every PER_TRY; kept as the time at which it is full again."""
        with self._lock:
            full = max(self._tries.pop(who, 0), now)
            allowed = full + PER_TRY - now <= TRIES * PER_TRY
            self._tries[who] = full + PER_TRY if allowed else full
            while len(self._tries) > REMEMBERED:
                self._tries.popitem(last=False)
            return allowed
