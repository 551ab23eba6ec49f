"""What an uploaded file really is: its type by content, and of pictures size, when and where they were taken."""

from __future__ import annotations

import io
import re
from datetime import datetime
from zoneinfo import ZoneInfo

import msgspec
from PIL import ExifTags, Image, ImageOps, UnidentifiedImageError

from hutong.api.shapes import Position
from hutong.kernel.base import Instant
from hutong.kernel.clock import instant
from hutong.kernel.errors import Invalid

PICTURES = {"JPEG": "image/jpeg", "PNG": "image/png", "WEBP": "image/webp"}
WIDTHS = (160, 320, 640, 1280)
"""Thumbnail widths that are made."""
_PDF = b"%PDF-"
_EXIF_TIME = "%Y:%m:%d %H:%M:%S"


class Upload(msgspec.Struct, frozen=True):
    """What a file was found to be. `taken` and `position` are those the camera wrote, where it did."""

    media_type: str
    taken: Instant | None = None
    position: Position | None = None


def inspect(content: bytes, zone: ZoneInfo, pixels: int) -> Upload:
    """Invalid unless it is a whole JPEG, PNG or WebP picture of at most so many pixels, or a PDF."""
    if content.startswith(_PDF):
        return Upload("application/pdf")
    try:
        with Image.open(io.BytesIO(content), formats=tuple(PICTURES)) as picture:
            if picture.width * picture.height > pixels:
                raise Invalid(
                    "file",
                    f"the picture has {picture.width} × {picture.height} pixels",
                    f"at most {pixels // 1_000_000} million are taken",
                )
            kind = PICTURES[picture.format or ""]
            exif = picture.getexif()
            picture.load()
    except (UnidentifiedImageError, OSError, SyntaxError, KeyError, Image.DecompressionBombError):
        raise Invalid(
            "file",
            "is no whole JPEG, PNG or WebP picture, nor a PDF",
            "send the file as the camera made it",
            zh="文件不是完整的 JPEG、PNG、WebP 图片或 PDF",
        ) from None
    return Upload(kind, _taken(exif, zone), _position(exif))


def _taken(exif: Image.Exif, zone: ZoneInfo) -> Instant | None:
    details = exif.get_ifd(ExifTags.IFD.Exif)
    text = details.get(ExifTags.Base.DateTimeOriginal) or exif.get(ExifTags.Base.DateTime)
    offset = str(details.get(ExifTags.Base.OffsetTimeOriginal) or "")
    try:
        local = datetime.strptime(str(text).strip("\x00 "), _EXIF_TIME)
        if re.fullmatch(r"[+-]\d\d:\d\d", offset):
            return instant(datetime.fromisoformat(f"{local.isoformat()}{offset}"))
        return instant(local.replace(tzinfo=zone))
    except ValueError:
        return None


def _position(exif: Image.Exif) -> Position | None:
    gps = exif.get_ifd(ExifTags.IFD.GPSInfo)
    try:
        lat = _degrees(gps[ExifTags.GPS.GPSLatitude], gps.get(ExifTags.GPS.GPSLatitudeRef, "N"), "S")
        lon = _degrees(gps[ExifTags.GPS.GPSLongitude], gps.get(ExifTags.GPS.GPSLongitudeRef, "E"), "W")
    except (KeyError, TypeError, ValueError, ZeroDivisionError):
        return None
    inside = -180 <= lon <= 180 and -90 <= lat <= 90 and (lon, lat) != (0, 0)
    return (lon, lat) if inside else None


def _degrees(parts: tuple[float, float, float], side: str, negative: str) -> float:
    degrees, minutes, seconds = (float(part) for part in parts)
    value = degrees + minutes / 60 + seconds / 3600
    return round(-value if side.strip("\x00 ").upper() == negative else value, 7)


def thumbnail(content: bytes, width: int) -> bytes:
    """A JPEG at most so wide, turned as the camera was held, without the camera's notes."""
    with Image.open(io.BytesIO(content), formats=tuple(PICTURES)) as picture:
        picture.draft("RGB", (width * 2, width * 2))
        turned = ImageOps.exif_transpose(picture).convert("RGB")
    turned.thumbnail((width, width * 4))
    out = io.BytesIO()
    turned.save(out, "JPEG", quality=82)
    return out.getvalue()
