"""POST /triage: what a text is about, where, how urgent and whose it is; GET /triage/model: what the suggestions are worth."""

from __future__ import annotations

from typing import Annotated

import msgspec
from litestar import Router, get, post
from litestar.params import JSONBody

from hutong.api.access import CASE, access, cases_predicate
from hutong.api.case_rows import CaseRow, case_rows
from hutong.api.house import House
from hutong.api.requests import TheActor, TheHouse
from hutong.api.shapes import Position, time_of
from hutong.engine.flow.triaging import FRESH_FOR, Suggestion, TriageDesk, acceptance
from hutong.engine.triage.measure import Precision
from hutong.engine.triage.places import Spot
from hutong.engine.triage.signs import LEVELS, Sign
from hutong.kernel.access import Actor, decide
from hutong.kernel.base import Label
from hutong.kernel.case import Case, Category, CategoryKind
from hutong.kernel.definition.triage import Automatic as AutomaticSetting
from hutong.kernel.errors import Invalid, NotFound
from hutong.kernel.ports import Reader
from hutong.kernel.query import In, both, field

SURE, LIKELY = 0.75, 0.5
DEMANDS: dict[str, Label] = {
    "consult": Label("咨询", "question"),
    "help": Label("求助", "request for help"),
    "complaint": Label("投诉", "complaint"),
    "report": Label("举报", "report of an offence"),
    "suggestion": Label("建议", "suggestion"),
    "praise": Label("表扬", "praise"),
}
URGENCIES: dict[str, Label] = {
    "ordinary": Label("一般", "ordinary"),
    "urgent": Label("紧急", "urgent"),
    "critical": Label("特急", "critical"),
}


