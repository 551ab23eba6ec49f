"""POST /public/reports and what people without an account see of theirs."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Annotated, Any, Literal

import msgspec
from litestar import Request, Response, Router, get, post
from litestar.datastructures import UploadFile
from litestar.di import NamedDependency, Provide
from litestar.enums import RequestEncodingType
from litestar.params import Body, FromPath, FromQuery, JSONBody

from hutong.api.access import public
from hutong.api.house import House
from hutong.api.images import thumbnail
from hutong.api.public.doors import Doors
from hutong.api.public.matters import Matter, is_public, listed, settings
from hutong.api.public.nearby import Near, near
from hutong.api.public.progress import Progress, progress, released
from hutong.api.public.taking import PHOTO_BYTES, PHOTOS, Photo, Reported, take
from hutong.api.requests import RowId, TheHouse, TheRepeat, answered
from hutong.engine.flow.neighbours import Said, counted, rate, support
from hutong.engine.reporting import right_code, tracking_code
from hutong.kernel.case import Case
from hutong.kernel.errors import Invalid, NotFound
from hutong.kernel.query import equals

BASE = "/api/v1/public"
WIDTHS = (320, 1280)
TheDoors = NamedDependency[Doors]


class MatterList(msgspec.Struct, frozen=True):
    """What may be reported here, most frequent first; nothing where the city takes no reports. `sms`: whether a phone number
    gets messages."""

    open: bool
    sms: bool
    rows: list[Matter]


@dataclass
class NewReport:
    """Multipart form. `service`: code of a matter; a place is a point, or words. `website` must stay empty. Texts about it
    are in `language`."""

    service: str
    lon: float | None = None
    lat: float | None = None
    position_text: str = ""
    text: str = ""
    phone: str = ""
    website: str = ""
    language: Literal["zh", "en"] = "zh"
    photos: list[UploadFile] = field(default_factory=list)


class Taken(msgspec.Struct, frozen=True):
    """The number of a report and the secret code that opens it: note both down."""

    number: str
    code: str
    url: str


class SeenToo(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """`device`: random characters that the device made once and keeps."""

    device: Annotated[str, msgspec.Meta(min_length=16, max_length=64, pattern="^[A-Za-z0-9_-]+$")]


class Counted(msgspec.Struct, frozen=True):
    """How many reported it; `fresh`: this one was not counted before."""

    number: str
    neighbours: int
    fresh: bool


class Answer(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What the reporter says at the end."""

    code: Annotated[str, msgspec.Meta(min_length=1, max_length=40)]
    solved: bool
    satisfaction: Annotated[int, msgspec.Meta(ge=1, le=5)] | None = None
    text: Annotated[str, msgspec.Meta(max_length=1000)] = ""


@get("/matters", guards=[public()], sync_to_thread=True, summary="What the public may report")
def public_matters(house: TheHouse, doors: TheDoors, request: Request[Any, Any, Any]) -> MatterList:
    """Short-cut buttons first."""
    doors.look(request)
    sms = house.rulebook.city.faces.sms is not None
    return MatterList(settings(house).open, sms, list(listed(house).values()))


@get("/nearby", guards=[public()], sync_to_thread=True, summary="What is reported here already")
def public_nearby(
    house: TheHouse,
    doors: TheDoors,
    request: Request[Any, Any, Any],
    lon: FromQuery[float],
    lat: FromQuery[float],
    service: FromQuery[str | None] = None,
) -> Near:
    """The name of the place, whether it lies in the city, and open reports of the same matter close by."""
    doors.look(request)
    return near(house, lon, lat, service)


@post(
    "/reports",
    guards=[public()],
    sync_to_thread=True,
    opt={"form": True},
    summary="Report a problem without an account",
)
def public_report(
    house: TheHouse,
    doors: TheDoors,
    request: Request[Any, Any, Any],
    repeat: TheRepeat,
    data: Annotated[NewReport, Body(media_type=RequestEncodingType.MULTI_PART)],
) -> Response[Taken]:
    """Becomes a case that is verified before it is filed. The phone, if any, is sealed and told to nobody outside."""
    photos = _photos(data)
    said = (data.service, data.lon, data.lat, data.position_text, data.text, data.phone, data.language)
    repeat = repeat.also(*said, *(one.content for one in photos))
    known = answered(house, repeat)
    if known is None:
        doors.report(request, data.phone, data.website)
        given = (data.lon, data.lat) if data.lon is not None and data.lat is not None else None
        reported = Reported(
            service=data.service,
            position=given,
            position_text=data.position_text,
            text=data.text,
            phone=data.phone,
            photos=photos,
            via="page",
            language=data.language,
        )
        known = take(house, reported, repeat).id
    with house.store.reader() as reader:
        case = reader.get(Case, known)
    code = tracking_code(house.context.secret, case.id)
    url = f"/report/{case.number}?code={code}"
    return Response(
        Taken(case.number, code, url), status_code=201, headers={"Location": f"{BASE}/reports/{case.number}"}
    )


