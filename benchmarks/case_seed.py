"""A year of cases with their journal, stored through the store's bulk path.

    python -m benchmarks.case_seed FOLDER [--cases 1000000] [--database URL]

Each case has 20 records of the journal: what people did with it (opened, dispatched, fed back, checked, closed), and 15 that
change no row of it (calls, looks at personal data, notices). Three of its versions are kept: as it was opened, as it was
dispatched, as it is. A few hundred histories are made by
the engine itself, with its clocks and deeds; the year is made of them, moved to other days, grids, units and words. 97 % of the
cases have ended; of the open ones some are overdue.

A million cases take some 17 GB on either database, and a quarter of an hour.
"""

from __future__ import annotations

import argparse
import gc
import multiprocessing
import os
import queue
import random
import struct
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import msgspec
import shapely
from benchmarks.case_city import UNITS, opened
from msgspec.structs import replace
from tests.api.town import START, Town

from hutong.engine.handle.act import Command, act
from hutong.engine.handle.open import OpenCase, open_case
from hutong.kernel.access import Actor
from hutong.kernel.base import DAY, HOUR, MINUTE, Label
from hutong.kernel.case import Case, Deed
from hutong.kernel.caseclock import late_from
from hutong.kernel.changes import Record, Step
from hutong.kernel.place import Place
from hutong.store.histories import Preparation, Prepared

CHUNK = 2_000
"""Cases of a transaction."""
MAKERS = 2
AHEAD = 2
"""Chunks that a maker may be ahead."""
RECORDS = 20
OPEN_SHARE = 0.03
TEMPLATES = 480
ACTS = ("dispatch", "feed_back", "check_pass", "close")
BETWEEN = ("case.call", "case.look", "case.note")
NOTES = {
    kind: {"action": kind.partition(".")[2], "role": "receptionist", "note": "已告知来电人办理进度"}
    for kind in BETWEEN
}
ROADS = (
    "南京",
    "延安",
    "淮海",
    "长宁",
    "江苏",
    "华山",
    "武康",
    "愚园",
    "复兴",
    "衡山",
    "建国",
    "瑞金",
    "茂名",
    "陕西",
    "常熟",
    "乌鲁木齐",
)
WORDS = (
    "市民来电反映", "巡查发现", "影响居民通行", "多次投诉未解决", "请尽快处理", "附近有学校", "夜间更为严重", "下雨后积水",
    "靠近地铁站出入口", "占用盲道", "存在安全隐患", "气味难闻", "蚊虫滋生", "商户反映强烈", "已持续三天", "老人出行不便",
)  # fmt: skip


