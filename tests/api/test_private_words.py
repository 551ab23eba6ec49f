"""Personal details in the words of a caller: hidden for all, whole for those whose role may read them."""

from __future__ import annotations

from tests.api.conftest import Someone
from tests.api.people import report
from tests.api.town import Town

from hutong.engine.flow.parties import erase_person
from hutong.kernel.access import Actor, Grant, Permission
from hutong.kernel.case import Case
from hutong.kernel.party import Receipt

SAID = "我叫张三丰，住5号楼2单元801室，电话13812348888，家门口垃圾成堆。"
HIDDEN = "我叫〔姓名〕，住〔门户〕，电话〔手机〕，家门口垃圾成堆。"
CONTACT = {"name": "张三丰", "phone": "13812348888"}


def test_text_title_and_place_are_kept_without_details(someone: Someone, town: Town) -> None:
    page = report(
        someone("jiandu"),
        text=SAID,
        title="张三丰先生反映垃圾",
        position_text="南京西路100号5号楼801室",
        contact=CONTACT,
    )
    assert page["text"] == HIDDEN
    assert page["title"]["zh"] == "〔姓名〕先生反映垃圾"
    assert page["position_text"] == "南京西路100号〔门户〕"
    assert page["facts"]["masked"] == {"name": 3, "room": 2, "mobile": 1}
    assert page["reporter"]["original"] is None
    with town.store.reader() as reader:
        journal = reader.journal(limit=10_000)
    assert all("801室" not in str(record.changes) and "138123" not in str(record) for record in journal)


def test_who_may_read_personal_data_sees_the_words_and_a_receipt_says_so(
    someone: Someone, town: Town
) -> None:
    desk = someone("shouli")
    id = report(desk, text=SAID, contact=CONTACT)["id"]
    reporter = desk.get(f"/cases/{id}").json()["reporter"]
    assert reporter["original"] == SAID
    with town.store.reader() as reader:
        kept = reader.find(Receipt).rows[-1]
        assert reader.get(Case, id).text == HIDDEN
    assert kept.fields == ("original", "person_name", "phone")


def test_without_a_caller_the_words_are_not_kept(someone: Someone, town: Town) -> None:
    id = report(someone("shouli"), text=SAID)["id"]
    with town.store.reader() as reader:
        case = reader.get(Case, id)
    assert case.text == HIDDEN
    assert case.original is None


def test_words_without_details_stay_as_they_are(someone: Someone) -> None:
    page = report(someone("shouli"), text="南京西路1376号门前井盖缺失", contact=CONTACT)
    assert page["text"] == "南京西路1376号门前井盖缺失"
    assert "masked" not in page["facts"]
    assert page["reporter"]["original"] is None


def test_erasing_the_caller_makes_the_words_unreadable(someone: Someone, town: Town) -> None:
    id = report(someone("shouli"), text=SAID, contact=CONTACT)["id"]
    with town.store.reader() as reader:
        case = reader.get(Case, id)
    officer = Actor(account=1, grants=(Grant("administrator", Permission("*", "*")),))
    erase_person(town.cases, case.subject or 0, "request of the caller", officer)
    with town.store.reader() as reader:
        assert not reader.get(Case, id).original
