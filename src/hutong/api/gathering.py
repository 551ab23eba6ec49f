"""Gathers what many clients ask at the same moment: while one group is worked on, the next one waits, and then goes whole.

A group takes one thread, one view of the store and one commit, whatever its size; a lone request does not wait for others.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence

from litestar.concurrency import sync_to_thread

from hutong.engine.flow.together import Outcome, Wish
from hutong.kernel.case import Case
from hutong.kernel.errors import HutongError, Unavailable

MOST = 128
"""Deeds of a group."""
SIBLINGS = 8
PAUSE = 0.004
"""After a group of so many, those who were just answered get PAUSE seconds to ask again: larger groups, fewer commits, and
another process has the store meanwhile. A few who ask wait for nobody."""


class Gathering:
    """Of one application. `do` works on a group in a thread and gives the outcome of each."""

    def __init__(self, do: Callable[[Sequence[Wish]], list[Outcome]]) -> None:
        self._do = do
        self._waiting: list[tuple[Wish, asyncio.Future[Case]]] = []
        self._task: asyncio.Task[None] | None = None

    async def ask(self, wish: Wish) -> Case:
        """The case as the deed left it, durable; raises what stood in the way."""
        future: asyncio.Future[Case] = asyncio.get_running_loop().create_future()
        self._waiting.append((wish, future))
        if self._task is None or self._task.done():
            self._task = asyncio.create_task(self._work())
        return await future

    async def _work(self) -> None:
        group: list[tuple[Wish, asyncio.Future[Case]]] = []
        while self._waiting:
            if len(group) >= SIBLINGS:
                await asyncio.sleep(PAUSE)
            group, self._waiting = self._waiting[:MOST], self._waiting[MOST:]
            try:
                outcomes = await sync_to_thread(self._do, [wish for wish, _ in group])
            except Exception as error:  # what nobody foresaw must not leave the others waiting
                for _, future in group:
                    if not future.done():
                        future.set_exception(error)
                continue
            except BaseException:
                for _, future in group:
                    if not future.done():
                        future.set_exception(Unavailable("server", "is stopping", "try again"))
                raise
            for (_, future), outcome in zip(group, outcomes, strict=True):
                if future.done():  # the client went away
                    continue
                if isinstance(outcome, HutongError):
                    future.set_exception(outcome)
                else:
                    future.set_result(outcome)
