"""Personal details in the words of citizens: what must be found, and what looks like one and is none."""

from __future__ import annotations

import pytest

from hutong.engine.masking import find, mask
from hutong.engine.masking.numbers import luhn
from hutong.kernel.identifiers import citizen_number_check

IDENTITY = "11010519900307002"
IDENTITY += citizen_number_check(IDENTITY)

DETAILS = [
    ("我的手机13812348888，请回电", "mobile", "13812348888"),
    ("电话138 1234 8888", "mobile", "138 1234 8888"),
    ("电话138-1234-8888。", "mobile", "138-1234-8888"),
    ("call me on +86 13812348888 please", "mobile", "+86 13812348888"),
    ("请打１３８１２３４８８８８", "mobile", "１３８１２３４８８８８"),
    ("电话是幺三八零零一三八零零零", "mobile", "幺三八零零一三八零零零"),
    ("联系一三八一二三四八八八八", "mobile", "一三八一二三四八八八八"),
    ("19912345678张先生来电", "mobile", "19912345678"),
    ("家里电话021-63123456没人接", "landline", "021-63123456"),
    ("(010)63123456 转办公室", "landline", "(010)63123456"),
    ("请拨0571 87654321", "landline", "0571 87654321"),
    ("座机63123456", "landline", "63123456"),
    ("联系方式：6312-3456", "landline", "6312-3456"),
    ("tel: 63123456", "landline", "63123456"),
    (f"身份证号{IDENTITY}", "identity", IDENTITY),
    (f"本人{IDENTITY}办理社保", "identity", IDENTITY),
    ("身份证110105199003070021说错一位", "identity", "110105199003070021"),
    (
        f"身份证{IDENTITY[:6]} {IDENTITY[6:14]} {IDENTITY[14:]}",
        "identity",
        f"{IDENTITY[:6]} {IDENTITY[6:14]} {IDENTITY[14:]}",
    ),
    ("老身份证110105490307002", "identity", "110105490307002"),
    ("旧证号 110105490307002 已换", "identity", "110105490307002"),
    ("ID card number 11010519491231002X", "identity", "11010519491231002X"),
    ("退款到6222021001112223331卡", "card", "6222021001112223331"),
    ("卡号4111 1111 1111 1111", "card", "4111 1111 1111 1111"),
    ("建行账号6227001234567890123", "card", "6227001234567890123"),
    ("my card number is 5500000000000004", "card", "5500000000000004"),
    ("邮箱zhang.san_88@163.com收", "email", "zhang.san_88@163.com"),
    ("write to li+12345@mail.example.cn", "email", "li+12345@mail.example.cn"),
    ("车牌沪A12345一直占道", "plate", "沪A12345"),
    ("京A·D1234乱停", "plate", "京A·D1234"),
    ("粤b88x6挂".replace("88x6", "88x67"), "plate", "粤b88x67"),
    ("新能源车沪AD12345堵门", "plate", "沪AD12345"),
    ("浙A F1234停在消防通道", "plate", "浙A F1234"),
    ("我叫张三丰，反映路灯不亮", "name", "张三丰"),
    ("我叫李强住在南京西路", "name", "李强"),
    ("姓名：欧阳修远，女", "name", "欧阳修远"),
    ("姓名王芳电话13812348888", "name", "王芳"),
    ("联系人：刘建国", "name", "刘建国"),
    ("投诉人是赵小燕，来电称", "name", "赵小燕"),
    ("业主陈志明反映电梯停运", "name", "陈志明"),
    ("居民周海(13812348888)来电", "name", "周海"),
    ("李建国先生称楼上漏水", "name", "李建国"),
    ("请联系王秀英女士", "name", "王秀英"),
    ("孩子叫郑一鸣，在读三年级", "name", "郑一鸣"),
    ("我的名字是阿依古丽·买买提", "name", "阿依古丽·买买提"),
    ("户主：孙大海", "name", "孙大海"),
    ("my name is John Smith and I live here", "name", "John Smith"),
    ("Contact: Mary Jones", "name", "Mary Jones"),
    ("Mrs. Brown says the lamp is out", "name", "Brown"),
    ("I am Peter Parker", "name", "Peter Parker"),
    ("住5号楼2单元801室", "room", "5号楼2单元801室"),
    ("某小区12栋1203室漏水", "room", "12栋1203室"),
    ("3幢二单元502", "room", "3幢二单元502"),
    ("家住8-2-301，楼上装修", "room", "8-2-301"),
    ("建国路93号院5号楼2单元801", "room", "5号楼2单元801"),
    ("南京西路100弄3号602室", "room", "3号602室"),
    ("A座1507室公司", "room", "A座1507室"),
    ("2单元401户没水", "room", "2单元401户"),
    ("Room 1203 has no water", "room", "Room 1203"),
    ("I live in apt 5B", "room", "apt 5B"),
    ("加微信：zhangsan_1988", "account", "zhangsan_1988"),
    ("wechat id lisi-2020", "account", "lisi-2020"),
    ("QQ号123456789", "account", "123456789"),
    ("护照号E12345678", "passport", "E12345678"),
]
NOTHING = [
    "案卷编号3101012026071800005已结案",
    "工单6201012026071800004请核查",
    "工单号6222021001112223331",
    "路灯杆号1380012的灯不亮",
    "路灯杆编号 4111111111111111 倾斜",
    "请拨打12345热线",
    "火警119、急救120、报警110",
    "客服400-820-8820打不通，95588也打不通",
    "涉及金额1380000元，押金12000.50元",
    "2026年7月18日19时30分开始积水",
    "2026-07-18 19:30:00 发生",
    "20260718当天",
    "单元网格310101001001001内有暴露垃圾",
    "部件标识码31010101003000123",
    "水位0.35米，雨量80毫米",
    "南京西路1376号门前井盖缺失",
    "3号楼电梯停运",
    "5栋门口垃圾满溢",
    "二单元楼道灯不亮",
    "小区共有300户居民",
    "三室一厅的房子租金5000元",
    "房租每月3500房东不退",
    "301医院门口占道",
    "201路公交车不停靠",
    "101中学门前拥堵",
    "鲁迅公园和中山路口积水",
    "业主马上要求解决",
    "居民时常投诉噪声",
    "业主方面表示",
    "我是高新区的居民",
    "张先生来电反映",
    "王女士称扰民",
    "某村民张某某反映",
    "微信群里有人说",
    "微信支付失败",
    "请问QQ群怎么加",
    "车牌识别系统坏了",
    "京A级写字楼",
    "GB/T 47678.5-2026 规定",
    "坐标121.4737,31.2304",
    "面积1200平方米，长13.5公里",
    "电压380伏，10千伏线路",
    "流量计读数138123488",
    "订单号20260718123456789012",
    "项目编号2026-01-0012",
    "the drain at 120 Nanjing Road is blocked",
    "I am writing about the noise",
    "pump unit 3 failed at 19:30",
    "营业执照统一社会信用代码91310000MA1FL5E00X",
]


@pytest.mark.parametrize(("text", "kind", "words"), DETAILS)
def test_a_detail_is_found_with_its_kind_and_place(text: str, kind: str, words: str) -> None:
    found = {(span.kind, text[span.start : span.end]) for span in find(text)}
    assert (kind, words) in found, found
    assert words not in mask(text).text


@pytest.mark.parametrize("text", NOTHING)
def test_what_is_no_personal_detail_stays(text: str) -> None:
    assert [text[span.start : span.end] for span in find(text)] == []
    assert mask(text).text == text


def test_a_whole_call_is_masked_and_its_matter_stays_readable() -> None:
    said = mask(
        "我叫张三丰，住5号楼2单元801室，电话13812348888。南京西路1376号门前污水井盖缺失，张三丰险些摔倒。"
    )
    assert (
        said.text
        == "我叫〔姓名〕，住〔门户〕，电话〔手机〕。南京西路1376号门前污水井盖缺失，〔姓名〕险些摔倒。"
    )
    assert said.counts == {"name": 2, "room": 1, "mobile": 1}


def test_the_check_of_cards() -> None:
    assert luhn("4111111111111111")
    assert not luhn("4111111111111112")
