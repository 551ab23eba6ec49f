"""What people say is kept with its personal details hidden; the words themselves only under the caller's key."""

from __future__ import annotations

from collections import Counter

from msgspec.structs import replace

from hutong.engine.handle.open import OpenCase
from hutong.engine.masking import Masked, mask
from hutong.kernel.base import Label

MASKED = "masked"
"""Fact of a case: how many details of each kind were hidden."""
MACHINES = ("sensor",)
"""Sources whose words no person wrote."""


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
