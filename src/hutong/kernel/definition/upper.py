"""upper.yaml of a city: the platforms above it that send orders, and whose words mean what here."""

from __future__ import annotations

from hutong.kernel.base import Label
from hutong.kernel.definition.thing import Strict
from hutong.kernel.upper import Event


class Telling(Strict, frozen=True, kw_only=True):
    """What a deed tells the platform. `facts`: their field → where ours is: `answers.NAME`, `facts.NAME`, `organisation`
    (name of the handling unit), or `clock.NAME` (its due time)."""

    event: Event
    facts: dict[str, str] = {}


class Hearing(Strict, frozen=True, kw_only=True):
    """What a word of the platform does here: the first of `actions` that the order's state has. `answers`: ask → field of
    the word (`text`, `deadline`, `facts.NAME`), or `text:…` as it stands."""

    actions: tuple[str, ...]
    answers: dict[str, str] = {}


class UpperPlatform(Strict, frozen=True, kw_only=True):
    """A platform above. Its secret is in the environment variable `key`; requests of either side are signed with it.

    `account` is the login under whose rights orders are opened and words are followed.
    """

    name: str
    label: Label
    account: str
    key: str = ""
    """Environment variable with the shared secret; without one only files are taken."""
    url: str = ""
    """Where its port is; empty: it sends to ours, or by file."""
    poll_seconds: float = 60
    """How often it is asked for orders (0: never, it sends them)."""
    category: str
    """kind:code where theirs is not mapped."""
    categories: dict[str, str] = {}
    """Their code (or a prefix of it) → kind:code."""
    demands: dict[str, str] = {}
    """Their 诉求类型 → ours, the 立案条件 that chooses the limits."""
    urgent: tuple[str, ...] = ()
    """Their words for urgent."""
    deadlines: dict[str, str] = {}
    """Their stage → clock of the procedure that must end by it."""
    tells: dict[str, Telling] = {}
    """Our action → what is told."""
    hears: dict[str, Hearing] = {}
    """Their word → what is done."""


class UpperFile(Strict, frozen=True, kw_only=True):
    """upper.yaml"""

    platforms: tuple[UpperPlatform, ...] = ()
