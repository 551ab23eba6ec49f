"""What PostgreSQL alone has: statements that travel together, plans that are kept, connections that break."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from typing import Any

import psycopg
import pytest

from hutong.kernel.errors import Invalid, Unavailable
from hutong.store.postgresql import PostgresDatabase, PostgresTx
from hutong.store.wire import KEPT, OFTEN, Statement, Wire

ADD = "INSERT INTO probe (id, word, number, content, words) VALUES (?, ?, ?, ?, ?)"
ODD = 'quo"te, back\\slash, {brace}, 胡同, ?, $1, NULL'
ENDS = (None, 0, -1, 1, 32_767, 32_768, 2**31, 2**62, -(2**63), 2**63 - 1)


@pytest.fixture
def database(empty_postgres_url: str) -> Iterator[PostgresDatabase]:
    database = PostgresDatabase(empty_postgres_url, readers=1, writers=1)
    with database.write() as tx:
        tx.execute(
            "CREATE TABLE probe (id BIGINT PRIMARY KEY, word TEXT, number DOUBLE PRECISION, content BYTEA, words TEXT[])"
        )
    yield database
    database.close()


def row(id: int, **more: Any) -> tuple[Any, ...]:
    given = {"word": f"w{id}", "number": id / 3, "content": b"\0\xff", "words": ["a", ODD], **more}
    return (id, *given.values())


def ids(database: PostgresDatabase) -> list[int]:
    with database.read() as tx:
        return [found[0] for found in tx.rows("SELECT id FROM probe ORDER BY id")]


def backend(tx: PostgresTx) -> int:
    return int(tx.rows("SELECT pg_backend_pid()")[0][0])


def end(database: PostgresDatabase, process: int) -> None:
    """The server ends a connection's process, and it is gone."""
    with psycopg.connect(database.url, autocommit=True) as connection:
        assert connection.execute("SELECT pg_terminate_backend(%s, 5000)", (process,)).fetchone() == (True,)


def test_values_come_back_as_they_went(database: PostgresDatabase) -> None:
    rows = [
        row(1, word=ODD, number=0.1 + 0.2),
        row(2, word=None, number=None, content=None, words=None),
        row(3, word="", number=float("inf"), content=b"", words=[]),
        row(4, number=-0.0, content=bytes(range(256)) * 300, words=["", "\n", "NULL", "{}"]),
        row(5, number=1e-300),
    ]
    with database.write() as tx:
        tx.many(ADD, rows)
        tx.many(ADD, [row(10 + place, number=None) for place in range(40)])
    with database.read() as tx:
        assert tx.rows("SELECT * FROM probe WHERE id < ? ORDER BY id", (10,)) == rows
        numbers = tx.row("SELECT number, number::text FROM probe WHERE id = ?", (4,))
        assert numbers == (0.0, "-0")
        found = tx.rows("SELECT id FROM probe WHERE word = ANY(?) ORDER BY id", ([ODD, "", "w5", "no"],))
        assert found == [(1,), (3,), (5,)]
        assert tx.rows("SELECT id FROM probe WHERE id = ANY(?)", ([],)) == []
        assert tx.rows("SELECT id FROM probe WHERE number = ANY(?)", ([0.1 + 0.2, 7.0],)) == [(1,)]
        assert len(tx.rows("SELECT id FROM probe WHERE number IS NULL AND id = ANY(?)", ([2, 10, 49],))) == 3
        for number in ENDS:
            assert tx.row("SELECT ?::bigint", (number,)) == (number,)
        assert tx.row("SELECT ?::boolean, ?::bytea", (True, memoryview(b"ab"))) == (True, b"ab")


def nul(database: PostgresDatabase, words: str | list[str]) -> None:
    with database.write() as tx, tx.together():
        tx.many(ADD, [row(1)])
        tx.execute("UPDATE probe SET word = ?::text[]::text", (words,))


def test_text_that_cannot_be_kept_is_refused_before_anything_travels(database: PostgresDatabase) -> None:
    for words in ("a\0b", ["a", "b\0"]):
        with pytest.raises(psycopg.DataError, match=r"U\+0000"):
            nul(database, words)
    with pytest.raises(Invalid, match="cannot be computed"), database.read() as tx:
        tx.rows("SELECT 1 / (id - id) FROM (SELECT ?::bigint AS id) one", (3,))
    assert ids(database) == []


