"""What people say is kept with its personal details hidden; the words themselves only under the caller's key."""

from __future__ import annotations

from collections import Counter

from msgspec.structs import replace

from hutong.engine.handle.children import Child
from hutong.engine.handle.open import OpenCase
from hutong.engine.masking import Masked, mask
from hutong.kernel.base import Label
from hutong.kernel.case import Case
from hutong.kernel.party import Party
from hutong.kernel.ports import Reader

MASKED = "masked"
"""Fact of a case: how many details of each kind were hidden."""
MACHINES = ("sensor",)
"""Sources whose words no person wrote."""
CALLER = "〔诉求人〕"


def with_masked_words(command: OpenCase) -> OpenCase:
    """Title, text and place without personal details. Where there is a caller, `original` keeps the lines that held them;
    where there is none, there is no key to keep them under, and they are not kept."""
    if command.source in MACHINES:
        return command
    parts = {
        "zh": command.title.zh,
        "en": command.title.en,
        "text": command.text,
        "where": command.position_text,
    }
    said: dict[str, Masked] = {name: mask(words) for name, words in parts.items()}
    hidden = {name: one for name, one in said.items() if one.spans}
    if not hidden:
        return command
    counts: Counter[str] = Counter()
    for one in hidden.values():
        counts.update(one.counts)
    original = "\n".join(dict.fromkeys(parts[name] for name in hidden))
    return replace(
        command,
        title=Label(said["zh"].text, said["en"].text),
        text=said["text"].text,
        position_text=said["where"].text,
        original=original if command.subject is not None else None,
        facts={**command.facts, MASKED: dict(counts)},
    )


def without_details(child: Child, parent: Case, reader: Reader) -> Child:
    """A child that is to know nothing of the caller: what was said and written about it has neither personal details nor
    what the house knows of the caller."""
    if not child.without_caller:
        return child
    party = reader.many(Party, [parent.subject]).get(parent.subject) if parent.subject else None
    known = [one for one in (party.person_name, party.phone, party.address) if one] if party else []

    def hidden(words: str) -> str:
        for one in known:
            words = words.replace(one, CALLER)
        return mask(words).text

    facts = {name: hidden(one) if isinstance(one, str) else one for name, one in child.facts.items()}
    title = Label(hidden(child.title.zh), hidden(child.title.en))
    return replace(child, title=title, text=hidden(child.text), facts=facts)
