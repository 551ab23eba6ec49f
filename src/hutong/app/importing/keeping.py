"""Where imported rows go: into the opened city, or over HTTP to the one that serves it."""

from __future__ import annotations

import base64
import http.client
import json
from collections.abc import Iterator
from concurrent.futures import Future
from pathlib import Path
from typing import Any, Protocol
from urllib.parse import quote, urlsplit

import msgspec
import numpy as np

from hutong.app.city import RunningCity
from hutong.app.importing.shaping import Target
from hutong.engine.directory import everything
from hutong.engine.observe import StreamTable, check, stream_table
from hutong.kernel.changes import Changes
from hutong.kernel.errors import Forbidden, Invalid, Unauthenticated, Unavailable
from hutong.kernel.observation import ObservationBatch, Outcome, Quality, Refusal
from hutong.kernel.thing import Datastream, Thing
from hutong.store.files import keep

URN = "urn:hutong:property:"
FACE = "/sta/v1.1"
PATIENCE = 120.0
"""Seconds for one answer."""


class Keeper(Protocol):
    """Takes batches in order. `place`: the row of the file up to which everything is then done."""

    zone: str

    def targets(self) -> list[Target]: ...

    def place(self, name: str) -> int:
        """How far an earlier run came with this import."""
        ...

    def keep(self, batch: ObservationBatch, name: str, place: int) -> Future[Outcome]: ...


class Opened:
    """The city that this process holds. Rows and place are one commit, so nothing is doubled and nothing left out."""

    def __init__(self, running: RunningCity, *, rules: bool) -> None:
        self.running = running
        self.rules = rules
        self.zone = running.city.head.zone
        self._table: StreamTable | None = None

    def targets(self) -> list[Target]:
        with self.running.store.reader() as reader:
            streams = [one for one in everything(reader, Datastream) if one.retired is None]
            ids = sorted({one.thing for one in streams})
            things: dict[int, Thing] = {}
            for start in range(0, len(ids), 5000):
                things |= reader.many(Thing, ids[start : start + 5000])
        self._table = stream_table(streams, self.running.rulebook.properties)
        return [
            Target(one.id, things[one.thing].code, one.property_code, one.result_kind, one.unit)
            for one in streams
            if one.thing in things
        ]

    def place(self, name: str) -> int:
        with self.running.store.reader() as reader:
            return int(reader.cursor(name) or 0)

    def keep(self, batch: ObservationBatch, name: str, place: int) -> Future[Outcome]:
        cursors = {name: str(place)}
        if self.rules:
            return self.running.intake.submit(batch, cursors=cursors)
        return self._unjudged(batch, cursors)

    def _unjudged(self, batch: ObservationBatch, cursors: dict[str, str]) -> Future[Outcome]:
        """Checked and kept; rules do not see it."""
        assert self._table is not None
        checked = check(batch, self._table, self.running.clock.city_time())
        batches = (checked.batch,) if len(checked.batch) else ()
        applied = self.running.store.submit(Changes(batches=batches, cursors=cursors))
        outcome = Outcome(len(checked.batch), checked.refusals, checked.rows)
        answer: Future[Outcome] = Future()

        def done(future: Future[Any]) -> None:
            error = future.exception()
            if error is None:
                answer.set_result(outcome)
            else:
                answer.set_exception(error)

        applied.add_done_callback(done)
        return answer


