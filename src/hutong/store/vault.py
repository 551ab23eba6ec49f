"""Seals personal text under the key of its party, and makes the keyed hashes it is looked up by."""

from __future__ import annotations

import os
import struct
from collections.abc import Iterable
from pathlib import Path
from typing import Any, Literal

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives import hashes, hmac
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from hutong.kernel.errors import Corrupt, Refused
from hutong.store.keys import KeySlots, master_key

CipherName = Literal["aes-256-gcm", "sm4-gcm"]
_HEAD = struct.Struct("<Bq")
_AES, _SM4 = 1, 2
_NONCE = 12


class Vault:
    """Sealed text is: cipher (1 byte), owner (int64), nonce, ciphertext with tag. `aad` binds it to its place."""

    def __init__(self, folder: Path, cipher: CipherName = "aes-256-gcm") -> None:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        self.folder = folder
        master = master_key(folder)
        self._keys = KeySlots(folder, _derived(master, b"wrap"))
        self._hashing = _derived(master, b"search")
        self._cipher = _SM4 if cipher == "sm4-gcm" else _AES

    def close(self) -> None:
        self._keys.close()

    def ensure(self, owners: Iterable[int]) -> None:
        """Makes missing keys durable; one sync for all."""
        self._keys.ensure(owners)

    def erased(self, owner: int) -> bool:
        return self._keys.destroyed(owner)

    def destroy(self, owner: int) -> None:
        """After this nothing sealed for the owner can ever be read."""
        self._keys.destroy(owner)

    def seal(self, owner: int, content: bytes, aad: bytes) -> bytes:
        """Ciphertext under the owner's key; Refused if the owner was erased."""
        self._keys.ensure((owner,))
        key = self._keys.get(owner)
        if key is None:
            raise Refused(
                "subject", f"party {owner} was erased", "nothing more can be kept about this person"
            )
        head, nonce = _HEAD.pack(self._cipher, owner), os.urandom(_NONCE)
        return head + nonce + _encrypt(self._cipher, key, nonce, content, aad + head)

    def owner_of(self, sealed: bytes) -> int:
        return int(_HEAD.unpack_from(sealed)[1])

    def open(self, sealed: bytes, aad: bytes) -> bytes | None:
        """The content; None if its owner was erased (or the keys are elsewhere)."""
        cipher, owner = _HEAD.unpack_from(sealed)
        key = self._keys.get(owner)
        if key is None:
            return None
        nonce, body = sealed[_HEAD.size : _HEAD.size + _NONCE], sealed[_HEAD.size + _NONCE :]
        try:
            return _decrypt(cipher, key, nonce, body, aad + sealed[: _HEAD.size])
        except InvalidTag:
            raise Corrupt(
                aad.decode(), "the sealed text was altered or moved", "run: hutong journal verify"
            ) from None

    def fingerprint(self, field: str, text: str) -> bytes:
        """The keyed hash a searchable field (`account.login`) is found by."""
        mac = hmac.HMAC(self._hashing, hashes.SHA256())
        mac.update(f"{field}\0{text}".encode())
        return mac.finalize()


def _derived(master: bytes, purpose: bytes) -> bytes:
    return HKDF(hashes.SHA256(), 32, salt=None, info=b"hutong " + purpose).derive(master)


def _encrypt(cipher: int, key: bytes, nonce: bytes, content: bytes, aad: bytes) -> bytes:
    if cipher == _AES:
        return AESGCM(key).encrypt(nonce, content, aad)
    encryptor: Any = Cipher(algorithms.SM4(key[:16]), modes.GCM(nonce)).encryptor()
    encryptor.authenticate_additional_data(aad)
    body: bytes = encryptor.update(content) + encryptor.finalize()
    return body + bytes(encryptor.tag)


def _decrypt(cipher: int, key: bytes, nonce: bytes, body: bytes, aad: bytes) -> bytes:
    if cipher == _AES:
        return AESGCM(key).decrypt(nonce, body, aad)
    decryptor: Any = Cipher(algorithms.SM4(key[:16]), modes.GCM(nonce, body[-16:])).decryptor()
    decryptor.authenticate_additional_data(aad)
    content: bytes = decryptor.update(body[:-16]) + decryptor.finalize()
    return content
