"""What holds of masking for any text."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from hutong.engine.masking import MARKS, find, mask
from hutong.kernel.identifiers import citizen_number_check

NUMBER = st.from_regex(r"1[3-9][0-9]{9}", fullmatch=True)
IDENTITY = st.from_regex(
    r"(11|31|44)0101(19[3-9][0-9])(0[1-9]|1[0-2])(0[1-9]|1[0-9]|2[0-8])[0-9]{3}", fullmatch=True
)
WORDS = (
    "我叫张三丰 姓名：李强 业主王小明 先生 女士 5号楼2单元801室 801室 单元 栋 沪A12345 电话 63123456 021-63123456 QQ 微信 "
    "a@b.cn 卡号 6222021001112223331 编号 南京西路 ， 。 〔手机〕 〔 〕 张 三 丰 住 在 的 Room 1203 my name is John Smith"
)
PIECES = st.one_of(
    NUMBER,
    IDENTITY.map(lambda first: first + citizen_number_check(first)),
    st.sampled_from([*WORDS.split(" "), "\ue000"]),
    st.text("0123456789-() 一二三零幺号楼室单元户张王李姓名我叫电话编号ABab@.:：，〔〕手机", max_size=12),
    st.text(max_size=6),
)
TEXTS = st.lists(PIECES, max_size=12).map("".join)


@given(TEXTS)
def test_masking_twice_is_masking_once(text: str) -> None:
    once = mask(text).text
    assert mask(once).text == once
    assert find(once) == ()


@given(TEXTS)
def test_nothing_of_a_detail_survives(text: str) -> None:
    said = mask(text)
    rest = said.text
    for mark in MARKS.values():
        rest = rest.replace(mark, "\n")
    for span in said.spans:
        assert text[span.start : span.end] not in rest


@given(TEXTS)
def test_places_are_in_order_apart_and_the_rest_is_untouched(text: str) -> None:
    said = mask(text)
    at, kept = 0, []
    for span in said.spans:
        assert at <= span.start < span.end <= len(text)
        kept += [text[at : span.start], MARKS[span.kind]]
        at = span.end
    assert "".join((*kept, text[at:])) == said.text


@given(st.text("我叫住电话，。的在家 ", max_size=8), NUMBER, st.text("，。的在家 ", max_size=8))
def test_a_mobile_number_is_found_between_any_words(before: str, number: str, after: str) -> None:
    assert number not in mask(before + number + after).text
