"""The outbox: sent once where all goes well, again where it does not, under one key; never by two workers; never lost."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from msgspec.structs import replace
from tests.api.town import Town
from tests.gateways.notices.servers import receiver

from hutong.engine.flow.telling import messages
from hutong.engine.outbox import LONGEST_PAUSE, Outbox, again, pause
from hutong.kernel.base import HOUR, SECOND, Label
from hutong.kernel.case import Message, Notice
from hutong.kernel.changes import Changes, Record
from hutong.kernel.definition.faces import FacesFile, SmsPort
from hutong.kernel.errors import Refused, Unavailable
from hutong.kernel.party import Party
from hutong.kernel.ports import Outgoing
from hutong.kernel.query import equals

FACES = FacesFile(sms=SmsPort(url="http://127.0.0.1:1"), staff={"escalated": ("sms",)}, attempts=4)


class Played:
    """A channel that does as it is told."""

    channels = frozenset({"sms"})

    def __init__(self, *answers: Exception | None) -> None:
        self.answers = list(answers)
        self.sent: list[Outgoing] = []

    def send(self, outgoing: Outgoing) -> None:
        self.sent.append(outgoing)
        answer = self.answers.pop(0) if self.answers else None
        if answer is not None:
            raise answer


def caller(town: Town, phone: str | None = "13800138000") -> int:
    id = town.store.new_ids(1)[0]
    party = Party(id=id, subject=id, kind="person", phone=phone)
    record = Record(kind="party.enter", actor=0, at=town.clock.city_time(), subjects=(("party", id),))
    town.store.apply(Changes(puts=(party,), records=(record,)))
    return id


def waiting(town: Town, subject: int, text: str = "已受理") -> int:
    notice = Notice(0, "progress", Label(text), subject=subject, channels=("sms",))
    made = messages(town.store, town.clock, town.directory, FACES, [notice])
    rows = tuple(replace(one, case=None) for one in made)
    record = Record(kind="message.make", actor=0, at=0, subjects=tuple(("message", one.id) for one in rows))
    town.store.apply(Changes(puts=rows, records=(record,)))
    return rows[0].id


def message(town: Town, id: int) -> Message:
    with town.store.reader() as reader:
        return reader.get(Message, id)


def outbox(town: Town, played: Any) -> Outbox:
    return Outbox(town.store, town.clock, played, FACES, lambda one: Label(one.code))


def later(town: Town, wait: int = 7 * HOUR) -> None:
    town.clock.move_to(town.clock.city_time() + wait)


def test_what_waits_is_sent_once(town: Town) -> None:
    id = waiting(town, caller(town))
    played = Played()
    box = outbox(town, played)
    assert box.step() == 1
    assert box.step() == 0
    assert [(one.address, one.text, one.key) for one in played.sent] == [
        ("13800138000", "已受理", f"hutong-1-{id}")
    ]
    sent = message(town, id)
    assert (sent.state, sent.attempts, sent.error) == ("sent", 1, "")


def test_what_fails_is_tried_again_with_growing_pauses_under_one_key(town: Town) -> None:
    id = waiting(town, caller(town))
    played = Played(Unavailable("x", "it is down"), Unavailable("x", "it is down"))
    box = outbox(town, played)
    assert box.step() == 1
    assert box.step() == 0, "not before its time"
    tried = message(town, id)
    assert (tried.state, tried.attempts, tried.error) == ("waiting", 1, "it is down")
    assert tried.next_try == town.clock.recorded_at() + 15 * SECOND
    for _ in range(2):
        later(town)
        box.step()
    assert message(town, id).state == "sent"
    assert len({one.key for one in played.sent}) == 1
    assert len(played.sent) == 3
    assert [pause(n) // SECOND for n in (1, 2, 3)] == [15, 30, 60]
    assert pause(1000) == LONGEST_PAUSE


def test_after_so_many_tries_it_has_failed_and_goes_again_by_hand(town: Town) -> None:
    id = waiting(town, caller(town))
    played = Played(*[Unavailable("x", "it is down")] * FACES.attempts)
    box = outbox(town, played)
    for _ in range(FACES.attempts):
        box.step()
        later(town)
    assert message(town, id).state == "failed"
    assert box.step() == 0
    again(town.store, town.clock, id, 1)
    assert box.step() == 1
    assert message(town, id).state == "sent"
    with pytest.raises(Refused):
        again(town.store, town.clock, id, 1)


def test_what_will_never_be_taken_fails_at_once(town: Town) -> None:
    id = waiting(town, caller(town))
    outbox(town, Played(Refused("x", "no such number"))).step()
    assert (message(town, id).state, message(town, id).error) == ("failed", "no such number")


def test_one_bad_message_does_not_stop_the_others(town: Town) -> None:
    ids = [waiting(town, caller(town)) for _ in range(3)]
    outbox(town, Played(None, Refused("x", "no"), None)).step()
    assert [message(town, id).state for id in ids] == ["sent", "failed", "sent"]


def test_two_workers_do_not_send_beside_each_other(town: Town) -> None:
    waiting(town, caller(town))
    first, second = Played(), Played()
    one, other = outbox(town, first), outbox(town, second)
    assert one.lease.hold()
    assert other.step() == 0
    assert one.step() == 1
    waiting(town, caller(town))
    one.lease.give_up()
    assert other.step() == 1
    assert (len(first.sent), len(second.sent)) == (1, 1)


def test_the_lease_of_a_worker_that_hangs_runs_out(town: Town) -> None:
    waiting(town, caller(town))
    one, other = outbox(town, Played()), outbox(town, Played())
    assert one.lease.hold()
    later(town, 61 * SECOND)
    assert other.step() == 1
    assert not one.lease.hold()


def test_people_without_a_number_get_no_message(town: Town) -> None:
    subject = caller(town, phone=None)
    notice = Notice(0, "progress", Label("已受理"), subject=subject, channels=("sms",))
    assert messages(town.store, town.clock, town.directory, FACES, [notice]) == ()
    assert (
        messages(town.store, town.clock, town.directory, FacesFile(), [replace(notice, subject=caller(town))])
        == ()
    )


def test_staff_are_told_by_the_channels_that_the_city_names(town: Town) -> None:
    leader = next(one for one in town.directory.accounts.values() if one.login == "lingdao")
    person = town.directory.persons[leader.subject]
    record = Record(kind="party.change", actor=0, at=0, subjects=(("party", person.id),))
    town.store.apply(Changes(puts=(replace(person, phone="13900139000"),), records=(record,)))
    town.reread()
    notice = Notice(0, "escalated", Label("案卷超期"), role="leader")
    made = messages(town.store, town.clock, town.directory, FACES, [notice])
    assert [(one.channel, one.state, one.to) for one in made] == [
        ("console", "sent", leader.id),
        ("sms", "waiting", leader.id),
    ]
    told = messages(town.store, town.clock, town.directory, FACES, [replace(notice, kind="told")])
    assert [one.channel for one in told] == ["console"]


def test_erased_people_are_not_reached(town: Town) -> None:
    subject = caller(town)
    id = waiting(town, subject)
    with town.store.reader() as reader:
        party = reader.get(Party, subject)
    gone = replace(party, phone=None, erased=town.clock.city_time())
    record = Record(kind="party.erase", actor=0, at=0, subjects=(("party", subject),))
    town.store.apply(Changes(puts=(gone,), records=(record,)))
    played = Played()
    outbox(town, played).step()
    assert played.sent == []
    assert message(town, id).state == "failed"


PROCESS = Path(__file__).with_name("outbox_process.py")


def test_a_worker_killed_between_sending_and_marking_sends_again_under_the_same_key(
    town: Town, tmp_path: Path
) -> None:
    id = waiting(town, caller(town))
    town.close()
    folder = tmp_path / "city"
    with receiver(200) as (got, url):
        command = [sys.executable, str(PROCESS), str(folder), url]
        child = subprocess.Popen(command, cwd=Path(__file__).parents[3], env={**os.environ, "KILL": "1"})
        assert child.wait(120) == -signal.SIGKILL
        assert len(got.got) == 1
        after = subprocess.run(
            command, cwd=Path(__file__).parents[3], check=True, timeout=120, capture_output=True
        )
    assert after.stdout.decode().split() == ["sent", "2"] or after.stdout.decode().split() == ["sent", "1"]
    assert len(got.json) == 2
    assert {one["id"] for one in got.json} == {f"hutong-1-{id}"}, "the receiver drops the double by its id"


def test_nothing_about_the_person_is_journalled(town: Town) -> None:
    waiting(town, caller(town))
    outbox(town, Played(Unavailable("x", "down"))).step()
    with town.store.reader() as reader:
        assert "13800138000" not in str(reader.journal(limit=1000))
        assert reader.count(Message, equals("channel", "sms")) == 1
