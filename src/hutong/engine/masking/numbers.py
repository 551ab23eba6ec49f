"""Personal details made of digits and letters: telephone, identity, card, plate, e-mail, account, room."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date

from hutong.kernel.identifiers import PROVINCES, citizen_number_check

Hit = tuple[int, int, str]
"""Start, end and kind of a detail."""

FILLER = "\ue000"
"""Stands for what was found already; no pattern matches it, and no context reaches past it."""

_GAP = r"[\s\-]?"
_MOBILE = re.compile(rf"(?<![\d])(?:(?:\+|00)?86{_GAP})?1[3-9]\d{_GAP}\d{{4}}{_GAP}\d{{4}}(?!\d)")
_SPOKEN = re.compile(r"[幺一][三四五六七八九][〇零幺一二两三四五六七八九]{9}")
_LANDLINE = re.compile(
    r"(?<![\d.])(?:[(（]0\d{2,3}[)）]\s?|0\d{2,3}[-\s]?)[2-9]\d{6,7}(?:[-转]\d{1,5})?(?![\d.])"
)
_NEAR_PHONE = re.compile(
    r"(?:电话|座机|固话|致电|来电|拨打|家里电话|联系方式|手机|phone|tel|call(?: me)?(?: on| at)?)"
    r"(?:号码|号)?\s?[:：是为.]?\s?([2-9]\d{2,3}[-\s]?\d{4})(?!\d)",
    re.IGNORECASE,
)
_LONG = re.compile(r"(?<![\dA-Za-z])\d[\d\s\-]{12,24}[\dXx](?![\dA-Za-z])")
_IDENTITY_WORD = re.compile(
    r"(?:身份证(?:件)?(?:号码|号)?|证件号码?|ID(?: card)?(?: (?:no|number))?)\W{0,3}(?:是|为)?\s?$", re.I
)
_CARD_WORD = re.compile(
    r"(?:卡号|银行卡号?|信用卡号?|储蓄卡号?|账号|帐号|账户|account(?: no| number)?|card(?: no| number)?)\W{0,3}(?:是|为)?\s?$",
    re.I,
)
_CODE_WORD = re.compile(
    r"(?:案卷|工单|单号|流水号?|编号|编码|条码|订单号?|快递|运单|网格|部件|杆号|设备号?|备案号?|许可证号?|项目号?|文号|no\.?|number|code)\W{0,3}(?:是|为)?\s?$",
    re.I,
)
_CARD_PREFIX = re.compile(r"^(?:62|4|5[1-5]|35|37|60|9)")
_PLATE = re.compile(
    r"[京津沪渝冀豫云辽黑湘皖鲁新苏浙赣鄂桂甘晋蒙陕吉闽贵粤青藏川宁琼使领][A-HJ-NP-Za-hj-np-z][·•.\s\-]?"
    r"(?=[A-Za-z]{0,5}\d)[A-HJ-NP-Za-hj-np-z0-9]{4}[A-HJ-NP-Za-hj-np-z0-9挂学警港澳](?:[A-HJ-NP-Za-hj-np-z0-9](?![A-Za-z0-9]))?(?![A-Za-z0-9])"
)
_EMAIL = re.compile(r"[A-Za-z0-9_.+\-]{1,64}@[A-Za-z0-9\-]{1,63}(?:\.[A-Za-z0-9\-]{1,63}){1,4}")
_WECHAT = re.compile(
    r"(?:微信|薇信|威信|wechat|weixin|\bvx|\bwx)\s?(?:号码|号|id)?\s?(?:[:：是为]|is)?\s?([A-Za-z][A-Za-z0-9_\-]{5,19})",
    re.I,
)
_QQ = re.compile(r"(?:QQ|扣扣|企鹅号)(?:号码|号)?\s?[:：是为]?\s?([1-9]\d{4,11})(?!\d)", re.I)
_PASSPORT = re.compile(
    r"(?:护照|通行证|passport)(?:号码|号| no\.?| number)?\s?[:：是为]?\s?([A-Za-z]{1,2}\d{7,8})(?!\d)", re.I
)

_ANY = re.compile(r"[\dA-Za-z零〇一二三四五六七八九幺两十百]")
"""Without one of these there is nothing to find."""
_N = r"(?:\d{1,4}[A-Za-z]?|[A-Za-z]|[一二三四五六七八九十百]{1,4})"
_BUILDING = rf"{_N}\s?(?:号楼|号院|栋|幢|座|号(?=\s?\d)|#楼?|楼(?=\s?\d))"
_ROOM_END = r"(?:\d{2,4}[A-Za-z]?|[一二三四五六七八九]零[一二三四五六七八九])"
_ROOM = re.compile(
    rf"(?:{_BUILDING}\s?)?(?:{_N}\s?(?:单元|门(?=\s?\d)|梯)\s?)?(?:{_N}\s?(?:层|楼)\s?)?"
    rf"(?:{_ROOM_END}\s?(?:室(?!\s?[一二三四两\d]\s?厅)|号房|房(?![屋间子价产租东款贷])))"
)
_BARE_ROOM = re.compile(
    rf"(?:{_BUILDING}\s?)?{_N}\s?单元\s?(?:{_N}\s?(?:层|楼)\s?)?{_ROOM_END}(?:户(?![籍外口]))?(?![\d米元块人户年月日时分秒%平天])"
    rf"|{_N}\s?(?:号楼|栋|幢|座)\s?{_ROOM_END}(?![\d米元块人年月日时分秒%平天栋幢台个号])"
)
_DASHED_ROOM = re.compile(r"(?<![\d\-./])\d{1,3}\s?(?:号楼?|栋|幢)?\s?-\s?\d{1,2}\s?-\s?\d{3,4}(?![\d\-./])")
_ENGLISH_ROOM = re.compile(
    r"\b(?:room|rm\.?|apt\.?|apartment|flat|suite)\s?(?:no\.?\s?)?#?\s?\d{1,4}[A-Za-z]?\b", re.I
)

_WINDOW = 14
_WHOLE = (
    (_EMAIL, "email"),
    (_PLATE, "plate"),
    (_ROOM, "room"),
    (_BARE_ROOM, "room"),
    (_DASHED_ROOM, "room"),
    (_ENGLISH_ROOM, "room"),
    (_MOBILE, "mobile"),
    (_SPOKEN, "mobile"),
    (_LANDLINE, "landline"),
)
_AFTER_WORD = ((_NEAR_PHONE, "landline"), (_WECHAT, "account"), (_QQ, "account"), (_PASSPORT, "passport"))


def numbers(text: str) -> Iterator[Hit]:
    """Every detail of digits and letters in a text with narrow characters; hits may overlap."""
    if not _ANY.search(text):
        return
    yield from _long_numbers(text)
    for pattern, kind in _WHOLE:
        yield from ((found.start(), found.end(), kind) for found in pattern.finditer(text))
    for pattern, kind in _AFTER_WORD:
        yield from ((found.start(1), found.end(1), kind) for found in pattern.finditer(text))


def before(text: str, start: int) -> str:
    """The few characters before a place, no further back than what was found already."""
    return text[max(0, start - _WINDOW) : start].rpartition(FILLER)[2]


def _long_numbers(text: str) -> Iterator[Hit]:
    for found in _LONG.finditer(text):
        digits = re.sub(r"[\s\-]", "", found[0]).upper()
        kind = _kind_of(digits, before(text, found.start()))
        if kind:
            yield found.start(), found.end(), kind


def _kind_of(digits: str, context: str) -> str:
    """identity, card, or empty. A word before it says so, or its check digit and inner date do."""
    if _IDENTITY_WORD.search(context) and len(digits) in (15, 18):
        return "identity"
    if _CARD_WORD.search(context) and 12 <= len(digits) <= 19 and digits.isdigit():
        return "card"
    if len(digits) == 18 and _born(digits[6:14]) and citizen_number_check(digits[:17]) == digits[17]:
        return "identity" if digits[:2] in PROVINCES else ""
    if _CODE_WORD.search(context) or not digits.isdigit():
        return ""
    if (
        len(digits) == 15
        and digits[:2] in PROVINCES
        and int(digits[6:8]) >= 25
        and _born("19" + digits[6:12])
    ):
        return "identity"
    is_card = 16 <= len(digits) <= 19 and _CARD_PREFIX.match(digits) and luhn(digits)
    return "card" if is_card and not _numbered_by_day(digits) else ""


def _numbered_by_day(digits: str) -> bool:
    """Six digits of a division and a day of this century, as case numbers begin."""
    return digits[:2] in PROVINCES and digits[6:8] == "20" and _date(digits[6:14]) is not None


def _born(day: str) -> bool:
    at = _date(day)
    return at is not None and 1900 <= at.year <= 2099


def _date(day: str) -> date | None:
    try:
        return date(int(day[:4]), int(day[4:6]), int(day[6:8]))
    except ValueError:
        return None


def luhn(digits: str) -> bool:
    """The check of bank cards (ISO/IEC 7812-1)."""
    doubled = [int(one) * (1 + place % 2) for place, one in enumerate(reversed(digits))]
    return sum(one - 9 if one > 9 else one for one in doubled) % 10 == 0
