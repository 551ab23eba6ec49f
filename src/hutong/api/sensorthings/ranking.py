"""Orders of observations other than that of time: keys of rows, and the place in the order where a page ended.

That place is the last row's keys and id, not a number of rows, so pages neither repeat nor leave out rows while others
arrive. Numbers come before texts; of texts the first PREFIX characters count.
"""

from __future__ import annotations

import base64
import binascii
from bisect import bisect_right
from collections.abc import Callable, Mapping, Sequence
from functools import cmp_to_key
from typing import Any

import msgspec

from hutong.api.sensorthings.lookup import Seen
from hutong.api.sensorthings.options import Wish
from hutong.kernel.errors import Invalid

PREFIX = 200
_NAME = ("Datastream", "name")
_FOREIGN = Invalid("$skiptoken", "is not one of ours", "follow @iot.nextLink as it stands")
Key = Callable[[Seen], Any]


class Ranking:
    """Rows by `wishes`, then by ascending id. `names`: those of the datastreams, by id."""

    def __init__(self, wishes: Sequence[Wish], names: Mapping[int, str]) -> None:
        self._keys: list[tuple[Key, bool]] = [(_key(one, names), one.descending) for one in wishes]
        self._keys.append((_KEYS["id",], False))

    def sort(self, rows: list[Seen]) -> None:
        for key, descending in reversed(self._keys):
            rows.sort(key=key, reverse=descending)

    def token(self, row: Seen) -> str:
        """Where `row` stands, to go on after it."""
        return base64.urlsafe_b64encode(msgspec.json.encode(self._place(row))).decode().rstrip("=")

    def after(self, rows: list[Seen], token: str) -> int:
        """The position of the first of the sorted rows beyond a place."""
        try:
            padded = token + "=" * (-len(token) % 4)
            place = msgspec.json.decode(base64.b64decode(padded, altchars=b"-_", validate=True))
            if not isinstance(place, list) or len(place) != len(self._keys):
                raise _FOREIGN
            ordered = cmp_to_key(self._compare)
            return bisect_right(rows, ordered(place), key=lambda row: ordered(self._place(row)))
        except (binascii.Error, msgspec.DecodeError, ValueError, TypeError, RecursionError):
            raise _FOREIGN from None

    def _place(self, row: Seen) -> list[Any]:
        return [key(row) for key, _ in self._keys]

    def _compare(self, one: list[Any], other: list[Any]) -> int:
        for (_, descending), mine, theirs in zip(self._keys, one, other, strict=True):
            if mine != theirs:
                return 1 if (theirs < mine) != descending else -1
        return 0


def _key(wish: Wish, names: Mapping[int, str]) -> Key:
    if wish.path == _NAME:
        return lambda one: names[one.stream]
    if wish.path[0] == "parameters" and len(wish.path) > 1:
        return _parameter(wish.path[1:])
    if wish.path not in _KEYS:
        offered = ", ".join("/".join(path) for path in (*_KEYS, _NAME))
        raise Invalid("$orderby", f"{'/'.join(wish.path)} is not offered", f"by {offered} or parameters/NAME")
    return _KEYS[wish.path]


def _parameter(path: tuple[str, ...]) -> Key:
    def key(one: Seen) -> Any:
        value: Any = one.parameters
        for step in path:
            value = value.get(step) if isinstance(value, dict) else None
        return [value is None, *_plain(value)]

    return key


def _plain(value: Any) -> list[Any]:
    text = isinstance(value, str)
    number = value if isinstance(value, int | float) else 0
    return [text, number, value[:PREFIX] if text else ""]


_KEYS: dict[tuple[str, ...], Key] = {
    ("result",): lambda one: _plain(one.result),
    ("phenomenonTime",): lambda one: one.time,
    ("resultTime",): lambda one: one.result_time,
    ("id",): lambda one: one.id,
    ("Datastream", "id"): lambda one: one.stream,
    ("FeatureOfInterest", "id"): lambda one: one.feature,
}
