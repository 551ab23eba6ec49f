"""Identity codes of persons, bodies and electronic licences: check characters and parsing.

Every `parse_…` takes what a person typed (full-width digits, blanks, lower case, hyphens where the printed
form has them), returns the parts, or raises `Invalid` naming the field. Place and class codes are in
`codes`.
"""

import unicodedata
from datetime import date
from typing import Literal

import msgspec

from hutong.kernel.errors import Invalid

_USCC_ALPHABET = "0123456789ABCDEFGHJKLMNPQRTUWXY"
_USCC_VALUE = {ch: i for i, ch in enumerate(_USCC_ALPHABET)}
_USCC_WEIGHTS = (1, 3, 9, 27, 19, 26, 16, 17, 20, 29, 25, 13, 8, 24, 10, 30, 28)
_ALNUM = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"
_ALNUM_VALUE = {ch: i for i, ch in enumerate(_ALNUM)}
_ORG_WEIGHTS = (3, 7, 9, 10, 5, 8, 4, 2)
_CITIZEN_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
_CITIZEN_CHECKS = "10X98765432"

_REGIONS = (
    "1112131415",
    "212223",
    "31323334353637",
    "414243444546",
    "5051525354",
    "6162636465",
    "71",
    "8182",
)
PROVINCES = frozenset(region[i : i + 2] for region in _REGIONS for i in range(0, len(region), 2))
"""First two digits of a division code, GB/T 2260."""

CREDIT_CODE_KINDS: dict[str, tuple[str, str]] = {
    "11": ("机关", "government body"),
    "12": ("事业单位", "public institution"),
    "13": ("编办直接管理机构编制的群众团体", "mass organisation with state posts"),
    "19": ("编办其他", "other, registered by the posts office"),
    "51": ("社会团体", "social association"),
    "52": ("民办非企业单位", "private non-enterprise unit"),
    "53": ("基金会", "foundation"),
    "91": ("企业", "enterprise"),
    "92": ("个体工商户", "individual business"),
    "93": ("农民专业合作社", "farmers' cooperative"),
    "N1": ("组级集体经济组织", "collective economic organisation, group"),
    "N2": ("村级集体经济组织", "collective economic organisation, village"),
    "N3": ("乡镇级集体经济组织", "collective economic organisation, township"),
    "A1": ("军队事业单位", "institution of the armed forces"),
    "Y1": ("其他", "other"),
}
"""First two characters of a USCC [M-high]: a label only, an unlisted pair is not an error."""

Sex = Literal["male", "female"]
CitizenKind = Literal["citizen", "hong_kong", "macao", "taiwan", "foreign"]


class CreditCode(msgspec.Struct, frozen=True):
    """统一社会信用代码, GB 32100-2015. `division` is the registering authority's, perhaps an old code."""

    code: str
    department: str
    category: str
    division: str
    organisation: str

    @property
    def kind(self) -> tuple[str, str] | None:
        """(中文, English) of the first two characters, None when unlisted."""
        return CREDIT_CODE_KINDS.get(self.department + self.category)

    @property
    def organisation_checks(self) -> bool:
        """Whether characters 9–17 verify as an organisation code: not a condition of validity."""
        return organisation_code_check(self.organisation[:8]) == self.organisation[8]


class CitizenNumber(msgspec.Struct, frozen=True):
    """公民身份号码, GB 11643-1999, and the 18-digit numbers of residents from outside.

    `division` is where the number was first given (it may be abolished since); of a foreign permanent
    resident it is the province only. `nationality` is the ISO 3166-1 numeric code, for foreign residents
    only [M-high].
    """

    number: str
    kind: CitizenKind
    division: str
    born: date
    sex: Sex
    nationality: str | None = None


class LicenceId(msgspec.Struct, frozen=True):
    """电子证照标识, GB/T 36904: `type_code` is the USCC of the defining body and 3 digits."""

    text: str
    type_code: str
    issuer: str
    serial: str
    version: str
    check: str


def normalise(text: str) -> str:
    """Full-width to ASCII, upper case, without blanks."""
    return "".join(unicodedata.normalize("NFKC", text).split()).upper()


def credit_code_check(first17: str) -> str:
    """Check character of a USCC; the 17 characters must be of its alphabet (no I O S V Z)."""
    total = sum(_USCC_VALUE[ch] * w for ch, w in zip(first17, _USCC_WEIGHTS, strict=True))
    return _USCC_ALPHABET[-total % 31]


def parse_credit_code(text: str, field: str = "credit_code") -> CreditCode:
    """Reads a USCC of 18 characters."""
    code = normalise(text)
    if len(code) != 18:
        raise Invalid(
            field, f"统一社会信用代码 has 18 characters, not {len(code)}", "enter all 18 characters"
        )
    wrong = sorted(set(code) - set(_USCC_VALUE))
    if wrong:
        raise Invalid(
            field,
            f"统一社会信用代码 cannot hold {' '.join(wrong)}",
            "I O S V Z are never used: look for 1, 0, 5, U or 2",
        )
    if credit_code_check(code[:17]) != code[17]:
        raise Invalid(field, "统一社会信用代码 fails its check character", "compare it with the certificate")
    return CreditCode(code, code[0], code[1], code[2:8], code[8:17])


def organisation_code_check(first8: str) -> str:
    """Check character of an organisation code: 0–9 or X."""
    total = sum(_ALNUM_VALUE[ch] * w for ch, w in zip(first8, _ORG_WEIGHTS, strict=True))
    return "0123456789X"[-total % 11]


