"""叫应: who is called, who is called next when nobody confirmed in time, and when there is nobody left to call."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec
from msgspec.structs import replace

from hutong.kernel.base import MINUTE, Instant
from hutong.kernel.definition.plan import Call
from hutong.kernel.plan import Calling


class Passed(msgspec.Struct, frozen=True):
    """A calling whose time is up. `next` is the account to call now; None: the chain has ended, tell the commander."""

    calling: Calling
    next: int | None


class Addressed(msgspec.Struct, frozen=True, kw_only=True):
    """What a calling is about."""

    plan: str
    response: int | None = None
    warnings: tuple[int, ...] = ()


def called(id: int, call: Call, about: Addressed, account: int, step: int, now: Instant) -> Calling:
    """Somebody is called now and has the call's minutes to confirm."""
    due = now + round(call.minutes * MINUTE)
    return Calling(
        id=id,
        plan=about.plan,
        response=about.response,
        warnings=about.warnings,
        post=call.post,
        label=call.label,
        role=call.role,
        step=step,
        account=account,
        called=now,
        minutes=call.minutes,
        due=due,
        next_due=due,
    )


def again(id: int, before: Calling, account: int, now: Instant) -> Calling:
    """The next person of the same post, with the same time from now on (also if it was found late)."""
    due = now + round(before.minutes * MINUTE)
    return replace(
        before, id=id, version=0, step=before.step + 1, account=account, called=now, due=due, next_due=due,
        state="waiting",
    )  # fmt: skip


def passed(calling: Calling, chain: Sequence[int], now: Instant) -> Passed | None:
    """What becomes of a calling whose limit is over; None while it is not, or somebody has confirmed.

    `chain`: the post's people as they are now. Somebody who was called already is not called again.
    """
    if calling.next_due is None or calling.next_due > now:
        return None
    at = chain.index(calling.account) if calling.account in chain else calling.step
    further = chain[at + 1 :]
    ended = not further
    closed = replace(calling, state="unanswered" if ended else "passed", next_due=None)
    return Passed(closed, None if ended else further[0])


def confirmed(calling: Calling, by: int, channel: str, now: Instant) -> Calling:
    """He has heard, also when the next one has been called by then."""
    return replace(calling, state="confirmed", confirmed=now, confirmed_by=by, channel=channel, next_due=None)


def dropped(calling: Calling) -> Calling:
    """Nobody needs to confirm any more: another of the post did, or the response has ended."""
    return replace(calling, state="dropped", next_due=None)
