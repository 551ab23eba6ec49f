"""主体: people, legal persons, organisations and posts, their accounts and rights."""

from __future__ import annotations

from typing import Literal

from hutong.kernel.base import Entity, Facts, Instant, Label, PersonalText, SearchableText

PartyKind = Literal["person", "legal_person", "organisation", "post"]
Side = Literal["supervision", "command", "handling", "leadership", "administration", "public"]


class Party(Entity, frozen=True, kw_only=True):
    """A person, a legal person, an organisation or a post.

    Organisations and posts have a public `label`; what is about a natural person is in the personal fields.
    `parent` is the wider organisation. `side` says where an organisation stands in 监管分离.
    """

    kind: PartyKind
    subject: int
    """Its own id: the party whose key covers the personal fields."""
    label: Label | None = None
    code: str = ""
    """统一社会信用代码 of organisations and legal persons; a city's own short code for posts."""
    parent: int | None = None
    side: Side = "public"
    person_name: PersonalText | None = None
    id_number: SearchableText | None = None
    phone: SearchableText | None = None
    email: PersonalText | None = None
    address: PersonalText | None = None
    facts: Facts = {}
    erased: Instant | None = None


class Account(Entity, frozen=True, kw_only=True):
    """A way to sign in. `simulated` accounts belong to the demo's automatic posts."""

    subject: int
    """The person who holds it."""
    login: SearchableText
    password_hash: str
    organisation: int | None = None
    language: str = "zh"
    disabled: Instant | None = None
    simulated: bool = False


class Role(Entity, frozen=True, kw_only=True):
    """A role held by an account, within a place and an organisation (None: the whole city)."""

    account: int
    role: str
    place: int | None = None
    organisation: int | None = None
    since: Instant = 0
    until: Instant | None = None


class Consent(Entity, frozen=True, kw_only=True):
    """What a person agreed to, in which version of the notice, through which channel (个人信息保护法)."""

    subject: int
    purpose: str
    notice_version: str
    channel: str
    given: Instant
    withdrawn: Instant | None = None


class Receipt(Entity, frozen=True, kw_only=True):
    """One answer that showed personal data: who read, whose, which fields, for what purpose."""

    reader: int
    subjects: tuple[int, ...]
    fields: tuple[str, ...]
    purpose: str
    at: Instant


class Delegation(Entity, frozen=True, kw_only=True):
    """One account acts for another within a period."""

    giver: int
    taker: int
    role: str
    since: Instant
    until: Instant


class Responsibility(Entity, frozen=True, kw_only=True):
    """权责清单: a category (the code may be a prefix) at a place → the unit that handles it, on which basis, since when.

    Rows come from an import, or from a 会商 that amended the list; a row that is replaced gets `until`.
    """

    kind: str
    """component, matter, hotline, service, other, or `*`."""
    code: str
    area: str = "*"
    """Code of a place, or `*` for the whole city."""
    organisation: int
    basis: str = ""
    since: Instant = 0
    until: Instant | None = None
    case: int | None = None
    """The case whose 会商 made the row."""
