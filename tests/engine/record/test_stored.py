"""A case kept in a store and explained from its journal, on both databases."""

from msgspec.structs import replace

from hutong.engine.handle import Command, OpenCase, act, open_case, undo
from hutong.engine.record import Defined, explain
from hutong.kernel.base import Label
from hutong.kernel.case import Case, Category, File
from hutong.kernel.changes import Changes


def apply(store, changes):
    store.apply(changes)
    with store.reader() as reader:
        return reader.get(Case, 1)


def opened(store, desk):
    command = OpenCase(
        id=1,
        category=Category("matter", "06010"),
        title=Label("暴露垃圾", "Exposed rubbish"),
        source="sensor",
        place=1,
    )
    begun = open_case(command, desk.staff["duty_chief"], desk.now, desk.compiled, desk.setting)
    return apply(store, Changes(puts=(begun.case,), numbering=(begun.numbering,), records=begun.records))


def done(store, desk, case, name, by, photos=(), **answers):
    """One action, committed with the photos it needs."""
    files = [
        File(
            id=2 + len(case.deeds) * 10 + index,
            case=1,
            stage="handle" if name == "feed_back" else "check",
            role=role,
            name="a.jpg",
            media_type="image/jpeg",
            size=1,
            digest=f"{index:064x}",
            taken=desk.now,
        )
        for index, role in enumerate(photos)
    ]
    command = Command(action=name, answers=answers, files=files, new_files=[file.id for file in files])
    acted = act(case, command, desk.staff[by], desk.now, desk.compiled, desk.setting)
    return apply(store, Changes(puts=(acted.case, *files), records=acted.records))


def test_the_stored_journal_explains_the_case(store, desk):
    case = opened(store, desk)
    assert case.number == "3101012026091800001"
    case = done(store, desk, case, "file", "duty_chief")
    case = done(store, desk, case, "dispatch", "dispatcher", organisation=200)
    case = done(store, desk, case, "feed_back", "handler", photos=("near", "far"), result="清理完毕")
    case = done(store, desk, case, "check_pass", "collector", photos=("near",))
    case = done(store, desk, case, "close", "duty_chief")
    with store.reader() as reader:
        journal = reader.journal(subject=("case", 1))
        told = explain(case, journal, lambda _: Defined(desk.compiled.procedure, desk.compiled.roles))
    assert [step.kind for step in told.steps] == [
        f"case.{name}" for name in ("open", "file", "dispatch", "feed_back", "check_pass", "close")
    ]
    assert [step.position for step in told.steps] == sorted(step.position for step in told.steps)
    assert all(step.hash for step in told.steps)
    assert [file["stage"] for file in told.files] == ["handle", "handle", "check"]
    assert told.number == "3101012026091800001"
    assert told.definitions == (case.definition,)


def test_undo_makes_a_new_version_of_the_old_state(store, desk):
    opened_case = opened(store, desk)
    filed = done(store, desk, opened_case, "file", "duty_chief")
    dispatched = done(store, desk, filed, "dispatch", "dispatcher", organisation=201)
    with store.reader() as reader:
        versions = [case for _, case in reader.versions(Case, 1)]
    assert versions[-1] == dispatched
    taken_back = undo(
        dispatched, versions[-2], desk.staff["dispatcher"], desk.now, desk.compiled, desk.setting
    )
    case = apply(store, Changes(puts=(taken_back.case,), records=taken_back.records))
    assert case == replace(filed, version=dispatched.version + 1)
    case = done(store, desk, case, "dispatch", "dispatcher", organisation=200)
    assert case.organisation == 200
    with store.reader() as reader:
        kinds = [record.kind for record in reader.journal(subject=("case", 1))]
    assert kinds == ["case.open", "case.file", "case.dispatch", "case.undo", "case.dispatch"]
