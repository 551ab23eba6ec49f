"""Who gets which notice by which channel: rows that wait for the outbox, and those the console shows at once."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import msgspec

from hutong.engine.directory import Directory
from hutong.engine.outbox import address_of
from hutong.kernel.base import Entity, Instant
from hutong.kernel.case import Message, Notice
from hutong.kernel.clock import Clock
from hutong.kernel.definition.faces import FacesFile
from hutong.kernel.party import Party
from hutong.kernel.ports import Store

TOLD = ("told", "warn", "overdue", "escalated", "review", "call")
"""Notices that become messages; `todo` is what the queue shows anyway."""


class _To(msgspec.Struct, frozen=True):
    """One message to be: to an account, or to a person outside."""

    notice: Notice
    channel: str
    account: int = 0


def messages(
    store: Store,
    clock: Clock,
    directory: Directory,
    faces: FacesFile,
    notices: Iterable[Notice],
    coming: Iterable[Entity] = (),
) -> tuple[Message, ...]:
    """One console message for each account that a notice is for, and one for each outside channel that tells it too.
    `coming`: rows that the same commit stores."""
    given = list(notices)
    if not given:
        return ()
    people = _people(store, given) | {one.id: one for one in coming if isinstance(one, Party)}
    found = [one for notice in given for one in _addressed(notice, directory, faces, people)]
    ids = store.new_ids(len(found)) if found else range(0)
    now, tried = clock.city_time(), clock.recorded_at()
    return tuple(_message(id, one, now, tried) for id, one in zip(ids, found, strict=True))


def configured(faces: FacesFile) -> frozenset[str]:
    """The outside channels that a city has set up."""
    given = {"sms": faces.sms, "email": faces.email, "webhook": faces.webhook}
    return frozenset(name for name, one in given.items() if one is not None)


def _message(id: int, to: _To, now: Instant, tried: Instant) -> Message:
    """`tried`: recorded time from which the outbox may send it."""
    at_once = to.channel == "console"
    return Message(
        id=id,
        case=to.notice.case,
        to=to.account,
        subject=to.notice.subject,
        channel=to.channel,  # type: ignore[arg-type]
        kind=to.notice.kind,
        text=to.notice.text.text(to.notice.language),
        state="sent" if at_once else "waiting",
        at=now,
        next_try=None if at_once else tried,
    )


def _people(store: Store, notices: list[Notice]) -> dict[int, Party]:
    """The people outside that notices are for."""
    ids = sorted({one.subject for one in notices if one.subject is not None})
    if not ids:
        return {}
    with store.reader() as reader:
        return reader.many(Party, ids)


def _addressed(
    notice: Notice, directory: Directory, faces: FacesFile, people: dict[int, Party]
) -> Iterator[_To]:
    if notice.subject is not None:
        channel = _reaching(people.get(notice.subject), notice.channels, configured(faces))
        if channel is not None:
            yield _To(notice, channel)
        return
    if notice.kind not in TOLD and not notice.channels:
        return
    outside = [one for one in faces.staff.get(notice.kind, ()) if one in configured(faces)]
    if "webhook" in outside:
        yield _To(notice, "webhook")
    for account in directory.accounts.values():
        if account.id != notice.account and not hears(directory, account.id, notice):
            continue
        if notice.kind in TOLD:
            yield _To(notice, "console", account.id)
        party = directory.persons.get(account.subject)
        further = (_reaching(party, notice.channels, configured(faces)),)
        staff = tuple(one for one in outside if _reaching(party, (one,), configured(faces)))
        for channel in dict.fromkeys((*further, *staff)):
            if channel is not None and channel != "webhook" and not account.simulated:
                yield _To(notice, channel, account.id)


def _reaching(party: Party | None, channels: Iterable[str], known: frozenset[str]) -> str | None:
    """The first of the channels that is set up and that the person has an address of."""
    for channel in channels:
        if channel in known and party is not None and address_of(party, channel):
            return channel
    return None


def hears(directory: Directory, account: int, notice: Notice) -> bool:
    """Whether a notice to a role is for this account."""
    unit = directory.accounts[account].organisation
    fits = notice.organisation is None or (
        unit is not None and notice.organisation in directory.ancestors(unit)
    )
    return fits and any(held.role == notice.role for held in directory.held.get(account, ()))
