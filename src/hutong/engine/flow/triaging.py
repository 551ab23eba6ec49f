"""The triage of one city: suggests for a text, learns from what was decided."""

from __future__ import annotations

import threading
from collections.abc import Collection, Sequence

import msgspec
import numpy as np
import shapely
from msgspec.structs import replace

from hutong.engine.flow.cases import CaseDesk
from hutong.engine.triage.classifier import Classifier, learn
from hutong.engine.triage.deciding import Word, deciding
from hutong.engine.triage.features import words_cut
from hutong.engine.triage.keeping import Kept, from_bytes, to_bytes
from hutong.engine.triage.lexicon import Lexicon, gathered
from hutong.engine.triage.measure import Allowed, Measured, Step, automatic, by_time
from hutong.engine.triage.near import Like, Texts
from hutong.engine.triage.places import Gazetteer, Spot
from hutong.engine.triage.signs import Sign, Signs
from hutong.kernel.access import SYSTEM
from hutong.kernel.base import DAY, Instant, Label
from hutong.kernel.case import Case, Category, CategoryKind
from hutong.kernel.changes import Changes, Record
from hutong.kernel.model import Model
from hutong.kernel.ports import Reader
from hutong.kernel.query import EVERYTHING, Compare, IsNull, Not, Order, Value, both, equals, field

CODE = "triage"
"""Code of the Model row whose versions are the versions of the learnt model."""
LEARNS_FROM_LAST = 40_000
"""Closed cases it learns from, the latest."""
RECENT_DAYS, RECENT_MOST = 30, 3000
"""Open cases that a text is compared with."""
DECIDED = ("closed", "forced", "self_handled", "")
FRESH_FOR = 300_000_000
"""City µs for which names and recent cases are held."""


class Choice(msgspec.Struct, frozen=True):
    """A class with the probability that it is the one."""

    category: Category
    confidence: float


class Suggestion(msgspec.Struct, frozen=True, kw_only=True):
    """What triage would do with a text. `category` None: it abstains. Nothing here is done by itself unless `automatic`."""

    model: str
    category: Category | None
    choices: tuple[Choice, ...]
    words: tuple[Word, ...]
    organisation: int | None
    basis: str
    spots: tuple[Spot, ...]
    place: int | None
    urgency: Sign
    demand: Sign | None
    alike: tuple[Like, ...]
    automatic: Allowed


class Sure(msgspec.Struct, frozen=True, kw_only=True):
    """A class of which the model is so sure that the city lets the platform dispatch."""

    model: str
    category: Category
    confidence: float
    step: Step
    words: tuple[Word, ...]


