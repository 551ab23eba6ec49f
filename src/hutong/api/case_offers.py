"""What can be done on a case now, as the console draws its buttons and forms."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import msgspec

from hutong.api.house import House
from hutong.engine.handle.offers import Offer
from hutong.engine.handle.proof import Need
from hutong.kernel.access import Actor
from hutong.kernel.base import Label
from hutong.kernel.definition.procedure import Ask


class Choice(msgspec.Struct, frozen=True):
    value: str | int
    label: Label


class AskShape(msgspec.Struct, frozen=True, kw_only=True):
    """Something to give with an action. `choices` are given for choices and units (`organisation`: one id,
    `organisations`: a list); `suggested` is the unit the 权责清单 names."""

    name: str
    label: Label
    kind: str
    choices: list[Choice]
    required: bool
    low: float | None
    high: float | None
    later: bool
    suggested: int | None


class NeedShape(msgspec.Struct, frozen=True):
    """One piece of proof, and whether it is there."""

    label: Label
    stage: str | None
    role: str
    same_angle_as: list[int]
    met: bool
    met_by: list[int]
    reason: Label | None


class ProofShape(msgspec.Struct, frozen=True, kw_only=True):
    """`photos`: roles of the photos of `stage`; `same_angle_as`: files one of which a photo must match; `sensor_clear`:
    the sensors must be clear. `needs` says it piece by piece; `met` when all is there."""

    photos: list[str]
    stage: str
    same_angle_as: list[int]
    sensor_clear: bool
    needs: list[NeedShape]
    met: bool


class OfferShape(msgspec.Struct, frozen=True, kw_only=True):
    """An action of the case's state. `mine`: the asker holds a role that does it. `reason` says why it is not allowed;
    missing proof and answers stand in `proof` and `asks`."""

    action: str
    label: Label
    allowed: bool
    mine: bool
    reason: Label | None
    remedy: Label | None
    asks: list[AskShape]
    proof: ProofShape | None
    effects: list[Label]
    seen_by: list[Label]
    to: str
    final: bool
    suggested_because: Label | None
    help: Label | None


def offer_shapes(house: House, actor: Actor, offers: Sequence[Offer]) -> list[OfferShape]:
    return [_offer(house, actor, one) for one in offers]


def _offer(house: House, actor: Actor, offer: Offer) -> OfferShape:
    return OfferShape(
        action=offer.action,
        label=offer.label,
        allowed=offer.allowed,
        mine=offer.mine,
        reason=offer.reason,
        remedy=offer.remedy,
        asks=[ask_shape(house, one, offer.suggested) for one in offer.asks],
        proof=_proof(offer.proof),
        effects=list(offer.effects),
        seen_by=list(offer.seen_by),
        to=offer.to,
        final=offer.final,
        suggested_because=offer.suggested_because,
        help=offer.help,
    )


def ask_shape(house: House, ask: Ask, suggested: int | None = None) -> AskShape:
    """An ask as a form draws it."""
    return AskShape(
        name=ask.name,
        label=ask.label,
        kind=ask.kind,
        choices=_choices(house, ask),
        required=ask.required,
        low=ask.low,
        high=ask.high,
        later=ask.later,
        suggested=suggested if ask.kind == "organisation" else None,
    )


def _choices(house: House, ask: Ask) -> list[Choice]:
    if ask.kind in ("organisation", "organisations"):
        units: Any = house.directory.organisations.values()
        return [Choice(one.id, one.label) for one in units if one.side == "handling" and one.label]
    return [Choice(value, label) for value, label in ask.choices.items()]


def _proof(needs: Sequence[Need]) -> ProofShape | None:
    if not needs:
        return None
    photos = [one for one in needs if one.stage is not None]
    return ProofShape(
        photos=[one.role for one in photos],
        stage=photos[0].stage or "" if photos else "",
        same_angle_as=sorted({id for one in photos for id in one.same_angle_as}),
        sensor_clear=len(photos) < len(needs),
        needs=[
            NeedShape(
                one.label,
                one.stage,
                one.role,
                list(one.same_angle_as),
                one.met,
                list(one.met_by),
                one.reason,
            )
            for one in needs
        ],
        met=all(one.met for one in needs),
    )
