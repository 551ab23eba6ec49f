"""duty.yaml of a city: people with accounts, units that exist, posts that a plan calls, and nothing twice."""

from __future__ import annotations

from collections.abc import Iterator

from hutong.kernel.definition.plan import ModeDefinition, PlanDefinition
from hutong.loader.checks.known import Known
from hutong.loader.city_source import CitySource
from hutong.loader.problem import Problem

DUTY = "duty.yaml"


def duty_problems(source: CitySource, known: Known) -> Iterator[Problem]:
    logins = {one.login for one in source.accounts}
    units = {one.code for one in source.organisations}
    posts = {post for pack in known.packs.values() for post in _posts(pack.plans, pack.modes)}
    for key, names in (
        ("posts", [one.post for one in source.duty.posts]),
        ("resources", [one.code for one in source.duty.resources]),
    ):
        for index, name in enumerate(names):
            if names.index(name) != index:
                yield source.problem(DUTY, (key, index), f"{name!r} stands twice", "keep one of the two")
    for index, entry in enumerate(source.duty.posts):
        if entry.post not in posts:
            remedy = f"plans call {', '.join(sorted(posts)) or 'none'}"
            yield source.problem(DUTY, ("posts", index, "post"), f"no plan calls {entry.post!r}", remedy)
        for at, login in enumerate(entry.people):
            if login not in logins:
                where = ("posts", index, "people", at)
                yield source.problem(DUTY, where, f"there is no account {login!r}", "see accounts.yaml")
    for index, resource in enumerate(source.duty.resources):
        if resource.organisation and resource.organisation not in units:
            path = ("resources", index, "organisation")
            reason = f"there is no organisation {resource.organisation!r}"
            yield source.problem(DUTY, path, reason, "see organisations.yaml")
        if resource.amount < 0:
            yield source.problem(DUTY, ("resources", index, "amount"), "is below zero", "give what there is")


def _posts(plans: tuple[PlanDefinition, ...], modes: tuple[ModeDefinition, ...]) -> set[str]:
    """Duty posts that plans and modes name."""
    found = {row.post for mode in modes for row in mode.roster}
    for plan in plans:
        found.update(one.call.post for one in plan.warns)
        for level in plan.levels:
            found.update(one.post for one in level.calls)
            found.update(one.post for one in level.tasks if one.post)
    return found
