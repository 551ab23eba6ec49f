"""Units of measure by UCUM codes: parsing, dimensions, conversion.

The grammar is the whole of UCUM's case-sensitive one: prefixes, `.` and `/` from left to right, exponents,
numbers, parentheses, annotations in braces. Factors are exact fractions until the last step, so 1 m3 is
exactly 1000 L. Special units (Cel, [degF], dB, [pH] …) are not proportional to a unit and stand alone, as
UCUM demands: a gradient is written K/m. PyPI has one real UCUM parser (ucumvert), but it brings pint and
lark and takes longer to import than the rest of the kernel together; the specification is small enough to
hold here.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from fractions import Fraction
from functools import lru_cache
from math import log
from typing import Literal, cast, get_args, overload

import msgspec
import numpy as np
from numpy.typing import NDArray

from hutong.kernel import ucum_atoms
from hutong.kernel.errors import Invalid

FloatArray = NDArray[np.float64]
Dimension = tuple[int, int, int, int, int, int, int]
"""Powers of m, s, g, rad, K, C and cd."""

Scale = Literal[
    "celsius", "fahrenheit", "reaumur", "tenfold", "tenfold_amplitude", "tenfold_inverse", "natural", "slope"
]

NO_DIMENSION: Dimension = (0, 0, 0, 0, 0, 0, 0)
_ONE = Fraction(1)


class Unit(msgspec.Struct, frozen=True):
    """A parsed unit: `factor` of it in the base units, or of the quantity that its `scale` counts.

    `arbitrary` are powers of units of a procedure ([CFU], [IU]), which only convert into themselves. Of a
    special unit `multiple` stands before the scale's function: 1/10 for dB.
    """

    factor: Fraction
    dimension: Dimension = NO_DIMENSION
    arbitrary: tuple[tuple[str, int], ...] = ()
    scale: Scale | None = None
    multiple: Fraction = _ONE

    def times(self, other: Unit, power: int = 1) -> Unit:
        """The product with the other unit, raised to the power."""
        dimension = tuple(a + b * power for a, b in zip(self.dimension, other.dimension, strict=True))
        arbitrary = dict(self.arbitrary)
        for name, count in other.arbitrary:
            arbitrary[name] = arbitrary.get(name, 0) + count * power
        return Unit(
            self.factor * other.factor**power,
            cast(Dimension, dimension),
            tuple(sorted((name, count) for name, count in arbitrary.items() if count)),
        )

    def multiplied(self, number: Fraction) -> Unit:
        """The unit with a prefix or number before it."""
        if self.scale is None:
            return msgspec.structs.replace(self, factor=self.factor * number)
        return msgspec.structs.replace(self, multiple=self.multiple * number)


UNITY = Unit(_ONE)


class _Atom(msgspec.Struct, frozen=True):
    value: str
    unit: str
    metric: bool
    scale: Scale | None = None


def _atoms() -> dict[str, _Atom]:
    atoms: dict[str, _Atom] = {}
    for rows, metric in ((ucum_atoms.METRIC, True), (ucum_atoms.NON_METRIC, False)):
        for code, value, unit in map(str.split, rows.strip().splitlines()):
            atoms[code] = _Atom(value, unit, metric)
    for rows, metric in ((ucum_atoms.SPECIAL_METRIC, True), (ucum_atoms.SPECIAL_NON_METRIC, False)):
        for code, scale, value, unit in map(str.split, rows.strip().splitlines()):
            if scale not in get_args(Scale):
                raise AssertionError(f"{code}: no scale {scale}")
            atoms[code] = _Atom(value, unit, metric, cast(Scale, scale))
    return atoms


_ATOMS = _atoms()
_ARBITRARY = frozenset(ucum_atoms.ARBITRARY_METRIC + ucum_atoms.ARBITRARY)
_METRIC = frozenset(
    (
        *ucum_atoms.BASES,
        *ucum_atoms.ARBITRARY_METRIC,
        *(code for code, atom in _ATOMS.items() if atom.metric),
    )
)
_PREFIXES: dict[str, Fraction] = {
    **{code: Fraction(10) ** power for code, power in ucum_atoms.PREFIXES.items()},
    **{code: Fraction(2) ** power for code, power in ucum_atoms.BINARY_PREFIXES.items()},
}
_SYMBOL = re.compile(r"10[*^]|(?:\[[^\[\]{}\s]+\]|[^\s./(){}\[\]0-9+\-])+")
_EXPONENT = re.compile(r"[+-]?\d+")
_NUMBER = re.compile(r"\d+")
_ANNOTATION = re.compile(r"\{[!-z|~]*\}")
_MAX_LENGTH = 200


def parse_unit(code: str) -> Unit:
    """The unit of a UCUM code; raises `Invalid` on field `unit`, naming the place of the fault."""
    return _parse(code)


@lru_cache(maxsize=4096)
def _parse(code: str) -> Unit:
    if not code or len(code) > _MAX_LENGTH:
        raise Invalid("unit", f"a unit code has 1 to {_MAX_LENGTH} characters", "write 1 for a plain number")
    parser = _Parser(code)
    unit = parser.term(leading_slash=True)
    if parser.at < len(code):
        raise parser.fault(f"{code[parser.at]!r} is not expected here")
    return unit


class _Parser:
    def __init__(self, code: str) -> None:
        self.code = code
        self.at = 0

    def fault(self, reason: str) -> Invalid:
        return Invalid(
            "unit",
            f"{self.code!r}, character {self.at + 1}: {reason}",
            "write a UCUM code such as mg/L, m3/s, Cel or {vehicle}/h",
        )

    def take(self, pattern: re.Pattern[str]) -> str:
        """The text of the pattern here, passed over; empty if it is not here."""
        found = pattern.match(self.code, self.at)
        if found is None:
            return ""
        self.at = found.end()
        return found.group()

    def term(self, leading_slash: bool = False) -> Unit:
        """Components joined by . and /, from left to right."""
        slash = leading_slash and self.code.startswith("/", self.at)
        unit = UNITY if slash else self.component()
        while self.at < len(self.code) and self.code[self.at] in "./":
            power = 1 if self.code[self.at] == "." else -1
            self.at += 1
            unit = self.joined(unit, self.component(), power)
        return unit

    def joined(self, left: Unit, right: Unit, power: int) -> Unit:
        """The product; a special unit takes numbers only."""
        for special, other in ((left, right), (right, left)):
            if special.scale is None:
                continue
            plain = other.scale is None and not other.arbitrary and other.dimension == NO_DIMENSION
            if not plain or (special is right and power < 0):
                raise self.fault("Cel, dB and the like cannot be part of a product; use K for differences")
            return special.multiplied(other.factor**power)
        return left.times(right, power)

    def component(self) -> Unit:
        if self.code.startswith("(", self.at):
            self.at += 1
            unit = self.term(leading_slash=True)
            if not self.code.startswith(")", self.at):
                raise self.fault("a closing parenthesis is missing")
            self.at += 1
            return unit
        if self.take(_ANNOTATION):
            return UNITY
        start = self.at
        symbol = self.take(_SYMBOL)
        if symbol:
            unit = self.simple(symbol, start)
        else:
            number = self.take(_NUMBER)
            if not number or int(number) == 0:
                raise self.fault("a unit is missing")
            return self.annotated(UNITY.multiplied(Fraction(number)))
        exponent = self.take(_EXPONENT)
        if exponent:
            if unit.scale is not None:
                raise self.fault(f"{symbol} cannot have a power")
            if abs(int(exponent)) > 99:
                raise self.fault("a power has at most two digits")
            unit = UNITY.times(unit, int(exponent))
        return self.annotated(unit)

    def annotated(self, unit: Unit) -> Unit:
        self.take(_ANNOTATION)
        return unit

    def simple(self, symbol: str, start: int) -> Unit:
        """An atom, or a metric atom with a prefix."""
        unit = _atom(symbol)
        if unit is not None:
            return unit
        for length in (1, 2):
            prefix, rest = symbol[:length], symbol[length:]
            if prefix in _PREFIXES and rest in _METRIC:
                return cast(Unit, _atom(rest)).multiplied(_PREFIXES[prefix])
        self.at = start
        raise self.fault(f"there is no unit {symbol}{_hint(symbol)}")


_HINTS = dict(map(str.split, ucum_atoms.MISSPELT.strip().splitlines()))


def _hint(symbol: str) -> str:
    return f" (did you mean {_HINTS[symbol]}?)" if symbol in _HINTS else ""


@lru_cache(maxsize=512)
def _atom(code: str) -> Unit | None:
    if code in ucum_atoms.BASES:
        place = ucum_atoms.BASES.index(code)
        return Unit(_ONE, cast(Dimension, tuple(int(i == place) for i in range(len(NO_DIMENSION)))))
    if code in _ARBITRARY:
        return Unit(_ONE, arbitrary=((code, 1),))
    atom = _ATOMS.get(code)
    if atom is None:
        return None
    reference = _parse(atom.unit).multiplied(Fraction(atom.value))
    return reference if atom.scale is None else msgspec.structs.replace(reference, scale=atom.scale)


def dimension(code: str) -> Dimension:
    """Powers of the base units m, s, g, rad, K, C, cd."""
    return _parse(code).dimension


def commensurable(first: str, second: str) -> bool:
    """Whether values convert between the two units."""
    a, b = _parse(first), _parse(second)
    return a.dimension == b.dimension and a.arbitrary == b.arbitrary


@overload
def convert(values: float, source: str, target: str) -> float: ...
@overload
def convert(values: FloatArray, source: str, target: str) -> FloatArray: ...
def convert(values: float | FloatArray, source: str, target: str) -> float | FloatArray:
    """Values in the target unit; raises `Invalid` if the units measure different things.

    A Celsius or Fahrenheit value is a temperature, never a difference: differences are in K.
    """
    converted = conversion(source, target)(np.asarray(values, np.float64))
    return converted if isinstance(values, np.ndarray) else float(converted)


@lru_cache(maxsize=4096)
def conversion(source: str, target: str) -> Callable[[FloatArray], FloatArray]:
    """A function of arrays that does what `convert` does, to keep where many batches come."""
    if not commensurable(source, target):
        raise Invalid(
            "unit", f"{source} cannot be converted to {target}", "choose a unit of the same quantity"
        )
    a, b = _parse(source), _parse(target)
    if a == b:
        return lambda values: values
    if a.scale in _OFFSETS and b.scale in _OFFSETS:
        return _linear(a, b)
    forward, backward = _CURVES.get(a.scale, _STRAIGHT)[0], _CURVES.get(b.scale, _STRAIGHT)[1]
    if a.scale == b.scale and a.factor == b.factor:
        ratio = float(a.multiple / b.multiple)
        return lambda values: values * ratio
    a_offset, b_offset = float(_OFFSETS.get(a.scale, 0)), float(_OFFSETS.get(b.scale, 0))
    multiple, factor, inverse = float(a.multiple), float(a.factor / b.factor), float(1 / b.multiple)

    def curved(values: FloatArray) -> FloatArray:
        return (backward((forward(values * multiple) + a_offset) * factor) - b_offset) * inverse

    return curved


def _linear(a: Unit, b: Unit) -> Callable[[FloatArray], FloatArray]:
    slope = a.multiple * a.factor / (b.factor * b.multiple)
    shift = (_OFFSETS[a.scale] * a.factor / b.factor - _OFFSETS[b.scale]) / b.multiple
    # Dividing by a whole number is exact where multiplying by its reciprocal is not.
    if slope.numerator == 1 and not shift:
        divisor = float(slope.denominator)
        return lambda values: values / divisor
    factor, offset = float(slope), float(shift)
    if not shift:
        return lambda values: values * factor
    return lambda values: values * factor + offset


Curve = Callable[[FloatArray], FloatArray]

_OFFSETS: dict[Scale | None, Fraction] = {
    None: Fraction(0),
    "celsius": Fraction("273.15"),
    "fahrenheit": Fraction("459.67"),
    "reaumur": Fraction("218.52"),
}
"""What is added to a temperature so that it counts from absolute zero."""


def _same(values: FloatArray) -> FloatArray:
    return values


def _power(base: float, per: float) -> tuple[Curve, Curve]:
    """From a level to the ratio base^(level·per), and back."""
    rate = log(base) * per
    return (lambda level: np.exp(level * rate)), (lambda ratio: np.log(ratio) / rate)


_STRAIGHT: tuple[Curve, Curve] = (_same, _same)
_CURVES: dict[Scale | None, tuple[Curve, Curve]] = {
    "tenfold": _power(10, 1),
    "tenfold_amplitude": _power(10, 0.5),
    "tenfold_inverse": _power(10, -1),
    "natural": _power(np.e, 1),
    "slope": ((lambda percent: np.arctan(percent / 100)), (lambda angle: np.tan(angle) * 100)),
}
