"""The file of sessions and failed sign-ins: shared by processes, with nothing in it that opens a session."""

from __future__ import annotations

import stat
import subprocess
import sys
from pathlib import Path

from msgspec.structs import replace

from hutong.kernel.base import HOUR, MINUTE
from hutong.kernel.ports import Session
from hutong.store.sessions import FILE, FILES, LONGEST, SessionFile

NOW = 1_790_000_000_000_000
ONE = Session("secret-one", 7, NOW, NOW)


def test_what_one_process_does_the_other_sees_at_once(tmp_path: Path) -> None:
    here, there = SessionFile(tmp_path), SessionFile(tmp_path)
    here.put(ONE)
    assert there.get("secret-one") == ONE
    there.put(replace(ONE, seen=NOW + MINUTE))
    assert here.get("secret-one") == replace(ONE, seen=NOW + MINUTE)
    there.remove("secret-one")
    assert here.get("secret-one") is None


def test_a_session_that_was_ended_does_not_come_back(tmp_path: Path) -> None:
    """Somebody signs out while another of his requests, which was let in, notes that he was seen."""
    file = SessionFile(tmp_path)
    file.put(ONE)
    file.remove(ONE.id)
    file.put(replace(ONE, seen=NOW + MINUTE))
    assert file.get(ONE.id) is None


def test_all_sessions_of_an_account_end(tmp_path: Path) -> None:
    file = SessionFile(tmp_path)
    for number, account in enumerate((7, 7, 8)):
        file.put(Session(f"s{number}", account, NOW, NOW))
    file.remove_account(7)
    assert [file.get(f"s{number}") is None for number in range(3)] == [True, True, False]


def test_it_outlives_a_restart_and_forgets_what_is_old(tmp_path: Path) -> None:
    file = SessionFile(tmp_path)
    file.put(ONE)
    file.close()
    again = SessionFile(tmp_path)
    assert again.get(ONE.id) == ONE
    late = NOW + LONGEST + HOUR
    again.put(Session("new", 7, late, late))
    assert again.get(ONE.id) is None


def test_nobody_else_may_read_it_and_it_holds_no_secret(tmp_path: Path) -> None:
    file = SessionFile(tmp_path)
    file.put(ONE)
    for name in FILES:
        assert stat.S_IMODE((tmp_path / name).stat().st_mode) == 0o600, name
        assert b"secret-one" not in (tmp_path / name).read_bytes()
    file.close()
    assert b"secret-one" not in (tmp_path / FILE).read_bytes()


def test_failures_are_counted_and_begin_anew_after_a_while(tmp_path: Path) -> None:
    here, there = SessionFile(tmp_path), SessionFile(tmp_path)
    here.add(("name", "client"), NOW, NOW - HOUR)
    there.add(("name",), NOW + 1, NOW - HOUR)
    assert (here.of("name"), here.of("client"), here.of("other")) == ((2, NOW + 1), (1, NOW), (0, 0))
    here.clear("name")
    assert there.of("name") == (0, 0)
    there.add(("client",), NOW + 2 * HOUR, NOW + HOUR)
    assert here.of("client") == (1, NOW + 2 * HOUR)


COUNTING = """
import sys
from pathlib import Path
from hutong.store.sessions import SessionFile
file, now, forget = SessionFile(Path(sys.argv[1])), int(sys.argv[2]), int(sys.argv[3])
for _ in range(25):
    file.add(("name",), now, forget)
"""


def test_no_failure_of_many_processes_is_lost(tmp_path: Path) -> None:
    SessionFile(tmp_path).close()
    command = [sys.executable, "-c", COUNTING, str(tmp_path), str(NOW), str(NOW - HOUR)]
    for one in [subprocess.Popen(command) for _ in range(3)]:
        assert one.wait(60) == 0
    assert SessionFile(tmp_path).of("name") == (75, NOW)
