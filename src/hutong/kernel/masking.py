"""脱敏: personal data as those see it who may know of it but not read it (domain-facts §4.4, defaults of common practice)."""

from __future__ import annotations

import re
import unicodedata

DOUBLE_SURNAMES = frozenset(
    [
        "欧阳",
        "太史",
        "端木",
        "上官",
        "司马",
        "东方",
        "独孤",
        "南宫",
        "万俟",
        "闻人",
        "夏侯",
        "诸葛",
        "尉迟",
        "公羊",
        "赫连",
        "澹台",
        "皇甫",
        "宗政",
        "濮阳",
        "公冶",
        "太叔",
        "申屠",
        "公孙",
        "慕容",
        "仲孙",
        "钟离",
        "长孙",
        "宇文",
        "司徒",
        "鲜于",
        "司空",
        "令狐",
        "轩辕",
        "呼延",
        "百里",
        "东郭",
        "南门",
        "第五",
        "西门",
    ]
)
_ROAD = re.compile(r"^.*?(?:路|街|道|巷|弄堂|胡同)(?=\d|[^路街道巷]|$)")
_AFTER_DIVISION = re.compile(r"^.*?(?:街道|镇|乡|区|县|市)")


def name(text: str) -> str:
    """The surname stays: 张*, 欧阳**. One star for each character left out."""
    plain = _plain(text)
    if not plain:
        return ""
    kept = 2 if len(plain) > 2 and plain[:2] in DOUBLE_SURNAMES else 1
    return plain[:kept] + "*" * (len(plain) - kept)


def citizen_number(text: str) -> str:
    """First six (the place) and last four: 110105********002X."""
    return _middle(_plain(text), 6, 4)


def phone(text: str) -> str:
    """A mobile number keeps 3 + 4; a shorter one its last four digits, and never more than half of them."""
    digits = re.sub(r"[\s-]", "", _plain(text))
    if len(digits) >= 11:
        return _middle(digits, 3, 4)
    return _middle(digits, 0, min(4, len(digits) // 2))


def bank_card(text: str) -> str:
    """First six (the bank) and last four."""
    return _middle(re.sub(r"[\s-]", "", _plain(text)), 6, 4)


def address(text: str) -> str:
    """To the road: 北京市朝阳区××路**; without a road, to the division."""
    plain = _plain(text)
    found = _ROAD.match(plain) or _AFTER_DIVISION.match(plain)
    return f"{found[0]}**" if found else "**"


def email(text: str) -> str:
    """First character and domain."""
    local, at, domain = _plain(text).rpartition("@")
    return f"{local[:1]}***@{domain}" if at and local else "***"


def plate(text: str) -> str:
    """First two and last two characters: 京A***21."""
    return _middle(re.sub(r"[\s·]", "", _plain(text)), 2, 2)


def position(lon: float, lat: float) -> tuple[float, float]:
    """Rounded to 0.01°, about a kilometre."""
    return round(lon, 2), round(lat, 2)


def _plain(text: str) -> str:
    return unicodedata.normalize("NFKC", text).strip()


def _middle(text: str, first: int, last: int) -> str:
    """Stars in place of the middle; everything, if too little would be hidden."""
    hidden = len(text) - first - last
    if hidden < 1:
        return "*" * len(text)
    return text[:first] + "*" * hidden + (text[-last:] if last else "")
