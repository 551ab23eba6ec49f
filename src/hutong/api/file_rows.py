"""Files of cases as rows."""

from __future__ import annotations

from collections.abc import Iterable

import msgspec

from hutong.api.shapes import Person, Position, person, point, time_of
from hutong.engine.directory import Directory
from hutong.kernel.base import Provenance
from hutong.kernel.case import File


class FileRow(msgspec.Struct, frozen=True, kw_only=True):
    """A picture or document. `url` gives the content, with `?w=320` a thumbnail of pictures."""

    id: int
    case: int | None
    stage: str
    role: str
    same_angle_as: int | None
    name: str
    media_type: str
    size: int
    digest: str
    taken: str | None
    position: Position | None
    by: Person | None
    provenance: Provenance
    url: str


def file_rows(directory: Directory, files: Iterable[File]) -> list[FileRow]:
    return [file_row(directory, one) for one in files]


def file_row(directory: Directory, file: File) -> FileRow:
    return FileRow(
        id=file.id,
        case=file.case,
        stage=file.stage,
        role=file.role,
        same_angle_as=file.same_angle_as,
        name=file.name,
        media_type=file.media_type,
        size=file.size,
        digest=file.digest,
        taken=time_of(file.taken),
        position=point(file.position),
        by=person(directory, file.by),
        provenance=file.provenance,
        url=f"/api/v1/files/{file.id}",
    )
