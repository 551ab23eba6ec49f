"""Who is called for a duty post: the city's duty.yaml in its order, or whoever holds the role."""

from __future__ import annotations

from hutong.engine.directory import Directory
from hutong.kernel.base import Instant
from hutong.kernel.definition.plan import Call, DutyFile, Level, TaskDefinition
from hutong.kernel.errors import Invalid


def chain(directory: Directory, duty: DutyFile, post: str, role: str, now: Instant) -> tuple[int, ...]:
    """Accounts in the order of call; those that are disabled are left out."""
    people = next((one.people for one in duty.posts if one.post == post), None)
    if people is not None:
        return accounts(directory, people)
    return tuple(
        account
        for account in sorted(directory.accounts)
        if directory.accounts[account].disabled is None and _holds(directory, account, role, now)
    )


def chain_of(directory: Directory, duty: DutyFile, call: Call, now: Instant) -> tuple[int, ...]:
    """The chain of a call."""
    return chain(directory, duty, call.post, call.role, now)


def accounts(directory: Directory, logins: tuple[str, ...]) -> tuple[int, ...]:
    """Accounts of these logins that can be used, in their order."""
    known = {one.login: one.id for one in directory.accounts.values() if one.disabled is None}
    return tuple(known[login] for login in logins if login in known)


def unit_of(
    directory: Directory, duty: DutyFile, level: Level, task: TaskDefinition, now: Instant
) -> int | None:
    """The unit of the first person of a task's post. Invalid where nobody is on the post."""
    role = next((one.role for one in level.calls if one.post == task.post), "")
    found = chain(directory, duty, task.post, role, now)
    if not found:
        raise Invalid(
            f"tasks.{task.name}",
            f"nobody is on duty for {task.post!r}",
            "name people in duty.yaml",
            zh=f"任务「{task.label.zh}」的值班岗位无人，请先在 duty.yaml 中排班",
        )
    return directory.accounts[found[0]].organisation


def _holds(directory: Directory, account: int, role: str, now: Instant) -> bool:
    return any(
        one.role == role and one.since <= now and (one.until is None or one.until > now)
        for one in directory.held.get(account, ())
    )
