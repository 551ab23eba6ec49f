"""监管分离: nobody checks or closes what he dispatched or handled, by deeds (accounts) and by organisation."""

from __future__ import annotations

from hutong.engine.handle.procedure import Compiled
from hutong.engine.handle.setting import Setting
from hutong.kernel.access import Actor
from hutong.kernel.case import Case, Deed
from hutong.kernel.definition.procedure import Action


def kept_apart(compiled: Compiled, action: Action) -> frozenset[str]:
    """The actions whose doer may not do this one: its own `unlike` and its partners in `separation`, both ways."""
    partners = {
        other if one == action.name else one
        for one, other in compiled.procedure.separation
        if action.name in (one, other)
    }
    return frozenset(action.unlike) | partners - {action.name}


def own_deed(case: Case, action: Action, actor: Actor, compiled: Compiled) -> Deed | None:
    """The first deed of this account that forbids it the action."""
    apart = kept_apart(compiled, action)
    return next((deed for deed in case.deeds if deed.action in apart and deed.account == actor.account), None)


def own_unit(case: Case, action: Action, actor: Actor, compiled: Compiled, setting: Setting) -> int | None:
    """The handling unit the actor belongs to (or is under), where its people may not do the action.

    Units that handled the case earlier count too: the deeds kept apart from this one name them.
    """
    if not action.unlike_organisation or actor.organisation is None:
        return None
    own = setting.ancestors(actor.organisation)
    return next((unit for unit in handling_units(case, compiled) if unit in own), None)


def handling_units(case: Case, compiled: Compiled) -> tuple[int, ...]:
    """The unit that handles the case, and those that did something to it as handling units."""
    units = [] if case.organisation is None else [case.organisation]
    for deed in case.deeds:
        role = compiled.roles.get(deed.role)
        if role is not None and role.side == "handling" and deed.organisation is not None:
            units.append(deed.organisation)
    return tuple(dict.fromkeys(units))