class Question(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A text to triage. `kinds`: kinds of category to choose from (none: all). `urgency`: what was chosen so far."""

    text: Annotated[str, msgspec.Meta(min_length=1, max_length=4000)]
    position: Position | None = None
    kinds: list[CategoryKind] = []
    urgency: str = "ordinary"


class ClassChoice(msgspec.Struct, frozen=True):
    """A class, how sure it is from 0 to 1, and in words."""

    kind: str
    code: str
    label: Label
    confidence: float
    level: Label


class Word(msgspec.Struct, frozen=True):
    """A word that decided, and its share."""

    text: str
    weight: float


class Said(msgspec.Struct, frozen=True):
    """What words say, and which words."""

    name: str
    label: Label
    confidence: float
    words: list[str]


class Where(msgspec.Struct, frozen=True):
    """A place of the city that the text names."""

    words: str
    name: str
    kind: str
    position: Position
    confidence: float


class Unit(msgspec.Struct, frozen=True):
    """The unit by the 权责清单, and the clause."""

    id: int
    label: Label
    basis: str


class LikeCase(msgspec.Struct, frozen=True):
    """An open case that says much the same."""

    case: CaseRow
    likeness: float


class Automatic(msgspec.Struct, frozen=True):
    """Whether the class may be dispatched without a person, and why."""

    allowed: bool
    reason: Label


class Answer(msgspec.Struct, frozen=True, kw_only=True):
    """A suggestion. `category` null: it abstains, and `choices` are only the likeliest. `model`: digest of the learnt model,
    empty where it goes by the words of the packs alone."""

    model: str
    category: ClassChoice | None
    choices: list[ClassChoice]
    words: list[Word]
    unit: Unit | None
    places: list[Where]
    urgency: Said
    demand: Said | None
    alike: list[LikeCase]
    automatic: Automatic


class ClassPrecision(msgspec.Struct, frozen=True):
    """Of n suggestions of the class, how many were right, with the 95 % interval (Wilson)."""

    kind: str
    code: str
    label: Label
    n: int
    right: int
    share: float
    low: float
    high: float
    automatic: Automatic


class EnabledClass(msgspec.Struct, frozen=True, kw_only=True):
    """A class the city turned automatic dispatch on for: whether it is done, and why not; from which confidence on."""

    kind: str
    code: str
    label: Label
    wanted: float
    threshold: float | None
    automatic: Automatic


class Acceptance(msgspec.Struct, frozen=True):
    """Cases opened with a suggestion, and how many kept the suggested class."""

    suggested: int
    accepted: int


class ModelPage(msgspec.Struct, frozen=True, kw_only=True):
    """What suggestions rest on."""

    model: str
    learns: bool
    reason: Label
    classes: int
    words: int
    learnt_from: int
    until: str | None
    measured_on: int
    right: float
    coverage: float
    right_covered: float
    abstain_below: float
    precision: list[ClassPrecision]
    acceptance: Acceptance
    enabled: list[EnabledClass]
    least_cases: int
    """Suggestions of a class that must have been measured before anything is automatic."""


def the_desk(house: House) -> TriageDesk:
    """The city's triage; NotFound where the server was started without."""
    if house.context.triage is None:
        raise NotFound("triage", "this server has no triage", "start it with the city's wiring")
    return house.context.triage


@post("/triage", guards=[access("open", CASE)], status_code=200, sync_to_thread=True, summary="Triage a text")
def triage(house: TheHouse, actor: TheActor, data: JSONBody[Question]) -> Answer:
    """Suggests a class that the asker may open cases of. Nothing is stored or done; the text leaves no trace."""
    if data.urgency not in LEVELS:
        raise Invalid("urgency", f"{data.urgency!r} is no urgency", "choose one of " + ", ".join(LEVELS))
    with house.store.reader() as reader:
        found = the_desk(house).suggest(
            reader,
            data.text,
            position=data.position,
            kinds=data.kinds,
            procedures={name for name in house.rulebook.procedures if decide(actor, "open", name).allowed},
            urgency=data.urgency,
        )
        return _answer(house, reader, actor, found)


def _answer(house: House, reader: Reader, actor: Actor, found: Suggestion) -> Answer:
    choices = [_choice(house, one.category, one.confidence) for one in found.choices]
    unit = found.organisation
    label = house.directory.organisation_name(unit) if unit is not None else Label("")
    return Answer(
        model=found.model,
        category=choices[0] if found.category else None,
        choices=choices,
        words=[Word(one.text, one.weight) for one in found.words],
        unit=Unit(unit, label, found.basis) if unit is not None else None,
        places=[_where(one) for one in found.spots],
        urgency=_said(found.urgency, URGENCIES),
        demand=_said(found.demand, DEMANDS) if found.demand else None,
        alike=_alike(house, reader, actor, found),
        automatic=Automatic(
            found.automatic.allowed, Label(found.automatic.reason_zh, found.automatic.reason_en)
        ),
    )


def _choice(house: House, category: Category, confidence: float) -> ClassChoice:
    if confidence >= SURE:
        level = Label("把握较大", "fairly sure")
    elif confidence >= LIKELY:
        level = Label("可能", "likely")
    else:
        level = Label("把握不大", "not sure")
    return ClassChoice(
        category.kind, category.code, house.rulebook.category_names[category], round(confidence, 3), level
    )


def _where(spot: Spot) -> Where:
    return Where(spot.words, spot.name, spot.kind, spot.position, spot.confidence)


def _said(sign: Sign, labels: dict[str, Label]) -> Said:
    words = list(dict.fromkeys(word for _, word in sign.words))
    return Said(sign.name, labels.get(sign.name, Label(sign.name)), sign.confidence, words)


def _alike(house: House, reader: Reader, actor: Actor, found: Suggestion) -> list[LikeCase]:
    """Only cases that the asker may read."""
    likeness = {one.case: one.likeness for one in found.alike}
    if not likeness:
        return []
    where = both(cases_predicate(actor, "read", house.rulebook), In(field("id"), tuple(likeness)))
    rows = case_rows(house, reader, reader.find(Case, where, limit=len(likeness)).rows)
    return sorted((LikeCase(row, likeness[row.id]) for row in rows), key=lambda one: -one.likeness)


@get("/triage/model", guards=[access("read", CASE)], sync_to_thread=True, summary="What triage is worth")
def model(house: TheHouse) -> ModelPage:
    """The version in use, what it learnt from, and how often it was right on later cases it had not seen."""
    desk = the_desk(house)
    kept, measured = desk.kept, desk.kept.measured
    with house.store.reader() as reader:
        suggested, accepted = house.cached("triage acceptance", FRESH_FOR / 1e6, lambda: acceptance(reader))
    return ModelPage(
        model=desk.digest,
        learns=desk.learns,
        reason=_why(desk),
        classes=len(desk.lexicon.classes),
        words=desk.lexicon.size,
        learnt_from=kept.cases,
        until=time_of(kept.until or None),
        measured_on=measured.cases,
        right=measured.right,
        coverage=measured.coverage,
        right_covered=measured.right_covered,
        abstain_below=desk.setting.abstain_below,
        precision=[one for row in measured.classes if (one := _precision(house, desk, row)) is not None],
        acceptance=Acceptance(suggested, accepted),
        enabled=[_enabled(house, desk, one) for one in desk.setting.automatic],
        least_cases=desk.setting.least_cases,
    )


def _enabled(house: House, desk: TriageDesk, wanted: AutomaticSetting) -> EnabledClass:
    may = desk.automatic(wanted.kind, wanted.code)
    key = Category(wanted.kind, wanted.code)  # type: ignore[arg-type]
    return EnabledClass(
        kind=wanted.kind,
        code=wanted.code,
        label=house.rulebook.category_names.get(key, Label(wanted.code)),
        wanted=wanted.precision,
        threshold=may.step.confidence if may.step else None,
        automatic=Automatic(may.allowed, Label(may.reason_zh, may.reason_en)),
    )


def _why(desk: TriageDesk) -> Label:
    if not desk.learns:
        return Label(
            '未安装学习所需的组件，仅按预置词语建议；安装：pip install "hutong[triage]"',
            'the parts for learning are not installed, suggestions go by written words; pip install "hutong[triage]"',
        )
    if not desk.digest:
        return Label(
            "已结案卷尚不足以学习，按预置词语建议",
            "too few closed cases as yet: suggestions go by written words",
        )
    return Label(
        "按本市已结案卷学习，并在较晚的案卷上检验",
        "learnt from the city's closed cases, measured on later ones",
    )


def _precision(house: House, desk: TriageDesk, row: Precision) -> ClassPrecision | None:
    kind, _, code = row.name.partition(":")
    label = house.rulebook.category_names.get(Category(kind, code))  # type: ignore[arg-type]
    if label is None:
        return None
    may = desk.automatic(kind, code)
    return ClassPrecision(
        kind, code, label, row.n, row.right, row.share, row.low, row.high,
        Automatic(may.allowed, Label(may.reason_zh, may.reason_en)),
    )  # fmt: skip


router = Router("/", route_handlers=[triage, model], tags=["triage"])
