"""Files by content."""

from __future__ import annotations

import hashlib
from pathlib import Path

import pytest

from hutong.kernel.errors import Corrupt, Invalid, NotFound, Unavailable
from hutong.store.durable import append_line
from hutong.store.files import FolderFiles
from hutong.store.keys import SLOT, KeySlots
from hutong.store.vault import Vault


@pytest.fixture
def files(tmp_path: Path) -> FolderFiles:
    return FolderFiles(tmp_path / "files", Vault(tmp_path / "keys"))


def test_a_file_is_found_by_its_digest(files: FolderFiles) -> None:
    digest = files.put(b"photo")
    assert digest == hashlib.sha256(b"photo").hexdigest()
    assert files.put(b"photo") == digest
    assert files.get(digest) == b"photo"
    assert files.path(digest) == files.folder / digest[:2] / digest[2:]
    assert [path.name for path in (files.folder / digest[:2]).iterdir()] == [digest[2:]]


def test_personal_content_is_stored_sealed(files: FolderFiles) -> None:
    digest = files.put(b"face" * 100, subject=3)
    stored = files.path(digest).read_bytes()
    assert b"face" not in stored
    assert hashlib.sha256(stored).hexdigest() == digest
    assert files.get(digest, subject=3) == b"face" * 100


def test_an_altered_file_is_found(files: FolderFiles) -> None:
    digest = files.put(b"photo")
    files.path(digest).write_bytes(b"phot0")
    with pytest.raises(Corrupt):
        files.get(digest)


@pytest.mark.parametrize("digest", ["../../etc/passwd", "", "AB" * 32, "a" * 63])
def test_only_digests_are_names(files: FolderFiles, digest: str) -> None:
    with pytest.raises(Invalid):
        files.get(digest)


def test_a_missing_file(files: FolderFiles) -> None:
    with pytest.raises(NotFound):
        files.get("0" * 64)


def test_key_slots_survive_a_torn_write_and_two_users(tmp_path: Path) -> None:
    one = KeySlots(tmp_path, b"m" * 32)
    one.ensure([1, 2])
    with (tmp_path / "parties.keys").open("ab") as file:
        file.write(b"torn")
    two = KeySlots(tmp_path, b"m" * 32)
    two.ensure([2, 3])
    assert one.get(2) == two.get(2) is not None
    assert one.get(3) == two.get(3) is not None
    two.destroy(2)
    assert one.get(2) is None
    assert one.destroyed(2)
    one.ensure([2])
    assert two.get(2) is None
    one.destroy(9)
    two.ensure([9])
    assert two.get(9) is None
    assert (tmp_path / "parties.keys").stat().st_size == 4 * SLOT
    assert (tmp_path / "parties.keys").read_bytes()[SLOT + 9 : 2 * SLOT] == bytes(SLOT - 9)


def test_the_master_key_may_come_from_the_environment(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HUTONG_MASTER_KEY", "ab" * 32)
    sealed = Vault(tmp_path).seal(3, b"text", b"here")
    assert Vault(tmp_path).open(sealed, b"here") == b"text"
    assert not (tmp_path / "master.key").exists()
    monkeypatch.setenv("HUTONG_MASTER_KEY", "cd" * 32)
    with pytest.raises(Unavailable, match="master key is not the one"):
        Vault(tmp_path).open(sealed, b"here")
    monkeypatch.setenv("HUTONG_MASTER_KEY", "short")
    with pytest.raises(Unavailable, match="64 hex digits"):
        Vault(tmp_path)


def test_a_half_written_line_is_cut_before_the_next(tmp_path: Path) -> None:
    path = tmp_path / "heads.jsonl"
    append_line(path, b"one\n")
    with path.open("ab") as file:
        file.write(b"tw")
    append_line(path, b"three\n")
    assert path.read_bytes() == b"one\nthree\n"
