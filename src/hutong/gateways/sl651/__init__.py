"""SL 651-2014: telemetry stations of rivers, rain, groundwater, reservoirs (HEX/BCD encoding)."""

from hutong.gateways.sl651.dialogue import Sl651

__all__ = ["Sl651"]
