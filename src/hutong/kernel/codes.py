"""Codes of places, unit grids, components, matters and cases: composition and parsing.

GB/T 2260 and the NBS extension (divisions), GB/T 47678.3 and .5 (grids, components, matters). Whether a
class code exists is a question for the class table of the pack: the codes have gaps, so none is ever made
by counting.
"""

from datetime import date
from typing import Literal, get_args

import msgspec

from hutong.kernel.errors import Invalid
from hutong.kernel.identifiers import PROVINCES, normalise

DivisionLevel = Literal["province", "prefecture", "county", "township", "village"]
ClassKind = Literal["component", "matter"]

_LENGTHS = (2, 4, 6, 9, 12)
_LEVELS: tuple[DivisionLevel, ...] = get_args(DivisionLevel)
_COMPONENT_MAJORS = ("01", "02", "03", "04", "05")
_MATTER_MAJORS = (*_COMPONENT_MAJORS, "06", "07", "08", "09", "10")


class Division(msgspec.Struct, frozen=True):
    """行政区划代码: `code` is the shortest form (2, 4, 6, 9 or 12 digits), a prefix of every division
    inside it.
    """

    code: str
    level: DivisionLevel

    @property
    def padded(self) -> str:
        """The form of the national tables: six digits down to the county, then 9 and 12."""
        return self.code.ljust(6, "0")

    @property
    def parent(self) -> str | None:
        """Code of the next wider division. A prefecture without counties (Dongguan 4419) is parent of its
        towns.
        """
        index = _LENGTHS.index(len(self.code))
        return _shorten(self.code[: _LENGTHS[index - 1]]) if index else None

    @property
    def ancestors(self) -> tuple[str, ...]:
        """Codes of all wider divisions, widest first."""
        shorter = (self.code[:n] for n in _LENGTHS if n < len(self.code))
        return tuple(dict.fromkeys(_shorten(code) for code in shorter))

    def contains(self, other: "Division") -> bool:
        """Whether the other division is this one or lies inside it."""
        return other.code.startswith(self.code)


class UnitGrid(msgspec.Struct, frozen=True):
    """单元网格标识码, 15 digits: county 6, street 3, community 3, number 3 (the split is [M-med])."""

    code: str
    county: str
    street: str
    community: str
    number: str


class ClassCode(msgspec.Struct, frozen=True):
    """类别代码, 5 digits. The key is (kind, code): 01001 is the component 供水井盖 and also the matter
    供水井盖异常.
    """

    kind: ClassKind
    code: str

    @property
    def major(self) -> str:
        return self.code[:2]

    @property
    def minor(self) -> str:
        return self.code[2:]

    @property
    def component(self) -> "ClassCode | None":
        """The component class that an …异常 matter is about, None for event matters."""
        return ClassCode("component", self.code) if self.major in _COMPONENT_MAJORS else None


class ComponentId(msgspec.Struct, frozen=True):
    """管理部件标识码, 17 digits: division 6, class 5, number 6."""

    code: str
    division: str
    component: ClassCode
    number: str


class MatterCode(msgspec.Struct, frozen=True):
    """事项代码, 11 digits: division 6, class 5. It names a class of matters in a county, never one case."""

    code: str
    division: str
    matter: ClassCode


class CaseNumber(msgspec.Struct, frozen=True):
    """案卷编号, 19 digits: division 6, date of filing 8, number of the day 5.

    The length is the standard's; the composition is ours until it is confirmed (待核实), so a city may number
    otherwise and nothing but `parse_case_number` relies on it.
    """

    text: str
    division: str
    day: date
    number: int


def _numeric(text: str, length: int, field: str, name: str) -> str:
    code = normalise(text)
    if not (code.isascii() and code.isdigit()) or len(code) != length:
        raise Invalid(field, f"{name} has {length} digits", f"enter {length} digits")
    return code


def _shorten(code: str) -> str:
    """Drops the trailing all-zero segments of a division code."""
    for length, shorter in zip(reversed(_LENGTHS[1:]), reversed(_LENGTHS[:-1]), strict=True):
        if len(code) == length and not code[shorter:].strip("0"):
            code = code[:shorter]
    return code


