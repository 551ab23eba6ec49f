"""A new city's first start, and its records in safe keeping: backup with the definition, restore, erasure."""

from __future__ import annotations

import io
import shutil
from pathlib import Path

import pytest
from rich.console import Console

from hutong.app.city import open_city
from hutong.app.clocks import SystemClock
from hutong.app.custody import backup_city, erase_party, restore_city, verify_city
from hutong.app.first import first_start
from hutong.engine.directory import everything
from hutong.kernel.errors import HutongError, Invalid, NotFound, Refused
from hutong.kernel.party import Account, Party
from hutong.kernel.place import Place
from hutong.loader.osm import build_city
from hutong.store.sessions import SessionFile

EXTRACT = Path(__file__).resolve().parents[1] / "loader" / "osm" / "village.osm"
NAME, PHONE, BASIS = "欧阳书羽", "13912345678", "本人申请（测试）"
ORGANISATIONS = """organisations:
  - {code: district, label: {zh: 区政府, en: District}, side: leadership}
"""
ACCOUNTS = f"""accounts:
  - {{login: ouyang, name: {NAME}, organisation: district, roles: [leader], phone: "{PHONE}"}}
"""


def built(tmp_path: Path) -> Path:
    folder = build_city("village", EXTRACT, "310101", tmp_path / "village").folder
    (folder / "organisations.yaml").write_text(ORGANISATIONS, "utf-8")
    (folder / "accounts.yaml").write_text(ACCOUNTS, "utf-8")
    return folder


def start(folder: Path) -> str:
    told = io.StringIO()
    first_start(folder, Console(file=told, width=200), packs=(), database=None)
    return told.getvalue()


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    folder = built(tmp_path)
    assert "first password of all 1 accounts" in start(folder)
    return folder


@pytest.fixture
def kept_keys(folder: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(folder / "keys", tmp_path / "kept" / "keys"))


def names(folder: Path) -> list[str | None]:
    running = open_city(folder, SystemClock())
    try:
        with running.store.reader() as reader:
            return [one.person_name for one in everything(reader, Party) if one.kind == "person"]
    finally:
        running.close()


def test_a_first_start_makes_places_and_accounts_once(folder: Path) -> None:
    assert "password" not in start(folder)
    running = open_city(folder, SystemClock())
    with running.store.reader() as reader:
        assert any(one.tree == "unit_grid" for one in everything(reader, Place))
        assert [one.login for one in everything(reader, Account)] == ["ouyang"]
        assert {one.provenance.kind for one in everything(reader, Party) if one.provenance} == {"recorded"}
    running.close()


def test_a_city_nobody_could_sign_in_to_is_not_started(tmp_path: Path) -> None:
    folder = built(tmp_path)
    (folder / "accounts.yaml").unlink()
    with pytest.raises(NotFound, match="sign in"):
        start(folder)
    (folder / "organisations.yaml").unlink()
    with pytest.raises(NotFound, match="organisation"):
        start(folder)
    assert not (folder / "city.db").exists()


def test_a_first_password_can_be_given(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = built(tmp_path)
    monkeypatch.setenv("HUTONG_FIRST_PASSWORD", "short")
    with pytest.raises(Invalid, match="shorter"):
        start(folder)
    monkeypatch.setenv("HUTONG_FIRST_PASSWORD", "correct horse battery")
    told = start(folder)
    assert "first password" not in told
    assert "correct" not in told
    assert "delete it" in told


def test_first_rows_are_never_put_beside_others(folder: Path) -> None:
    (folder / "ready.json").unlink()
    with pytest.raises(Refused, match="holds rows already"):
        start(folder)


def test_a_backup_restores_to_a_city_that_opens(folder: Path, kept_keys: Path, tmp_path: Path) -> None:
    SessionFile(folder).close()
    backup_city(folder, tmp_path / "backup", None)
    contents = [path.read_bytes() for path in (tmp_path / "backup").rglob("*") if path.is_file()]
    assert not any(NAME.encode() in content for content in contents)
    assert (folder / "sessions.db").is_file()
    assert not [
        *(tmp_path / "backup").rglob("sessions.db*"),
        *(tmp_path / "backup").rglob("directory.changes"),
    ]
    restore_city(tmp_path / "backup", tmp_path / "again", kept_keys, None)
    assert names(tmp_path / "again") == [NAME]
    assert verify_city(tmp_path / "again", None).sound


def test_older_keys_do_not_bring_an_erased_person_back(folder: Path, kept_keys: Path, tmp_path: Path) -> None:
    erase_party(folder, PHONE, BASIS, None)
    backup_city(folder, tmp_path / "backup", None)
    older, erased = (kept_keys / "parties.keys").read_bytes(), (folder / "keys/parties.keys").read_bytes()
    assert older != erased
    restore_city(tmp_path / "backup", tmp_path / "again", kept_keys, None)
    assert (tmp_path / "again" / "keys" / "parties.keys").read_bytes() == erased
    assert names(tmp_path / "again") == [None]


def test_newest_keys_keep_an_erased_person_unreadable_in_an_older_backup(
    folder: Path, tmp_path: Path
) -> None:
    backup_city(folder, tmp_path / "backup", None)
    party = erase_party(folder, "ouyang", BASIS, None)
    restore_city(tmp_path / "backup", tmp_path / "again", folder / "keys", None)
    assert names(tmp_path / "again") == [None]
    assert erase_party(tmp_path / "again", str(party), BASIS, None) == party
    assert verify_city(tmp_path / "again", None).sound


def test_nothing_is_left_of_a_restore_that_fails(folder: Path, kept_keys: Path, tmp_path: Path) -> None:
    backup_city(folder, tmp_path / "backup", None)
    with pytest.raises(NotFound, match="no keys"):
        restore_city(tmp_path / "backup", tmp_path / "again", tmp_path, None)
    table = tmp_path / "backup" / "tables" / "place.rows"
    table.write_bytes(table.read_bytes()[:-1])
    with pytest.raises(HutongError):
        restore_city(tmp_path / "backup", tmp_path / "again", kept_keys, None)
    assert not [path.name for path in tmp_path.iterdir() if path.name.startswith("again")]


def test_a_city_that_is_being_served_is_backed_up_and_verified(
    folder: Path, kept_keys: Path, tmp_path: Path
) -> None:
    running = open_city(folder, SystemClock())
    try:
        assert verify_city(folder, None).sound
        backup_city(folder, tmp_path / "backup", None)
        with running.store.reader() as reader:
            head = reader.head()
    finally:
        running.close()
    restore_city(tmp_path / "backup", tmp_path / "again", kept_keys, None)
    again = open_city(tmp_path / "again", SystemClock())
    with again.store.reader() as reader:
        assert reader.head() == head
    again.close()


def test_a_folder_without_records_is_not_verified(tmp_path: Path) -> None:
    with pytest.raises(NotFound, match="no records"):
        verify_city(built(tmp_path), None)
    with pytest.raises(NotFound, match=r"no city\.yaml"):
        verify_city(tmp_path, None)


def test_a_backup_does_not_go_into_the_city(folder: Path) -> None:
    with pytest.raises(Invalid, match="city's folder"):
        backup_city(folder, folder / "backup", None)
    assert not (folder / "backup").exists()


def test_a_person_is_named_whole(folder: Path) -> None:
    with pytest.raises(NotFound, match="nobody has"):
        erase_party(folder, "ouy", BASIS, None)
    assert names(folder) == [NAME]
