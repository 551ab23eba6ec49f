"""Reports without an account: taken, followed, seen by neighbours, rated; and what anonymous senders may not do."""

from __future__ import annotations

import io
import shutil
from pathlib import Path
from typing import Any

import pytest
from litestar import Litestar
from litestar.testing import TestClient
from msgspec.structs import replace
from PIL import Image
from tests.api.conftest import Person, Someone
from tests.api.people import attach, do, picture
from tests.api.town import Town, open_town, tiny_city

from hutong.api.application import create_app
from hutong.app.outside import link
from hutong.engine.outbox import Outbox
from hutong.gateways.notices.channels import Channels
from hutong.gateways.notices.posting import Guarded
from hutong.kernel.base import DAY, HOUR
from hutong.kernel.case import Case, File, Message
from hutong.kernel.definition.faces import FacesFile, SmsPort
from hutong.kernel.party import Party
from hutong.kernel.query import equals

Nobody = TestClient[Litestar]
BASE = "/api/v1/public"
HERE = {"lon": "121.405", "lat": "31.205"}
FIELDS = {"service": "matter-06010", "text": "路边一堆垃圾", **HERE}
DEVICE = "device-token-0001"


def send(nobody: Nobody, photos: list[bytes] | None = None, **more: str) -> Any:
    files = [("photos", (f"{n}.jpg", one, "image/jpeg")) for n, one in enumerate(photos or [])]
    headers = {"Idempotency-Key": more.pop("key")} if "key" in more else {}
    data = {**FIELDS, **more}
    body: dict[str, Any] = (
        {"data": data, "files": files} if files else {"files": {k: (None, v) for k, v in data.items()}}
    )
    return nobody.post(f"{BASE}/reports", headers=headers, **body)


def reported(nobody: Nobody, **more: Any) -> dict[str, Any]:
    answer = send(nobody, **more)
    assert answer.status_code == 201, answer.text
    taken: dict[str, Any] = answer.json()
    return taken


def case_of(town: Town, number: str) -> Case:
    with town.store.reader() as reader:
        return reader.find(Case, equals("number", number)).rows[0]


def follow(nobody: Nobody, taken: dict[str, Any]) -> dict[str, Any]:
    answer = nobody.get(f"{BASE}/reports/{taken['number']}", params={"code": taken["code"]})
    assert answer.status_code == 200, answer.text
    page: dict[str, Any] = answer.json()
    return page


def finish(town: Town, someone: Someone, id: int) -> None:
    """The whole loop by those whose turn it is."""
    people: dict[str, Person] = {
        name: someone(name) for name in ("shouli", "jiandu", "zhiban", "paiqian", "daolu")
    }

    def act(login: str, action: str, **more: Any) -> None:
        answer = do(people[login], id, action, **more)
        assert answer.status_code == 200, answer.text

    act("shouli", "accept")
    photos = [attach(people["jiandu"], id, "verify", role)["id"] for role in ("near", "far")]
    act("jiandu", "verify_exists", files=photos)
    act("zhiban", "file")
    unit = town.directory.organisation("roads")
    act("paiqian", "dispatch", answers={"organisation": unit})
    with town.store.reader() as reader:
        before = {
            (file.stage, file.role): file.id for file in reader.find(File, equals("case", id), limit=50).rows
        }
    handled = [
        attach(people["daolu"], id, "handle", role, same_angle_as=before["verify", role])["id"]
        for role in ("near", "far")
    ]
    act("daolu", "feed_back", answers={"result": "已清理"}, files=handled)
    checked = [attach(people["jiandu"], id, "check", "near")["id"]]
    act("jiandu", "check_pass", files=checked)
    act("zhiban", "close")


def test_a_report_becomes_a_case_to_verify(town: Town, nobody: Nobody) -> None:
    taken = reported(nobody, photos=[picture()], phone="138 0013 8000")
    case = case_of(town, taken["number"])
    assert (case.state, case.source, case.category.code) == ("received", "public", "06010")
    assert case.text == "路边一堆垃圾"
    with town.store.reader() as reader:
        assert case.subject is not None
        assert reader.get(Party, case.subject).phone == "138 0013 8000"
        assert reader.count(File, equals("case", case.id)) == 1
    page = follow(nobody, taken)
    assert [one["name"] for one in page["steps"]] == ["reported", "accepted", "handled", "ended"]
    assert page["steps"][1]["now"]
    assert page["neighbours"] == 1
    assert len(page["photos"]) == 1
    assert "138" not in str(page)
    assert "垃圾" not in str(page["words"])


def test_what_the_camera_wrote_is_not_kept(town: Town, nobody: Nobody) -> None:
    exif = Image.Exif()
    exif[0x013B] = "Zhang San"
    exif[0x9003] = "2026:07:18 18:00:00"
    exif[0x0132] = "2026:07:18 18:00:00"
    taken = reported(nobody, photos=[picture(exif=exif)])
    photo = follow(nobody, taken)["photos"][0]
    assert photo["taken"] == "2026-07-18T10:00:00Z"
    with town.store.reader() as reader:
        file = reader.get(File, photo["id"])
    stored = town.store.files.get(file.digest, subject=file.subject)
    sent = nobody.get(
        f"{BASE}/reports/{taken['number']}/photos/{photo['id']}", params={"code": taken["code"]}
    )
    assert sent.headers["Content-Type"] == "image/jpeg"
    for content in (stored, sent.content):
        assert b"Zhang" not in content
        with Image.open(io.BytesIO(content)) as shown:
            assert not dict(shown.getexif())


