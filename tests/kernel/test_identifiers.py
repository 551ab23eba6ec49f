"""Identity codes: vectors of the standards, and that one wrong character is always found."""

from datetime import date
from pathlib import Path

import pytest
import yaml
from hypothesis import assume, given
from hypothesis import strategies as st

from hutong.kernel import identifiers as ids
from hutong.kernel.errors import Invalid

VECTORS = yaml.safe_load(Path(__file__).with_name("vectors.yaml").read_text(encoding="utf-8"))
TODAY = date(2026, 11, 21)
CREDIT = "0123456789ABCDEFGHJKLMNPQRTUWXY"
ALNUM = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"


def texts(alphabet: str, size: int) -> st.SearchStrategy[str]:
    return st.text(alphabet, min_size=size, max_size=size)


def replaced(text: str, at: int, by: str) -> str:
    assume(text[at] != by)
    return text[:at] + by + text[at + 1 :]


@pytest.mark.parametrize("row", VECTORS["credit_codes"]["valid"], ids=lambda row: row["code"])
def test_credit_code(row):
    parsed = ids.parse_credit_code(row["code"])
    assert parsed.code == row["code"]
    assert parsed.division == row["code"][2:8]
    assert parsed.organisation_checks


@pytest.mark.parametrize("row", VECTORS["credit_codes"]["invalid"], ids=lambda row: row["why"])
def test_credit_code_refused(row):
    with pytest.raises(Invalid) as caught:
        ids.parse_credit_code(row["code"], "owner")
    assert caught.value.field == "owner"
    assert caught.value.remedy


def test_credit_code_as_typed_by_hand():
    assert ids.parse_credit_code(" ９１１１００００ 802100433b").code == "91110000802100433B"
    assert ids.parse_credit_code("91110000802100433B").kind == ("企业", "enterprise")


@given(texts(CREDIT, 17), st.integers(0, 17), st.sampled_from(CREDIT))
def test_any_wrong_character_of_a_credit_code_is_found(body, at, by):
    code = body + ids.credit_code_check(body)
    assert ids.parse_credit_code(code).code == code
    with pytest.raises(Invalid):
        ids.parse_credit_code(replaced(code, at, by))


@pytest.mark.parametrize("row", VECTORS["organisation_codes"]["valid"], ids=lambda row: row["code"])
def test_organisation_code(row):
    assert ids.parse_organisation_code(row["code"]) == row["code"].replace("-", "")


@pytest.mark.parametrize("row", VECTORS["organisation_codes"]["invalid"], ids=lambda row: row["code"])
def test_organisation_code_refused(row):
    with pytest.raises(Invalid):
        ids.parse_organisation_code(row["code"])


@given(texts("0123456789", 8), st.integers(0, 7), st.sampled_from("0123456789"))
def test_any_wrong_digit_of_an_organisation_code_is_found(body, at, by):
    code = body + ids.organisation_code_check(body)
    assert ids.parse_organisation_code(code) == code
    with pytest.raises(Invalid):
        ids.parse_organisation_code(replaced(code, at, by))


@pytest.mark.parametrize("row", VECTORS["citizen_numbers"]["valid"], ids=lambda row: row["number"])
def test_citizen_number(row):
    parsed = ids.parse_citizen_number(row["number"], TODAY)
    assert parsed.number == row.get("long", row["number"])
    assert (parsed.born, parsed.sex, parsed.kind) == (row["born"], row["sex"], row["kind"])
    assert parsed.division == row["number"][:6]


@pytest.mark.parametrize("row", VECTORS["citizen_numbers"]["invalid"], ids=lambda row: row["why"])
def test_citizen_number_refused(row):
    with pytest.raises(Invalid) as caught:
        ids.parse_citizen_number(row["number"], TODAY)
    assert row["number"] not in str(caught.value), "an error must not repeat a personal number"


def test_citizen_number_born_after_today():
    with pytest.raises(Invalid, match="future"):
        ids.parse_citizen_number("110105198806053718", date(1988, 6, 4))
    assert ids.parse_citizen_number("110105198806053718", date(1988, 6, 5)).born == date(1988, 6, 5)


def numbered(first17: str) -> str:
    return first17 + ids.citizen_number_check(first17)


@pytest.mark.parametrize(
    ("prefix", "kind"), [("810000", "hong_kong"), ("820000", "macao"), ("830000", "taiwan")]
)
def test_residence_permits(prefix, kind):
    assert ids.parse_citizen_number(numbered(prefix + "19900101" + "002"), TODAY).kind == kind


def test_foreign_permanent_resident():
    parsed = ids.parse_citizen_number(numbered("931840" + "19900101" + "001"), TODAY)
    assert (parsed.kind, parsed.division, parsed.nationality, parsed.sex) == ("foreign", "31", "840", "male")


def test_unknown_province():
    with pytest.raises(Invalid, match="province"):
        ids.parse_citizen_number(numbered("010105" + "19880605" + "371"), TODAY)


citizens = st.builds(
    lambda province, rest, born, seq: numbered(f"{province}{rest:04d}{born:%Y%m%d}{seq:03d}"),
    st.sampled_from(sorted(ids.PROVINCES)),
    st.integers(0, 9999),
    st.dates(date(1880, 1, 1), TODAY),
    st.integers(0, 999),
)


@given(citizens, st.integers(0, 17), st.sampled_from("0123456789X"))
def test_any_wrong_character_of_a_citizen_number_is_found(number, at, by):
    assert ids.parse_citizen_number(number, TODAY).number == number
    with pytest.raises(Invalid):
        ids.parse_citizen_number(replaced(number, at, by), TODAY)


@pytest.mark.parametrize("row", VECTORS["licence_ids"]["valid"], ids=lambda row: row["text"][-20:])
def test_licence_id(row):
    parsed = ids.parse_licence_id(row["text"])
    assert ids.licence_id(parsed.type_code, parsed.issuer, parsed.serial, parsed.version) == row["text"]


@pytest.mark.parametrize("row", VECTORS["licence_ids"]["invalid"], ids=lambda row: row["text"][-20:])
def test_licence_id_refused(row):
    with pytest.raises(Invalid):
        ids.parse_licence_id(row["text"])


@given(texts(ALNUM, 20), st.integers(0, 20), st.sampled_from(ALNUM))
def test_mod_37_36_finds_any_wrong_character(body, at, by):
    code = body + ids.mod_37_36(body)
    wrong = replaced(code, at, by)
    assert ids.mod_37_36(wrong[:-1]) != wrong[-1]


@given(st.data())
def test_any_wrong_character_of_a_licence_is_found(data):
    code = VECTORS["licence_ids"]["valid"][0]["text"]
    at = data.draw(st.sampled_from([i for i, ch in enumerate(code) if ch != "."]))
    with pytest.raises(Invalid):
        ids.parse_licence_id(replaced(code, at, data.draw(st.sampled_from(ALNUM))))
