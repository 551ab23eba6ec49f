"""Definitions by digest: what a case or warning began with can always be read again."""

from __future__ import annotations

import hashlib
import inspect
from collections.abc import Callable
from typing import Any

import msgspec
from msgspec.structs import replace

from hutong.kernel.definition.pack import Pack
from hutong.kernel.definition.rule import Condition


def canonical(definition: msgspec.Struct, functions: dict[str, str] | None = None) -> bytes:
    """The bytes that are stored and hashed: sorted JSON, with the source text of the functions it uses."""
    body: dict[str, Any] = {"definition": definition}
    if functions:
        body["functions"] = functions
    return msgspec.json.encode(body, order="sorted")


def digest(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def formulas_of(condition: Condition | None) -> set[str]:
    """The functions a condition calls."""
    if condition is None:
        return set()
    found = {condition.formula.name} if condition.formula else set()
    for part in (*(condition.all or ()), *(condition.any or ())):
        found |= formulas_of(part)
    return found


def whole_source(function: Callable[..., Any]) -> str:
    """The source of a function and of all functions of its file that it calls, directly or not, in the file's order."""
    found: dict[str, Callable[..., Any]] = {}
    waiting = [function]
    while waiting:
        one = waiting.pop()
        if one.__name__ in found:
            continue
        found[one.__name__] = one
        called = (one.__globals__.get(name) for name in one.__code__.co_names)
        waiting.extend(
            other for other in called if inspect.isfunction(other) and other.__module__ == function.__module__
        )
    ordered = sorted(found.values(), key=lambda one: one.__code__.co_firstlineno)
    return "\n".join(inspect.getsource(one) for one in ordered)


def contents_of(pack: Pack, functions: dict[str, Callable[..., Any]]) -> dict[str, bytes]:
    """`rule EDITION` (its name, with `since` if it has one), `procedure NAME` and `plan NAME` → canonical bytes."""
    contents: dict[str, bytes] = {}
    for rule in pack.rules:
        used = formulas_of(rule.when) | formulas_of(rule.clear)
        source = {name: whole_source(functions[name]) for name in sorted(used) if name in functions}
        contents[f"rule {rule.edition}"] = canonical(rule, source)
    for procedure in pack.procedures:
        contents[f"procedure {procedure.name}"] = canonical(procedure)
    for plan in pack.plans:
        contents[f"plan {plan.name}"] = canonical(plan)
    return contents


def digests_of(pack: Pack, functions: dict[str, Callable[..., Any]]) -> Pack:
    """The pack with its digests filled in."""
    return replace(
        pack, digests={name: digest(content) for name, content in contents_of(pack, functions).items()}
    )
