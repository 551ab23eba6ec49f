"""cases.yaml: how something is handled."""

from __future__ import annotations

from typing import Literal

from hutong.kernel.base import Label
from hutong.kernel.case import Category, FileStage
from hutong.kernel.definition.thing import Confidence, Strict
from hutong.kernel.party import Side

BACK = "$back"
SAME = "$same"
OWN_TEXT = "field:text"
MAIN_ENDED = "main_ended"
CHILDREN_ENDED = "children_ended"

LimitUnitName = Literal["urgent_hour", "work_hour", "work_day", "calendar_day"]

Purpose = Literal[
    "direct_answer",
    "transfer",
    "decline",
    "pass_on",
    "dispatch",
    "urge",
    "first_contact",
    "answer",
    "visit_ends",
    "visit_reopens",
    "visit_unreached",
    "visit_recorded",
    "reporter_reopens",
]
"""What an action is for where a page or a route offers it by purpose, whatever its name: at a call desk an order is answered
at once, transferred to another number, declined with the right channel, passed on for dispatch or dispatched, urged; the
unit's first contact with the caller; the answer to one whose order was handled with another case; the 回访 that ends the
order, reopens it, did not reach the caller, or is recorded as it was said although the demand was found unreasonable; what
the platform does when a reporter says it is not solved.

Their asks have these names: direct_answer `answer`, `article`; transfer `channel`; decline `channel`, `told`; dispatch
`organisation`; urge `note`; visits `contacted`, `solved`, `satisfaction`, `words` (of which each takes those it asks for)."""


class Telling(Strict, frozen=True, kw_only=True):
    """A text sent outside the console when something is done. It may hold {number}, {noun}, {state}, {category} and {link} (the
    page that shows the progress): never words of the case itself, which may be about people.

    `to`: the reporter, or the people of the handling unit; by the first of `by` that is set up and reaches them.
    """

    text: Label
    to: Literal["reporter", "handler"] = "reporter"
    by: tuple[Literal["sms", "email"], ...] = ("sms", "email")


class State(Strict, frozen=True, kw_only=True):
    """A state. `kind`: open, side (挂账 and the like), or end. `ending` is what `Case.ending` becomes in an
    end state. `turn` names the roles whose turn it is; without it, all that have an action leading on."""

    name: str
    label: Label
    kind: Literal["open", "side", "end"] = "open"
    ending: str = ""
    turn: tuple[str, ...] = ()


class Condition(Strict, frozen=True, kw_only=True):
    """Something that must hold of the case for an action, and why it cannot be done where it does not.

    `path` is a field of the case, `facts.NAME`, `suspended.NAME`, `category.kind` or `category.code`, or `deeds.ACTION`
    (how often it was done). All that is given must hold: `equals`, `one_of`, `at_least`, `at_most`, `given` (has a value; a
    flag: is yes).
    """

    path: str
    equals: str | int | float | bool | None = None
    one_of: tuple[str | int, ...] = ()
    at_least: float | None = None
    at_most: float | None = None
    given: bool | None = None
    label: Label


class Opening(Strict, frozen=True, kw_only=True):
    """Child cases that an action opens at once (会办, 申诉, a plan's task), with the case as their `parent`.

    `each` names an ask of kind `organisations`: one child for each of them, which it is given to; without it there is one
    child, handled by nobody yet. `title` may hold {title} and {number} of the parent. `facts`: child fact → form, as in
    `sets`. The child begins in the state its procedure opens for the source `parent`, with the parent's category, place,
    position, thing and subject.
    """

    procedure: str = ""
    """Its name, with the pack's before it where it is another's; empty: the one that handles its category."""
    each: str = ""
    category: str = ""
    """An ask of kind `category` that gives the child's category in place of the parent's."""
    leads: bool = False
    """It is no part: the case is joined to it, and goes on by `main_ended` when it ends (an order becomes a 案卷). The
    caller stays with the order."""
    waits: bool = True
    """Whether `children_ended` waits for it; an objection (申诉) goes its own way while the case goes on."""
    source: str = "parent"
    """案卷来源 of the child, which its procedure opens in a state of its own."""
    title: Label | None = None
    text: str = ""
    """Ask or fact whose text becomes the child's, or `field:text`: the case's own."""
    without_caller: bool = False
    """The child has no reporter, and personal details in its words are hidden: who works on it never learns whom it is for."""
    facts: dict[str, str] = {}


class Ask(Strict, frozen=True, kw_only=True):
    """Something the person must give with an action; it lands in the case's facts, or in `to` (a field of the case).

    `organisations` is a list of units, `flag` yes or no, `category` a text `kind:code`.
    """

    name: str
    label: Label
    kind: Literal[
        "text",
        "number",
        "choice",
        "date",
        "organisation",
        "organisations",
        "flag",
        "case",
        "account",
        "category",
    ] = "text"
    choices: dict[str, Label] = {}
    required: bool = True
    to: str | None = None
    low: float | None = None
    high: float | None = None
    """Bounds of a number, both allowed."""
    public: bool = False
    """The answer is meant for the reporter, who sees it with the progress."""
    later: bool = False
    """A date that must lie after the present (a review date)."""