class TriageDesk:
    """Holds the model, the city's names and the recent cases; any thread may ask."""

    def __init__(self, desk: CaseDesk) -> None:
        self.desk = desk
        self.cut = words_cut()
        rulebook = desk.rulebook
        self.setting = rulebook.city.head.triage
        seeds = [seed for pack in rulebook.city.packs for seed in pack.seeds]
        self.signs = Signs(seeds)
        self.lexicon = Lexicon(gathered([(one.target, one.code, one.words) for one in seeds], self._named()))
        self.digest, self.kept = "", Kept(None, Measured())
        self._model = Classifier(self.lexicon, self.cut)
        self._lock = threading.Lock()
        self._names: tuple[Instant, Gazetteer] | None = None
        self._recent: tuple[Instant, Texts] | None = None
        self.take_up()

    def _named(self) -> dict[str, list[str]]:
        """`kind:code` → words of the class's name; components are no matters that anybody reports."""
        named: dict[str, list[str]] = {}
        for key, label in self.desk.rulebook.category_names.items():
            if key.kind != "component":
                cut = (
                    self.cut(label.zh)
                    if self.cut
                    else [label.zh[at : at + 2] for at in range(len(label.zh) - 1)]
                )
                words = [word for word in cut if len(word) > 1 and word not in NO_NAMES]
                named[f"{key.kind}:{key.code}"] = [*words, *([label.zh] if len(label.zh) > 2 else [])]
        return named

    def take_up(self) -> None:
        """The latest model that was kept, by whatever process."""
        with self.desk.store.reader() as reader:
            row = model_row(reader)
            if row is None or self.cut is None or row.digest == self.digest:
                return
            kept = from_bytes(reader.definition(row.digest))
        self._use(row.digest, kept)

    def _use(self, digest: str, kept: Kept) -> None:
        with self._lock:
            self.digest, self.kept = digest, kept
            self._model = Classifier(self.lexicon, self.cut, kept.learnt)

    @property
    def learns(self) -> bool:
        """Whether the extra is installed that it needs to learn."""
        return self.cut is not None and sklearn_is_there()

    def suggest(
        self,
        reader: Reader,
        text: str,
        *,
        position: tuple[float, float] | None = None,
        kinds: Sequence[CategoryKind] = (),
        procedures: Collection[str] | None = None,
        urgency: str = "ordinary",
    ) -> Suggestion:
        """Class, unit, place, urgency, demand and cases that say the same. Classes are of the `kinds` and `procedures`."""
        choices = self._choices(text, kinds, procedures)
        sure = choices[0] if choices and choices[0].confidence >= self.setting.abstain_below else None
        spots = self.names(reader).spots(text, reader)
        at = position or (spots[0].position if spots else None)
        place = self.desk.directory().locate(*at) if at else None
        unit, basis = self._unit(reader, sure.category, place, at) if sure else (None, "")
        key = sure.category if sure else None
        no = Allowed(False, "未给出分类建议", "no class is suggested")
        words = (
            deciding(self._model, text, f"{choices[0].category.kind}:{choices[0].category.code}")
            if choices
            else ()
        )
        return Suggestion(
            model=self.digest,
            category=key,
            choices=choices,
            words=words,
            organisation=unit,
            basis=basis,
            spots=tuple(spots[:5]),
            place=place,
            urgency=self.signs.urgency(text, urgency),
            demand=self.signs.demand(text),
            alike=tuple(self.recent(reader).like(text)),
            automatic=self.automatic(key.kind, key.code) if key else no,
        )

    def _choices(
        self, text: str, kinds: Sequence[str], procedures: Collection[str] | None
    ) -> tuple[Choice, ...]:
        """The three likeliest classes that fit; none where no known word is in the text."""
        chances = self._model.probabilities([text])[0].astype(float)
        categories = self.desk.rulebook.categories
        for place, name in enumerate(self._model.classes):
            key = _category(name)
            if (kinds and key.kind not in kinds) or (
                procedures is not None and categories[key].procedure not in procedures
            ):
                chances[place] = 0.0
        if not chances.sum() or np.ptp(chances[chances > 0]) < 1e-9:
            return ()
        chances /= chances.sum()
        order = np.argsort(-chances, kind="stable")[:3]
        return tuple(Choice(_category(self._model.classes[at]), round(float(chances[at]), 4)) for at in order)

    def _unit(
        self, reader: Reader, category: Category, place: int | None, at: tuple[float, float] | None
    ) -> tuple[int | None, str]:
        """The unit by the 权责清单, asked as for a case that is not there yet."""
        compiled = self.desk.rulebook.procedure_for(category)
        would = Case(
            id=0, number="", procedure=compiled.name, definition=compiled.digest, state="", category=category,
            title=Label(""), source="", place=place, position=shapely.to_wkb(shapely.Point(*at)) if at else None,
            opened=self.desk.clock.city_time(),
        )  # fmt: skip
        found = self.desk.setting(reader).responsible(would)
        if found is None:
            return None, ""
        return found[0], found[1].row.basis if found[1].row else ""

    def automatic(self, kind: str, code: str) -> Allowed:
        """Whether a class may be dispatched without a person, by what was measured."""
        return automatic(kind, code, self.kept.measured, self.setting)

    def sure(self, text: str) -> Sure | None:
        """The likeliest of all classes, as it was measured; None where it may not be dispatched by itself, or not so unsurely,
        or where nothing was learnt."""
        choices = self._choices(text, (), None) if self.digest else ()
        if not choices:
            return None
        key, confidence = choices[0].category, choices[0].confidence
        may = self.automatic(key.kind, key.code)
        if not may.allowed or may.step is None or confidence < may.step.confidence:
            return None
        words = deciding(self._model, text, f"{key.kind}:{key.code}")
        return Sure(model=self.digest, category=key, confidence=confidence, step=may.step, words=words)

    def names(self, reader: Reader) -> Gazetteer:
        """The city's names, at most some minutes old."""
        now = self.desk.clock.city_time()
        held = self._names
        if held is None or abs(now - held[0]) > FRESH_FOR:
            held = self._names = (now, Gazetteer(reader))
        return held[1]

    def recent(self, reader: Reader) -> Texts:
        """Open cases of the last days, at most some minutes old."""
        now = self.desk.clock.city_time()
        held = self._recent
        if held is None or abs(now - held[0]) > FRESH_FOR:
            where = both(
                IsNull(field("closed")), Compare("ge", field("opened"), Value(now - RECENT_DAYS * DAY))
            )
            cases = reader.find(Case, where, order=(Order(("opened",), True),), limit=RECENT_MOST).rows
            told = [one for one in cases if one.text and one.source != "sensor" and one.parent is None]
            held = self._recent = (now, Texts([one.id for one in told], [one.text for one in told], self.cut))
        return held[1]

    def learn(self) -> Kept | None:
        """Learns anew from the closed cases and measures itself on the later ones; None if there is too little to learn or
        nothing to learn with. The model is kept under its digest, and its journal record says what it was made of."""
        if not self.learns or self.cut is None:
            return None
        with self.desk.store.reader() as reader:
            texts, labels, until = decided(reader)
            row = model_row(reader)
        measured, heat = by_time(texts, labels, self.lexicon, self.cut, self.setting.abstain_below)
        learnt = learn(texts, labels, self.lexicon, self.cut, heat)
        if learnt is None:
            return None
        kept = Kept(learnt, measured, until, len(texts))
        content = to_bytes(kept)
        self._keep(self.desk.store.keep_definition(content), kept, row)
        return kept

    def _keep(self, digest: str, kept: Kept, row: Model | None) -> None:
        store = self.desk.store
        if row is None or row.digest != digest:
            named = Label("文本分类模型", "Text triage model")
            made = (
                replace(row, digest=digest)
                if row
                else Model(id=store.new_ids(1)[0], code=CODE, name=named, digest=digest)
            )
            record = Record(
                kind="model.learn",
                actor=SYSTEM.account,
                at=self.desk.clock.city_time(),
                subjects=(("model", made.id),),
                facts={
                    "digest": digest,
                    "cases": kept.cases,
                    "until": kept.until,
                    "measured_on": kept.measured.cases,
                    "right": kept.measured.right,
                },
            )
            store.apply(Changes(puts=(made,), records=(record,)))
        self._use(digest, kept)


