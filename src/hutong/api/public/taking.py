"""Taking a report of somebody without an account: checked, photos cleaned, the caller kept apart and sealed, a case opened."""

from __future__ import annotations

import re

import msgspec
from msgspec.structs import replace

from hutong.api.house import House
from hutong.api.images import PICTURES, inspect, thumbnail
from hutong.api.public.matters import category_named
from hutong.api.requests import Repeat
from hutong.api.shapes import Position, wkb_of
from hutong.engine.flow.parties import reporter
from hutong.engine.handle.open import OpenCase
from hutong.kernel.access import SYSTEM
from hutong.kernel.base import Entity, Facts, Label
from hutong.kernel.case import Case
from hutong.kernel.case import File as CaseFile
from hutong.kernel.characters import text_fault
from hutong.kernel.errors import Invalid, TooMany
from hutong.kernel.party import Party
from hutong.kernel.ports import Reader

PHOTOS = 4
PHOTO_BYTES = 12_000_000
WIDEST = 2560
LONGEST = {"text": 2000, "position_text": 200, "phone": 24, "name": 60, "email": 120}
_PHONE = re.compile(r"\+?\d[\d -]{4,22}\d")
_EMAIL = re.compile(r"[^@\s<>,;\"]{1,64}@[^@\s<>,;\"]{1,255}")


class Photo(msgspec.Struct, frozen=True):
    """A photo as it came; `name` is for error messages only."""

    name: str
    content: bytes


class Reported(msgspec.Struct, frozen=True, kw_only=True):
    """What somebody reports. `service`: code of the category; `via`: which face it came by."""

    service: str
    position: Position | None = None
    position_text: str = ""
    text: str = ""
    phone: str = ""
    name: str = ""
    email: str = ""
    photos: tuple[Photo, ...] = ()
    via: str
    language: str = "zh"
    """Of the page it came by; texts to the reporter are in it."""
    facts: Facts = {}
    """Answers to what the procedure asks of those who report."""


def take(house: House, reported: Reported, repeat: Repeat) -> Case:
    """Opens the case with its reporter and photos in one commit. Invalid names the field."""
    category = category_named(house, reported.service, "service")
    _check_words(reported)
    place = _place(house, reported)
    case, fresh, *file_ids = house.store.new_ids(2 + len(reported.photos))
    with house.store.reader() as reader:
        party = _reporter(reader, reported, fresh)
    files = [_kept(house, photo, id, party) for photo, id in zip(reported.photos, file_ids, strict=True)]
    label = house.rulebook.category_names[category]
    where = reported.position_text.strip() or house.directory.place_name(called(house, place)).zh
    command = OpenCase(
        id=case,
        category=category,
        title=Label(f"{where} {label.zh}".strip(), f"{label.text('en')}{': ' + where if where else ''}"),
        source="public",
        via=reported.via,
        text=reported.text.strip(),
        place=place,
        position=wkb_of(reported.position),
        position_text=reported.position_text.strip(),
        subject=party.id if party else None,
        files=tuple(one.id for one in files),
        facts={**reported.facts, "reported_by": reported.via, "language": reported.language},
    )
    puts: list[Entity] = [replace(one, case=case) for one in files]
    if party is not None and party.version == 0:
        puts.append(party)
    return house.context.cases.open(command, SYSTEM, key=repeat.key, digest=repeat.digest, puts=puts)


def _check_words(reported: Reported) -> None:
    for name, longest in LONGEST.items():
        text = getattr(reported, name)
        fault = text_fault(text)
        if fault:
            raise Invalid(name, fault, "leave such characters out")
        if len(text) > longest:
            raise Invalid(
                name, f"has {len(text)} characters", f"write at most {longest}", zh=f"最多 {longest} 字"
            )
    if reported.phone and not _PHONE.fullmatch(reported.phone.strip()):
        raise Invalid("phone", "is no phone number", "write digits only", zh="电话号码不正确")
    if reported.email and not _EMAIL.fullmatch(reported.email.strip()):
        raise Invalid("email", "is no address", "write it like name@example.org", zh="邮箱不正确")
    if len(reported.photos) > PHOTOS:
        raise Invalid(
            "photos", f"are {len(reported.photos)}", f"send at most {PHOTOS}", zh=f"最多 {PHOTOS} 张照片"
        )


def _place(house: House, reported: Reported) -> int | None:
    if reported.position is None:
        if not reported.position_text.strip():
            raise Invalid(
                "position",
                "is missing",
                "point on the map, or describe the place",
                zh="请在地图上选点或填写位置",
            )
        return None
    wkb_of(reported.position)
    place = house.directory.locate(*reported.position)
    if place is None:
        raise Invalid(
            "position", "lies outside the city", "choose a point within it", zh="所选位置不在本城区范围内"
        )
    return place


def called(house: House, place: int | None) -> int | None:
    """The community or street a grid lies in: what people call the place."""
    if place is None:
        return None
    directory = house.directory
    wider = [directory.places[id] for id in directory.ancestors(place) if id in directory.places]
    return next((one.id for one in wider if one.tree in ("community", "division")), place)


def _reporter(reader: Reader, reported: Reported, fresh: int) -> Party | None:
    """The person who reports: known by phone and name, or new; nobody where nothing was given."""
    name, phone, email = reported.name.strip(), reported.phone.strip(), reported.email.strip()
    if not (name or phone or email):
        return None
    party = reporter(reader, name, phone, fresh)
    return replace(party, email=email or None) if party.version == 0 else party


def _kept(house: House, photo: Photo, id: int, party: Party | None) -> CaseFile:
    """A photo as it is kept: only the picture, without the camera's notes; time and place where it was taken beside it."""
    if len(photo.content) > PHOTO_BYTES:
        raise TooMany("photos", "is too large", f"send at most {PHOTO_BYTES // 1_000_000} MB", zh="照片过大")
    found = inspect(photo.content, house.rulebook.zone, house.context.limits.pixels)
    if found.media_type not in PICTURES.values():
        raise Invalid("photos", "is no picture", "send JPEG, PNG or WebP", zh="请上传照片")
    clean = thumbnail(photo.content, WIDEST)
    subject = party.id if party else None
    return CaseFile(
        id=id,
        case=None,
        stage="report",
        role="near",
        name="photo.jpg",
        media_type="image/jpeg",
        size=len(clean),
        digest=house.store.files.put(clean, subject=subject),
        subject=subject,
        taken=found.taken,
        position=wkb_of(found.position),
        by=0,
    )
