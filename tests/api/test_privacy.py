"""Who sees the reporter, and what is kept of it."""

from __future__ import annotations

from tests.api.conftest import Someone
from tests.api.people import attach, do, report
from tests.api.town import Town

from hutong.kernel.party import Party, Receipt

CONTACT = {"name": "张三丰", "phone": "13812348888"}


def receipts(town: Town) -> list[Receipt]:
    with town.store.reader() as reader:
        return list(reader.find(Receipt).rows)


def test_the_desk_sees_the_reporter_and_a_receipt_is_kept(someone: Someone, town: Town) -> None:
    desk = someone("shouli")
    case = report(desk, contact=CONTACT)["id"]
    before = len(receipts(town))
    reporter = desk.get(f"/cases/{case}").json()["reporter"]
    assert reporter["shown"] is True
    assert (reporter["name"], reporter["phone"]) == ("张三丰", "13812348888")
    kept = receipts(town)
    assert len(kept) == before + 1
    assert kept[-1].reader == desk.session["account"]["id"]
    assert kept[-1].fields == ("person_name", "phone")
    assert kept[-1].purpose == f"case/{case}"
    with town.store.reader() as reader:
        assert reader.get(Party, kept[-1].subjects[0]).person_name == "张三丰"


def test_others_see_it_masked_and_nothing_is_kept(someone: Someone, town: Town) -> None:
    case = report(someone("shouli"), contact=CONTACT)["id"]
    before = len(receipts(town))
    assert someone("paishui").get(f"/cases/{case}").status_code == 404
    for login in ("paiqian", "jiandu"):
        reporter = someone(login).get(f"/cases/{case}").json()["reporter"]
        assert reporter["shown"] is False
        assert (reporter["name"], reporter["phone"]) == ("张**", "138****8888")
        assert reporter["reason"]["zh"]
    assert len(receipts(town)) == before


def test_confidential_reporters_are_hidden_from_the_handling_side(someone: Someone, town: Town) -> None:
    case = report(someone("shouli"), contact={**CONTACT, "confidential": True})["id"]
    do(someone("shouli"), case, "accept")
    ids = [attach(someone("jiandu"), case, "verify", role)["id"] for role in ("near", "far")]
    do(someone("jiandu"), case, "verify_exists", files=ids)
    do(someone("zhiban"), case, "file")
    unit = town.directory.organisation("drainage")
    assert do(someone("paiqian"), case, "dispatch", answers={"organisation": unit}).status_code == 200
    page = someone("paishui").get(f"/cases/{case}")
    assert page.json()["reporter"]["name"] is None
    assert "138" not in page.text.replace(page.json()["number"], "")


def test_lists_search_journal_and_events_hold_no_names(someone: Someone, town: Town) -> None:
    desk = someone("shouli")
    case = report(desk, contact=CONTACT)["id"]
    do(desk, case, "accept")
    auditor = someone("xitong")
    for text in (
        desk.get("/cases").text,
        desk.get("/search?q=南京西路").text,
        desk.get("/events/recent").text,
        auditor.get("/journal?limit=500").text,
        desk.get(f"/cases/{case}/explanation").text,
    ):
        assert "张三丰" not in text
        assert "13812348888" not in text


def test_the_same_caller_is_one_person(someone: Someone, town: Town) -> None:
    desk = someone("shouli")
    cases = [report(desk, contact=CONTACT)["id"] for _ in range(2)]
    with town.store.reader() as reader:
        found = reader.search_hash(Party, "phone", "13812348888")
    assert len(found) == 1
    assert len(set(cases)) == 2


def test_only_auditors_read_the_journal(someone: Someone) -> None:
    case = report(someone("shouli"))["id"]
    assert someone("shouli").get("/journal").status_code == 403
    rows = someone("xitong").get(f"/journal?subject=case/{case}").json()["rows"]
    assert [row["kind"] for row in rows] == ["case.open"]
    assert len(rows[0]["hash"]) >= 32
    assert someone("xitong").get("/journal?subject=case").status_code == 400
    page = someone("xitong").get("/journal?limit=1").json()
    following = someone("xitong").get(f"/journal?limit=1&after={page['after']}").json()
    assert following["rows"][0]["position"] == page["rows"][0]["position"] + 1
