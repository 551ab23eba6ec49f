"""Uploads: what is taken, what is refused, who may read it."""

from __future__ import annotations

import io
from typing import Any

import pytest
from PIL import Image
from tests.api.conftest import Person, Someone
from tests.api.people import attach, do, picture, report


def upload(person: Person, content: bytes, name: str = "a.jpg", headers: Any = None, **data: str) -> Any:
    return person.post("/files", headers, data=data, files={"file": (name, content, "image/jpeg")})


def photographed(when: str = "2026:07:18 19:05:00", offset: str = "") -> bytes:
    """A JPEG as a phone makes it: with time and position."""
    exif = Image.Exif()
    details: dict[int, Any] = {0x9003: when}
    if offset:
        details[0x9011] = offset
    exif[0x8769] = details
    exif[0x8825] = {1: "N", 2: (31.0, 12.0, 18.0), 3: "E", 4: (121.0, 24.0, 18.0)}
    return picture(exif=exif)


def test_a_photo_belongs_to_its_case(someone: Someone) -> None:
    person = someone("jiandu")
    case = report(someone("shouli"))["id"]
    row = attach(person, case, "verify", "far")
    assert (row["case"], row["stage"], row["role"]) == (case, "verify", "far")
    assert row["media_type"] == "image/jpeg"
    assert row["by"]["name"]["zh"] == "孙监督"
    assert [one["id"] for one in person.get(f"/cases/{case}").json()["files"]] == [row["id"]]
    content = person.client.get(row["url"])
    assert content.content == picture()
    assert content.headers["Content-Security-Policy"] == "default-src 'none'; sandbox"
    again = person.client.get(row["url"], headers={"If-None-Match": content.headers["ETag"]})
    assert again.status_code == 304


def test_time_and_position_are_read_from_the_camera(someone: Someone) -> None:
    row = upload(someone("jiandu"), photographed(), stage="report").json()
    assert row["taken"] == "2026-07-18T11:05:00Z"
    assert row["position"] == [121.405, 31.205]
    other = upload(someone("jiandu"), photographed(offset="+00:00"), stage="report").json()
    assert other["taken"] == "2026-07-18T19:05:00Z"
    given = upload(
        someone("jiandu"),
        photographed(),
        stage="report",
        taken="2026-07-18T12:00:00Z",
        lon="121.41",
        lat="31.21",
    ).json()
    assert (given["taken"], given["position"]) == ("2026-07-18T12:00:00Z", [121.41, 31.21])


def test_broken_camera_notes_do_no_harm(someone: Someone) -> None:
    exif = Image.Exif()
    exif[0x8769] = {0x9003: "yesterday"}
    exif[0x8825] = {1: "N", 2: (1.0,), 3: "E", 4: (200.0, 1.0, 2.0)}
    row = upload(someone("jiandu"), picture(exif=exif), stage="report").json()
    assert row["position"] is None
    assert row["taken"] == "2026-07-18T11:00:00Z", "without a time of its own, when it came"


@pytest.mark.parametrize(
    ("content", "data", "field"),
    [
        (b"", {}, "file"),
        (b"<html><script>alert(1)</script></html>", {}, "file"),
        (b"<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>", {}, "file"),
        (picture()[:200], {}, "file"),
        (picture(kind="GIF"), {}, "file"),
        (picture(), {"stage": "party"}, "stage"),
        (picture(), {"role": "selfie"}, "role"),
        (picture(), {"taken": "noon"}, "taken"),
        (picture(), {"lon": "200", "lat": "0"}, "position"),
        (picture(), {"same_angle_as": "4711"}, "same_angle_as"),
    ],
)
def test_what_is_no_evidence_is_refused(
    someone: Someone, content: bytes, data: dict[str, str], field: str
) -> None:
    answer = upload(someone("jiandu"), content, **data)
    assert answer.status_code == 400, answer.text
    assert answer.json()["field"] == field