class Proof(Strict, frozen=True, kw_only=True):
    """Files that must be there: `photos` roles (near, far) of `stage`; `same_angle_as` names the stages whose photos
    they must match, where there are any.

    `sensor_clear`: where the case came from warnings, they must have cleared by then (proof is the sensor, where there
    is one); the clearing observations are named in the journal.
    """

    stage: FileStage = "report"
    photos: tuple[str, ...] = ()
    same_angle_as: tuple[FileStage, ...] = ()
    sensor_clear: bool = False


class Action(Strict, frozen=True, kw_only=True):
    """An action. Who: a `role` whose account is of `side`. `unlike`: actions that the same account must not have done on
    this case (监管分离). `unlike_organisation`: nor anybody of the handling unit. `clocks`: stage → start | stop | pause |
    resume | restart. `to` "$back" returns to the state the side state was entered from, "$same" stays."""

    name: str
    label: Label
    of: tuple[str, ...]
    to: str
    roles: tuple[str, ...] = ()
    automatic: bool = False
    """Done by the platform (tick, review dates), never by a person."""
    by_platform: dict[str, tuple[str, ...]] = {}
    """State → 案卷来源 of the cases for which the platform may do it there in a person's place, once the city turned automatic
    dispatch on for the class (its setting `triage`). It then asks for nothing but a unit, which goes to `organisation`; the
    case has the fact `platform` as long as what the platform did stands."""
    when: tuple[Condition, ...] = ()
    """What must hold of the case."""
    opens: tuple[Opening, ...] = ()
    """Child cases opened in the same commit."""
    children_ended: bool = False
    """It waits until all child cases have ended (会办), but those whose opening does not `waits`."""
    on_parent: dict[str, str] = {}
    """`facts.NAME` of the parent → form, as in `sets`: what a child does to its parent (申诉 excuses a lateness)."""
    amends_list: str = ""
    """A `flag` ask: where it is yes, the unit that `sets` or an ask to `organisation` names becomes the responsible one in
    the 权责清单 for the case's category and place from now on."""
    unlike: tuple[str, ...] = ()
    unlike_organisation: bool = False
    asks: tuple[Ask, ...] = ()
    proof: Proof | None = None
    clocks: dict[str, Literal["start", "stop", "pause", "resume", "restart"]] = {}
    before_due: str | None = None
    """A clock that must not have run out yet (延期 is asked before the deadline)."""
    within: str | None = None
    """A window that must not be over."""
    at_most: int | None = None
    """How often it may be done on one case; `at_most` of a city comes before it."""
    approver: bool = False
    """The action is an approval: whoever asked for it may not do it (see `unlike`)."""
    counts: Literal["rounds", "returns", "extensions"] | None = None
    sets: dict[str, str] = {}
    """Case field → how: `now`, `actor`, `none`, `ask:NAME`, `fact:NAME`, `field:NAME` (of the case as it was), `text:…`
    (filed: now). A field is `filed`, `fed_back`, `organisation`, `holder`, `joined_to`, `ending`, `urgency`, `suspended`, or
    `suspended.NAME`, `facts.NAME`; dots in NAME lead to facts within facts."""
    extends: dict[str, str] = {}
    """Clock → by how much its limit grows, in its own unit: `ask:NAME` or `fact:NAME` (延期)."""
    at: str | None = None
    """When the platform does an automatic action: a fact with an instant (`suspended.review`), `main_ended` (the case it is
    joined to ended), or `children_ended` (its last child did)."""
    tells: tuple[str, ...] = ()
    """Roles told beside those who can act next (督办, 催办)."""
    sends: tuple[Telling, ...] = ()
    """Texts to the reporter or the handling unit, outside the console."""
    final: bool = False
    """Cannot be undone."""
    does: Purpose | None = None
    """What pages offer it for."""
    help: Label | None = None


class ClockDefinition(Strict, frozen=True, kw_only=True):
    """A clock of a stage. `limit` is the default where the city's table has no row for the category; `warn_left` the share
    of the limit left when it warns; `escalate` the roles told up the line: the first when it runs out, each next one after
    `escalate_step` of the limit more. `optional`: it runs only where a limit row names the category (现场围护)."""

    name: str
    label: Label
    amount: float
    unit: LimitUnitName
    warn_left: float = 0.25
    escalate: tuple[str, ...] = ()
    escalate_step: float = 0.5
    optional: bool = False
    source: str = ""
    confidence: Confidence = "L"