def parse_organisation_code(text: str, field: str = "organisation_code") -> str:
    """组织机构代码, GB 11714, as 9 characters; the printed hyphen before the last is accepted.

    The check is modulo 11 over values to 35, so it cannot tell, say, 0 from B: it finds every wrong digit,
    not every wrong letter.
    """
    code = normalise(text)
    if len(code) == 10 and code[8] == "-":
        code = code[:8] + code[9]
    if len(code) != 9 or not set(code) <= set(_ALNUM):
        raise Invalid(
            field, "组织机构代码 has 8 digits or letters and a check character", "enter it like 80210043-3"
        )
    if organisation_code_check(code[:8]) != code[8]:
        raise Invalid(field, "组织机构代码 fails its check character", "compare it with the certificate")
    return code


def citizen_number_check(first17: str) -> str:
    """Check character of an 18-digit citizen number: 0–9 or X."""
    total = sum(int(ch) * w for ch, w in zip(first17, _CITIZEN_WEIGHTS, strict=True))
    return _CITIZEN_CHECKS[total % 11]


def lengthen_citizen_number(number15: str) -> str:
    """The 18-digit form of a legacy 15-digit number: century 19 and a check character are added."""
    first17 = number15[:6] + "19" + number15[6:]
    return first17 + citizen_number_check(first17)


def _digits(text: str) -> bool:
    return text.isascii() and text.isdigit()


def _birth_date(digits: str, today: date, field: str) -> date:
    try:
        born = date(int(digits[:4]), int(digits[4:6]), int(digits[6:]))
    except ValueError:
        raise Invalid(field, "the date of birth is not a date", "check digits 7–14") from None
    if born > today:
        raise Invalid(field, "the date of birth is in the future", "check digits 7–14")
    return born


def _citizen_kind(number: str, field: str) -> CitizenKind:
    if number[0] == "9":
        return "foreign"
    special: dict[str, CitizenKind] = {"81": "hong_kong", "82": "macao", "83": "taiwan"}
    if number[:2] in special:
        return special[number[:2]]
    if number[:2] not in PROVINCES:
        raise Invalid(field, f"no province has the code {number[:2]}", "check the first two digits")
    return "citizen"


def parse_citizen_number(text: str, today: date, field: str = "citizen_number") -> CitizenNumber:
    """Reads an 18-digit (or legacy 15-digit) number; `today` is the city's local date, births after it are
    refused.

    Division codes are not looked up: numbers keep the code of a county abolished long ago.
    """
    number = normalise(text)
    if len(number) == 15 and _digits(number):
        number = lengthen_citizen_number(number)
    if len(number) != 18 or not _digits(number[:17]) or number[17] not in _CITIZEN_CHECKS:
        raise Invalid(field, "公民身份号码 has 17 digits and a digit or X", "enter all 18 characters")
    if citizen_number_check(number[:17]) != number[17]:
        raise Invalid(field, "公民身份号码 fails its check character", "compare it with the card")
    kind = _citizen_kind(number, field)
    born = _birth_date(number[6:14], today, field)
    sex: Sex = "male" if int(number[16]) % 2 else "female"
    if kind == "foreign":
        return CitizenNumber(number, kind, number[1:3], born, sex, number[3:6])
    return CitizenNumber(number, kind, number[:6], born, sex)


LICENCE_ROOT = "1.2.156.3005.2"


def mod_37_36(text: str) -> str:
    """ISO/IEC 7064 MOD 37,36 check character of a text of 0–9 A–Z."""
    product = 36
    for ch in text:
        product = (product + _ALNUM_VALUE[ch]) % 36 or 36
        product = product * 2 % 37
    return _ALNUM[(37 - product) % 36]


def licence_id(type_code: str, issuer: str, serial: str, version: str) -> str:
    """Composes an electronic licence id with its check character; the parts must be upper-case 0–9 A–Z."""
    body = (type_code, issuer, serial, version)
    return ".".join((LICENCE_ROOT, *body, mod_37_36("".join(body))))


def parse_licence_id(text: str, field: str = "licence_id") -> LicenceId:
    """Reads an electronic licence id; both USCCs inside it must be valid too."""
    code = normalise(text)
    if not code.startswith(LICENCE_ROOT + "."):
        raise Invalid(field, f"电子证照标识 begins with {LICENCE_ROOT}", "enter the whole identifier")
    parts = code[len(LICENCE_ROOT) + 1 :].split(".")
    if len(parts) != 5 or not all(part and set(part) <= set(_ALNUM) for part in parts):
        raise Invalid(
            field,
            "电子证照标识 has type, issuer, serial, version and check after its root",
            "enter all five parts",
        )
    type_code, issuer, serial, version, check = parts
    if len(type_code) != 21 or not _digits(type_code[18:]):
        raise Invalid(
            field, "证照类型代码 is a credit code and 3 digits", "check the first part after the root"
        )
    if len(version) != 3 or not _digits(version):
        raise Invalid(field, "the version has 3 digits", "check the last part but one")
    if mod_37_36("".join(parts[:4])) != check:
        raise Invalid(field, "电子证照标识 fails its check character", "compare it with the licence")
    parse_credit_code(type_code[:18], field)
    parse_credit_code(issuer, field)
    return LicenceId(code, type_code, issuer, serial, version, check)