def test_huge_pictures_are_refused_before_they_are_unpacked(someone: Someone) -> None:
    out = io.BytesIO()
    Image.new("1", (12_000, 8_000)).save(out, "PNG")
    answer = upload(someone("jiandu"), out.getvalue(), "bomb.png")
    assert answer.status_code == 400
    assert "pixels" in answer.json()["reason"]
    assert upload(someone("jiandu"), b"\xff\xd8" + b"x" * 21_000_000).status_code == 413


def test_documents_are_downloads_and_have_no_thumbnail(someone: Someone) -> None:
    person = someone("jiandu")
    row = upload(person, b"%PDF-1.7 ...", "../../报告.pdf", stage="other", role="document").json()
    assert row["media_type"] == "application/pdf"
    assert row["name"] == "报告.pdf"
    answer = person.client.get(row["url"])
    assert answer.headers["Content-Disposition"] == "attachment"
    assert person.client.get(f"{row['url']}?w=320").status_code == 400


def test_thumbnails(someone: Someone) -> None:
    person = someone("jiandu")
    row = upload(person, picture(1000, 500), stage="report").json()
    small = person.client.get(f"{row['url']}?w=320")
    assert Image.open(io.BytesIO(small.content)).size == (320, 160)
    assert person.client.get(f"{row['url']}?w=321").status_code == 400


def test_files_of_no_case_are_seen_by_who_gave_them(someone: Someone) -> None:
    row = upload(someone("jiandu"), picture(), stage="report").json()
    assert someone("shouli").client.get(row["url"]).status_code == 404
    assert someone("jiandu").client.get(row["url"]).status_code == 200


def test_a_report_takes_its_photos_along(someone: Someone) -> None:
    person = someone("jiandu")
    row = upload(person, picture(), stage="report", role="near").json()
    page = report(person, source="collector", files=[row["id"]])
    assert page["state"] == "to_file"
    assert [one["id"] for one in page["files"]] == [row["id"]]
    assert someone("shouli").client.get(row["url"]).status_code == 200
    stolen = person.post(
        "/cases",
        json={
            "category": {"kind": "matter", "code": "06010"},
            "source": "collector",
            "position": [121.405, 31.205],
            "files": [row["id"]],
        },
    )
    assert stolen.json()["field"] == "files"


def test_the_same_upload_sent_twice_is_one_file(someone: Someone) -> None:
    person = someone("jiandu")
    case = report(someone("shouli"))["id"]
    body = (
        b'--B\r\nContent-Disposition: form-data; name="file"; filename="a.jpg"\r\n\r\n' + picture()
        + f'\r\n--B\r\nContent-Disposition: form-data; name="case"\r\n\r\n{case}\r\n--B--\r\n'.encode()
    )  # fmt: skip
    headers = {"Idempotency-Key": "u", "Content-Type": "multipart/form-data; boundary=B"}
    first, again = (person.post("/files", headers, content=body) for _ in range(2))
    assert first.status_code == again.status_code == 201, first.text
    assert first.json()["id"] == again.json()["id"]
    assert len(person.get(f"/cases/{case}").json()["files"]) == 1
    other = person.post("/files", headers, content=body.replace(b'a.jpg"\r\n\r\n\xff', b'a.jpg"\r\n\r\n\xfe'))
    assert other.status_code == 409


def test_who_may_not_work_on_cases_may_not_upload(someone: Someone) -> None:
    assert upload(someone("lingdao"), picture(), stage="report").status_code == 403


def test_same_angle_is_checked_within_the_case(someone: Someone) -> None:
    desk, collector = someone("shouli"), someone("jiandu")
    case, other = report(desk)["id"], report(desk)["id"]
    before = attach(collector, case, "verify", "near")
    after = attach(collector, case, "handle", "near", same_angle_as=before["id"])
    assert after["same_angle_as"] == before["id"]
    wrong = upload(collector, picture(), case=str(other), stage="handle", same_angle_as=str(before["id"]))
    assert wrong.json()["field"] == "same_angle_as"
    do(desk, case, "accept")
