"""Devices: registry, credentials, quarantine, and their values as rows of datastreams."""

from hutong.engine.flow.devices.admission import Admission
from hutong.engine.flow.devices.desk import DeviceDesk, Once
from hutong.engine.flow.devices.live import Live, PortState, Seen, Wire, WireFault
from hutong.engine.flow.devices.secret import check_secret, hash_secret, is_hash

__all__ = [
    "Admission",
    "DeviceDesk",
    "Live",
    "Once",
    "PortState",
    "Seen",
    "Wire",
    "WireFault",
    "check_secret",
    "hash_secret",
    "is_hash",
]