def twice(database: PostgresDatabase, told: list[str]) -> None:
    with database.write() as tx:
        tx.on_rollback(lambda: told.append("undone"))
        tx.on_commit(lambda: told.append("committed"))
        with tx.together():
            tx.many(ADD, [row(1)])
            tx.many(ADD, [row(7)])
            tx.execute("UPDATE nothing SET id = ?", (1,))


@pytest.mark.parametrize("times", [1, 5])
def test_the_first_that_fails_raises_and_nothing_is_kept(database: PostgresDatabase, times: int) -> None:
    """Also once its plan is kept; the connection is as good as before."""
    with database.write() as tx:
        process = backend(tx)
        tx.many(ADD, [row(7)])
    for _ in range(times):
        undone: list[str] = []
        with pytest.raises(psycopg.errors.UniqueViolation) as told:
            twice(database, undone)
        assert told.value.diag.constraint_name == "probe_pkey"
        assert told.value.sqlstate == "23505"
        assert undone == ["undone"]
    assert ids(database) == [7]
    with database.write() as tx:
        assert backend(tx) == process
        tx.many(ADD, [row(8)])
    assert ids(database) == [7, 8]


def swallowed(database: PostgresDatabase) -> None:
    with database.write() as tx:
        tx.many(ADD, [row(1)])
        with suppress(psycopg.errors.UniqueViolation):
            tx.many(ADD, [row(1)])


def test_a_failure_that_somebody_swallows_does_not_pass_for_a_commit(database: PostgresDatabase) -> None:
    with pytest.raises(psycopg.errors.InFailedSqlTransaction):
        swallowed(database)
    assert ids(database) == []


def test_together_goes_into_together(database: PostgresDatabase) -> None:
    with database.write() as tx:
        with tx.together():
            tx.many(ADD, [row(1)])
            with tx.together():
                tx.many(ADD, [row(2)])
            tx.execute("DELETE FROM probe WHERE id = ?", (1,))
            assert tx.rows("SELECT id FROM probe") == [(2,)], "a question sends what waits before it"
            tx.many("DELETE FROM probe WHERE id = ?", [(2,), (3,)])
            tx.many(ADD, [row(4)])
        assert tx.ask([("SELECT id FROM probe", ()), ("SELECT count(*) FROM probe WHERE id > ?", (4,))]) == [
            [(4,)],
            [(0,)],
        ]
        assert tx.execute("UPDATE probe SET word = ? WHERE id > ?", ("x", 0)) == 1
        tx.insert("probe", ["id", "word"], [(5, "copied")])
        assert list(tx.stream("SELECT id FROM probe WHERE id > ? ORDER BY id", (0,))) == [
            (4,),
            (5,),
        ]
    assert ids(database) == [4, 5]


def test_a_huge_group_passes(database: PostgresDatabase) -> None:
    """More than the buffers of both sides hold, with answers that are long themselves."""
    content = bytes(5_000)
    with database.write() as tx, tx.together():
        tx.many(ADD, [row(id, content=content) for id in range(10_000)])
        for id in range(2_000):
            tx.execute("SELECT repeat('x', 20000) FROM probe WHERE id = ?", (id,))
        tx.many(ADD, [row(20_000, content=bytes(50 << 20))])
    with database.read() as tx:
        assert tx.row("SELECT count(*), sum(length(content)) FROM probe") == (10_001, 50_000_000 + (50 << 20))
        assert len(tx.ask([("SELECT content FROM probe WHERE id < ?", (500,))] * 4)[3]) == 500


def killed(database: PostgresDatabase, moment: str, seen: list[int]) -> None:
    with database.write() as tx:
        seen.append(backend(tx))
        if moment == "before":
            end(database, seen[0])
            tx.rows("SELECT 1")
        with tx.together():
            tx.many(ADD, [row(1)])
            if moment == "inside":
                tx.execute("SELECT pg_terminate_backend(pg_backend_pid())")
                tx.many(ADD, [row(2)])
                tx.rows("SELECT 1")
        if moment == "commit":
            end(database, seen[0])


@pytest.mark.parametrize("moment", ["before", "inside", "commit"])
def test_a_connection_that_is_killed_commits_nothing_unseen(database: PostgresDatabase, moment: str) -> None:
    seen: list[int] = []
    with pytest.raises(Unavailable) as told:
        killed(database, moment, seen)
    assert ("may have happened" in str(told.value)) == (moment == "commit")
    assert ids(database) == []
    with database.write() as tx:
        assert backend(tx) != seen[0]
        tx.many(ADD, [row(3)])
    assert ids(database) == [3]


