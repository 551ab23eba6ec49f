"""What a terminal says of itself: registration (0x0100) and authentication (0x0102) [M-high]."""

from __future__ import annotations

from dataclasses import dataclass

from hutong.gateways.text import gbk
from hutong.kernel.base import Facts

_FIELDS_2011, _FIELDS_2013, _FIELDS_2019 = (5, 8, 7), (5, 20, 7), (11, 30, 30)


@dataclass(frozen=True)
class Terminal:
    """Province and city are division codes (GB/T 2260); `plate` is the VIN where `colour` is 0."""

    province: int
    city: int
    maker: str
    model: str
    id: str
    colour: int
    plate: str

    def facts(self) -> Facts:
        return {
            "division": f"{self.province:02d}{self.city:04d}",
            "maker": self.maker,
            "model": self.model,
            "terminal": self.id,
            "colour": self.colour,
            "plate": self.plate,
        }


def read_registration(body: bytes, edition_2019: bool) -> Terminal | None:
    """None if it is too short. 2011 has a shorter model than 2013; the length tells them apart."""
    longer = len(body) >= 5 + sum(_FIELDS_2013)
    fields = _FIELDS_2019 if edition_2019 else _FIELDS_2013 if longer else _FIELDS_2011
    if len(body) < 5 + sum(fields):
        return None
    texts, at = [], 4
    for width in fields:
        texts.append(gbk(body[at : at + width]))
        at += width
    province, city = int.from_bytes(body[:2]), int.from_bytes(body[2:4])
    return Terminal(province, city, texts[0], texts[1], texts[2], body[at], gbk(body[at + 1 :]))


def read_authentication(body: bytes, edition_2019: bool) -> tuple[str, Facts] | None:
    """The code, and since 2019 IMEI and software version; None if it is cut off or no code is shown."""
    if not edition_2019:
        code = gbk(body)
        return (code, {}) if code else None
    if not body or not body[0] or len(body) < 1 + body[0] + 15:
        return None
    at = 1 + body[0]
    return gbk(body[1:at]), {"imei": gbk(body[at : at + 15]), "software": gbk(body[at + 15 :])}
