"""handle: procedures run on cases. Loaded state and a command in; the new case, its records and notices out."""

from hutong.engine.handle.act import Acted, Command, act, act_automatically
from hutong.engine.handle.faults import Fault, faults
from hutong.engine.handle.joined import end_joined
from hutong.engine.handle.offers import Offer, allowed
from hutong.engine.handle.open import OpenCase, Opened, open_case
from hutong.engine.handle.procedure import Compiled, compile_procedure
from hutong.engine.handle.responsibility import find_unit
from hutong.engine.handle.setting import Found, Setting
from hutong.engine.handle.undo import undo

__all__ = [
    "Acted",
    "Command",
    "Compiled",
    "Fault",
    "Found",
    "Offer",
    "OpenCase",
    "Opened",
    "Setting",
    "act",
    "act_automatically",
    "allowed",
    "compile_procedure",
    "end_joined",
    "faults",
    "find_unit",
    "open_case",
    "undo",
]
