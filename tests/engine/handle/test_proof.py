"""Proof: photos of the same angle, fresh for every round, and the sensor where there is one."""

import pytest
from msgspec.structs import replace

from hutong.kernel.base import Label
from hutong.kernel.case import EvidenceRow, Warning
from hutong.kernel.errors import Refused


def warning(desk, number=50, **given):
    given.setdefault("state", "confirmed")
    return Warning(
        id=number,
        rule="drainage.flooding",
        rule_version="v",
        thing=7,
        colour="red",
        title=Label("积水 0.4 m", "0.4 m of water"),
        explanation=Label("x"),
        began=desk.now,
        raised=desk.now,
        seen=desk.now,
        evidence=(EvidenceRow(3, 77, desk.now, 0.4),),
        **given,
    )


def proved_by(desk):
    return desk.records[-1].explain["proof"]


def test_photos_are_named_with_their_digests(desk):
    desk.dispatched()
    desk.fed_back()
    assert [file["file"] for file in proved_by(desk)["files"]] == [900, 901]
    assert proved_by(desk)["files"][0]["digest"] == f"{900:064x}"
    assert desk.case.facts["proved"] == [900, 901]


def test_photos_repeat_the_angle_of_the_report(desk):
    desk.open(source="collector", by="collector")
    near, far = desk.photo("report", "near"), desk.photo("report", "far")
    desk.do("file", "duty_chief")
    desk.do("dispatch", "dispatcher", organisation=200)
    desk.photo("handle", "near")
    desk.photo("handle", "far", same_angle_as=far.id)
    with pytest.raises(Refused, match="the near photo of the handling does not name the earlier photo"):
        desk.do("feed_back", "handler", result="完成")
    desk.photo("handle", "near", same_angle_as=near.id)
    desk.do("feed_back", "handler", result="完成")
    assert [file["same_angle_as"] for file in proved_by(desk)["files"]] == [far.id, near.id]


def test_a_photo_proves_one_round_only(desk):
    desk.dispatched()
    desk.fed_back()
    desk.wait(10).checked("check_fail", reason="不干净")
    with pytest.raises(Refused, match="near photo of the handling is missing"):
        desk.do("feed_back", "handler", result="完成")
    sent_back = desk.now
    for role in ("near", "far"):
        desk.files.append(replace(desk.photo("handle", role), id=990 + len(desk.files), taken=sent_back - 1))
    desk.files = [file for file in desk.files if file.taken < sent_back]
    with pytest.raises(Refused, match="was taken before the work was sent back"):
        desk.do("feed_back", "handler", result="完成")
    desk.wait(10).fed_back()
    assert desk.case.state == "to_check"


def test_the_sensor_must_have_cleared(desk):
    desk.open(warnings=(50,))
    desk.warnings = [warning(desk), warning(desk, 51, state="false_alarm")]
    desk.do("file", "duty_chief")
    desk.do("dispatch", "dispatcher", organisation=200)
    with pytest.raises(Refused, match="the sensors still show it: 0"):
        desk.fed_back()
    row = EvidenceRow(3, 99, desk.now, 0.02)
    desk.warnings[0] = replace(desk.warnings[0], cleared=desk.now, clearing=(row,))
    desk.fed_back()
    sensors = proved_by(desk)["sensors"]
    assert [sensor["warning"] for sensor in sensors] == [50]
    assert sensors[0]["observations"][0]["observation"] == 99
