"""Open311 GeoReport v2 (wiki.open311.org/GeoReport_v2): JSON and XML, reading for everybody, reporting with a key."""

from __future__ import annotations

from typing import Any

from litestar import Request, Response, Router, get, post
from litestar.concurrency import sync_to_thread
from litestar.di import NamedDependency, Provide
from litestar.params import FromPath

from hutong.api.access import public
from hutong.api.house import House
from hutong.api.open311.asking import asked, rows, seen
from hutong.api.open311.formats import HANDLERS, answer, bare
from hutong.api.open311.rows import NOTICE, definition, service, service_request
from hutong.api.open311.sending import photos, reported, texts
from hutong.api.public.matters import listed
from hutong.api.public.taking import PHOTO_BYTES, PHOTOS, Photo, take
from hutong.api.requests import Repeat, TheHouse, TheRepeat, address, answered
from hutong.api.throttle import Buckets
from hutong.engine.keys import held
from hutong.kernel.case import Case
from hutong.kernel.errors import Invalid, NotFound, Unauthenticated
from hutong.kernel.query import both, equals

BASE = "/open311/v2"
CHANGESET = "2026-11-21T00:00:00+08:00"
LOOKS = (120, 2.0)
WRONG_KEYS = (20, 1 / 30)


class Limits:
    """What one address may read, how many wrong keys it may show, and what one key may send."""

    def __init__(self, house: House) -> None:
        self._house = house
        self._looks = Buckets(*LOOKS)
        self._wrong = Buckets(*WRONG_KEYS)
        self._keys: dict[tuple[int, int], Buckets] = {}

    def look(self, request: Request[Any, Any, Any]) -> None:
        self._looks.take(address(request), self._house.clock.recorded_at())

    def wrong(self, client: str) -> None:
        self._wrong.take(client, self._house.clock.recorded_at())

    def key(self, id: int, per_minute: int) -> None:
        buckets = self._keys.setdefault((id, per_minute), Buckets(per_minute, per_minute / 60))
        buckets.take(str(id), self._house.clock.recorded_at())


TheLimits = NamedDependency[Limits]
Asking = Request[Any, Any, Any]


def _language(request: Asking) -> str:
    given = request.query_params.get("locale") or request.headers.get("accept-language", "")
    return "en" if str(given).lower().startswith("en") else "zh"


def _here(house: House, jurisdiction: str | None) -> None:
    """One installation is one jurisdiction."""
    head = house.rulebook.city.head
    if jurisdiction and jurisdiction not in (head.division, head.name):
        raise NotFound("jurisdiction_id", f"{jurisdiction!r} was not found", f"it is {head.division}")


def _begin(house: House, limits: Limits, request: Asking) -> str:
    limits.look(request)
    _here(house, request.query_params.get("jurisdiction_id"))
    return _language(request)


@get(["/discovery", "/discovery.json", "/discovery.xml"], guards=[public()])
async def discovery(house: TheHouse, limits: TheLimits, request: Asking) -> Response[bytes]:
    """Where the endpoints are."""
    return await sync_to_thread(_discovery, house, limits, request)


def _discovery(house: House, limits: Limits, request: Asking) -> Response[bytes]:
    limits.look(request)
    own = house.rulebook.city.faces.public_url or str(request.base_url)
    value = {
        "changeset": CHANGESET,
        "contact": house.rulebook.city.head.label.text(_language(request)),
        "key_service": "向城市管理员申请 API 密钥 · ask the city's administrator for a key",
        "endpoints": [
            {
                "specification": "http://wiki.open311.org/GeoReport_v2",
                "url": f"{own.rstrip('/')}{BASE}",
                "changeset": CHANGESET,
                "type": "production",
                "formats": ["application/json", "text/xml"],
            }
        ],
    }
    return answer(request, "discovery", value)


@get(["/services", "/services.json", "/services.xml"], guards=[public()])
async def services(house: TheHouse, limits: TheLimits, request: Asking) -> Response[bytes]:
    """What may be reported."""
    return await sync_to_thread(_services, house, limits, request)


def _services(house: House, limits: Limits, request: Asking) -> Response[bytes]:
    language = _begin(house, limits, request)
    found = [service(house, one, language) for one in listed(house).values()]
    return answer(request, "services", found)


