"""Simulated posts (模拟岗位): they act on cases, warnings, calls and responses of the demo night unless a person takes over.

Everything they do goes through the same desks and the same rules as a person's deed, and is marked as simulated. What they
do and when follows from the city's seed, the case's number and city time alone, so a night that was broken off goes on as
if it had not been.
"""

from __future__ import annotations

from hutong.app.city import RunningCity
from hutong.app.posts.callers import Callers
from hutong.app.posts.commanding import CommandPosts
from hutong.app.posts.crew import Crew
from hutong.app.posts.hotline import HotlinePosts
from hutong.app.posts.urban import UrbanPosts
from hutong.engine.flow.cases import open_cases
from hutong.kernel.case import Case
from hutong.kernel.query import EVERYTHING

MOST = 2000


class Posts:
    """The simulated posts of a city."""

    def __init__(self, running: RunningCity) -> None:
        self.crew = Crew(running)
        self.callers = Callers(self.crew)
        self.urban = UrbanPosts(self.crew)
        self.hotline = HotlinePosts(self.crew)
        self.command = CommandPosts(self.crew)

        self.steps = {**self.urban.steps, **self.hotline.steps, **self.command.steps}
        self.procedures = frozenset(procedure for procedure, _ in self.steps)
        """What the posts work on; cases of others are nobody's business at night."""

    def act(self) -> None:
        """Everything the posts would have done by now, in a fixed order."""
        self.crew.read()
        self.command.decide()
        self.urban.judge_warnings()
        self.callers.ring()
        with self.crew.desk.store.reader() as reader:
            cases = open_cases(reader, EVERYTHING, limit=MOST)
        for case in sorted(cases, key=lambda one: one.number):
            step = self.steps.get((case.procedure, case.state))
            if step is not None and "taken_over" not in case.facts and not self._moved(case):
                step(case)

    def _moved(self, case: Case) -> bool:
        """Whether something was done on it at this very minute: one step a minute, also in a minute that was broken off and
        is done again."""
        return bool(case.deeds) and case.deeds[-1].at >= self.crew.now
