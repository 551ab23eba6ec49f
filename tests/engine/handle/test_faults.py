"""What `hutong check` finds in a procedure, one mistake at a time in the city procedure."""

import pytest
from msgspec.structs import replace

from hutong.engine.handle.faults import faults
from hutong.kernel.base import Label
from hutong.kernel.definition.procedure import Action, ClockDefinition, State


def found(compiled, **changed):
    procedure = replace(compiled.procedure, **changed)
    return {fault.where: fault for fault in faults(procedure, compiled.roles.values())}


def with_action(compiled, name, **changed):
    return tuple(
        replace(action, **changed) if action.name == name else action for action in compiled.procedure.actions
    )


def without(compiled, *names):
    return tuple(action for action in compiled.procedure.actions if action.name not in names)


def test_the_city_procedure_has_none(compiled):
    assert faults(compiled.procedure, compiled.roles.values()) == []


def test_a_fault_has_its_place_in_the_file(compiled):
    got = found(compiled, actions=with_action(compiled, "dispatch", sets={"facts.seen.twice": "moon"}))
    index = [action.name for action in compiled.procedure.actions].index("dispatch")
    assert got["actions.dispatch.sets.facts.seen.twice"].path == (
        "actions",
        index,
        "sets",
        "facts.seen.twice",
    )
    asks = compiled.actions["dispatch"].asks
    got = found(
        compiled, actions=with_action(compiled, "dispatch", asks=(asks[0], replace(asks[1], to="a.b")))
    )
    assert got["actions.dispatch.asks.note.to"].path == ("actions", index, "asks", 1, "to")


def test_a_state_nobody_reaches(compiled):
    lost = State(name="lost", label=Label("失联"))
    out = Action(name="find", label=Label("找回"), of=("lost",), to="closed", roles=("leader",))
    got = found(
        compiled,
        states=(*compiled.procedure.states, lost),
        actions=(*compiled.procedure.actions, out),
    )
    assert got["states.lost"].reason == "no case ever gets there"


def test_a_dead_end(compiled):
    pit = State(name="pit", label=Label("坑"))
    into = Action(name="fall", label=Label("落坑"), of=("handling",), to="pit", roles=("leader",))
    got = found(
        compiled, states=(*compiled.procedure.states, pit), actions=(*compiled.procedure.actions, into)
    )
    assert got["states.pit"].reason == "no way leads from it to an end"


@pytest.mark.parametrize(
    ("name", "changed", "path", "word"),
    [
        ("dispatch", {"to": "handeling"}, "actions.dispatch.to", "handeling"),
        ("dispatch", {"of": ("waiting",)}, "actions.dispatch.of", "waiting"),
        ("dispatch", {"of": ()}, "actions.dispatch.of", "is empty"),
        ("dispatch", {"roles": ("pilot",)}, "actions.dispatch.roles", "pilot"),
        ("dispatch", {"roles": ()}, "actions.dispatch.roles", "nobody may do it"),
        ("dispatch", {"roles": ("leader",)}, "actions.dispatch.roles", "does not hold act.dispatch"),
        ("dispatch", {"clocks": {"hurry": "start"}}, "actions.dispatch.clocks", "hurry"),
        ("dispatch", {"unlike": ("fly",)}, "actions.dispatch.unlike", "fly"),
        ("dispatch", {"sets": {"colour": "now"}}, "actions.dispatch.sets.colour", "no field"),
        ("dispatch", {"sets": {"holder": "moon"}}, "actions.dispatch.sets.holder", "no value"),
        ("dispatch", {"sets": {"holder": "ask:who"}}, "actions.dispatch.sets.holder", "does not ask"),
        ("dispatch", {"to": "$back"}, "actions.dispatch.to", "side states"),
        ("review", {"at": None}, "actions.review.at", "missing"),
        ("return", {"before_due": "hurry"}, "actions.return.clocks", "hurry"),
    ],
)
def test_wrong_names(compiled, name, changed, path, word):
    got = found(compiled, actions=with_action(compiled, name, **changed))
    assert word in got[path].reason


