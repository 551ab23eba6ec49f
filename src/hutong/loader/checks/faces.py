"""faces.yaml refers to categories, networks and addresses that exist."""

from __future__ import annotations

import ipaddress
from collections.abc import Iterator
from urllib.parse import urlsplit

from hutong.loader.checks.known import Known
from hutong.loader.city_source import CitySource
from hutong.loader.problem import Problem
from hutong.loader.yaml_source import Path_

FACES = "faces.yaml"
NOTICES = ("told", "warn", "overdue", "escalated", "review", "call")


def faces_problems(source: CitySource, known: Known) -> Iterator[Problem]:
    """What faces.yaml names and nobody has."""
    faces = source.faces
    for index, network in enumerate(faces.webhooks.networks):
        try:
            ipaddress.ip_network(network)
        except ValueError:
            reason, remedy = f"{network!r} is no network", "write it like 10.20.0.0/16"
            yield source.problem(FACES, ("webhooks", "networks", index), reason, remedy)
    for name in faces.staff:
        if name not in NOTICES:
            yield source.problem(
                FACES, ("staff", name), f"there is no kind of notice {name!r}", "one of " + ", ".join(NOTICES)
            )
    for key in ("categories", "shortcuts"):
        for index, text in enumerate(getattr(faces.reports, key)):
            if key in _given(source) and not _names_some(text, known):
                reason = f"no category is {text!r}"
                yield source.problem(FACES, ("reports", key, index), reason, "write it like matter:06010")
    yield from _addresses(source)


def _given(source: CitySource) -> tuple[str, ...]:
    """The keys of `reports` that the file gives itself; defaults of a city without that pack are no mistake."""
    reports, default = source.faces.reports, type(source.faces.reports)()
    return tuple(key for key in ("categories", "shortcuts") if getattr(reports, key) != getattr(default, key))


def _names_some(text: str, known: Known) -> bool:
    kind, colon, code = text.partition(":")
    return bool(colon) and any(a == kind and b.startswith(code) for a, b in known.categories)


def _addresses(source: CitySource) -> Iterator[Problem]:
    faces = source.faces
    given: list[tuple[Path_, str]] = [(("public_url",), faces.public_url)]
    given += [(("sms", "url"), faces.sms.url)] if faces.sms else []
    given += [(("webhook", "url"), faces.webhook.url)] if faces.webhook else []
    for path, url in given:
        parts = urlsplit(url)
        if url and (parts.scheme not in ("http", "https") or not parts.hostname):
            reason = f"{url!r} is no address"
            yield source.problem(FACES, path, reason, "write it like https://city.example")