class Year:
    """Cases of the year before START. `total` of them, the same ones whoever asks."""

    def __init__(self, town: Town, total: int) -> None:
        self.town, self.total = town, total
        self.grids = [one for one in town.directory.places.values() if one.tree == "unit_grid"]
        self.centres = {one.id: shapely.from_wkb(one.geometry).centroid for one in self.grids}
        self.units = [town.directory.organisation(f"unit{n:02d}") for n in range(UNITS)]
        self.setting = town.cases.setting(None)  # type: ignore[arg-type]
        self.actors = {login: town.directory.actor(id, START) for login, id in _logins(town).items()}
        self.ended = [self._template(random.Random(n), len(ACTS)) for n in range(TEMPLATES)]
        self.open = [self._template(random.Random(-n), n % len(ACTS)) for n in range(1, TEMPLATES)]
        self.labels = {code: label.zh for code, label in town.rulebook.category_names.items()}
        self.receptionist = self.actors["shouli"].account
        self.moved: dict[tuple[bool, int, int], list[Case]] = {}
        self._scopes: dict[tuple[int, int], tuple[tuple[int, ...], tuple[int, ...]]] = {}

    def scopes(self, place: int, unit: int) -> tuple[tuple[int, ...], tuple[int, ...]]:
        """Of a case there before and after a unit has it."""
        found = self._scopes.get((place, unit))
        if found is None:
            near = self.town.directory.ancestors
            before = tuple(near(place))
            found = before, tuple(dict.fromkeys((*before, *near(self.units[unit]))))
            self._scopes[place, unit] = found
        return found

    def _template(self, chance: random.Random, acts: int) -> list[Case]:
        """One history by the engine, begun at a minute of the START's day."""
        compiled = self.town.rulebook.procedures["works.case"]
        category = chance.choice(list(self.town.rulebook.categories))
        now = START - DAY + chance.randrange(24 * 60) * MINUTE
        command = OpenCase(id=1, category=category, title=Label("-"), source="public", place=self.grids[0].id)
        case = open_case(command, self.actors["shouli"], now, compiled, self.setting).case
        found = [case]
        for action in ACTS[:acts]:
            now += round(chance.expovariate(1 / 2.5) * HOUR)
            answers = {"dispatch": {"organisation": self.units[0]}, "feed_back": {"result": "已处理"}}.get(
                action, {}
            )
            done = act(
                case, Command(action=action, answers=answers), self._who(action), now, compiled, self.setting
            )
            case = done.case
            found.append(case)
        return found

    def _who(self, action: str) -> Actor:
        people = {"dispatch": "paiqian", "feed_back": "chuzhi00", "check_pass": "jiandu", "close": "zhiban"}
        return self.actors[people[action]]

    def steps(self, first: int, ids: range) -> Iterator[Step]:
        """Those of the cases `first`…, in order."""
        for number, id in enumerate(ids, first):
            yield from self._case(number, id)

    def _case(self, number: int, id: int) -> Iterator[Step]:
        chance = random.Random(number * 7919 + 1)
        share = number / self.total
        is_open = share > 1 - 2 * OPEN_SHARE and chance.random() < 0.5
        templates = self.open if is_open else self.ended
        back = int((1 - share) * (20 if is_open else 365)) + (0 if is_open else 2)
        rows = self._moved(templates, chance.randrange(len(templates)), back * DAY)
        told = Told(self, id, number, chance)
        between = RECORDS - len(rows)
        for at, row in enumerate(rows):
            kept = at < 2 or at == len(rows) - 1
            yield Step(told.record(row), (told.row(row),) if kept else ())
            for turn in range(between // len(rows) + (at < between % len(rows))):
                yield Step(told.beside(row, turn))

    def _moved(self, templates: list[list[Case]], which: int, back: int) -> list[Case]:
        """A history moved to another day. Neighbours are of the same few days, so those are remembered."""
        key = (templates is self.open, which, back)
        found = self.moved.get(key)
        if found is None:
            if len(self.moved) > 4 * TEMPLATES:
                self.moved.clear()
            found = self.moved[key] = [_moved_case(one, back) for one in templates[which]]
        return found


def _moved_case(case: Case, back: int) -> Case:
    made = _moved(case, back, ("opened", "filed", "fed_back", "closed", "next_due"))
    clocks = tuple(_moved(one, back, ("started", "resumed", "due", "warn", "stopped")) for one in case.clocks)
    made = replace(made, clocks=clocks, deeds=tuple(_moved(one, back, ("at",)) for one in case.deeds))
    return replace(made, late_from=late_from(made))


def _moved(row: Any, back: int, names: tuple[str, ...]) -> Any:
    given = {name: at - back for name in names if (at := getattr(row, name)) is not None}
    return replace(row, **given)


class Told:
    """One case: what distinguishes it from its template."""

    def __init__(self, year: Year, id: int, number: int, chance: random.Random) -> None:
        self.year, self.id = year, id
        self.subjects = (("case", id),)
        place: Place = chance.choice(year.grids)
        unit = min(UNITS - 1, int(chance.expovariate(6 / UNITS)))
        self.unit = year.units[unit]
        spot = year.centres[place.id]
        position = struct.pack("<BIdd", 1, 1, spot.x + chance.uniform(-0.002, 0.002), spot.y)
        self.road = f"{chance.choice(ROADS)}{chance.choice('东西南北中')}路{chance.randrange(1, 2000)}号"
        text = "，".join(chance.sample(WORDS, 3)) + f"，位于{self.road}。"
        self.scopes = year.scopes(place.id, unit)
        self.same: dict[str, Any] = {
            "id": id, "number": f"310101{number:014d}", "text": text, "place": place.id, "position": position,
            "position_text": self.road,
        }  # fmt: skip

    def row(self, case: Case) -> Case:
        handled = case.organisation is not None
        title = Label(f"{self.road} {self.year.labels[case.category]}")
        unit, scope = (self.unit if handled else None), self.scopes[handled]
        return replace(case, title=title, organisation=unit, scope=scope, **self.same)

    def record(self, row: Case) -> Record:
        """What made the row."""
        deed = (
            row.deeds[-1]
            if row.deeds
            else Deed("open", self.year.actors["shouli"].account, "receptionist", row.opened)
        )
        return Record(
            kind=f"case.{deed.action}",
            actor=deed.account,
            at=deed.at,
            subjects=self.subjects,
            facts={
                "action": deed.action,
                "role": deed.role,
                "to": row.state,
                "organisation": deed.organisation,
            },
            explain={
                "procedure": row.procedure,
                "definition": row.definition,
                "access": f"role {deed.role} may act.{deed.action} here",
            },
        )

    def beside(self, row: Case, turn: int) -> Record:
        """Something that was done about the case and changed nothing of it."""
        at = (row.deeds[-1].at if row.deeds else row.opened) + (turn + 1) * MINUTE
        kind = BETWEEN[turn % len(BETWEEN)]
        return Record(
            kind=kind, actor=self.year.receptionist, at=at, subjects=self.subjects, facts=NOTES[kind]
        )


def _logins(town: Town) -> dict[str, int]:
    return {one.login: id for id, one in town.directory.accounts.items()}


def seed(town: Town, total: int, tell: Callable[[int, float], None]) -> float:
    """Stores the cases; returns the seconds it took. They are made ready by processes of their own."""
    began = time.perf_counter()
    year = Year(town, total)
    ids = town.store.new_ids(total)
    ready = town.store.preparation()
    gc.disable()  # Nothing that is made here goes round in circles.
    with town.store.first_load(Case):
        with makers(year, ids, ready) as chunks:
            for done, given in chunks:
                town.store.load_prepared(given)
                tell(done, time.perf_counter() - began)
        print(f"rows stored after {time.perf_counter() - began:,.0f} s; indexes follow", flush=True)
    gc.enable()
    settle(town)
    return time.perf_counter() - began


@contextmanager
def makers(year: Year, ids: range, ready: Preparation) -> Iterator[Iterator[tuple[int, Prepared]]]:
    """Chunks in order, made ready by MAKERS processes that are forked from this one; with how many cases there are so far."""
    context = multiprocessing.get_context("fork")
    firsts = range(0, len(ids), CHUNK)
    queues = [context.Queue(AHEAD) for _ in range(MAKERS)]
    processes = [
        context.Process(target=_make, args=(year, ids, ready, firsts[turn::MAKERS], one), daemon=True)
        for turn, one in enumerate(queues)
    ]
    for one in processes:
        one.start()
    decode = msgspec.msgpack.Decoder(Prepared).decode

    def chunks() -> Iterator[tuple[int, Prepared]]:
        for turn, first in enumerate(firsts):
            yield min(first + CHUNK, len(ids)), decode(queues[turn % MAKERS].get(timeout=300))

    try:
        yield chunks()
    finally:
        for one in processes:
            one.terminate()
            one.join()


def _make(year: Year, ids: range, ready: Preparation, firsts: range, chunks: Any) -> None:
    """Ends when its parent is gone, however that came."""
    parent = os.getppid()
    for first in firsts:
        given = ready.prepare(list(year.steps(first, ids[first : first + CHUNK])))
        content = msgspec.msgpack.encode(given)
        while True:
            try:
                chunks.put(content, timeout=5)
                break
            except queue.Full:
                if os.getppid() != parent:
                    os._exit(1)
    chunks.close()
    chunks.join_thread()


def settle(town: Town) -> None:
    """What a database does by itself over a year: statistics, and PostgreSQL's visibility map."""
    database = town.store.database
    if database.dialect == "sqlite":
        with database.write() as tx:
            tx.execute("PRAGMA analysis_limit = 2000")
            tx.execute("ANALYZE")
        return
    import psycopg

    with psycopg.connect(database.url, autocommit=True) as connection:  # type: ignore[attr-defined]
        connection.execute("VACUUM ANALYZE")


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("folder", type=Path)
    parser.add_argument("--cases", type=int, default=1_000_000)
    parser.add_argument("--database", default="")
    parser.add_argument("--verify", action="store_true", help="check chain and rows afterwards")
    options = parser.parse_args()
    options.folder.mkdir(parents=True, exist_ok=True)
    town = opened(options.folder, options.database)

    def tell(done: int, seconds: float) -> None:
        if done % 50_000 == 0 or done == options.cases:
            print(f"{done:,} cases, {done * RECORDS:,} records in {seconds:,.0f} s", flush=True)

    seconds = seed(town, options.cases, tell)
    print(f"{options.cases * RECORDS / seconds:,.0f} records/s")
    if options.verify:
        began = time.perf_counter()
        report = town.store.verify()
        seconds = time.perf_counter() - began
        print(f"{report.records:,} records, {report.rows:,} rows: sound {report.sound}, {seconds:,.0f} s")
        print(*report.faults[:3], sep="\n")
    town.close()


if __name__ == "__main__":
    main()