@pytest.mark.parametrize(
    ("changed", "path"),
    [
        ({"start": "begin"}, "start"),
        ({"opens": {"sensor": "nowhere"}}, "opens.sensor"),
        ({"start_clocks": {"received": ("hurry",)}}, "start_clocks.received"),
        ({"start_sets": {"received": {"colour": "now"}}}, "start_sets.received.colour"),
        ({"separation": (("dispatch", "fly"),)}, "separation.0"),
        ({"separation": (("close", "close"),)}, "separation.0"),
    ],
)
def test_wrong_names_of_the_procedure(compiled, changed, path):
    assert path in found(compiled, **changed)


def test_names_used_twice(compiled):
    doubled = (*compiled.procedure.states, compiled.procedure.states[0])
    assert "is used twice" in found(compiled, states=doubled)["states.received"].reason


@pytest.mark.parametrize("action", ["check_pass", "check_fail", "check_unable", "close", "force_close"])
@pytest.mark.parametrize("deed", ["dispatch", "feed_back"])
def test_separation_must_be_enforced(compiled, action, deed):
    unlike = tuple(one for one in compiled.actions[action].unlike if one != deed)
    got = found(compiled, actions=with_action(compiled, action, unlike=unlike))
    assert got[f"actions.{action}.unlike"].remedy == f"add {deed} to `unlike`"


def test_separation_holds_across_reopening(compiled):
    got = found(compiled, actions=with_action(compiled, "dispatch", unlike=()))
    assert "one account could" in got["actions.dispatch.unlike"].reason
    open_ended = tuple(
        a for a in with_action(compiled, "dispatch", unlike=()) if a.name not in ("reopen", "redo")
    )
    pairs = (("dispatch", "close"),)
    assert found(compiled, actions=open_ended, separation=pairs) == {}, "nothing follows a close any more"


def test_separation_holds_even_where_no_pair_is_listed(compiled):
    loose = tuple(
        replace(action, unlike=(), unlike_organisation=False)
        if action.name in ("check_pass", "close")
        else action
        for action in compiled.procedure.actions
    )
    got = found(compiled, actions=loose, separation=())
    assert "nobody checks or closes" in got["actions.check_pass.unlike"].reason
    assert "nobody checks or closes" in got["actions.close.unlike"].reason


def test_the_handling_units_people_are_kept_out(compiled):
    got = found(compiled, actions=with_action(compiled, "close", unlike_organisation=False))
    assert "colleague" in got["actions.close.unlike_organisation"].reason


def test_nobody_approves_his_own_request(compiled):
    got = found(compiled, actions=with_action(compiled, "approve_extension", unlike=()))
    assert "request_extension could approve it himself" in got["actions.approve_extension.unlike"].reason


def test_clocks_that_never_start_or_stop(compiled):
    idle = ClockDefinition(name="idle", label=Label("闲"), amount=1, unit="work_hour")
    got = found(compiled, clocks=(*compiled.procedure.clocks, idle))
    assert got["clocks.idle"].reason == "it never starts"
    running = with_action(compiled, "take", clocks={"idle": "restart"})
    got = found(compiled, clocks=(*compiled.procedure.clocks, idle), actions=running)
    assert got["clocks.idle"].reason == "it never stops"


def test_a_clock_that_would_start_twice(compiled):
    got = found(compiled, actions=with_action(compiled, "accept_return", clocks={"guarding": "stop"}))
    assert "running already" in got["actions.dispatch.clocks.handling"].reason


def test_a_clock_resumed_that_never_ran(compiled):
    got = found(compiled, actions=with_action(compiled, "redo", to="to_check", clocks={"closing": "stop"}))
    assert got["actions.check_fail.clocks.handling"].reason == "it may never have started"


def test_an_action_removed_leaves_its_end_unreachable(compiled):
    got = found(compiled, actions=without(compiled, "end_joined"))
    assert got["states.joined"].reason == "no case ever gets there"
