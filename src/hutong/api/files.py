"""POST and GET /files: pictures and documents of cases."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Any, get_args

from litestar import Request, Response, Router, get, post
from litestar.datastructures import UploadFile
from litestar.enums import RequestEncodingType
from litestar.params import Body, FromQuery

from hutong.api.access import access, readable_case, signed_in
from hutong.api.file_rows import FileRow, file_row
from hutong.api.house import House
from hutong.api.images import PICTURES, WIDTHS, inspect, thumbnail
from hutong.api.requests import Repeat, RowId, TheActor, TheHouse, TheRepeat, answered
from hutong.api.shapes import Id, instant_of, wkb_of
from hutong.kernel.access import Actor
from hutong.kernel.case import Case, FileStage
from hutong.kernel.case import File as CaseFile
from hutong.kernel.errors import Invalid, NotFound
from hutong.kernel.ports import Reader

ROLES = ("near", "far", "reference", "document", "")


@dataclass
class NewFile:
    """Multipart form: the file, the case it is of (or none yet), and what it shows."""

    file: UploadFile
    case: Id | None = None
    stage: str = "report"
    role: str = ""
    taken: str | None = None
    lon: float | None = None
    lat: float | None = None
    same_angle_as: Id | None = None


@post(
    "/files",
    guards=[access("attach", "case")],
    summary="Upload a file",
    sync_to_thread=True,
    opt={"form": True},
)
def upload(
    house: TheHouse,
    actor: TheActor,
    repeat: TheRepeat,
    data: Annotated[NewFile, Body(media_type=RequestEncodingType.MULTI_PART)],
) -> Response[FileRow]:
    """JPEG, PNG, WebP or PDF, by content. The camera's own time and position are used where none are given; the content is
    kept as it came, as evidence."""
    content = data.file.file.read()
    repeat = repeat.also(
        content, data.case, data.stage, data.role, data.taken, data.lon, data.lat, data.same_angle_as
    )
    known = answered(house, repeat)
    if known is None:
        known = _kept(house, actor, repeat, data, content).id
    with house.store.reader() as reader:
        row = file_row(house.directory, reader.get(CaseFile, known))
    return Response(row, status_code=201, headers={"Location": row.url})


def _kept(house: House, actor: Actor, repeat: Repeat, data: NewFile, content: bytes) -> CaseFile:
    stage = _stage(data.stage)
    if data.role not in ROLES:
        raise Invalid("role", f"{data.role!r} is no role", "choose near, far, reference or document")
    if not content:
        raise Invalid("file", "is empty", "send the file itself")
    found = inspect(content, house.rulebook.zone, house.context.limits.pixels)
    given = (data.lon, data.lat) if data.lon is not None and data.lat is not None else None
    with house.store.reader() as reader:
        if data.case is not None:
            readable_case(actor, reader.get(Case, data.case))
        _check_angle(reader, data)
    file = CaseFile(
        id=house.store.new_ids(1)[0],
        case=data.case,
        stage=stage,
        role=data.role,
        same_angle_as=data.same_angle_as,
        name=_name(data.file.filename),
        media_type=found.media_type,
        size=len(content),
        digest="",
        taken=instant_of(data.taken, "taken") or found.taken or house.now(),
        position=wkb_of(given or found.position),
    )
    return house.context.cases.attach(file, content, actor, key=repeat.key, digest=repeat.digest)


def _stage(text: str) -> FileStage:
    for stage in get_args(FileStage):
        if text == stage:
            return stage  # type: ignore[no-any-return]
    raise Invalid("stage", f"{text!r} is no stage", "choose one of " + ", ".join(get_args(FileStage)))


def _check_angle(reader: Reader, data: NewFile) -> None:
    if data.same_angle_as is None:
        return
    other = reader.many(CaseFile, [data.same_angle_as]).get(data.same_angle_as)
    if other is None or other.case is None or other.case != data.case:
        raise Invalid(
            "same_angle_as", f"file {data.same_angle_as} is not of this case", "name a photo of the same case"
        )


def _name(text: str) -> str:
    """The last part of a file name, without control characters."""
    last = text.replace("\\", "/").rsplit("/", 1)[-1]
    return "".join(one for one in last if one.isprintable())[:120] or "file"


@get(
    "/files/{id:int}",
    guards=[signed_in()],
    sync_to_thread=True,
    summary="A file's content",
    media_type="application/octet-stream",
)
def content(
    house: TheHouse,
    actor: TheActor,
    request: Request[Any, Any, Any],
    id: RowId,
    w: FromQuery[int | None] = None,
) -> Response[bytes]:
    """The content as it was uploaded; `w` (160, 320, 640 or 1280) gives a thumbnail of a picture."""
    with house.store.reader() as reader:
        file = reader.get(CaseFile, id)
        _check_readable(reader, actor, file)
    tag = f'"{file.digest[:32]}{"" if w is None else f"-{w}"}"'
    headers = {
        "ETag": tag,
        "Cache-Control": "private, max-age=86400",
        "Content-Disposition": "inline" if file.media_type in PICTURES.values() else "attachment",
        "Content-Security-Policy": "default-src 'none'; sandbox",
    }
    if request.headers.get("if-none-match") == tag:
        return Response(b"", status_code=304, headers=headers)
    if w is None:
        body = house.store.files.get(file.digest, subject=file.subject)
        return Response(body, media_type=file.media_type, headers=headers)
    if w not in WIDTHS or file.media_type not in PICTURES.values():
        raise Invalid("w", f"there is no thumbnail {w} wide", f"pictures have {', '.join(map(str, WIDTHS))}")
    small = house.cached(
        ("thumbnail", file.id, file.digest, w),
        600,
        lambda: thumbnail(house.store.files.get(file.digest, subject=file.subject), w),
    )
    return Response(small, media_type="image/jpeg", headers=headers)


def _check_readable(reader: Reader, actor: Actor, file: CaseFile) -> None:
    """NotFound unless the asker may see the case the file is of, or gave it himself."""
    if file.case is not None:
        readable_case(actor, reader.get(Case, file.case))
    elif file.by != actor.account:
        raise NotFound("file", f"there is no file/{file.id}", noun="file", id=file.id)


def router(limit: int) -> Router:
    """`limit`: bytes of an upload."""
    return Router("/", route_handlers=[upload, content], tags=["files"], request_max_body_size=limit)
