"""The tiny city with a hotline: a call desk, a dispatcher, a chief, a call-back officer, and two units."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import msgspec
import pytest
from tests.api.conftest import copied
from tests.api.town import Town, seed, tiny_city
from tests.conftest import Databases

from hutong.app.first_articles import first_articles
from hutong.kernel.base import Label, Provenance
from hutong.kernel.clock import FixedClock
from hutong.kernel.definition.desk import ArticleEntry
from hutong.kernel.definition.pack import AccountEntry, City, OrganisationEntry, ResponsibilityRow

PACKS = ("base", "urban", "hotline", "drainage")
PEOPLE = (
    ("zuoxi", "陈坐席", "hotline", "seat"),
    ("zuoxi2", "陆坐席", "hotline", "seat"),
    ("paidan", "冯派单", "hotline", "order_dispatcher"),
    ("banzhang", "褚班长", "hotline", "hotline_chief"),
    ("huifang", "卫回访", "hotline", "visitor"),
    ("gongdan", "许承办", "drainage", "order_handler"),
    ("gongdan2", "何承办", "roads", "order_handler"),
)
ARTICLE = ArticleEntry(
    title="道路积水怎么办",
    text="请不要涉水行走，告诉我们路名和水深。",
    keywords=("积水", "内涝"),
    category="0106",
    unit="drainage",
    since="2026-05-01",
)


@cache
def hotline_city() -> tuple[City, dict[str, Any]]:
    city, functions = tiny_city(PACKS)
    unit = OrganisationEntry(
        code="hotline", label=Label("热线中心", "Hotline"), side="supervision", parent="district"
    )
    people = (
        AccountEntry(login=login, name=name, organisation=of, roles=(role,))
        for login, name, of, role in PEOPLE
    )
    row = ResponsibilityRow(kind="hotline", code="0106", organisation="drainage", basis="test")
    return msgspec.structs.replace(
        city,
        organisations=(*city.organisations, unit),
        accounts=(*city.accounts, *people),
        responsibilities=(*city.responsibilities, row),
        articles=(ARTICLE,),
    ), functions


@pytest.fixture(scope="session")
def seeded_hotline(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("hotline") / "city"
    seed(folder, hotline_city()[0])
    return folder


@pytest.fixture(scope="session")
def seeded_hotline_postgresql(
    postgres_databases: Databases, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[Path, str]]:
    folder = tmp_path_factory.mktemp("hotline-pg") / "city"
    with postgres_databases() as place:
        seed(folder, hotline_city()[0], place=place)
        yield folder, place


ON_BOTH = ("test_assisting", "test_calls", "test_knowledge")


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    if "town" in metafunc.fixturenames and metafunc.module.__name__.rpartition(".")[2] in ON_BOTH:
        metafunc.parametrize("town", ["sqlite", "postgresql"], indirect=True)


@pytest.fixture
def town(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Town]:
    with copied(request, tmp_path, "seeded_hotline", hotline_city()) as made:
        assert isinstance(made.clock, FixedClock)
        _articles(made)
        yield made


def _articles(town: Town) -> None:
    from hutong.kernel.changes import Record

    city = hotline_city()[0]
    units = town.directory.organisation_codes
    rows = first_articles(town.store, city, units, town.clock.city_time(), Provenance("simulated", "test"))
    town.store.bulk_load(rows, Record(kind="article.import", actor=0, at=town.clock.city_time()))
