"""What the journal says of a case whose limit a mode switched, and of the main case of a response."""

from __future__ import annotations

from tests.engine.respond.test_responses import end, flooding_case, start

from hutong.app.scenarios.town import Town
from hutong.engine.flow.explaining import explanation
from hutong.kernel.case import Case


def test_the_explanation_of_a_case_says_that_its_limit_was_switched(town: Town) -> None:
    case = flooding_case(town)
    response = start(town)
    town.responses.tick()
    end(town, response)
    town.responses.tick()
    with town.store.reader() as reader:
        told = explanation(town.desk, reader, reader.get(Case, case.id))
        main = explanation(town.desk, reader, reader.get(Case, response.case))
    assert "转为战时时限" in told.text.zh
    assert "恢复平时时限" in told.text.zh
    assert "启动响应" in main.text.zh
