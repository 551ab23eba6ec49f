"""JSON Patch (RFC 6902) on a JSON document."""

from __future__ import annotations

import copy
from typing import Any

from hutong.kernel.errors import Conflict, Invalid

_MOST = 1000
_NOTHING = object()


def patched(document: dict[str, Any], operations: Any) -> dict[str, Any]:
    """The document after all operations, in order; the given one stays as it is."""
    if not isinstance(operations, list) or len(operations) > _MOST:
        raise Invalid("body", f"must be a list of up to {_MOST} operations", "see RFC 6902")
    found: Any = copy.deepcopy(document)
    for at, operation in enumerate(operations):
        if not isinstance(operation, dict) or not isinstance(operation.get("op"), str):
            raise Invalid(
                f"[{at}]", "is no operation", 'send {"op": "replace", "path": "/name", "value": "…"}'
            )
        found = _apply(found, operation, f"[{at}]")
    if not isinstance(found, dict):
        raise Invalid("body", "leaves no JSON object")
    return found


def _apply(document: Any, operation: dict[str, Any], field: str) -> Any:
    op, path = operation["op"], _pointer(operation.get("path"), f"{field}.path")
    if op in ("add", "replace", "test") and "value" not in operation:
        raise Invalid(f"{field}.value", "is missing")
    match op:
        case "add":
            return _put(document, path, operation["value"], field, insert=True)
        case "replace":
            _get(document, path, field)
            return _put(document, path, operation["value"], field, insert=False)
        case "remove":
            return _removed(document, path, field)
        case "test":
            if _get(document, path, field) != operation["value"]:
                raise Conflict(field, "the tested value is another", "read the entity again")
            return document
        case "move" | "copy":
            source = _pointer(operation.get("from"), f"{field}.from")
            value = copy.deepcopy(_get(document, source, field))
            rest = _removed(document, source, field) if op == "move" else document
            return _put(rest, path, value, field, insert=True)
    raise Invalid(f"{field}.op", f"{op!r} is no operation", "add, replace, remove, move, copy or test")


def _pointer(text: Any, field: str) -> list[str]:
    """The steps of a JSON Pointer (RFC 6901)."""
    if not isinstance(text, str) or (text and not text.startswith("/")):
        raise Invalid(field, f"{text!r} is no JSON Pointer", "write it like /properties/model")
    return [step.replace("~1", "/").replace("~0", "~") for step in text.split("/")[1:]]


def _child(value: Any, step: str) -> Any:
    if isinstance(value, dict):
        return value.get(step, _NOTHING)
    if isinstance(value, list) and step.isdigit() and int(step) < len(value):
        return value[int(step)]
    return _NOTHING


def _get(document: Any, path: list[str], field: str) -> Any:
    for step in path:
        document = _child(document, step)
        if document is _NOTHING:
            raise Invalid(field, f"there is nothing at /{'/'.join(path)}", "read the entity again")
    return document


def _put(document: Any, path: list[str], value: Any, field: str, *, insert: bool) -> Any:
    if not path:
        return value
    owner, last = _get(document, path[:-1], field), path[-1]
    if isinstance(owner, dict):
        owner[last] = value
    elif isinstance(owner, list) and (last == "-" or (last.isdigit() and int(last) <= len(owner))):
        at = len(owner) if last == "-" else int(last)
        if insert:
            owner.insert(at, value)
        else:
            owner[at] = value
    else:
        raise Invalid(field, f"nothing can be put at /{'/'.join(path)}")
    return document


def _removed(document: Any, path: list[str], field: str) -> Any:
    if not path:
        raise Invalid(field, "the whole entity cannot be removed by a patch", "send DELETE")
    _get(document, path, field)
    owner, last = _get(document, path[:-1], field), path[-1]
    if isinstance(owner, dict):
        del owner[last]
    else:
        del owner[int(last)]
    return document
