"""GB/T 26875.3-2011: user information transmission devices of building fire protection."""

from hutong.gateways.gb26875.dialogue import Gb26875

__all__ = ["Gb26875"]
