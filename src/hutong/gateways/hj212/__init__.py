"""HJ 212 污染物在线监控(监测)系统数据传输标准: 2005, 2017 and 2025."""

from hutong.gateways.hj212.dialogue import Hj212, dialect_of, speak

__all__ = ["Hj212", "dialect_of", "speak"]
