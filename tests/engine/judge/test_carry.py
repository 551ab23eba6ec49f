"""A judge that was carried over when streams or things changed finds what one built anew from the store finds."""

from __future__ import annotations

from typing import Any

import numpy as np
from hypothesis import example, given, settings
from hypothesis import strategies as st
from msgspec.structs import replace
from tests.engine.judge.city import FIRST_STREAM, FLOW, LEVEL, Night, Row, at, gauges, rows, rule

from hutong.engine.judge import Judge, compile_rules
from hutong.engine.judge.carry import Carried, carry
from hutong.engine.judge.things import Things, names_of, things_of
from hutong.engine.judge.unusual import Unusual as Learning
from hutong.engine.judge.unusual import Usual
from hutong.engine.observe import StreamTable, merged_table, stream_table
from hutong.kernel.changes import RuleMark
from hutong.kernel.definition.rule import Condition, Level, Rise, Rule, Unusual
from hutong.kernel.observation import Latest
from hutong.kernel.thing import Datastream

RULES = [
    rule(Condition(above=Level(thing="test.crown")), "test.above", hold="3 s", clear=Condition(below=3)),
    rule(Condition(below=1), "test.below", late="20 s"),
    rule(Condition(missing_for="8 s"), "test.silent"),
    rule(Condition(all=(Condition(property=FLOW, above=3), Condition(below=4))), "test.both", hold="2 s"),
    rule(Condition(rises_faster_than=Rise(by=3, within="6 s")), "test.rise"),
    rule(Condition(any=(Condition(unusual=Unusual(beyond=3)), Condition(above=5.5))), "test.odd", hold="1 s"),
]
ODD = [
    rule(Condition(missing_for="8 s"), "test.silent"),
    rule(Condition(unusual=Unusual(beyond=1.5, learn="2 h", season="day")), "test.odd", hold="1 min"),
]
GAUGES = 3


def stream(number: int) -> Datastream:
    """Level, flow, and a second sensor of the level of each gauge."""
    gauge, kind = divmod(number, 3)
    return Datastream(
        id=FIRST_STREAM + number, name="", thing=gauge + 1, sensor=1, observed_property=1,
        property_code=(LEVEL, FLOW, LEVEL)[kind], unit="m",
    )  # fmt: skip


class Town:
    """Streams and things that change, beside all rows that were ever stored."""

    def __init__(self, present: set[int], rules: list[Rule] = RULES) -> None:
        self.present = present
        self.rules = rules
        self.crowns = dict.fromkeys(range(GAUGES), 5.0)
        self.table = self.anew
        self.things = self._things(range(GAUGES))

    @property
    def anew(self) -> StreamTable:
        return stream_table(stream(number) for number in self.present)

    def _things(self, which: Any) -> Things:
        known = gauges(GAUGES)
        changed = [replace(known[g + 1], properties={"crown": self.crowns[g]}) for g in which]
        return things_of(changed, names_of(self.rules))

    def toggle(self, number: int) -> None:
        self.present ^= {number}
        more = stream_table([stream(number)] if number in self.present else [])
        self.table = merged_table(self.table, np.array([FIRST_STREAM + number]), more)

    def raise_crown(self, gauge: int, crown: float) -> None:
        self.crowns[gauge] = crown
        self.things = self.things.merged(np.array([gauge + 1]), self._things([gauge]))

    def judge(self, *, anew: bool) -> Judge:
        table, things = (self.anew, self._things(range(GAUGES))) if anew else (self.table, self.things)
        return compile_rules(self.rules, table, things, {}, {})


def warm(judge: Judge, fed: list[Row], streams: set[int]) -> None:
    """As from a store that has all rows."""
    mine = [one for one in fed if FIRST_STREAM + one[0] in streams]
    newest = {}
    for number, second, value in mine:
        if number not in newest or second >= newest[number][0]:
            newest[number] = (second, value)
    numbers = sorted(newest)
    latest = Latest(
        np.array(numbers, np.int64) + FIRST_STREAM,
        np.array([at(newest[one][0]) for one in numbers], np.int64),
        np.array([newest[one][1] for one in numbers], float),
    )
    judge.warm(latest, [rows(sorted(mine, key=lambda row: row[1]))] if mine else [])


def follow(town: Town, live: Night, built: Night) -> None:
    """The one judge is carried over, the other built anew from marks and rows."""
    fresh = town.judge(anew=False)
    carried: Carried = carry(live.judge, fresh)
    if len(carried.fresh):
        warm(fresh, live.fed, set(carried.fresh.tolist()))
    live.judge = fresh
    other = town.judge(anew=True)
    taken = other.load(built.marks.values())
    warm(other, built.fed, set(other.warmup_needs()[0].tolist()))
    built.judge = other
    assert settled(live, carried.left) == settled(built, taken.left)