NO_NAMES = frozenset(("异常", "问题", "设施", "及其", "管理", "其他"))
"""Words of names that say nothing about which class it is."""


def model_row(reader: Reader) -> Model | None:
    rows = reader.find(Model, equals("code", CODE), limit=1).rows
    return rows[0] if rows else None


def decided(reader: Reader) -> tuple[list[str], list[str], Instant]:
    """Texts and final classes of the cases that were closed, in the order they were; and when the last was. Titles are left
    out: they are often made of the class."""
    where = both(Not(IsNull(field("closed"))))
    found: list[Case] = []
    after: str | None = None
    while len(found) < LEARNS_FROM_LAST:
        page = reader.find(Case, where, order=(Order(("opened",), True),), limit=2000, after=after)
        found.extend(
            one for one in page.rows if one.text and one.source != "sensor" and one.ending in DECIDED
        )
        after = page.after
        if after is None:
            break
    found.sort(key=lambda one: (one.closed or 0, one.id))
    labels = [f"{one.category.kind}:{one.category.code}" for one in found]
    return [one.text for one in found], labels, (found[-1].closed or 0) if found else 0


def sklearn_is_there() -> bool:
    from importlib.util import find_spec

    return find_spec("sklearn") is not None


def _category(name: str) -> Category:
    kind, _, code = name.partition(":")
    return Category(kind, code)  # type: ignore[arg-type]


def acceptance(reader: Reader) -> tuple[int, int]:
    """Of the latest cases opened with a suggestion (`facts.triage`): how many there are, how many kept the class."""
    suggested = accepted = 0
    for case in reader.find(Case, EVERYTHING, order=(Order(("opened",), True),), limit=ACCEPTED_OF).rows:
        told = case.facts.get(FACT)
        if isinstance(told, dict) and told.get("category"):
            suggested += 1
            accepted += told["category"] == f"{case.category.kind}:{case.category.code}"
    return suggested, accepted


FACT = "triage"
"""Fact of a case that was opened beside a suggestion: `category` (`kind:code` suggested), `confidence`, `model`."""
ACCEPTED_OF = 5000
