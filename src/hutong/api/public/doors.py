"""What stands before anonymous requests: limits by address, and hashes that count people without knowing them."""

from __future__ import annotations

import hashlib
from typing import Any

from litestar import Request

from hutong.api.house import House
from hutong.api.requests import address
from hutong.api.throttle import Buckets
from hutong.engine.reporting import keyed
from hutong.kernel.clock import local_date
from hutong.kernel.errors import Invalid

LOOKS = (120, 2.0)
"""Reads of one address: at once, and a second thereafter."""
SUPPORTS = (20, 1 / 60)
CODES = (20, 1 / 30)
"""Tries of a code or number of one address."""
PHONES = (3, 3 / 86_400)
"""Reports that name one phone number: nobody is sent messages by somebody else's whim."""


class Doors:
    """One for each application."""

    def __init__(self, house: House) -> None:
        reports = house.rulebook.city.faces.reports
        self._house = house
        self._looks = Buckets(*LOOKS)
        self._reports = Buckets(reports.burst, 1 / (reports.minutes * 60))
        self._supports = Buckets(*SUPPORTS)
        self._codes = Buckets(*CODES)
        self._phones = Buckets(*PHONES)

    def _take(self, buckets: Buckets, client: str) -> None:
        buckets.take(client, self._house.clock.recorded_at())

    def look(self, request: Request[Any, Any, Any]) -> None:
        self._take(self._looks, address(request))

    def report(self, request: Request[Any, Any, Any], phone: str, trap: str) -> None:
        """`trap`: a field that people do not see and programs fill in."""
        if trap:
            raise Invalid("website", "is not a field to fill in", "leave it empty")
        self._take(self._reports, address(request))
        digits = "".join(one for one in phone if one.isdigit())
        if digits:
            self._take(self._phones, hashlib.sha256(digits.encode()).hexdigest())

    def support(self, request: Request[Any, Any, Any]) -> None:
        self._take(self._supports, address(request))

    def code(self, request: Request[Any, Any, Any]) -> None:
        self._take(self._codes, address(request))

    def device(self, token: str) -> str:
        """A device by the token that it made for itself."""
        return keyed(self._house.context.secret, "device", token)

    def from_where(self, request: Request[Any, Any, Any]) -> str:
        """An address on a day: the next day it is another."""
        day = local_date(self._house.now(), self._house.rulebook.zone).isoformat()
        return keyed(self._house.context.secret, "address", address(request), day)
