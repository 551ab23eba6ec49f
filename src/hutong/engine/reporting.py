"""What people without an account report: codes that open their report, hashes that count neighbours, and how it goes in plain
words."""

from __future__ import annotations

import base64
import hashlib
import hmac

import msgspec

from hutong.engine.handle.procedure import Compiled
from hutong.kernel.base import Instant, Label
from hutong.kernel.case import Case

CODE_LENGTH = 12
"""Base-32 characters: 60 bits, which nobody tries out against a rate limit."""


class Step(msgspec.Struct, frozen=True):
    """One step of a report's way. `at` None: not there yet; `now`: it stands here."""

    name: str
    label: Label
    at: Instant | None
    now: bool = False


def tracking_code(secret: bytes, case: int) -> str:
    """The code that opens a report. It is made from the city's secret, so nothing is stored and nothing can leak."""
    made = hmac.new(secret, f"track:{case}".encode(), hashlib.sha256).digest()
    return base64.b32encode(made).decode().lower()[:CODE_LENGTH]


def right_code(secret: bytes, case: int, code: str) -> bool:
    given = code.strip().lower().encode()
    return hmac.compare_digest(given, tracking_code(secret, case).encode())


def keyed(secret: bytes, purpose: str, *parts: str) -> str:
    """A hash that counts without telling: nobody without the city's secret can turn it back or make it again."""
    text = "\x1f".join((purpose, *parts))
    return hmac.new(secret, text.encode(), hashlib.sha256).hexdigest()[:32]


def steps(case: Case, compiled: Compiled) -> list[Step]:
    """Reported, accepted, handled, ended, with the dates of those that are past; the same for every procedure."""
    accepted = case.filed
    ended = case.closed is not None
    given = [
        Step("reported", Label("已收到", "Received"), case.opened),
        Step("accepted", Label("已立案", "Accepted"), accepted),
        Step("handled", Label("已处置", "Handled"), case.fed_back),
        Step("ended", _ending(case), case.closed),
    ]
    if ended:
        return [one for one in given if one.at is not None]
    past = [index for index, one in enumerate(given) if one.at is not None]
    here = max(past) + 1
    label = compiled.states[case.state].label
    given[here] = Step(given[here].name, label, None, now=True)
    return given


def _ending(case: Case) -> Label:
    return ENDINGS.get(case.ending, Label("已办结", "Closed"))


ENDINGS = {
    "closed": Label("已解决并核查", "Solved and checked"),
    "self_handled": Label("已当场处理", "Solved on the spot"),
    "joined": Label("已随同一问题一并办结", "Closed together with the same problem"),
    "rejected": Label("未予受理", "Not accepted"),
    "void": Label("已作废", "Void"),
    "forced": Label("已办结", "Closed"),
}
"""How a case ended, in plain words."""


def notes(case: Case, compiled: Compiled) -> Label:
    """Where it stands, in one sentence."""
    if case.closed is not None:
        ending = _ending(case)
        return Label(f"{ending.zh}。", f"{ending.text('en')}.")
    state = compiled.states[case.state].label
    return Label(f"正在办理：{state.zh}。", f"Under way: {state.text('en')}.")


def told_reasons(case: Case, compiled: Compiled) -> list[tuple[Label, str]]:
    """Answers that staff gave for the reporter to read (asks marked `public`), by the label of the ask."""
    done = {deed.action for deed in case.deeds}
    found = []
    for action in compiled.procedure.actions:
        for ask in action.asks if action.name in done else ():
            said = case.facts.get(ask.to or ask.name)
            if ask.public and isinstance(said, str) and said.strip():
                found.append((ask.label, said))
    return found
