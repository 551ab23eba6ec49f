"""The feed of the night: the truth through imperfect instruments, the same for the same seed."""

import numpy as np

from hutong.packs.drainage.assets import Network
from hutong.packs.drainage.feed import QUIRKS, StormNight
from hutong.packs.drainage.night import Night


def test_same_seed_same_feed_and_another_seed_another(town: Network, town_night: Night) -> None:
    one, two, other = (StormNight(town_night, town, seed) for seed in (7, 7, 8))
    np.testing.assert_array_equal(one.values, two.values)
    np.testing.assert_array_equal(one.present, two.present)
    assert one.wrong == two.wrong
    assert not np.array_equal(one.values, other.values)


def test_steps_come_in_order_with_what_arrived(town: Network, town_night: Night) -> None:
    feed = StormNight(town_night, town, 7)
    steps = list(feed)
    assert [s.seconds for s in steps] == town_night.seconds.tolist()
    assert sum(len(s.values) for s in steps) == int(feed.present.sum())
    assert 0.9 < feed.present.mean() < 0.999
    assert all(len(s.streams) == len(s.values) for s in steps)


def test_readings_stay_close_to_the_truth_except_where_wrong(town: Network, town_night: Night) -> None:
    feed = StormNight(town_night, town, 7)
    wrong = np.zeros(feed.values.shape, dtype=bool)
    for place in feed.wrong:
        wrong[place] = True
    nodes = town_night.nodes.tolist()
    for k, stream in enumerate(feed.streams):
        if stream.property == "level":
            truth = town_night.level[:, nodes.index(stream.thing)]
            error = np.abs(feed.values[:, k] - truth)[~wrong[:, k]]
            assert error.max() < 6 * QUIRKS["level"].absolute
    assert wrong.sum() > 0
    assert all(abs(feed.values[place]) in (99.99, 9.99, 0.6) for place in feed.wrong)


def test_streams_name_thing_and_property_once(town: Network, town_night: Night) -> None:
    streams = StormNight(town_night, town, 7).streams
    keys = [(s.thing, s.property) for s in streams]
    assert len(set(keys)) == len(keys)
    things = {m.id for m in town.manholes} | {s.id for s in town.stations} | {g.id for g in town.gauges}
    things |= {p.id for s in town.stations for p in s.pumps}
    assert {s.thing for s in streams} <= things


def test_a_silent_gauge_falls_silent_with_all_its_streams_and_comes_back(
    town: Network, town_night: Night
) -> None:
    feed = StormNight(town_night, town, 7)
    gaps = {}
    for k, stream in enumerate(feed.streams):
        quiet = np.convolve(~feed.present[:, k], np.ones(10), mode="valid")
        if quiet.max() == 10:
            gaps.setdefault(stream.gauge, []).append(k)
    assert gaps
    for gauge, columns in gaps.items():
        assert columns == [k for k, s in enumerate(feed.streams) if s.gauge == gauge]


def test_command_and_status_are_whole(town: Network, town_night: Night) -> None:
    feed = StormNight(town_night, town, 7)
    signals = [k for k, s in enumerate(feed.streams) if s.property in ("pump_command", "pump_status")]
    assert set(np.unique(feed.values[:, signals])) <= {0.0, 1.0}