def looked(database: PostgresDatabase) -> None:
    with database.read() as tx:
        end(database, backend(tx))
        tx.rows("SELECT 1")


def test_a_reader_that_is_killed_is_followed_by_another(database: PostgresDatabase) -> None:
    with pytest.raises(Unavailable, match="connection was lost"):
        looked(database)
    assert ids(database) == []


def test_nobody_asks_on_a_connection_that_is_another_s_by_now(database: PostgresDatabase) -> None:
    """It would begin a transaction there that nobody ends."""
    with database.read() as reading:
        pass
    with database.write() as writing:
        writing.many(ADD, [row(1)])
    for tx in (reading, writing):
        with pytest.raises(psycopg.InterfaceError, match="is over"):
            tx.rows("SELECT 1")
    assert ids(database) == [1]


def broken_off(database: PostgresDatabase, monkeypatch: pytest.MonkeyPatch) -> None:
    def stopped(self: Wire, count: int) -> None:
        raise KeyboardInterrupt

    with database.write() as tx:
        tx.many(ADD, [row(1)])
        with monkeypatch.context() as patch:
            patch.setattr(Wire, "_answers", stopped)
            tx.many(ADD, [row(2)])


def test_waiting_that_is_broken_off_closes_the_connection(
    database: PostgresDatabase, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As by Ctrl-C: answers that nobody has read must not be taken for those of the next."""
    with pytest.raises(KeyboardInterrupt):
        broken_off(database, monkeypatch)
    assert ids(database) == []


def kept(connection: psycopg.Connection[Any]) -> set[str]:
    rows = connection.execute("SELECT statement FROM pg_prepared_statements").fetchall()
    return {str(found[0]) for found in rows}


def test_plans_are_kept_of_what_comes_often_and_no_more_than_agreed(database: PostgresDatabase) -> None:
    with psycopg.connect(database.url, autocommit=True) as connection:
        wire = Wire(connection.pgconn)
        for number in range(KEPT + 50):
            for _ in range(OFTEN + 1):
                wire.run([Statement(f"SELECT {number}, $1::bigint".encode(), (number,))])
        assert wire.kept == KEPT
        wire.run([Statement(b"SELECT 1")])
        assert len(kept(connection)) == KEPT
        found = wire.run([Statement(b"SELECT 0, $1::bigint", (5,))] * 2 * OFTEN)
        assert [wire.rows(one) for one in found] == [[(0, 5)]] * 2 * OFTEN
        assert "SELECT 0, $1::bigint" in kept(connection)


def test_a_plan_serves_rows_with_and_without_null(database: PostgresDatabase) -> None:
    with database.write() as tx:
        for id in range(2 * OFTEN):
            tx.many(ADD, [row(id * 40_000, word=None if id % 2 else "x", number=None)])
        assert len([one for one in kept(tx.raw) if "probe" in one]) == 1


def test_plans_follow_the_tables(database: PostgresDatabase) -> None:
    """Tables that another connection changes fail one statement at most, and never the same twice."""
    with database.write() as tx:
        tx.many(ADD, [row(1)])
    for _ in range(2 * OFTEN):
        with database.read() as tx:
            assert len(tx.rows("SELECT * FROM probe")[0]) == 5
    with database.write() as tx:
        tx.execute("ALTER TABLE probe ADD COLUMN more BIGINT")
    with pytest.raises(psycopg.errors.FeatureNotSupported, match="cached plan"), database.read() as tx:
        tx.rows("SELECT * FROM probe")
    for _ in range(2 * OFTEN):
        with database.read() as tx:
            assert len(tx.rows("SELECT * FROM probe")[0]) == 6


def test_own_changes_of_tables_forget_plans(database: PostgresDatabase) -> None:
    for turn in range(3):
        with database.write() as tx:
            for _ in range(2 * OFTEN):
                assert len(tx.rows("SELECT * FROM probe")) == 0
            tx.execute(f"ALTER TABLE probe ADD COLUMN more{turn} BIGINT")
            for _ in range(2 * OFTEN):
                tx.rows("SELECT * FROM probe")
