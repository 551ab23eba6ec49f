"""Files by content: `files/ab/cdef…` named by the SHA-256 of what is stored, durable before the row that names them."""

from __future__ import annotations

import hashlib
import re
from pathlib import Path

from hutong.kernel.errors import Corrupt, Invalid, NotFound
from hutong.store.durable import keep
from hutong.store.vault import Vault

_DIGEST = re.compile(r"[0-9a-f]{64}")
_AAD = b"file"


class FolderFiles:
    """A folder; a file is never overwritten. Personal content is stored as ciphertext of its subject's key."""

    def __init__(self, folder: Path, vault: Vault) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self.folder = folder
        self._vault = vault

    def path(self, digest: str) -> Path:
        if not _DIGEST.fullmatch(digest):
            raise Invalid("digest", "must be 64 hex digits")
        return self.folder / digest[:2] / digest[2:]

    def put(self, content: bytes, *, subject: int | None = None) -> str:
        """Keeps the content; the digest is of the content as stored. File and folders are synced."""
        if subject is not None:
            self._vault.ensure((subject,))
            content = self._vault.seal(subject, content, _AAD)
        digest = hashlib.sha256(content).hexdigest()
        keep(self.path(digest), content)
        return digest

    def get(self, digest: str, *, subject: int | None = None) -> bytes:
        """The content; NotFound if there is none or its subject was erased, Corrupt if it was altered."""
        try:
            content = self.path(digest).read_bytes()
        except FileNotFoundError:
            raise NotFound("file", f"there is no file {digest}") from None
        if hashlib.sha256(content).hexdigest() != digest:
            raise Corrupt("file", f"{digest} is not what was stored", "restore it from a backup")
        if subject is None:
            return content
        opened = self._vault.open(content, _AAD)
        if opened is None:
            raise NotFound("file", "its content was erased with the person it was about")
        return opened


__all__ = ["FolderFiles", "keep"]
