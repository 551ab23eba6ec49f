"""Personal text is ciphertext everywhere; when the key is destroyed, nothing readable is left anywhere."""

from __future__ import annotations

from pathlib import Path

import msgspec
import psycopg
import pytest
from tests.store.conftest import Put
from tests.store.samples import a_case, account, changes, person

from hutong.kernel.case import Case, Message
from hutong.kernel.changes import Changes, Record
from hutong.kernel.clock import FixedClock
from hutong.kernel.errors import Corrupt, Invalid, NotFound, Refused, Unavailable
from hutong.kernel.party import Account, Party
from hutong.kernel.query import Compare, Value, equals, field
from hutong.store import CityStore, Settings, backup, open_store

NAME, PHONE, LOGIN, CONTACT = "欧阳若曦", "13912345678", "ouyang.ruoxi", "弄堂口找阿婆"
SECRETS = [text.encode() for text in (NAME, PHONE, LOGIN, CONTACT, "照片里的人")]


def erase(store: CityStore, party: int) -> None:
    record = Record(kind="party.erase", actor=1, at=2, subjects=(("party", party),))
    store.apply(Changes(records=(record,), erase=(party,)))


def traces(folders: list[Path]) -> list[tuple[str, bytes]]:
    """Files in which a secret stands, in UTF-8 or UTF-16."""
    found = []
    for folder in folders:
        for path in folder.rglob("*"):
            if path.is_file():
                content = path.read_bytes()
                spellings = [(secret, secret.decode().encode("utf-16-le")) for secret in SECRETS]
                found += [(str(path), s) for s, wide in spellings if s in content or wide in content]
    return found


@pytest.fixture
def peopled(store: CityStore, put: Put) -> CityStore:
    put(person(3, person_name=NAME, phone=PHONE))
    put(account(4, 3, LOGIN))
    put(a_case(5, subject=3, contact=CONTACT))
    shown = {"name": NAME, "phone": PHONE}
    put(person(7, subject=3, person_name=NAME), idempotency_key="k", request_digest="d", response=shown)
    put(Message(id=6, case=5, to=4, channel="sms", subject=3, text=f"{NAME}您好"))
    return store


def test_personal_fields_read_back_and_are_searched_by_hash(peopled: CityStore) -> None:
    with peopled.reader() as reader:
        assert reader.get(Party, 3).person_name == NAME
        assert reader.get(Case, 5).contact == CONTACT
        assert [row.id for row in reader.search_hash(Account, "login", LOGIN)] == [4]
        assert [row.id for row in reader.find(Party, equals("phone", PHONE)).rows] == [3, 7]
        assert reader.search_hash(Account, "login", "ouyang") == []
        with pytest.raises(Invalid, match="personal"):
            reader.find(Party, Compare("gt", field("phone"), Value("1")))
        with pytest.raises(Invalid, match="personal"):
            reader.find(Case, equals("contact", CONTACT))


def test_after_erasure_nothing_is_left(peopled: CityStore, tmp_path: Path, place: str) -> None:
    digest = peopled.files.put("照片里的人".encode() * 50, subject=3)
    before = tmp_path / "before"
    backup(peopled, before)
    with peopled.reader() as reader:
        old = reader.get(Party, 3)
    erase(peopled, 3)
    with peopled.reader() as reader:
        assert reader.get(Party, 3).person_name is None
        assert reader.get(Account, 4).login == ""
        assert reader.get(Case, 5).contact is None
        assert reader.versions(Party, 3)[0][1].phone is None
        assert reader.search_hash(Account, "login", LOGIN) == []
        shown = msgspec.json.encode(reader.journal())
    assert not [secret for secret in SECRETS if secret in shown]
    with pytest.raises(NotFound, match="erased"):
        peopled.files.get(digest, subject=3)
    with pytest.raises(Refused, match="erased"):
        peopled.apply(changes(old))
    after = tmp_path / "after"
    backup(peopled, after)
    assert peopled.verify().sound
    folders = [tmp_path, *_server_folder(place)]
    assert traces(folders) == []
    peopled.verify()


