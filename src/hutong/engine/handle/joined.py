"""并案: cases joined to another end with it; each keeps its number."""

from __future__ import annotations

from collections.abc import Iterable

from msgspec.structs import replace

from hutong.engine.handle.act import Acted, act_automatically
from hutong.engine.handle.procedure import Compiled
from hutong.engine.handle.setting import Setting
from hutong.kernel.base import Instant
from hutong.kernel.case import Case
from hutong.kernel.definition.procedure import MAIN_ENDED


def end_joined(
    main: Case, joined: Iterable[Case], now: Instant, compiled: Compiled, setting: Setting
) -> list[Acted]:
    """Ends the cases joined to a main case that has ended; those of another procedure than `compiled` are for its own call.

    What is joined to one of these in turn ends by calling again with it as the main case.
    """
    ended = []
    for case in joined:
        action = next((one for one in compiled.leaving[case.state] if one.at == MAIN_ENDED), None)
        if case.joined_to != main.id or case.procedure != compiled.name or action is None:
            continue
        facts = {**case.facts, "main_ending": main.ending, "main_number": main.number}
        ended.append(act_automatically(replace(case, facts=facts), action.name, now, compiled, setting))
    return ended
