"""JT/T 808: vehicle terminals (2011, 2013 and 2019 editions)."""

from hutong.gateways.jt808.dialogue import Jt808

__all__ = ["Jt808"]
