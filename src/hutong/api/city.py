"""GET /city: everything the packs and the city define, as the console builds its pages from it. GET /health, /style."""

from __future__ import annotations

from typing import Any

import msgspec
from litestar import Response, Router, get

from hutong.api.access import public
from hutong.api.context import Health
from hutong.api.house import House
from hutong.api.requests import TheHouse
from hutong.kernel.base import Label
from hutong.kernel.definition.pack import Pack
from hutong.kernel.definition.thing import Card, CodeTable, Layer, LinkType, PropertyType

SOURCES = {
    "sensor": Label("物联感知", "Sensor"),
    "collector": Label("监督员上报", "Collector"),
    "public": Label("公众举报", "Public"),
    "hotline": Label("12345热线", "Hotline 12345"),
    "upper": Label("上级平台转办", "Upper platform"),
    "grid": Label("网格员上报", "Grid worker"),
    "leader": Label("领导批示", "Leader"),
    "department": Label("部门移送", "Department"),
    "media": Label("媒体曝光", "Media"),
    "video": Label("视频巡查", "Video"),
    "drone": Label("无人机巡查", "Drone"),
    "parent": Label("主案交办", "Part of another case"),
    "topic": Label("热点立题", "Hot topic"),
}
"""案卷来源."""


class PackShape(msgspec.Struct, frozen=True):
    name: str
    label: Label
    version: str
    problem: Label
    effect: Label


class TypeShape(msgspec.Struct, frozen=True):
    """A thing type; `properties` and `links` as the pack has them."""

    label: Label
    pack: str
    geometry: str
    symbol: str
    properties: list[PropertyType]
    links: list[LinkType]
    component_class: str | None


class PropertyShape(msgspec.Struct, frozen=True):
    """An observed property."""

    label: Label
    unit: str
    low: float | None
    high: float | None
    interval: str | None
    kind: str
    of: list[str]


class LayerShape(msgspec.Struct, frozen=True):
    """A map layer; `name` is `pack.name`."""

    name: str
    label: Label
    type: str
    shows: str | None
    min_zoom: int
    visible: bool
    legend: list[dict[str, Any]]


class StateShape(msgspec.Struct, frozen=True):
    label: Label
    kind: str
    turn: list[str]


class ActionShape(msgspec.Struct, frozen=True):
    """`does`: what it is for, where pages offer it by purpose."""

    label: Label
    roles: list[str]
    does: str | None


class ClockShape(msgspec.Struct, frozen=True):
    label: Label


class ProcedureShape(msgspec.Struct, frozen=True):
    label: Label
    noun: Label
    states: dict[str, StateShape]
    actions: dict[str, ActionShape]
    clocks: dict[str, ClockShape]
    start: str


class RuleShape(msgspec.Struct, frozen=True):
    label: Label
    colour: str
    type: str
    property: str


class RoleShape(msgspec.Struct, frozen=True):
    label: Label
    side: str


class CategoryShape(msgspec.Struct, frozen=True):
    label: Label
    major: Label
    middle: Label
    """Its `zh` is empty where the classes have no level between."""
    procedure: str | None


class DemoAccount(msgspec.Struct, frozen=True):
    login: str
    name: str
    roles: list[str]
    organisation: Label


class CityShape(msgspec.Struct, frozen=True):
    """The city and all that its packs define, by qualified name. `centre` is lon, lat; `box` west, south, east, north."""

    name: str
    label: Label
    division: str
    zone: str
    box: tuple[float, float, float, float]
    centre: tuple[float, float]
    source: str
    licence: str
    demo: bool
    packs: list[PackShape]
    types: dict[str, TypeShape]
    properties: dict[str, PropertyShape]
    layers: list[LayerShape]
    cards: dict[str, Card]
    code_tables: dict[str, CodeTable]
    procedures: dict[str, ProcedureShape]
    rules: dict[str, RuleShape]
    roles: dict[str, RoleShape]
    sources: dict[str, Label]
    categories: dict[str, CategoryShape]
    demo_accounts: list[DemoAccount]
    demo_password: str | None


def layers(house: House) -> dict[str, tuple[Pack, Layer]]:
    """Every layer of the city by `pack.name`."""
    return {
        _layer_name(pack, layer): (pack, layer) for pack in house.rulebook.city.packs for layer in pack.layers
    }


def _layer_name(pack: Pack, layer: Layer) -> str:
    return layer.name if "." in layer.name else f"{pack.head.name}.{layer.name}"