@get("/services/{code:str}", guards=[public()], sync_to_thread=True)
def one_service(house: TheHouse, limits: TheLimits, request: Asking, code: FromPath[str]) -> Response[bytes]:
    """What a service asks besides."""
    language = _begin(house, limits, request)
    wanted = bare(code)
    if wanted not in listed(house):
        raise NotFound("service_code", f"{wanted!r} was not found", "choose one of GET services")
    return answer(request, "service_definition", definition(house, wanted, language))


@get(["/requests", "/requests.json", "/requests.xml"], guards=[public()])
async def requests(house: TheHouse, limits: TheLimits, request: Asking) -> Response[bytes]:
    """Requests of the last 90 days, or as filtered; `page` and `page_size` are our extensions."""
    return await sync_to_thread(_requests, house, limits, request)


def _requests(house: House, limits: Limits, request: Asking) -> Response[bytes]:
    language = _begin(house, limits, request)
    query = {str(name): str(value) for name, value in request.query_params.items()}
    with house.store.reader() as reader:
        found = rows(reader, asked(house, query))
    return answer(request, "service_requests", [service_request(house, one, language) for one in found])


@get(["/requests/{id:str}", "/request/{id:str}"], guards=[public()])
async def one_request(
    house: TheHouse, limits: TheLimits, request: Asking, id: FromPath[str]
) -> Response[bytes]:
    """One request: an array of one."""
    return await sync_to_thread(_one_request, house, limits, request, id)


def _one_request(house: House, limits: Limits, request: Asking, id: str) -> Response[bytes]:
    language = _begin(house, limits, request)
    case = _known(house, bare(id), "service_request_id")
    return answer(request, "service_requests", [service_request(house, case, language)])


@get("/tokens/{token:str}", guards=[public()], sync_to_thread=True)
def token(house: TheHouse, limits: TheLimits, request: Asking, token: FromPath[str]) -> Response[bytes]:
    """Numbers are given at once, so a request's number is its token too."""
    _begin(house, limits, request)
    case = _known(house, bare(token), "token")
    value = [{"service_request_id": case.number, "token": case.number}]
    return answer(request, "service_requests", value)


def _known(house: House, number: str, field: str) -> Case:
    with house.store.reader() as reader:
        found = reader.find(Case, both(equals("number", number), seen(house)), limit=1).rows
    if not found:
        raise NotFound(field, f"{number!r} was not found", "check the number")
    return found[0]


@post(
    ["/requests", "/requests.json", "/requests.xml"],
    guards=[public()],
    opt={"form": True},
)
async def create(house: TheHouse, limits: TheLimits, request: Asking, repeat: TheRepeat) -> Response[bytes]:
    """A form, URL-encoded or multipart with photos; `api_key` says whose program it is."""
    form = await request.form()
    given, pictures = texts(form), await photos(form)
    number = await sync_to_thread(_take, house, limits, request, repeat, given, pictures)
    value = [
        {"service_request_id": number, "service_notice": NOTICE.text(_language(request)), "account_id": None}
    ]
    return answer(request, "service_requests", value, 201)


def _take(
    house: House,
    limits: Limits,
    request: Asking,
    repeat: Repeat,
    given: dict[str, str],
    pictures: tuple[Photo, ...],
) -> str:
    _key(house, limits, request, given)
    _here(house, given.get("jurisdiction_id") or request.query_params.get("jurisdiction_id"))
    if len(pictures) > PHOTOS:
        raise Invalid("media", f"are {len(pictures)} files", f"send at most {PHOTOS}")
    repeat = repeat.also(
        *(f"{name}={given[name]}" for name in sorted(given)), *(one.content for one in pictures)
    )
    id = answered(house, repeat)
    if id is None:
        id = take(house, reported(house, given, pictures, _language(request)), repeat).id
    with house.store.reader() as reader:
        return reader.get(Case, id).number


def _key(house: House, limits: Limits, request: Asking, given: dict[str, str]) -> None:
    """The key of the form, or of the query as some clients send it."""
    sent = given.get("api_key") or request.query_params.get("api_key", "")
    try:
        with house.store.reader() as reader:
            row = held(reader, sent, "report")
    except Unauthenticated:
        limits.wrong(address(request))
        raise
    limits.key(row.id, row.per_minute)


def face(house: House) -> Router:
    """The routes, with the limits that stand before them."""
    return Router(
        BASE,
        route_handlers=[discovery, services, one_service, requests, one_request, token, create],
        dependencies={"limits": Provide(lambda: house.part(Limits), sync_to_thread=False)},
        exception_handlers=HANDLERS,
        request_max_body_size=PHOTOS * PHOTO_BYTES + 1_000_000,
        include_in_schema=False,
    )
