"""A tiny city with the hotline, below a platform that gives it orders."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import msgspec
import pytest
from msgspec.structs import replace
from tests.api.town import Town, open_town, seed, tiny_city
from tests.gateways.upper.platform import SECRET, Platform, open_platform

from hutong.app.upper import UpperExchange
from hutong.engine.flow.upper import UpperDesk
from hutong.gateways.upper.link import Link
from hutong.kernel.base import Label
from hutong.kernel.definition.pack import AccountEntry, City
from hutong.kernel.definition.upper import UpperPlatform
from hutong.loader.yaml_source import YamlSource

SETTINGS = Path(__file__).resolve().parents[3] / "cities" / "shanghai_center" / "upper.yaml"
PEOPLE = {
    "shangji": ("supervision", ("seat", "order_dispatcher", "hotline_chief")),
    "paidan": ("supervision", ("order_dispatcher",)),
    "chengban": ("drainage", ("order_handler",)),
    "banzhang": ("supervision", ("hotline_chief",)),
    "huifang": ("supervision", ("visitor",)),
}


def below() -> tuple[City, dict[str, object]]:
    """The tiny city with the hotline and its people."""
    city, functions = tiny_city(("base", "urban", "drainage", "hotline"))
    entries = tuple(
        AccountEntry(login=login, name=login, organisation=unit, roles=roles)
        for login, (unit, roles) in PEOPLE.items()
    )
    return replace(city, accounts=(*city.accounts, *entries)), functions


def settings(url: str = "") -> UpperPlatform:
    """The demo city's platform, at an address."""
    source = YamlSource(SETTINGS, "upper.yaml")
    raw = source.decode(dict[str, list[dict[str, object]]])
    assert raw is not None
    found = msgspec.convert(raw["platforms"][0], UpperPlatform)
    return replace(found, url=url, key="UPPER_KEY" if url else "", label=Label("上级", "upper"))


class Below:
    """The city's side: the desk, the exchange with the platform, and the accounts that act."""

    def __init__(self, town: Town, platform: Platform) -> None:
        self.town = town
        self.settings = settings(platform.url)
        self.desk = UpperDesk(town.cases, lambda: town.directory, [self.settings])
        link = Link(platform.url, SECRET, town.clock.recorded_at)
        self.store, self.clock = town.store, town.clock
        self.upper = self.desk
        self.exchange = UpperExchange(self, self.settings, link)  # type: ignore[arg-type]
        self.platform = platform
        self.sees()

    def sees(self) -> None:
        """The platform's clock goes with the city's."""
        self.platform.now = self.town.clock.recorded_at()

    def pass_time(self, span: int) -> None:
        self.town.clock.move_to(self.town.clock.city_time() + span)
        self.sees()

    def actor(self, login: str):  # type: ignore[no-untyped-def]
        directory = self.town.directory
        account = next(one for one in directory.accounts.values() if one.login == login)
        return directory.actor(account.id, self.town.clock.city_time())


@pytest.fixture(scope="session")
def founded(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("upper") / "city"
    seed(folder, below()[0])
    return folder


@pytest.fixture
def platform() -> Iterator[Platform]:
    with open_platform() as one:
        yield one


@pytest.fixture
def city(founded: Path, platform: Platform, tmp_path: Path) -> Iterator[Below]:
    import shutil

    folder = tmp_path / "city"
    shutil.copytree(founded, folder)
    town = open_town(folder, *below())
    try:
        yield Below(town, platform)
    finally:
        town.close()
