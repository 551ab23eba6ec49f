"""Plans in use: proposals, responses, 叫应, resources and 平战 modes, each decision in one commit."""

from hutong.engine.flow.responding.commands import ChangeLevel, EndResponse, StartResponse
from hutong.engine.flow.responding.desk import ResponseDesk
from hutong.engine.flow.responding.foresight import Foresight, Given

__all__ = ["ChangeLevel", "EndResponse", "Foresight", "Given", "ResponseDesk", "StartResponse"]
