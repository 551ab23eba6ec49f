"""One action on many cases: each its own deed, with its own result; the request as a whole is done once."""

from __future__ import annotations

from typing import Annotated, Any

import msgspec
from litestar import Router, get, post
from litestar.params import FromPath, JSONBody, QueryParameter

from hutong.api.access import CASE, access, readable_case
from hutong.api.case_commands import check_whole
from hutong.api.case_offers import AskShape, offer_shapes
from hutong.api.house import House
from hutong.api.problems import Problem, problem
from hutong.api.requests import Repeat, TheActor, TheHouse, TheRepeat
from hutong.api.shapes import Id
from hutong.engine.flow.cases import Act
from hutong.kernel.access import Actor
from hutong.kernel.base import Label
from hutong.kernel.case import Case
from hutong.kernel.changes import Changes
from hutong.kernel.errors import Conflict, HutongError, Invalid

AT_ONCE = 200


class Chosen(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A case, and the version it was seen at (None: whatever it is now)."""

    id: Id
    version: Annotated[int, msgspec.Meta(ge=1)] | None = None


class BulkDeed(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The same answers for every case."""

    cases: Annotated[list[Chosen], msgspec.Meta(min_length=1, max_length=AT_ONCE)]
    answers: dict[str, Any] = {}


class BulkResult(msgspec.Struct, frozen=True, kw_only=True):
    """What became of one case: where it stands now, or the problem, as the action on it alone would have answered."""

    id: int
    number: str = ""
    done: bool
    version: int | None = None
    state: str = ""
    state_label: Label | None = None
    problem: Problem | None = None


class BulkAnswer(msgspec.Struct, frozen=True):
    """In the order asked."""

    done: int
    refused: int
    results: list[BulkResult]


class CommonAction(msgspec.Struct, frozen=True, kw_only=True):
    """An action that the asker may do on some of the cases; `possible`: on which. Those that need photos are left out: each
    case has its own."""

    action: str
    label: Label
    asks: list[AskShape]
    final: bool
    possible: list[int]


@get("/cases/actions", guards=[access("read", CASE)], sync_to_thread=True, summary="Actions common to cases")
def common_actions(
    house: TheHouse,
    actor: TheActor,
    ids: Annotated[str, QueryParameter(description="Ids of at most 200 cases, separated by commas.")],
) -> list[CommonAction]:
    """What can be done on many cases with one form, the one that fits most first."""
    found: dict[tuple[str, bytes], CommonAction] = {}
    with house.store.reader() as reader:
        cases = reader.many(Case, _ids(ids))
        for id, case in cases.items():
            readable_case(actor, case)
            offers = [
                one
                for one in house.context.cases.offers(reader, case, actor)
                if one.allowed and not one.proof
            ]
            for one in offer_shapes(house, actor, offers):
                asks = [msgspec.structs.replace(ask, suggested=None) for ask in one.asks]
                key = (one.action, msgspec.json.encode(asks))
                before = found[key].possible if key in found else []
                found[key] = CommonAction(
                    action=one.action, label=one.label, asks=asks, final=one.final, possible=[*before, id]
                )
    return sorted(found.values(), key=lambda one: -len(one.possible))


def _ids(text: str) -> list[int]:
    parts = [part for part in text.split(",") if part]
    if not parts or len(parts) > AT_ONCE or not all(part.isdigit() and len(part) < 16 for part in parts):
        raise Invalid("ids", "are no case ids", f"give 1 to {AT_ONCE} ids, separated by commas")
    return [int(part) for part in dict.fromkeys(parts)]


@post(
    "/cases/actions/{action:str}",
    guards=[access("read", CASE)],
    status_code=200,
    sync_to_thread=True,
    summary="Do an action on many cases",
)
def act_on_many(
    house: TheHouse, actor: TheActor, repeat: TheRepeat, action: FromPath[str], data: JSONBody[BulkDeed]
) -> BulkAnswer:
    """Every case by itself: one that cannot be done does not keep the others from it. A repeat gives the first answer."""
    known = _answered(house, repeat)
    if known is not None:
        return known
    check_whole(data.answers)
    chosen = {one.id: one for one in data.cases}
    results = [_one(house, actor, action, one, data.answers, repeat.part(one.id)) for one in chosen.values()]
    done = sum(one.done for one in results)
    answer = BulkAnswer(done, len(results) - done, results)
    if repeat.key is not None:
        house.store.apply(
            Changes(
                idempotency_key=repeat.key,
                request_digest=repeat.digest,
                response=msgspec.to_builtins(answer, enc_hook=str),
            )
        )
    return answer


def _answered(house: House, repeat: Repeat) -> BulkAnswer | None:
    """The answer that was given to the first request of this key."""
    if repeat.key is None:
        return None
    with house.store.reader() as reader:
        known = reader.answered(repeat.key)
    if known is None:
        return None
    digest, response = known
    if digest != repeat.digest:
        raise Conflict("Idempotency-Key", "was used for another request", "use a new key for a new request")
    return msgspec.convert(response, BulkAnswer)


def _one(
    house: House, actor: Actor, action: str, chosen: Chosen, answers: dict[str, Any], repeat: Repeat
) -> BulkResult:
    number = ""
    try:
        with house.store.reader() as reader:
            case = reader.get(Case, chosen.id)
            readable_case(actor, case)
            number = case.number
            before = reader.answered(repeat.key) if repeat.key else None
        if before is None:
            wanted = Act(
                case=chosen.id,
                action=action,
                answers=answers,
                version=chosen.version,
                key=repeat.key,
                digest=repeat.digest,
            )
            case = house.context.cases.act(wanted, actor)
    except HutongError as error:
        return BulkResult(id=chosen.id, number=number, done=False, problem=problem(error))
    state = house.rulebook.procedure(case).states[case.state]
    return BulkResult(
        id=case.id,
        number=case.number,
        done=True,
        version=case.version,
        state=case.state,
        state_label=state.label,
    )


router = Router("/", route_handlers=[common_actions, act_on_many], tags=["cases"])