def _city(house: House) -> CityShape:
    book, head = house.rulebook, house.rulebook.city.head
    west, south, east, north = head.box
    return CityShape(
        name=head.name,
        label=head.label,
        division=head.division,
        zone=head.zone,
        box=head.box,
        centre=((west + east) / 2, (south + north) / 2),
        source=head.source,
        licence=head.licence,
        demo=house.context.demo is not None,
        packs=[
            PackShape(one.head.name, one.head.label, one.head.version, one.head.problem, one.head.effect)
            for one in book.city.packs
        ],
        types=_types(house),
        properties=_properties(house),
        layers=_layers(house),
        cards={card.type: card for pack in book.city.packs for card in pack.cards},
        code_tables=_code_tables(house),
        procedures=_procedures(house),
        rules={
            name: RuleShape(one.label, one.colour, one.type, one.property) for name, one in book.rules.items()
        },
        roles={name: RoleShape(one.label, one.side) for name, one in book.roles.items()},
        sources=SOURCES,
        categories={
            f"{key.kind}:{key.code}": CategoryShape(one.label, one.major, one.middle, one.procedure)
            for key, one in book.categories.items()
        },
        demo_accounts=_demo_accounts(house),
        demo_password=house.context.demo.password if house.context.demo else None,
    )


def _types(house: House) -> dict[str, TypeShape]:
    return {
        one.name: TypeShape(
            one.label,
            pack.head.name,
            one.geometry,
            one.symbol,
            list(one.properties),
            list(one.links),
            one.component_class,
        )
        for pack in house.rulebook.city.packs
        for one in pack.types
    }


def _properties(house: House) -> dict[str, PropertyShape]:
    return {
        name: PropertyShape(one.label, one.unit, one.low, one.high, one.interval, one.kind, list(one.of))
        for name, one in house.rulebook.properties.items()
    }


def _layers(house: House) -> list[LayerShape]:
    return [
        LayerShape(
            name,
            one.label,
            one.type,
            one.shows,
            one.min_zoom,
            one.visible,
            [dict(step) for step in one.legend],
        )
        for name, (_, one) in layers(house).items()
    ]


def _code_tables(house: House) -> dict[str, CodeTable]:
    return {
        (one.name if "." in one.name else f"{pack.head.name}.{one.name}"): one
        for pack in house.rulebook.city.packs
        for one in pack.code_tables
    }


def _procedures(house: House) -> dict[str, ProcedureShape]:
    return {
        name: ProcedureShape(
            one.procedure.label,
            one.procedure.noun,
            {
                state.name: StateShape(state.label, state.kind, list(state.turn))
                for state in one.procedure.states
            },
            {
                action.name: ActionShape(action.label, list(action.roles), action.does)
                for action in one.procedure.actions
            },
            {clock.name: ClockShape(clock.label) for clock in one.procedure.clocks},
            one.procedure.start,
        )
        for name, one in house.rulebook.procedures.items()
    }


def _demo_accounts(house: House) -> list[DemoAccount]:
    if house.context.demo is None:
        return []
    city = house.rulebook.city
    names = {one.code: one.label for one in city.organisations}
    return [
        DemoAccount(one.login, one.name, list(one.roles), names[one.organisation])
        for one in city.accounts
        if not one.simulated
    ]


@get("/city", guards=[public()], sync_to_thread=True, summary="The city and what its packs define")
def city(house: TheHouse) -> CityShape:
    """Names, types, layers, procedures, rules, roles and categories; changes only when the packs do."""
    return house.cached("city", 3600, lambda: _city(house))


@get("/health", guards=[public()], sync_to_thread=True, summary="Whether the server is well")
def health(house: TheHouse) -> Response[Health]:
    """For load balancers and monitors: 200 when all is well, 503 when not."""
    found = house.context.health()
    return Response(found, status_code=200 if found.ok else 503)


class StyleShape(msgspec.Struct, frozen=True):
    """What a map style needs to know of the base map: tile address, zooms, attribution, layers with their fields."""

    tiles: str
    min_zoom: int
    max_zoom: int
    attribution: str
    layers: list[dict[str, Any]]


@get("/style", guards=[public()], sync_to_thread=False, summary="Facts for a style of the base map")
def style(house: TheHouse) -> StyleShape:
    """The base map's layers and zooms (clients overzoom beyond the last)."""
    facts = house.context.basemap.facts if house.context.basemap else {}
    described = msgspec.json.decode(facts.get("json", "{}"), type=dict[str, Any])
    return StyleShape(
        "/api/v1/tiles/base/{z}/{x}/{y}.mvt",
        int(facts.get("minzoom", 9)),
        int(facts.get("maxzoom", 16)),
        facts.get("attribution", ""),
        described.get("vector_layers", []),
    )


router = Router("/", route_handlers=[city, health, style], tags=["city"])