class Window(Strict, frozen=True, kw_only=True):
    """A time within which something may be asked for (退单 after 派遣, 申诉 after 结案). It is no clock: nothing warns, and a
    case is not overdue once it is over. Limit rows whose stage is its name come before `amount` and `unit`.
    """

    name: str
    label: Label
    since: str
    """Path of the case with the instant it begins at (`facts.dispatched`, `closed`)."""
    amount: float
    unit: LimitUnitName
    source: str = ""
    confidence: Confidence = "L"


class LimitRow(Strict, frozen=True, kw_only=True):
    """class → 立案条件 → stage → (limit, unit), as in GB/T 30428.8."""

    kind: str
    """Kind of the category: component, matter, hotline, service or other."""
    code: str = ""
    """Code of the category, or a prefix of it (`06`)."""
    codes: tuple[str, ...] = ()
    """Several such codes, in place of `code`."""
    condition: str = ""
    """立案条件 for which the row holds (empty: any); of hotline orders the 诉求类型."""
    mode: str = ""
    """平战: the row holds only while this mode is on, and then before all others (empty: always)."""
    urgency: str = ""
    """Urgency for which the row holds (empty: any)."""
    stage: str
    """Clock or window of the procedure that it limits (`handling`)."""
    amount: float
    """How much."""
    unit: LimitUnitName
    """Of what: urgent_hour runs around the clock, work_hour and work_day on the working calendar."""
    source: str = ""
    """The rule it is from."""
    confidence: Confidence = "L"
    """How sure it is, from P (primary source) to M-low; L is a local rule."""

    def reach(self, code: str) -> int:
        """How many digits of a category's code the row names; -1 where it names another."""
        named = [len(one) for one in self.codes or (self.code,) if code.startswith(one)]
        return max(named, default=-1)


class CategoryDefinition(Strict, frozen=True, kw_only=True):
    """A category of cases. `procedure` (qualified) handles it; by default the first of the pack that names it."""

    kind: str
    code: str
    label: Label
    major: Label = Label("")
    middle: Label = Label("")
    """Name of the level between, where the classes have three."""
    urgent: bool = False
    procedure: str | None = None


class RoleDefinition(Strict, frozen=True, kw_only=True):
    """A role and what it may do: verb → nouns (`act.dispatch: [urban.case]`). `side` for 监管分离."""

    name: str
    label: Label
    side: Side
    may: dict[str, tuple[str, ...]]
    data_class: int = 2


class Procedure(Strict, frozen=True, kw_only=True):
    """How cases of some categories are handled. `number` is a template with {division} {date} {seq:05d}.

    `separation` lists pairs (one, other): no account may do both on one case; the loader proves that every such pair is
    enforced by `unlike` of the later action.
    """

    name: str
    label: Label
    noun: Label
    """What a case of it is called: 案卷 · 工单 · 办件."""
    number: str
    start: str
    states: tuple[State, ...]
    actions: tuple[Action, ...]
    clocks: tuple[ClockDefinition, ...] = ()
    limits: tuple[LimitRow, ...] = ()
    windows: tuple[Window, ...] = ()
    opens: dict[str, str] = {}
    """Source → the state it starts in where that differs (`collector`: to_file); `SOURCE.VIA` (`sensor.listed`) comes
    first, where the way it came in matters."""
    start_clocks: dict[str, tuple[str, ...]] = {}
    """State → clocks that start when a case begins in it."""
    start_sets: dict[str, dict[str, str]] = {}
    """State → what `sets` of an action would do, when a case begins in it."""
    sends: tuple[Telling, ...] = ()
    """Texts sent when a case begins."""
    asks: tuple[Ask, ...] = ()
    """Asked of those who report by an outside face (Open311 attributes); answers land in the facts. Not of organisations,
    cases or accounts."""
    urgent: tuple[Category, ...] = ()
    """Categories (the code may be a prefix) whose cases are always urgent."""
    separation: tuple[tuple[str, str], ...] = ()
    desk: Literal["", "seat"] = ""
    """Where its cases are opened beside the ordinary form: `seat` at a call desk, as orders of callers."""
    unclassed: str = ""
    """Class of orders that are handed on or declined before anybody classed them."""
    demands: dict[str, Label] = {}
    """诉求类型 of orders, by the name that limit rows have as `condition`."""
    confidential_for: tuple[str, ...] = ()
    """Conditions (诉求类型) whose cases always hide who reports (举报)."""
    joins_on: tuple[str, ...] = ()


class CasesFile(Strict, frozen=True, kw_only=True):
    """cases.yaml"""

    procedures: tuple[Procedure, ...] = ()
    roles: tuple[RoleDefinition, ...] = ()
    categories: tuple[CategoryDefinition, ...] = ()
    categories_from: tuple[str, ...] = ()
    """CSV files of the pack: kind, major_code, major_name, class_code, name[, name_en, major_name_en, middle_name,
    middle_name_en]."""
