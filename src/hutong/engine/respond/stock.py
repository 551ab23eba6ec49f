"""Resources: what a level needs against what there is. What is set aside never exceeds what there is."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec
from msgspec.structs import replace

from hutong.kernel.base import Label
from hutong.kernel.definition.plan import ResourceNeed
from hutong.kernel.plan import Resource


class Taking(msgspec.Struct, frozen=True):
    """So much of one resource."""

    resource: Resource
    """As it will be."""
    kind: str
    amount: float


class Supply(msgspec.Struct, frozen=True, kw_only=True):
    """One need and what can be set aside for it."""

    kind: str
    label: Label
    needed: float
    held: float
    """What the response has of it already."""
    left: float
    """What there is of it beyond that."""
    unit: str
    takings: tuple[Taking, ...] = ()

    @property
    def short(self) -> float:
        """What is missing, 0 if there is enough."""
        return max(0.0, self.needed - self.held - self.left)


def supplies(
    needs: Sequence[ResourceNeed], resources: Sequence[Resource], held: dict[str, float]
) -> tuple[Supply, ...]:
    """For each need what would be set aside beyond what is `held` (kind → amount), the largest stocks first."""
    found = []
    for need in needs:
        own = [one for one in resources if one.kind == need.kind and one.retired is None]
        own.sort(key=lambda one: (-one.left, one.code))
        wanted = max(0.0, need.amount - held.get(need.kind, 0.0))
        takings = []
        for resource in own:
            amount = min(wanted, resource.left)
            if amount > 0:
                takings.append(Taking(take(resource, amount), need.kind, amount))
                wanted -= amount
        found.append(
            Supply(
                kind=need.kind,
                label=need.label,
                needed=need.amount,
                held=held.get(need.kind, 0.0),
                left=sum(one.left for one in own),
                unit=own[0].unit if own else "",
                takings=tuple(takings),
            )
        )
    return tuple(found)


def take(resource: Resource, amount: float) -> Resource:
    """With so much more set aside; ValueError where there is not so much left."""
    if amount > resource.left:
        raise ValueError(f"{resource.code} has {resource.left} left, not {amount}")
    return replace(resource, reserved=resource.reserved + amount)


def give_back(resource: Resource, amount: float) -> Resource:
    """With so much free again, never below nothing set aside."""
    return replace(resource, reserved=max(0.0, resource.reserved - amount))