def _photos(data: NewReport) -> tuple[Photo, ...]:
    if len(data.photos) > PHOTOS:
        raise Invalid(
            "photos", f"are {len(data.photos)}", f"send at most {PHOTOS}", zh=f"最多 {PHOTOS} 张照片"
        )
    read = (Photo(one.filename, one.file.read(PHOTO_BYTES + 1)) for one in data.photos)
    return tuple(one for one in read if one.content)


@post(
    "/reports/{number:str}/support",
    guards=[public()],
    status_code=200,
    sync_to_thread=True,
    summary="I see it too",
)
def public_support(
    house: TheHouse,
    doors: TheDoors,
    request: Request[Any, Any, Any],
    number: FromPath[str],
    data: JSONBody[SeenToo],
) -> Counted:
    """Counts one neighbour more instead of opening another case; nothing about who it is is kept."""
    doors.support(request)
    case = _listed_case(house, number)
    fresh = support(house.context.cases, case, doors.device(data.device), doors.from_where(request))
    with house.store.reader() as reader:
        return Counted(number, counted(reader, case), fresh)


@get("/reports/{number:str}", guards=[public()], sync_to_thread=True, summary="How a report goes on")
def public_progress(
    house: TheHouse,
    doors: TheDoors,
    request: Request[Any, Any, Any],
    number: FromPath[str],
    code: FromQuery[str | None] = None,
) -> Progress:
    """Steps with their dates; with the secret code also photos and, at the end, the question whether it is solved."""
    doors.code(request) if code else doors.look(request)
    case, own = _opened(house, number, code)
    return progress(house, case, own=own)


@get(
    "/reports/{number:str}/photos/{id:int}",
    guards=[public()],
    sync_to_thread=True,
    media_type="image/jpeg",
    summary="A photo of one's report",
)
def public_photo(
    house: TheHouse,
    doors: TheDoors,
    request: Request[Any, Any, Any],
    number: FromPath[str],
    id: RowId,
    code: FromQuery[str],
    w: FromQuery[int] = 1280,
) -> Response[bytes]:
    """Made anew, without what the camera wrote into it."""
    doors.look(request)
    case, own = _opened(house, number, code)
    if w not in WIDTHS:
        raise Invalid("w", f"there is no picture {w} wide", "ask for 320 or 1280")
    with house.store.reader() as reader:
        files = {file.id: file for file in released(reader, case)} if own else {}
    if id not in files:
        raise NotFound("photo", f"there is no photo/{id}")
    file = files[id]
    body = house.cached(
        ("public photo", file.id, file.digest, w),
        600,
        lambda: thumbnail(house.store.files.get(file.digest, subject=file.subject), w),
    )
    return Response(body, media_type="image/jpeg", headers={"Cache-Control": "private, max-age=3600"})


@post(
    "/reports/{number:str}/rating",
    guards=[public()],
    status_code=200,
    sync_to_thread=True,
    summary="Solved, or not",
)
def public_rating(
    house: TheHouse,
    doors: TheDoors,
    request: Request[Any, Any, Any],
    repeat: TheRepeat,
    number: FromPath[str],
    data: JSONBody[Answer],
) -> Progress:
    """One answer for each ending. 未解决 goes back to the desk."""
    doors.code(request)
    case, own = _opened(house, number, data.code)
    if not own:
        raise _unknown(number)
    if answered(house, repeat) is None:
        said = Said(solved=data.solved, satisfaction=data.satisfaction, text=data.text.strip())
        rate(house.context.cases, case.id, said, key=repeat.key, digest=repeat.digest)
    return progress(house, _case(house, number), own=True)


def _case(house: House, number: str) -> Case:
    with house.store.reader() as reader:
        rows = reader.find(Case, equals("number", number), limit=1).rows
    if not rows:
        raise _unknown(number)
    return rows[0]


def _listed_case(house: House, number: str) -> Case:
    """A case that neighbours may be shown: of a listed matter, not confidential, of whatever source."""
    case = _case(house, number)
    if case.confidential or f"{case.category.kind}-{case.category.code}" not in listed(house):
        raise _unknown(number)
    return case


def _opened(house: House, number: str, code: str | None) -> tuple[Case, bool]:
    """The case and whether the code is its own; NotFound alike for a number that is none, or none of the public's."""
    case = _case(house, number)
    own = bool(code) and case.source == "public" and right_code(house.context.secret, case.id, code or "")
    if (code and not own) or not (own or is_public(house, case)):
        raise _unknown(number)
    return case, own


def _unknown(number: str) -> NotFound:
    return NotFound(
        "number", f"there is no report {number!r} with this code", "check both", zh="编号或查询码不正确"
    )


def face(house: House) -> Router:
    """The routes, with the limits that stand before them."""
    return Router(
        BASE,
        route_handlers=[
            public_matters,
            public_nearby,
            public_report,
            public_support,
            public_progress,
            public_photo,
            public_rating,
        ],
        dependencies={"doors": Provide(lambda: house.part(Doors), sync_to_thread=False)},
        tags=["public"],
        request_max_body_size=PHOTOS * PHOTO_BYTES + 1_000_000,
    )
