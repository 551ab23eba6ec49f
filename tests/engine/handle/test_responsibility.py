"""Category × place → unit."""

import pytest

from hutong.engine.handle import find_unit
from hutong.kernel.case import Category
from hutong.kernel.definition.pack import ResponsibilityRow

ROWS = [
    ResponsibilityRow(kind="matter", code="06", organisation="appearance", basis="a"),
    ResponsibilityRow(kind="matter", code="06", place="310101002", organisation="street", basis="b"),
    ResponsibilityRow(kind="matter", code="06010", organisation="rubbish", basis="c"),
    ResponsibilityRow(kind="*", code="", organisation="centre", basis="d"),
    ResponsibilityRow(kind="component", code="01", organisation="utilities", basis="e"),
]
HERE = ["310101002001001", "310101002", "310101"]


@pytest.mark.parametrize(
    ("category", "places", "unit"),
    [
        (Category("matter", "06011"), HERE, "street"),
        (Category("matter", "06011"), ["310104"], "appearance"),
        (Category("matter", "06010"), HERE, "rubbish"),
        (Category("hotline", "9"), HERE, "centre"),
        (Category("component", "01003"), HERE, "utilities"),
    ],
)
def test_the_longest_code_then_the_nearest_place(category, places, unit):
    found = find_unit(ROWS, category, places)
    assert found is not None
    assert found.organisation == unit
    assert found.row in ROWS
    assert found.row.basis in found.basis.zh


def test_a_component_belongs_to_its_owner_first():
    found = find_unit(ROWS, Category("component", "01003"), HERE, owner="water_company")
    assert (found.organisation, found.row) == ("water_company", None)
    assert "先属主后属地" in found.basis.zh
    defect = find_unit(ROWS, Category("matter", "01003"), HERE, owner="water_company")
    assert defect.organisation == "water_company"


def test_an_event_belongs_to_its_territory_first():
    found = find_unit(ROWS, Category("matter", "06011"), HERE, owner="water_company")
    assert found.organisation == "street"
    assert (
        find_unit([], Category("matter", "06011"), HERE, owner="water_company").organisation
        == "water_company"
    )


def test_the_order_is_a_setting():
    by_row = find_unit(ROWS, Category("component", "01003"), HERE, owner="water_company", by_owner=False)
    assert by_row.organisation == "utilities"


def test_nobody_is_nobody():
    assert find_unit(ROWS[:3], Category("component", "01003"), HERE) is None
