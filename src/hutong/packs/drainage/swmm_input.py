"""Write a network and a storm as an input file of EPA SWMM 5.2 (metric, m³/s, dynamic wave, ponding allowed).

Section formats: SWMM 5.2 User's Manual, appendix D. A pump failure is a control rule that holds the pump
off during its window; outside it the start and stop depths of the pump rule alone. SWMM lets one link end
at an outfall, so the pumps of a station meet in a discharge chamber (出水井) from which a box culvert
leads to the river.
"""

from collections.abc import Iterable

import msgspec

from hutong.kernel.errors import Invalid
from hutong.packs.drainage.assets import Network, Pump, Station
from hutong.packs.drainage.storm import Rain

CHAMBER_DEPTH_M = 12.0
CULVERT_M = (3.5, 6.0)
"""Height and width of the culvert from chamber to river."""


class Failure(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A pump that delivers nothing from a minute on, for some minutes.

    blocked: it still reports running, with idle current; tripped: it stops and draws none.
    """

    pump: str
    from_min: float
    minutes: float
    mode: str = "blocked"


def text(network: Network, rain: Rain, failures: list[Failure], hours: float, step_s: int) -> str:
    """The whole input file. Raises Invalid for a failure that names no pump of the network."""
    pumps = {pump.id for station in network.stations for pump in station.pumps}
    for k, failure in enumerate(failures):
        if failure.pump not in pumps:
            raise Invalid(
                f"failures[{k}].pump", f"no pump {failure.pump!r} in the network", "use a pump's id"
            )
    sections = {
        "TITLE": ["Drainage network laid by Hutong"],
        "OPTIONS": _options(hours, step_s),
        "EVAPORATION": ["CONSTANT 0.0"],
        "RAINGAGES": [f"{g} INTENSITY 0:01 1.0 TIMESERIES T-{g}" for g in rain.gauges],
        **_surfaces(network),
        **_nodes(network),
        **_links(network),
        "CONTROLS": _controls(failures),
        "CURVES": _curves(network),
        "TIMESERIES": _series(rain),
        "REPORT": ["INPUT NO", "CONTROLS NO", "SUBCATCHMENTS ALL", "NODES ALL", "LINKS ALL"],
    }
    return "\n".join(f"[{name}]\n{_lines(rows)}" for name, rows in sections.items())


def _lines(rows: Iterable[str]) -> str:
    return "".join(f"{row}\n" for row in rows)


def _clock(seconds: float) -> str:
    whole = round(seconds)
    return f"{whole // 3600:02d}:{whole // 60 % 60:02d}:{whole % 60:02d}"


def _options(hours: float, step_s: int) -> list[str]:
    days, rest = divmod(round(hours * 3600), 86400)
    fixed = {
        "FLOW_UNITS": "CMS",
        "INFILTRATION": "HORTON",
        "FLOW_ROUTING": "DYNWAVE",
        "LINK_OFFSETS": "DEPTH",
        "ALLOW_PONDING": "YES",
        "START_DATE": "01/01/2001",
        "START_TIME": "00:00:00",
        "END_DATE": f"01/{1 + days:02d}/2001",
        "END_TIME": _clock(rest),
        "REPORT_STEP": _clock(step_s),
        "WET_STEP": "00:01:00",
        "DRY_STEP": "00:05:00",
        "ROUTING_STEP": "10",
        "VARIABLE_STEP": "0.75",
        "MINIMUM_STEP": "1.0",
        "INERTIAL_DAMPING": "PARTIAL",
        "NORMAL_FLOW_LIMITED": "BOTH",
        "MIN_SURFAREA": "12.0",
        "MAX_TRIALS": "12",
        "HEAD_TOLERANCE": "0.0015",
        "THREADS": "1",
    }
    return [f"{key} {value}" for key, value in fixed.items()]


def _surfaces(network: Network) -> dict[str, list[str]]:
    """Catchments: paved share with 2 mm of depression storage, the rest lawn with 5 mm and Horton
    infiltration.
    """
    catchments = network.subcatchments
    return {
        "SUBCATCHMENTS": [
            f"{s.id} {s.gauge} {s.node} {s.area} {s.impervious * 100:.1f} {s.width} {s.slope * 100:.2f} 0"
            for s in catchments
        ],
        "SUBAREAS": [f"{s.id} 0.014 0.2 2.0 5.0 25 OUTLET" for s in catchments],
        "INFILTRATION": [f"{s.id} 60 8 4 7 0" for s in catchments],
    }


def _nodes(network: Network) -> dict[str, list[str]]:
    return {
        "JUNCTIONS": [f"{m.id} {m.invert} {m.depth:.3f} 0 0 {m.ponded_area}" for m in network.manholes]
        + [f"X-{o.id} 0.0 {CHAMBER_DEPTH_M} {o.stage} 0 0" for o in network.outfalls],
        "OUTFALLS": [f"{o.id} 0.0 FIXED {o.stage} NO" for o in network.outfalls],
        "STORAGE": [f"{s.id} {s.floor} {s.well[-1][0]:.3f} 0 TABULAR W-{s.id} 0 0" for s in network.stations],
    }


def _links(network: Network) -> dict[str, list[str]]:
    above = {s.id: s.inlet - s.floor for s in network.stations}
    invert = {m.id: m.invert for m in network.manholes} | {s.id: s.inlet for s in network.stations}
    conduits = [
        f"{c.id} {c.source} {c.target} {c.length} {c.roughness} 0 {_fall_in(c.target, above)} 0"
        for c in network.conduits
        if invert[c.source] >= invert[c.target]
    ]
    if len(conduits) != len(network.conduits):
        wrong = next(c.id for c in network.conduits if invert[c.source] < invert[c.target])
        raise Invalid(
            f"network.conduits.{wrong}", "the sewer rises towards its target", "lower the target's invert"
        )
    culverts = [f"K-{o.id} X-{o.id} {o.id} 50 0.013 0 0 0" for o in network.outfalls]
    target = {o.id: f"X-{o.id}" for o in network.outfalls}
    return {
        "CONDUITS": conduits + culverts,
        "PUMPS": [
            f"{p.id} {s.id} {target.get(s.target, s.target)} Q-{p.id} OFF {p.start} {p.stop}"
            for s, p in _pumps(network)
        ],
        "XSECTIONS": [f"{c.id} CIRCULAR {c.diameter} 0 0 0 1" for c in network.conduits]
        + [f"K-{o.id} RECT_CLOSED {CULVERT_M[0]} {CULVERT_M[1]} 0 0 1" for o in network.outfalls],
    }


def _fall_in(target: str, above: dict[str, float]) -> str:
    return f"{above.get(target, 0.0):.3f}"


def _pumps(network: Network) -> list[tuple[Station, Pump]]:
    return [(station, pump) for station in network.stations for pump in station.pumps]


def _controls(failures: list[Failure]) -> list[str]:
    rows = []
    for k, failure in enumerate(failures):
        begin, end = failure.from_min * 60, (failure.from_min + failure.minutes) * 60
        rows += [
            f"RULE FAILURE{k + 1}",
            f"IF SIMULATION TIME >= {_clock(begin)}",
            f"AND SIMULATION TIME < {_clock(end)}",
            f"THEN PUMP {failure.pump} STATUS = OFF",
            "",
        ]
    return rows


def _curves(network: Network) -> list[str]:
    rows = []
    for station in network.stations:
        rows += _curve(f"W-{station.id}", "STORAGE", station.well)
        for pump in station.pumps:
            rows += _curve(f"Q-{pump.id}", "PUMP3", pump.curve)
    return rows


def _curve(name: str, kind: str, points: list[tuple[float, float]]) -> list[str]:
    return [f"{name} {kind if k == 0 else ''} {x} {y}" for k, (x, y) in enumerate(points)]


def _series(rain: Rain) -> list[str]:
    """Intensity of each minute, written at its beginning; trailing dry minutes are left out."""
    rows = []
    for g, name in enumerate(rain.gauges):
        column = rain.intensity[:, g]
        wet = column.nonzero()[0]
        last = int(wet[-1]) + 2 if len(wet) else 1
        for k in range(min(last, len(column))):
            rows.append(f"T-{name} {_clock((rain.minute[k] - 1) * 60)} {column[k]:.4f}")
    return rows
