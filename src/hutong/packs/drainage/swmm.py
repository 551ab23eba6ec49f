"""The SWMM model of a network: `run` is called in a worker process (SWMM allows one simulation a process).

Inputs (plain data, checked here): see `Inputs`. Output: a dict with `file` (an .npz of columns, see
`Night`) and `summary` (counts and water balance). The platform knows this model through models.yaml.
"""

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
import numpy.typing as npt

from hutong.kernel.errors import Invalid
from hutong.packs.drainage import formulas
from hutong.packs.drainage.assets import Network, Station
from hutong.packs.drainage.night import Night, summary
from hutong.packs.drainage.storm import Rain, Storm, fall
from hutong.packs.drainage.swmm_input import Failure, text

BALANCE_ROW = re.compile(r"\s*([A-Z][\w ()%]+?) \.{3,}\s+(-?[\d.]+)")
Progress = Callable[[float, str], None]
Columns = npt.NDArray[np.float32]


class Inputs(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What `run` takes: the network as data, the storm, injected pump failures, length and output step."""

    network: Network
    storm: Storm = Storm()
    failures: list[Failure] = []
    hours: float = 8.0
    step_s: int = 60


def run(inputs: dict[str, Any], workdir: Path, progress: Progress) -> dict[str, Any]:
    """Simulate a storm on a network; files go to `workdir`, progress is (share done, words).

    Raises Invalid with SWMM's own words when the model is refused.
    """
    try:
        wanted = msgspec.convert(inputs, Inputs)
    except msgspec.ValidationError as error:
        raise Invalid("inputs", str(error), "see models.yaml for the inputs of this model") from error
    progress(0.0, "writing the model")
    rain = fall(wanted.storm, wanted.network.gauges, round(wanted.hours * 60))
    source = workdir / "storm.inp"
    workdir.mkdir(parents=True, exist_ok=True)
    source.write_text(
        text(wanted.network, rain, wanted.failures, wanted.hours, wanted.step_s), encoding="utf-8"
    )
    balance = simulate(source, progress)
    progress(0.97, "reading the results")
    night = collect(source.with_suffix(".out"), wanted, rain)
    target = workdir / "night.npz"
    night.save(target)
    progress(1.0, "done")
    return {"file": str(target), "summary": {"balance": balance} | summary(night, wanted.network)}


def simulate(source: Path, progress: Progress) -> dict[str, dict[str, float]]:
    """Run an input file; beside it come the .rpt and .out files. Returns the water balance (`water_balance`).

    Raises Invalid with the error lines of SWMM's report, and whatever `progress` raises (so a run can be
    cancelled).
    """
    import pyswmm

    report = source.with_suffix(".rpt")
    try:
        with pyswmm.Simulation(str(source), str(report), str(source.with_suffix(".out"))) as simulation:
            simulation.step_advance(300)
            for _ in simulation:
                progress(0.95 * simulation.percent_complete, "simulating")
    except Exception as error:
        lines = error_lines(report)
        if not lines:  # not SWMM's refusal: progress may raise to cancel
            raise
        raise Invalid(
            source.name, "SWMM refused the model: " + "; ".join(lines), "mend the named lines"
        ) from error
    return water_balance(report)


def water_balance(report: Path) -> dict[str, dict[str, float]]:
    """`runoff` (ha·m and mm) and `routing` (ha·m and 10⁶ L): the first figure of each row of the
    continuity tables.

    Keys are SWMM's own words, as "Total Precipitation" or "Flooding Loss", and "Continuity Error (%)".
    """
    tables: dict[str, dict[str, float]] = {}
    current = ""
    for row in report.read_text(encoding="utf-8", errors="replace").splitlines():
        for title, name in (("Runoff Quantity Continuity", "runoff"), ("Flow Routing Continuity", "routing")):
            if row.strip().startswith(title):
                current = name
        if current and (found := BALANCE_ROW.match(row)):
            tables.setdefault(current, {})[found[1].strip()] = float(found[2])
            current = "" if found[1].startswith("Continuity") else current
    return tables


def error_lines(report: Path, most: int = 10) -> list[str]:
    """What SWMM's report says is wrong: each ERROR line with the line of input it quotes."""
    if not report.exists():
        return []
    rows = [row.strip() for row in report.read_text(encoding="utf-8", errors="replace").splitlines()]
    found = []
    for k, row in enumerate(rows):
        if row.startswith("ERROR"):
            quoted = rows[k + 1] if k + 1 < len(rows) and not rows[k + 1].startswith("ERROR") else ""
            found.append(" ".join(f"{row} {quoted}".split()))
    return found[:most]


def collect(source: Path, inputs: Inputs, rain: Rain) -> Night:
    """Results of an .out file as columns, with what follows from them: surcharge, ponding, fill, pump
    signals.
    """
    series = _Series(source)
    try:
        return _columns(series, inputs, rain)
    finally:
        series.close()