def settled(night: Night, left: Any) -> set[tuple[str, int]]:
    found = {(mark.rule, mark.thing) for mark in left}
    for key in found:
        night.marks.pop(key, None)
    return found


values = st.sampled_from([0.0, 2.0, 3.5, 4.5, 6.0])
steps = st.lists(
    st.one_of(
        st.tuples(st.just("rows"), st.lists(st.tuples(st.integers(0, 8), values), min_size=1, max_size=6)),
        st.tuples(st.just("late"), st.tuples(st.integers(0, 8), values)),
        st.tuples(st.just("stream"), st.integers(0, 8)),
        st.tuples(st.just("crown"), st.tuples(st.integers(0, GAUGES - 1), st.sampled_from([2.5, 4.0, 5.0]))),
        st.tuples(st.just("tick"), st.just(0)),
    ),
    max_size=30,
)


@settings(max_examples=150, deadline=None)
@given(present=st.sets(st.integers(0, 8)), does=steps)
@example(present={0, 1, 8, 6}, does=[("rows", [(8, 0.0)]), ("stream", 8), ("rows", [(6, 6.0)])])
def test_carried_over_or_built_anew_the_findings_are_the_same(
    present: set[int], does: list[tuple[str, Any]]
) -> None:
    town = Town(set(present))
    live, built = Night(town.judge(anew=False)), Night(town.judge(anew=True))
    second = 0
    for what, given_ in does:
        second += 2
        if what in ("rows", "late"):
            feed = given_ if what == "rows" else [given_]
            back = 7 if what == "late" else 0
            some = {
                number: (number, second - back, value) for number, value in feed if number in town.present
            }
            if some:
                live.feed(list(some.values()))
                built.feed(list(some.values()))
        elif what == "tick":
            live.tick(second)
            built.tick(second)
        else:
            town.toggle(given_) if what == "stream" else town.raise_crown(*given_)
            follow(town, live, built)
        assert live.said == built.said
        assert live.marks == built.marks


hours = st.lists(
    st.one_of(
        st.tuples(st.just("rows"), st.lists(st.tuples(st.integers(0, 8), values), min_size=1, max_size=6)),
        st.tuples(st.just("stream"), st.integers(0, 8)),
        st.tuples(st.just("wait"), st.sampled_from([600, 1800, 3600])),
    ),
    max_size=60,
)


@settings(max_examples=100, deadline=None)
@given(present=st.sets(st.integers(0, 8)), does=hours)
@example(present={8}, does=[("stream", 6), ("rows", [(8, 0.0)]), ("wait", 1800), ("rows", [(6, 4.5)]),
                            *(("stream", number) for number in (6, 8, 6, 8)), ("rows", [(6, 0.0)])])  # fmt: skip
@example(present={0, 2}, does=[("rows", [(2, 6.0)]), ("wait", 600), ("rows", [(0, 3.5)]), ("rows", [(6, 0.0)]),
                               ("rows", [(2, 4.5)]), ("stream", 2), ("rows", [(0, 3.5)])])  # fmt: skip
def test_over_hours_too_what_is_usual_is_the_same(present: set[int], does: list[tuple[str, Any]]) -> None:
    """Sums of the running hour differ in their last bits, as rows are added in other parts. A mark may still hold steps
    that memory has let go, out of every late row's reach. Rows come in order: those that did not are not known as such
    after a restart."""
    town = Town(set(present), ODD)
    live, built = Night(town.judge(anew=False)), Night(town.judge(anew=True))
    second = 0
    for what, given_ in does:
        second += given_ if what == "wait" else 2
        if what == "stream":
            town.toggle(given_)
            follow(town, live, built)
        elif what == "rows":
            some = {number: (number, second, value) for number, value in given_ if number in town.present}
            live.feed(list(some.values()))
            built.feed(list(some.values()))
        assert live.said == built.said
        assert live.marks.keys() == built.marks.keys()
        for key, mark in live.marks.items():
            (plain, learnt), (other, expected) = apart(mark), apart(built.marks[key])
            for name in ("steps", "said"):
                kept, stored = plain.memory.pop(name, []), other.memory.pop(name, [])
                assert stored[len(stored) - len(kept) :] == kept
            assert plain == other
            np.testing.assert_allclose(learnt, expected, rtol=1e-5, atol=1e-6)


def apart(mark: RuleMark) -> tuple[RuleMark, list[float]]:
    """A mark without its baselines but with their times, and all their numbers."""
    found: list[float] = []
    times: list[int] = []
    for text in mark.memory.get("usual", ()):
        usual = Usual(1, Learning("day"))
        assert usual.restore(0, text)
        times += [int(usual.first[0]), int(usual.newest[0])]
        columns = (usual.whole, usual.usual, usual.smooth, usual.level, usual.scale, usual.seen)
        found += [number for column in columns for number in column.ravel().tolist()]
    memory = {key: value for key, value in mark.memory.items() if key != "usual"}
    return replace(mark, memory={**memory, "times": times}), found
