"""A small reader of vector tiles, written from the specification, and city folders built once."""

from __future__ import annotations

import struct
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from hutong.loader.osm import CityData, CityReport, build_city, read_city

HERE = Path(__file__).parent
HAIDIAN = HERE / "haidian_qinghua_east.osm.gz"


@dataclass
class Feature:
    kind: int = 0
    id: int | None = None
    attributes: dict[str, Any] = field(default_factory=dict)
    parts: list[list[tuple[int, int]]] = field(default_factory=list)


Tile = dict[str, list[Feature]]


def varint(data: bytes, at: int) -> tuple[int, int]:
    value = shift = 0
    while True:
        byte = data[at]
        value |= (byte & 127) << shift
        at, shift = at + 1, shift + 7
        if byte < 128:
            return value, at


def varints(data: bytes) -> list[int]:
    values, at = [], 0
    while at < len(data):
        value, at = varint(data, at)
        values.append(value)
    return values


def fields(data: bytes) -> Iterator[tuple[int, Any]]:
    at = 0
    while at < len(data):
        key, at = varint(data, at)
        if key & 7 == 0:
            value, at = varint(data, at)
            yield key >> 3, value
        elif key & 7 == 1:
            yield key >> 3, struct.unpack("<d", data[at : at + 8])[0]
            at += 8
        elif key & 7 == 2:
            length, at = varint(data, at)
            yield key >> 3, data[at : at + length]
            at += length
        else:
            raise ValueError(f"wire type {key & 7}")


def decode_value(data: bytes) -> Any:
    ((number, value),) = fields(data)
    if number == 1:
        return value.decode()
    if number == 6:
        return (value >> 1) ^ -(value & 1)
    return bool(value) if number == 7 else value


def decode_geometry(commands: list[int]) -> list[list[tuple[int, int]]]:
    parts: list[list[tuple[int, int]]] = []
    x = y = at = 0
    while at < len(commands):
        command, count = commands[at] & 7, commands[at] >> 3
        at += 1
        if command == 7:
            parts[-1].append(parts[-1][0])
            continue
        for _ in range(count):
            dx, dy = commands[at : at + 2]
            at += 2
            x, y = x + ((dx >> 1) ^ -(dx & 1)), y + ((dy >> 1) ^ -(dy & 1))
            if command == 1:
                parts.append([])
            parts[-1].append((x, y))
    return parts


def decode_tile(data: bytes) -> Tile:
    tile: Tile = {}
    for number, layer in fields(data):
        assert number == 3
        rows = list(fields(layer))
        name = next(value for key, value in rows if key == 1).decode()
        assert dict(rows)[15] == 2
        assert dict(rows)[5] == 4096
        keys = [value.decode() for key, value in rows if key == 3]
        values = [decode_value(value) for key, value in rows if key == 4]
        tile[name] = []
        for body in (value for key, value in rows if key == 2):
            facts = dict(fields(body))
            tags = varints(facts.get(2, b""))
            attributes = {keys[k]: values[v] for k, v in zip(tags[::2], tags[1::2], strict=True)}
            parts = decode_geometry(varints(facts[4]))
            tile[name].append(Feature(facts[3], facts.get(1), attributes, parts))
    return tile


@pytest.fixture(scope="session")
def decode() -> Callable[[bytes], Tile]:
    return decode_tile


@pytest.fixture(scope="session")
def haidian_osm() -> Path:
    return HAIDIAN


@pytest.fixture(scope="session")
def haidian(tmp_path_factory: pytest.TempPathFactory) -> tuple[CityReport, CityData]:
    out = tmp_path_factory.mktemp("haidian")
    report = build_city("海淀清华东路", HAIDIAN, "110108", out)
    return report, read_city(out)