def parse_division(text: str, field: str = "division") -> Division:
    """Reads 2, 4, 6, 9 or 12 digits; trailing zeros of a wider division are dropped (110000 is the province
    11).
    """
    code = normalise(text)
    if not (code.isascii() and code.isdigit()) or len(code) not in _LENGTHS:
        raise Invalid(field, "行政区划代码 has 2, 4, 6, 9 or 12 digits", "enter it like 110101 or 110101001")
    if code[:2] not in PROVINCES:
        raise Invalid(field, f"no province has the code {code[:2]}", "check the first two digits")
    short = _shorten(code)
    if len(short) == 12 and short[6:9] == "000":
        raise Invalid(field, "a village needs the street it belongs to", "digits 7–9 are the street")
    return Division(short, _LEVELS[_LENGTHS.index(len(short))])


def county_of(text: str, field: str = "division") -> str:
    """The six digits with which components, matters and cases begin."""
    code = _numeric(text, 6, field, "区划 of a county")
    parse_division(code, field)
    return code


def parse_unit_grid(text: str, field: str = "unit_grid") -> UnitGrid:
    """Reads a unit grid's code; every segment after the county counts from 001."""
    code = _numeric(text, 15, field, "单元网格标识码")
    county_of(code[:6], field)
    if "000" in (code[6:9], code[9:12], code[12:]):
        raise Invalid(field, "street, community and number begin at 001", "check digits 7–15")
    return UnitGrid(code, code[:6], code[:9], code[:12], code[12:])


def parse_class_code(kind: ClassKind, text: str, field: str = "class_code") -> ClassCode:
    """Reads 5 digits; components are of 大类 01–05, matters of 01–10."""
    code = _numeric(text, 5, field, "类别代码")
    majors = _COMPONENT_MAJORS if kind == "component" else _MATTER_MAJORS
    if code[:2] not in majors or code[2:] == "000":
        raise Invalid(
            field, f"{code} is no class of a {kind}", f"大类 is {majors[0]}–{majors[-1]}, 小类 begins at 001"
        )
    return ClassCode(kind, code)


def class_code_of_2013(major: str, minor: str) -> ClassCode:
    """Event class of GB/T 30428.2-2013 (大类, 小类) in GB/T 47678.5-2026: 01-10 becomes 06010.

    An aid for importing old cases, checked on some sixteen codes only: look the result up in the class table.
    """
    return parse_class_code("matter", f"{int(major) + 5:02d}{int(minor):03d}")


def component_id(division: str, component: str, number: int) -> ComponentId:
    """Composes a component's id."""
    if not 1 <= number <= 999_999:
        raise Invalid(
            "number", f"{number} does not fit six digits", "number components 1–999999 within a class"
        )
    return parse_component_id(f"{division}{component}{number:06d}")


def parse_component_id(text: str, field: str = "component_id") -> ComponentId:
    """Reads a component's id."""
    code = _numeric(text, 17, field, "管理部件标识码")
    if code[11:] == "000000":
        raise Invalid(field, "the number begins at 000001", "check the last six digits")
    return ComponentId(
        code, county_of(code[:6], field), parse_class_code("component", code[6:11], field), code[11:]
    )


def parse_matter_code(text: str, field: str = "matter_code") -> MatterCode:
    """Reads a matter's code."""
    code = _numeric(text, 11, field, "事项代码")
    return MatterCode(code, county_of(code[:6], field), parse_class_code("matter", code[6:], field))


def case_number(division: str, day: date, number: int) -> CaseNumber:
    """Composes the number of the `number`-th case filed on that local day."""
    if not 1 <= number <= 99_999:
        raise Invalid("number", f"{number} does not fit five digits", "a day has at most 99999 cases")
    county = county_of(division)
    return CaseNumber(f"{county}{day:%Y%m%d}{number:05d}", county, day, number)


def parse_case_number(text: str, field: str = "case_number") -> CaseNumber:
    """Reads a case number of our composition."""
    code = _numeric(text, 19, field, "案卷编号")
    county = county_of(code[:6], field)
    try:
        day = date(int(code[6:10]), int(code[10:12]), int(code[12:14]))
    except ValueError:
        raise Invalid(field, f"{code[6:14]} is not a date", "digits 7–14 are the day of filing") from None
    if code[14:] == "00000":
        raise Invalid(field, "the number of the day begins at 00001", "check the last five digits")
    return CaseNumber(code, county, day, int(code[14:]))
