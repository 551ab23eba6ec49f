"""What a person gave with an action, checked against what the action asks."""

from __future__ import annotations

import math
from datetime import date, datetime, time
from typing import Any
from zoneinfo import ZoneInfo

from msgspec.structs import replace

from hutong.engine.handle.setting import Setting
from hutong.kernel.base import Facts, Instant
from hutong.kernel.case import Case, Category
from hutong.kernel.clock import instant
from hutong.kernel.definition.procedure import Action, Ask
from hutong.kernel.errors import Invalid

CASE_FIELDS = ("organisation", "holder", "joined_to", "urgency", "text", "position_text")
"""Fields an ask may fill directly; everything else lands in the case's facts."""

MOST_UNITS = 30
"""Units that one action may name."""


def checked(action: Action, answers: Facts, case: Case, now: Instant, setting: Setting) -> Facts:
    """The answers in stored form (dates as instants, ids as int); Invalid names the ask that is wrong."""
    known = {ask.name: ask for ask in action.asks}
    for name in answers:
        if name not in known:
            asked = ", ".join(known) or "nothing"
            raise Invalid(
                f"answers.{name}",
                f"{action.label.en or action.name} does not ask for it",
                f"it asks: {asked}",
            )
    found: Facts = {}
    for ask in action.asks:
        given = answers.get(ask.name)
        if given is None or given == "":
            if ask.required:
                raise _wrong(ask, "is missing", f"give {ask.label.en or ask.name}", f"请填写{ask.label.zh}")
            continue
        found[ask.name] = _value(ask, given, case, now, setting)
    return found


def filled(case: Case, action: Action, answers: Facts) -> Case:
    """The case with the answers where they belong."""
    facts = dict(case.facts)
    fields: Facts = {}
    for ask in action.asks:
        if ask.name in answers:
            target = fields if ask.to in CASE_FIELDS else facts
            target[ask.to or ask.name] = answers[ask.name]
    return replace(case, facts=facts, **fields)


def _value(ask: Ask, given: Any, case: Case, now: Instant, setting: Setting) -> Any:
    if ask.kind == "number":
        return _number(ask, given)
    if ask.kind == "date":
        return _date(ask, given, now, setting)
    if ask.kind in ("organisation", "account", "case"):
        if isinstance(given, bool) or not isinstance(given, int):
            raise _wrong(ask, "is not an id", "choose one from the list", "请从列表中选择")
        if ask.kind == "case":
            _check_main(ask, given, case, setting)
        return _unit(ask, given, setting) if ask.kind == "organisation" else given
    if ask.kind == "organisations":
        return _units(ask, given, setting)
    if ask.kind == "flag":
        return _flag(ask, given)
    if not isinstance(given, str) or not given.strip():
        raise _wrong(ask, "is not a text", "write it in words", "请填写文字")
    if ask.kind == "category" and category_of(given) not in setting.category_names:
        raise _wrong(ask, f"{given!r} is no category", "write kind:code of the list", "请从类别中选择")
    if ask.kind == "choice" and given not in ask.choices:
        raise _wrong(
            ask, f"{given!r} is none of the choices", "choose " + ", ".join(ask.choices), "请从选项中选择"
        )
    return given.strip()


def category_of(text: str) -> Category:
    """The category that `kind:code` stands for."""
    kind, _, code = text.strip().partition(":")
    return Category(kind, code)  # type: ignore[arg-type]


def _unit(ask: Ask, given: int, setting: Setting) -> int:
    if not setting.is_unit(given):
        raise _wrong(ask, f"{given} is no organisation", "choose one from the list", "请从列表中选择")
    return given


def _units(ask: Ask, given: Any, setting: Setting) -> list[int]:
    """Ids, each once."""
    if not isinstance(given, list) or not all(isinstance(one, int) and one is not True for one in given):
        raise _wrong(ask, "is not a list of ids", "choose some from the list", "请从列表中选择")
    units = [_unit(ask, one, setting) for one in dict.fromkeys(given)]
    if ask.required and not units:
        raise _wrong(ask, "is empty", "choose at least one", "请至少选择一个部门")
    if len(units) > MOST_UNITS:
        raise _wrong(ask, f"has {len(units)} units", f"choose at most {MOST_UNITS}", f"最多 {MOST_UNITS} 个")
    return units


def _flag(ask: Ask, given: Any) -> bool:
    if not isinstance(given, bool):
        raise _wrong(ask, "is neither yes nor no", "give true or false", "请选择是或否")
    return given


def _number(ask: Ask, given: Any) -> float:
    if isinstance(given, bool) or not isinstance(given, int | float) or not math.isfinite(given):
        raise _wrong(ask, "is not a number", "give a number", "请填写数字")
    if (ask.low is not None and given < ask.low) or (ask.high is not None and given > ask.high):
        bounds = f"{ask.low if ask.low is not None else '…'} to {ask.high if ask.high is not None else '…'}"
        raise _wrong(ask, f"{given} is out of range", f"give {bounds}", f"范围 {bounds}")
    return float(given)


def _date(ask: Ask, given: Any, now: Instant, setting: Setting) -> Instant:
    """A local date (its first instant), a date with time (local if it names no zone), or µs."""
    if isinstance(given, int) and not isinstance(given, bool):
        at = given
    else:
        at = _parsed(ask, given, ZoneInfo(setting.calendar.zone))
    if ask.later and at <= now:
        raise _wrong(ask, "is not in the future", "choose a later day", "请选择以后的日期")
    return at


def _parsed(ask: Ask, given: Any, zone: ZoneInfo) -> Instant:
    try:
        if len(given) == len("2026-09-18"):
            return instant(datetime.combine(date.fromisoformat(given), time(), zone))
        moment = datetime.fromisoformat(given)
    except (TypeError, ValueError):
        raise _wrong(
            ask, f"{given!r} is not a date", "write it like 2026-09-18", "格式如 2026-09-18"
        ) from None
    return instant(moment if moment.tzinfo else moment.replace(tzinfo=zone))


def _check_main(ask: Ask, given: int, case: Case, setting: Setting) -> None:
    """A case may only join one that goes on by itself: not its own, not ended, not joined to another."""
    main = setting.case(given)
    if main is None:
        raise _wrong(ask, f"there is no case {given}", "choose a case from the list", "没有该案卷")
    if main.id == case.id:
        raise _wrong(ask, "a case cannot join itself", "choose another case", "不能并入自身")
    if main.closed is not None:
        raise _wrong(ask, f"case {main.number} has ended", "choose one that is being handled", "主案已结束")
    if main.joined_to is not None:
        raise _wrong(
            ask, f"case {main.number} is joined itself", "choose the case it is joined to", "该案卷已并入他案"
        )


def _wrong(ask: Ask, reason: str, remedy: str, zh: str) -> Invalid:
    return Invalid(
        f"answers.{ask.name}", f"{ask.label.en or ask.name} {reason}", remedy, zh=f"{ask.label.zh}：{zh}"
    )
