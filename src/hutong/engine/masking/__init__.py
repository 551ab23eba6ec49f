"""脱敏 of free text: personal details in what people say and write are found and hidden."""

from hutong.engine.masking.find import Kind, Span, find
from hutong.engine.masking.mask import MARKS, Masked, mask

__all__ = ["MARKS", "Kind", "Masked", "Span", "find", "mask"]