def _columns(series: "_Series", inputs: Inputs, rain: Rain) -> Night:
    network = inputs.network
    nodes = [m.id for m in network.manholes] + [s.id for s in network.stations]
    brim = np.array([m.depth for m in network.manholes] + [_brim(s) for s in network.stations])
    crown = np.array([m.crown for m in network.manholes] + [_brim(s) for s in network.stations])
    level = series.read("node", nodes)
    conduits = [c.id for c in network.conduits]
    pumps = [p for s in network.stations for p in s.pumps]
    flow = series.read("flow", [p.id for p in pumps])
    signals = _pump_signals(inputs, series.seconds, level[:, [nodes.index(p.station) for p in pumps]], flow)
    intensity, fallen = _rain_at(rain, series.seconds)
    return Night(
        seconds=series.seconds,
        gauges=np.array(rain.gauges),
        rain_intensity=intensity,
        rain_total=fallen,
        nodes=np.array(nodes),
        level=level,
        surcharge=formulas.surcharge_head(level, crown).astype(np.float32),
        ponding=formulas.ponding_depth(level, brim).astype(np.float32),
        conduits=np.array(conduits),
        conduit_flow=series.read("flow", conduits),
        conduit_fill=series.read("fill", conduits),
        pumps=np.array([p.id for p in pumps]),
        pump_flow=flow,
        **signals,
    )


def _brim(station: Station) -> float:
    """Depth at which water reaches traffic: the carriageway of an underpass, the roof of a wet well."""
    return station.road_level if station.road_level > 0 else station.well[-1][0]


class _Series:
    """Reads columns of a SWMM binary output file."""

    def __init__(self, source: Path) -> None:
        from swmm.toolkit import output, shared_enum  # type: ignore[import-untyped]

        self.api, self.enum = output, shared_enum
        self.handle = output.init()
        output.open(self.handle, str(source))
        self.periods = output.get_times(self.handle, shared_enum.Time.NUM_PERIODS)
        step = output.get_times(self.handle, shared_enum.Time.REPORT_STEP)
        self.seconds = (np.arange(self.periods, dtype=np.int64) + 1) * step
        sizes = output.get_proj_size(self.handle)
        kinds = {
            "node": (shared_enum.ElementType.NODE, sizes[1]),
            "link": (shared_enum.ElementType.LINK, sizes[2]),
        }
        self.index = {
            kind: {output.get_elem_name(self.handle, element, k): k for k in range(count)}
            for kind, (element, count) in kinds.items()
        }

    def close(self) -> None:
        self.api.close(self.handle)

    def read(self, what: str, names: list[str]) -> Columns:
        """`node` depth m, `flow` m³/s or `fill` 0–1 of the named elements, shape (periods, names)."""
        enum = self.enum
        if what == "node":
            index, one, attribute = (
                self.index["node"],
                self.api.get_node_attribute,
                enum.NodeAttribute.INVERT_DEPTH,
            )
        else:
            index, one = self.index["link"], self.api.get_link_attribute
            attribute = enum.LinkAttribute.FLOW_RATE if what == "flow" else enum.LinkAttribute.CAPACITY
        columns = [index[name] for name in names]
        rows = [
            np.asarray(one(self.handle, k, attribute), dtype=np.float32)[columns] for k in range(self.periods)
        ]
        return np.array(rows, dtype=np.float32).reshape(self.periods, len(names))


def _rain_at(rain: Rain, seconds: npt.NDArray[np.int64]) -> tuple[Columns, Columns]:
    """Mean intensity of each output step, mm/h, and depth since the start, mm."""
    fallen = np.vstack([np.zeros(len(rain.gauges)), np.cumsum(rain.intensity / 60.0, axis=0)])
    minutes = np.r_[0.0, rain.minute]
    at = np.r_[0.0, seconds / 60.0]
    depth = np.column_stack([np.interp(at, minutes, fallen[:, g]) for g in range(len(rain.gauges))])
    intensity = np.diff(depth, axis=0) / np.diff(at)[:, None] * 60.0
    return intensity.astype(np.float32), depth[1:].astype(np.float32)


def _pump_signals(
    inputs: Inputs, seconds: npt.NDArray[np.int64], well: Columns, flow: Columns
) -> dict[str, npt.NDArray[Any]]:
    """What a station's cabinet reports: command, status and motor current of each pump.

    A healthy pump's command and status are whether it delivers. In a failure the command follows the
    well's level (start and stop depths), as the controller does not know; a blocked pump says «running»
    at 35 % of its current.
    """
    pumps = [p for s in inputs.network.stations for p in s.pumps]
    rated = np.array([p.rated_flow for p in pumps])
    current = np.array([p.rated_current for p in pumps])
    status = (flow > 0.02 * rated).astype(np.int8)
    command = status.copy()
    amperes = current * (0.35 * status + 0.65 * np.clip(flow / rated, 0.0, 1.3))
    number = {p.id: k for k, p in enumerate(pumps)}
    for failure in inputs.failures:
        k = number[failure.pump]
        down = (seconds / 60 > failure.from_min) & (seconds / 60 <= failure.from_min + failure.minutes)
        told = _hysteresis(well[:, k], pumps[k].start, pumps[k].stop)
        command[down, k] = told[down]
        status[down, k] = told[down] if failure.mode == "blocked" else 0
        amperes[down, k] = 0.35 * current[k] * status[down, k]
    return {"pump_command": command, "pump_status": status, "pump_current": amperes.astype(np.float32)}


def _hysteresis(level: Columns, start: float, stop: float) -> npt.NDArray[np.int8]:
    """1 from the level rising above `start` until it falls below `stop`."""
    decided = np.where(level >= start, 1, np.where(level <= stop, 0, -1))
    decided[0] = max(decided[0], 0)
    last = np.maximum.accumulate(np.where(decided >= 0, np.arange(len(decided)), 0))
    return decided[last].astype(np.int8)
