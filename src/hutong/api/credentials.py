"""Passwords: signing in, and HTTP Basic for machines that keep no cookies. Both are throttled and journalled."""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
from typing import TYPE_CHECKING, Any

from argon2.exceptions import InvalidHashError, VerificationError
from litestar import Request
from litestar.concurrency import sync_to_thread

from hutong.kernel.changes import Changes, Record
from hutong.kernel.errors import Unauthenticated
from hutong.kernel.party import Account

if TYPE_CHECKING:
    from hutong.api.house import House

REMEMBERED = 300.0
"""Seconds for which a verified Basic credential need not be hashed again."""


def sign_in(house: House, login: str, password: str, client: str) -> Account:
    """The account of a right name and password. Unauthenticated otherwise; TooMany after many failures."""
    name, source = f"login {_digest(house, login)}", f"client {_digest(house, client)}"
    now = house.clock.recorded_at()
    house.attempts.check(name, source, now)
    account = _find(house, login)
    right = _verified(house, account, password)
    if account is None or account.disabled is not None or not right:
        house.attempts.failed(name, source, now)
        _journal(house, "account.sign_in_failed", account, client)
        raise Unauthenticated(
            "login",
            "the name or the password is wrong",
            "check both and try again",
            zh="账号或密码不正确",
        )
    house.attempts.succeeded(name)
    _journal(house, "account.sign_in", account, client)
    return account


def _find(house: House, login: str) -> Account | None:
    with house.store.reader() as reader:
        found = reader.search_hash(Account, "login", login)
    return next((one for one in found if one.retired is None), None)


def _verified(house: House, account: Account | None, password: str) -> bool:
    """An unknown name takes as long as a known one."""
    stored = (
        account.password_hash
        if account
        else house.recent.get("argon2 dummy", 1e9, lambda: house.passwords.hash("nobody"))
    )
    try:
        return house.passwords.verify(stored, password) and account is not None
    except (VerificationError, InvalidHashError):
        return False


def _digest(house: House, text: str) -> str:
    return hmac.new(house.context.secret, text.encode(), hashlib.sha256).hexdigest()


def _journal(house: House, kind: str, account: Account | None, client: str) -> None:
    """What was typed is not kept: it may be a password in the wrong field. The address is kept as a keyed hash: an
    auditor sees which sign-ins came from one place, and erasing a person leaves nothing to read."""
    house.store.apply(
        Changes(
            records=(
                Record(
                    kind=kind,
                    actor=account.id if account and kind == "account.sign_in" else -1,
                    at=house.now(),
                    subjects=(("account", account.id),) if account else (),
                    facts={"client": _digest(house, client)[:16], "known": account is not None},
                ),
            )
        )
    )


def known_basic(header: str, house: House) -> int | None:
    """The account of a Basic credential that was verified lately; None for any other."""
    if not header.lower().startswith("basic "):
        return None
    try:
        text = base64.b64decode(header[6:].strip(), validate=True).decode()
    except (binascii.Error, UnicodeDecodeError):
        return None
    known: int | None = house.recent.known(("basic", _digest(house, text)))
    return known


async def basic_account(request: Request[Any, Any, Any], house: House) -> int | None:
    """The account of HTTP Basic credentials, if any were sent."""
    header = request.headers.get("authorization", "")
    if not header.lower().startswith("basic "):
        return None
    try:
        text = base64.b64decode(header[6:].strip(), validate=True).decode()
    except (binascii.Error, UnicodeDecodeError):
        raise Unauthenticated("Authorization", "is not valid Basic", "send name:password in base64") from None
    login, _, password = text.partition(":")
    client = request.client.host if request.client else ""
    key = ("basic", _digest(house, text))
    known: int | None = house.recent.known(key)
    if known is not None:
        return known
    return await sync_to_thread(
        lambda: house.recent.get(key, REMEMBERED, lambda: sign_in(house, login, password, client).id)
    )