def test_a_number_alone_opens_no_photos_and_a_wrong_code_nothing(nobody: Nobody) -> None:
    taken = reported(nobody, photos=[picture()])
    own = follow(nobody, taken)["photos"][0]["id"]
    page = nobody.get(f"{BASE}/reports/{taken['number']}").json()
    assert (page["own"], page["photos"], page["asked"]) == (False, [], False)
    path = f"{BASE}/reports/{taken['number']}"
    assert nobody.get(path, params={"code": "aaaaaaaaaaaa"}).status_code == 404
    assert nobody.get(f"{path}/photos/{own}", params={"code": "aaaaaaaaaaaa"}).status_code == 404
    assert nobody.get(f"{path}/photos/{own}").status_code == 400
    assert nobody.get(f"{path}/photos/{own + 1}", params={"code": taken["code"]}).status_code == 404
    other = reported(nobody)
    assert nobody.get(path, params={"code": other["code"]}).status_code == 404


def test_sending_twice_makes_one_case(town: Town, nobody: Nobody) -> None:
    first, second = (reported(nobody, key="same", photos=[picture()]) for _ in range(2))
    assert first == second
    with town.store.reader() as reader:
        assert reader.count(Case) == 1
    assert send(nobody, key="same", text="其他").status_code == 409


def test_a_neighbour_is_counted_once_and_no_case_is_made(town: Town, nobody: Nobody) -> None:
    taken = reported(nobody)
    near = nobody.get(f"{BASE}/nearby", params={**HERE, "lat": 31.2052, "service": "matter-06010"}).json()
    assert near["inside"]
    assert [one["number"] for one in near["rows"]] == [taken["number"]]
    assert 15 < near["rows"][0]["metres"] < 30
    path = f"{BASE}/reports/{taken['number']}/support"
    first = nobody.post(path, json={"device": DEVICE})
    assert first.json() == {"number": taken["number"], "neighbours": 2, "fresh": True}
    assert nobody.post(path, json={"device": DEVICE}).json()["fresh"] is False
    for n in range(8):
        last = nobody.post(path, json={"device": f"another-device-{n:04}"}).json()
    assert last["neighbours"] == 6, "one address counts five times a day at most"
    town.clock.move_to(town.clock.city_time() + DAY)
    assert nobody.post(path, json={"device": "device-next-day-01"}).json()["neighbours"] == 7
    with town.store.reader() as reader:
        assert reader.count(Case) == 1
        stored = str(reader.journal(limit=1000))
    assert DEVICE not in stored
    assert "testclient" not in stored


def test_others_are_not_near(nobody: Nobody) -> None:
    reported(nobody)
    ask = {"service": "matter-06010", **HERE}
    far = nobody.get(f"{BASE}/nearby", params={**ask, "lat": 31.2065}).json()
    other = nobody.get(f"{BASE}/nearby", params={**ask, "service": "matter-06011"}).json()
    outside = nobody.get(f"{BASE}/nearby", params={**ask, "lon": 120}).json()
    assert far["rows"] == other["rows"] == outside["rows"] == []
    assert not outside["inside"]


def test_the_end_with_photos_and_a_question(town: Town, someone: Someone, nobody: Nobody) -> None:
    taken = reported(nobody, photos=[picture()])
    case = case_of(town, taken["number"])
    path = f"{BASE}/reports/{taken['number']}/rating"
    early = nobody.post(path, json={"code": taken["code"], "solved": True})
    assert early.status_code == 422
    finish(town, someone, case.id)
    page = follow(nobody, taken)
    assert page["ended"]
    assert page["asked"]
    assert [one["at"] is not None for one in page["steps"]] == [True] * 4
    assert sorted(one["when"] for one in page["photos"]) == ["after", "after", "after", "before"]
    wrong = nobody.post(path, json={"code": "aaaaaaaaaaaa", "solved": False})
    assert wrong.status_code == 404
    answer = nobody.post(
        path, json={"code": taken["code"], "solved": False, "satisfaction": 1, "text": "还在"}
    )
    assert answer.json()["rating"] == {"solved": False, "satisfaction": 1}
    assert not answer.json()["asked"]
    again = nobody.post(path, json={"code": taken["code"], "solved": True})
    assert again.status_code == 422
    rows = someone("zhiban").get("/messages").json()["rows"]
    assert any("未解决" in row["text"] and row["case"] == case.id for row in rows)