def _server_folder(place: str) -> list[Path]:
    if not place.startswith("postgres"):
        return []
    with psycopg.connect(place, autocommit=True) as connection:
        connection.execute("CHECKPOINT")
        row = connection.execute("SHOW data_directory").fetchone()
    assert row is not None
    return [Path(row[0])]


def test_erased_rows_can_still_be_changed(peopled: CityStore, put: Put) -> None:
    erase(peopled, 3)
    with peopled.reader() as reader:
        kept, party = reader.get(Account, 4), reader.get(Party, 3)
    put(msgspec.structs.replace(kept, disabled=9), msgspec.structs.replace(party, erased=9))
    with peopled.reader() as reader:
        assert reader.get(Account, 4).disabled == 9
    assert peopled.verify().sound


def test_an_erasure_stopped_half_way_is_finished_at_start(
    peopled: CityStore, place: str, tmp_path: Path, clock: FixedClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("hutong.store.city_store.finish_erasures", lambda *_: [])
    erase(peopled, 3)
    with peopled.reader() as reader:
        assert reader.get(Party, 3).person_name == NAME
    with pytest.raises(Refused, match="erased"):
        peopled.apply(changes(a_case(8, subject=3, contact="later")))
    peopled.close()
    monkeypatch.undo()
    again = open_store(place, clock=clock, folder=tmp_path / "city")
    with again.reader() as reader:
        assert reader.get(Party, 3).person_name is None
    again.close()


def test_an_answer_about_a_person_goes_with_the_person(peopled: CityStore) -> None:
    again = changes(person(7, subject=3), idempotency_key="k", request_digest="d")
    assert peopled.apply(again).response == {"name": NAME, "phone": PHONE}
    erase(peopled, 3)
    repeated = peopled.apply(again)
    assert (repeated.repeated, repeated.response) == (True, None)


def test_a_key_that_cannot_be_destroyed_is_told(peopled: CityStore, monkeypatch: pytest.MonkeyPatch) -> None:
    """The journal's record stands, once; the caller learns that the work is not done."""

    def broken(*_: object) -> list[int]:
        raise OSError("read-only file system")

    monkeypatch.setattr("hutong.store.city_store.finish_erasures", broken)
    with peopled.reader() as reader:
        head = reader.head()
    with pytest.raises(Unavailable, match="finished at the next start"):
        erase(peopled, 3)
    with peopled.reader() as reader:
        assert [record.kind for record in reader.journal(after=head)] == ["party.erase"]


def test_an_erasure_needs_its_record(store: CityStore) -> None:
    with pytest.raises(Invalid, match="party/3"):
        store.apply(Changes(erase=(3,)))


def test_unchanged_personal_text_is_not_sealed_again(peopled: CityStore, put: Put) -> None:
    with peopled.reader() as reader:
        party = reader.get(Party, 3)
        head = reader.head()
    put(msgspec.structs.replace(party, phone="13800000000"))
    with peopled.reader() as reader:
        changed = reader.journal(after=head)[0].changes["party/3"]
        assert set(changed) == {"phone"}
        assert changed["phone"]["subject"] == 3
        assert [row.id for row in reader.search_hash(Party, "phone", "13800000000")] == [3]
        assert [row.id for row in reader.search_hash(Party, "phone", PHONE)] == [7]


def test_ciphertext_moved_to_another_row_is_found(peopled: CityStore, put: Put) -> None:
    put(person(13, person_name="别人"))
    with peopled.database.write() as tx:
        tx.execute(
            "UPDATE party SET person_name = (SELECT person_name FROM party WHERE id = 3) WHERE id = 13"
        )
    with peopled.reader() as reader, pytest.raises(Corrupt, match="altered or moved"):
        reader.get(Party, 13)


def test_sm4_and_a_row_without_a_subject(tmp_path: Path, clock: FixedClock) -> None:
    store = open_store(tmp_path, clock=clock, settings=Settings(hash="sm3", cipher="sm4-gcm"))
    store.apply(changes(a_case(5, contact=CONTACT)))
    with store.reader() as reader:
        assert reader.get(Case, 5).contact == CONTACT
    assert traces([tmp_path]) == []
    store.close()
