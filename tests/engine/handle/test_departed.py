"""A case on an older version whose role is gone can be looked at, and says what nobody may do any more."""

from __future__ import annotations

from dataclasses import replace as with_

from hutong.engine.handle import allowed, compile_procedure
from hutong.engine.handle.differences import lost
from hutong.engine.handle.procedure import departed_roles


def test_a_role_that_is_gone_leaves_a_name(desk):
    desk.dispatched()
    desk.fed_back()
    roles = {name: role for name, role in desk.compiled.roles.items() if name != "collector"}
    departed = departed_roles(desk.compiled.procedure, roles)
    assert [(one.name, one.may) for one in departed] == [("collector", {})]
    compiled = compile_procedure(desk.compiled.procedure, (*roles.values(), *departed), desk.compiled.digest)
    offers = {
        one.action: one
        for one in allowed(desk.case, desk.staff["duty_chief"], desk.now, compiled, with_(desk.setting))
    }
    assert offers["check_pass"].reason.zh == "只能由collector办理"
    assert offers["force_close"].allowed
    found = list(lost(compiled, [desk.case.state], roles))
    assert "check_pass: role collector is gone" in found
    assert not any(one.startswith("force_close") for one in found)
