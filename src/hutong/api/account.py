"""GET, POST, PATCH, DELETE /session: signing in and out with a local account."""

from __future__ import annotations

from typing import Annotated, Any, Literal

import msgspec
from litestar import Request, Response, Router, delete, get, patch, post
from litestar.datastructures import Cookie
from litestar.params import JSONBody
from msgspec.structs import replace

from hutong.api.access import public, signed_in
from hutong.api.credentials import sign_in
from hutong.api.house import House
from hutong.api.requests import TheActor, TheHouse, address
from hutong.api.sessions import COOKIE
from hutong.api.shapes import Named, organisation
from hutong.kernel.base import Label
from hutong.kernel.changes import Changes, Record
from hutong.kernel.errors import Invalid
from hutong.kernel.party import Account
from hutong.kernel.ports import Session


class SignIn(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A name and its password."""

    login: Annotated[str, msgspec.Meta(min_length=1, max_length=200)]
    password: Annotated[str, msgspec.Meta(min_length=1, max_length=1000)]


class Settings(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What an account may set for itself."""

    language: Literal["zh", "en"]


class HeldRole(msgspec.Struct, frozen=True):
    """A role the account holds now."""

    name: str
    label: Label


class AccountShape(msgspec.Struct, frozen=True):
    """Who is signed in. `may` lists the account's permissions as `verb noun`, for menus; routes decide for themselves."""

    id: int
    name: Label
    login: str
    organisation: Named | None
    side: str
    roles: list[HeldRole]
    language: str
    simulated: bool
    may: list[str]


class SessionShape(msgspec.Struct, frozen=True):
    """The session: unsafe requests must carry `csrf` in the header `X-CSRF-Token`."""

    account: AccountShape
    csrf: str


def shape(house: House, account: Account, session: Session | None) -> SessionShape:
    directory = house.directory
    actor = directory.actor(account.id, house.now())
    return SessionShape(
        AccountShape(
            id=account.id,
            name=directory.account_name(account.id),
            login=account.login,
            organisation=organisation(directory, account.organisation),
            side=actor.side,
            roles=[HeldRole(name, directory.roles[name].label) for name in actor.roles],
            language=account.language,
            simulated=account.simulated,
            may=sorted({f"{one.permission.verb} {one.permission.noun}" for one in actor.grants}),
        ),
        house.cookies.csrf(session) if session else "",
    )


@post("/session", guards=[public()], status_code=200, sync_to_thread=True, summary="Sign in")
def begin(house: TheHouse, data: JSONBody[SignIn], request: Request[Any, Any, Any]) -> Response[SessionShape]:
    """Signs in and sets the session cookie. A session that was there before is ended."""
    account = sign_in(house, data.login, data.password, address(request))
    before: Session | None = request.scope["state"]["session"]
    if before is not None:
        house.cookies.end(before)
    session = house.cookies.begin(account.id)
    return Response(shape(house, account, session), cookies=[_cookie(house, house.cookies.cookie(session))])


def _cookie(house: House, value: str, max_age: int | None = None) -> Cookie:
    return Cookie(
        key=COOKIE,
        value=value,
        path="/",
        httponly=True,
        samesite="lax",
        secure=house.context.secure,
        max_age=max_age,
    )


@get("/session", guards=[signed_in()], sync_to_thread=True, summary="Who is signed in")
def current(house: TheHouse, actor: TheActor, request: Request[Any, Any, Any]) -> SessionShape:
    """The account and the token that unsafe requests must carry."""
    with house.store.reader() as reader:
        account = reader.get(Account, actor.account)
    return shape(house, account, request.scope["state"]["session"])


@patch("/session", guards=[signed_in()], sync_to_thread=True, summary="Set one's language")
def change(
    house: TheHouse,
    actor: TheActor,
    data: JSONBody[Settings],
    request: Request[Any, Any, Any],
) -> SessionShape:
    """Keeps the language with the account."""
    with house.store.reader() as reader:
        account = reader.get(Account, actor.account)
    if account.language != data.language:
        record = Record(
            kind="account.set_language",
            actor=actor.account,
            at=house.now(),
            subjects=(("account", account.id),),
            facts={"language": data.language},
        )
        house.store.apply(Changes(puts=(replace(account, language=data.language),), records=(record,)))
        with house.store.reader() as reader:
            account = reader.get(Account, actor.account)
        if house.context.reread is not None:
            house.context.reread()
    return shape(house, account, request.scope["state"]["session"])


@delete("/session", guards=[signed_in()], sync_to_thread=True, summary="Sign out")
def end(house: TheHouse, actor: TheActor, request: Request[Any, Any, Any]) -> Response[None]:
    """Ends the session at once."""
    session: Session | None = request.scope["state"]["session"]
    if session is None:
        raise Invalid("session", "there is no session to end", "HTTP Basic needs none")
    house.cookies.end(session)
    record = Record(
        kind="account.sign_out", actor=actor.account, at=house.now(), subjects=(("account", actor.account),)
    )
    house.store.apply(Changes(records=(record,)))
    return Response(None, status_code=204, cookies=[_cookie(house, "", max_age=0)])


router = Router("/", route_handlers=[begin, current, change, end], tags=["session"])