@pytest.mark.parametrize(
    ("more", "field"),
    [
        ({"service": "matter-99999"}, "service"),
        ({"service": "other-drainage.flooding"}, "service"),
        ({"lon": "120.0"}, "position"),
        ({"lon": "500"}, "position"),
        ({"phone": "call me"}, "phone"),
        ({"text": "字" * 2001}, "text"),
        ({"text": "a\x00b"}, "text"),
        ({"website": "https://spam.example"}, "website"),
        ({"position_text": "字" * 201}, "position_text"),
    ],
)
def test_what_is_refused_names_the_field(
    town: Town, nobody: Nobody, more: dict[str, str], field: str
) -> None:
    answer = send(nobody, **more)
    assert answer.status_code == 400, answer.text
    assert answer.json()["field"] == field
    with town.store.reader() as reader:
        assert reader.count(Case) == 0
        assert reader.count(File) == 0


@pytest.mark.parametrize(
    "content", [b"%PDF-1.7 not a photo", b"<svg/>", b"GIF89a", picture()[:200], b"\xff\xd8\xff" * 9]
)
def test_only_whole_pictures_are_taken(nobody: Nobody, content: bytes) -> None:
    answer = send(nobody, photos=[content])
    assert answer.status_code == 400
    assert answer.json()["code"] == "invalid"


def test_too_many_photos(nobody: Nobody) -> None:
    assert send(nobody, photos=[picture()] * 5).json()["field"] == "photos"


def test_one_address_may_not_flood(nobody: Nobody) -> None:
    answers = [send(nobody, text=f"第 {n} 条").status_code for n in range(8)]
    assert answers == [201] * 6 + [429] * 2


def test_one_phone_is_not_called_by_many_reports(town: Town, nobody: Nobody) -> None:
    answers = []
    for n in range(5):
        town.clock.move_to(town.clock.city_time() + HOUR)
        answers.append(send(nobody, text=f"第 {n} 条", phone="138-0013-8000").status_code)
    assert answers == [201] * 3 + [429] * 2


def test_codes_cannot_be_tried_out(nobody: Nobody) -> None:
    taken = reported(nobody)
    path = f"{BASE}/reports/{taken['number']}"
    answers = {nobody.get(path, params={"code": f"{n:012}"}).status_code for n in range(30)}
    assert answers == {404, 429}


def test_another_site_cannot_report_for_a_visitor(nobody: Nobody) -> None:
    data = {name: (None, value) for name, value in FIELDS.items()}
    answer = nobody.post(f"{BASE}/reports", files=data, headers={"Origin": "https://evil.example"})
    assert answer.status_code == 403


def test_cases_of_the_inside_are_not_shown(someone: Someone, nobody: Nobody) -> None:
    body = {
        "category": {"kind": "matter", "code": "06010"},
        "source": "leader",
        "position": [121.405, 31.205],
    }
    page = someone("shouli").post("/cases", json=body).json()
    assert nobody.get(f"{BASE}/reports/{page['number']}").status_code == 404
    secret = {
        **body,
        "source": "public",
        "contact": {"name": "张三", "phone": "13800138000", "confidential": True},
    }
    hidden = someone("shouli").post("/cases", json=secret).json()
    assert nobody.get(f"{BASE}/reports/{hidden['number']}").status_code == 404
    assert (
        nobody.post(f"{BASE}/reports/{hidden['number']}/support", json={"device": DEVICE}).status_code == 404
    )
    near = nobody.get(f"{BASE}/nearby", params={**HERE, "service": "matter-06010"}).json()
    assert [one["number"] for one in near["rows"]] == [page["number"]]


def test_the_list_of_matters_begins_with_the_frequent_ones(nobody: Nobody) -> None:
    found = nobody.get(f"{BASE}/matters").json()
    assert [one["service"] for one in found["rows"][:3]] == ["matter-06010", "matter-06011", "matter-06012"]
    assert [one["shortcut"] for one in found["rows"][:11]] == [*range(10), None]
    assert len(found["rows"]) == 250


def test_no_message_waits_where_no_channel_is_set_up(town: Town, nobody: Nobody) -> None:
    reported(nobody, phone="13800138000")
    with town.store.reader() as reader:
        assert reader.count(Message, equals("state", "waiting")) == 0


def test_the_reporter_is_told_by_sms_with_number_and_link_and_nothing_else(
    seeded: Path, tmp_path: Path
) -> None:
    shutil.copytree(seeded, tmp_path / "city")
    city, functions = tiny_city()
    faces = FacesFile(public_url="https://city.example", sms=SmsPort(url="https://sms.example"))
    town = open_town(tmp_path / "city", replace(city, faces=faces), functions)
    try:
        with TestClient(create_app(town.context)) as client:
            taken = reported(client, phone="13800138000", position_text="张三家门口")
        secret = town.context.secret
        box = Outbox(
            town.store,
            town.clock,
            Channels(faces, Guarded(faces.webhooks), town.clock),
            faces,
            town.rulebook.category_names.__getitem__,
            lambda case: link(faces.public_url, secret, case),
        )
        with town.store.reader() as reader:
            rows = reader.find(Message, equals("channel", "sms")).rows
            letters = [box.letter(reader, one) for one in rows]
    finally:
        town.close()
    page = f"https://city.example/report/{taken['number']}?code={taken['code']}"
    text = f"您反映的问题已收到，编号{taken['number']}。{page}"
    assert [(one.address, one.text) for one in letters] == [("13800138000", text)]
