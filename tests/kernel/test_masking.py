"""Vectors of domain-facts §4.4 (all invented), and what must never get through."""

from __future__ import annotations

import pytest

from hutong.kernel import masking


@pytest.mark.parametrize(
    ("kind", "text", "shown"),
    [
        ("name", "张三", "张*"),
        ("name", "欧阳小明", "欧阳**"),
        ("name", "欧阳", "欧*"),
        ("name", "", ""),
        ("citizen_number", "11010519491231002X", "110105********002X"),
        ("phone", "13812348888", "138****8888"),
        ("phone", "138 1234 8888", "138****8888"),
        ("phone", "62345678", "****5678"),
        ("phone", "110", "**0"),
        ("bank_card", "6222021234561234", "622202******1234"),
        ("address", "北京市朝阳区建国路88号院3号楼", "北京市朝阳区建国路**"),
        ("address", "上海市静安区南京西路街道", "上海市静安区南京西路街道**"),
        ("address", "某村", "**"),
        ("email", "zhang.san@example.com", "z***@example.com"),
        ("email", "nothing", "***"),
        ("plate", "京A·12321", "京A***21"),
        ("plate", "京AB", "***"),
    ],
)
def test_masked(kind: str, text: str, shown: str) -> None:
    assert getattr(masking, kind)(text) == shown


def test_position_is_a_kilometre_wide() -> None:
    assert masking.position(116.397_4, 39.908_7) == (116.40, 39.91)
