"""Topic filters, by the examples of MQTT 3.1.1 §4.7."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hutong.gateways.mqtt.topics import checked_filter, matcher, matches
from hutong.kernel.errors import Invalid

LEVELS = st.lists(
    st.text(st.characters(exclude_characters="/+#$\0", codec="utf-8"), max_size=5), min_size=1, max_size=5
)


@pytest.mark.parametrize(
    ("pattern", "topic", "fits"),
    [
        ("sport/tennis/player1/#", "sport/tennis/player1", True),
        ("sport/tennis/player1/#", "sport/tennis/player1/ranking", True),
        ("sport/tennis/+", "sport/tennis/player1", True),
        ("sport/tennis/+", "sport/tennis/player1/ranking", False),
        ("sport/+", "sport", False),
        ("sport/+", "sport/", True),
        ("+/+", "/finance", True),
        ("/+", "/finance", True),
        ("+", "/finance", False),
        ("#", "$SYS/broker", False),
        ("+/monitor/Clients", "$SYS/monitor/Clients", False),
        ("$SYS/#", "$SYS/broker", True),
    ],
)
def test_examples_of_the_standard(pattern: str, topic: str, fits: bool) -> None:
    assert matches(matcher(checked_filter(pattern, "topic")), topic) is fits


@given(LEVELS, st.data())
def test_a_topic_fits_itself_with_any_level_open(levels: list[str], data: st.DataObject) -> None:
    topic = "/".join(levels)
    at = data.draw(st.integers(0, len(levels) - 1))
    assert matches((*levels[:at], "+", *levels[at + 1 :]), topic)
    assert matches((*levels[:at], "#"), topic)
    assert not matches((*levels, "more"), topic)


@pytest.mark.parametrize("pattern", ["", "a/#/b", "a#", "a/b+", "a\0b"])
def test_what_is_no_filter(pattern: str) -> None:
    with pytest.raises(Invalid, match="topic"):
        checked_filter(pattern, "topic")