class Served:
    """A running city, over SensorThings data arrays. Each block has a key, so one that is sent again is not kept again."""

    def __init__(self, address: str, login: str, password: str, zone: str, notes: Path) -> None:
        """`notes` remembers how far each import came, since only the city itself keeps cursors."""
        parts = urlsplit(address)
        if parts.scheme not in ("http", "https") or not parts.hostname:
            raise Invalid("--server", f"{address!r} is no address", "write http://127.0.0.1:8000")
        kind = http.client.HTTPSConnection if parts.scheme == "https" else http.client.HTTPConnection
        self._connection = kind(parts.hostname, parts.port, timeout=PATIENCE)
        self._head = parts.path.rstrip("/") + FACE
        token = base64.b64encode(f"{login}:{password}".encode()).decode()
        self._headers = {"Authorization": f"Basic {token}", "Content-Type": "application/json"}
        self._notes = notes
        self.zone = zone

    def targets(self) -> list[Target]:
        return list(self._targets())

    def _targets(self) -> Iterator[Target]:
        expand = quote("Thing($select=properties),ObservedProperty($select=definition)", safe="$(),=")
        path: str | None = f"{self._head}/Datastreams?$top=1000&$expand={expand}"
        while path:
            page = self._asked("GET", path)
            for one in page["value"]:
                yield _target(one)
            link = page.get("@iot.nextLink")
            path = None if link is None else f"{urlsplit(link).path}?{urlsplit(link).query}"

    def place(self, name: str) -> int:
        return int(self._read().get(name, 0))

    def _read(self) -> dict[str, int]:
        return json.loads(self._notes.read_text("utf-8")) if self._notes.is_file() else {}

    def keep(self, batch: ObservationBatch, name: str, place: int) -> Future[Outcome]:
        answer: Future[Outcome] = Future()
        refused: tuple[Refusal, ...] = ()
        if len(batch):
            body, order = arrays(batch)
            links = self._asked("POST", f"{self._head}/CreateObservations", body, f"{name}/{place}")
            refused = tuple(
                Refusal(int(order[at]), "result", "was refused by the city")
                for at, link in enumerate(links)
                if link == "error"
            )
        keep(self._notes, json.dumps(self._read() | {name: place}).encode())
        answer.set_result(Outcome(len(batch) - len(refused), refused))
        return answer

    def _asked(self, method: str, path: str, body: bytes | None = None, key: str = "") -> Any:
        headers = {**self._headers, **({"Idempotency-Key": key} if key else {})}
        try:
            self._connection.request(method, path, body, headers)
            answer = self._connection.getresponse()
            content = answer.read()
        except (OSError, http.client.HTTPException) as error:
            self._connection.close()
            raise Unavailable(
                "--server", f"does not answer: {error}", "start it, then run this again"
            ) from None
        if answer.status == 401:
            raise Unauthenticated("--login", "the name or the password is wrong", "see --help")
        if answer.status == 403:
            raise Forbidden("--login", "may not observe these datastreams", "ask an administrator for a role")
        if answer.status >= 400:
            raise Invalid("--server", f"answers {answer.status}: {content[:500].decode(errors='replace')}")
        return msgspec.json.decode(content)


def _target(one: dict[str, Any]) -> Target:
    definition = one["ObservedProperty"].get("definition", "")
    kind = "text" if one["observationType"].endswith("OM_CategoryObservation") else "number"
    code = one["Thing"]["properties"].get("hutong:code", "")
    return Target(
        int(one["@iot.id"]),
        code,
        definition.removeprefix(URN),
        kind,
        one["unitOfMeasurement"]["symbol"] or "1",
    )


def arrays(batch: ObservationBatch) -> tuple[bytes, np.ndarray[Any, Any]]:
    """The batch as data arrays, one for each datastream, and the position of each of their rows in the batch."""
    order = np.argsort(batch.stream, kind="stable")
    cuts = np.flatnonzero(np.diff(batch.stream[order])) + 1
    times = np.char.add(np.datetime_as_string(batch.time.astype("datetime64[us]")), "Z")
    found = []
    for rows in np.split(order, cuts):
        results = [batch.texts.get(row, float(batch.number[row])) for row in rows.tolist()]
        columns: list[list[Any]] = [times[rows].tolist(), results]
        names = ["phenomenonTime", "result"]
        if batch.quality[rows].any():
            names.append("resultQuality")
            columns.append([Quality(one).name for one in batch.quality[rows].tolist()])
        found.append(
            {
                "Datastream": {"@iot.id": int(batch.stream[rows[0]])},
                "components": names,
                "dataArray": list(zip(*columns, strict=True)),
            }
        )
    return msgspec.json.encode(found), order
