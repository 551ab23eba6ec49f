"""Bits and units of GB/T 26875.3-2011 [M-high; fire alarm S]. 待核实 against the text."""

from __future__ import annotations

SYSTEM_BITS = (
    (0, "normal"),
    (1, "fire"),
    (2, "fault"),
    (3, "shielded"),
    (4, "supervised"),
    (5, "started"),
    (6, "feedback"),
    (7, "delayed"),
    (8, "main_power_fault"),
    (9, "backup_power_fault"),
    (10, "bus_fault"),
    (11, "manual"),
    (12, "configured"),
    (13, "reset"),
)
COMPONENT_BITS = (*SYSTEM_BITS[:8], (8, "power_fault"))
DEVICE_BITS = (
    (0, "normal"),
    (1, "fire"),
    (2, "fault"),
    (3, "main_power_fault"),
    (4, "backup_power_fault"),
    (5, "link_fault"),
    (6, "line_fault"),
)
OPERATION_BITS = (
    (0, "reset"),
    (1, "silence"),
    (2, "manual_alarm"),
    (3, "cancel"),
    (4, "self_test"),
    (5, "confirm"),
    (6, "test"),
)
"""Of a system (type 4) and of the device itself (type 24), where bit 5 is the answer to 查岗 (a roll call)."""

ANALOG_SCALES: dict[int, tuple[str, float, str]] = {
    1: ("事件计数", 1, ""),
    2: ("高度", 100, "m"),
    3: ("温度", 10, "℃"),
    4: ("压力", 10, "MPa"),
    5: ("压力", 10, "kPa"),
    6: ("气体浓度", 10, "%LEL"),
    7: ("时间", 1, "s"),
    8: ("电压", 10, "V"),
    9: ("电流", 10, "A"),
    10: ("流量", 10, "L/s"),
    11: ("风量", 10, "m³/min"),
    12: ("风速", 1, "m/s"),
}
"""Type of an analogue value: name, steps per unit, unit. Other types are given as the device counts them."""
