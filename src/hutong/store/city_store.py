"""The store of a city: the kernel's Store port over either database."""

from __future__ import annotations

import hashlib
import logging
import threading
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import Future
from contextlib import contextmanager

from hutong.kernel.base import Entity
from hutong.kernel.changes import Applied, Changes, Record, Step
from hutong.kernel.clock import Clock
from hutong.kernel.errors import HutongError, Invalid, Unavailable
from hutong.kernel.thing import Thing
from hutong.store.archive import ArchiveFiles
from hutong.store.bulk import chunks, load_chunk
from hutong.store.chain import GENESIS, HashFunction
from hutong.store.checkpoints import Checkpoints
from hutong.store.codec import Codec
from hutong.store.erase import finish_erasures
from hutong.store.files import FolderFiles
from hutong.store.flush import flush
from hutong.store.group import Group, Spoiled
from hutong.store.histories import Preparation, Prepared
from hutong.store.history_load import take
from hutong.store.index_pause import without_indexes
from hutong.store.json_index import Values, index_properties
from hutong.store.layout import noun_of
from hutong.store.leases import StoredLease
from hutong.store.observations import Observations
from hutong.store.observations.packer import Packer
from hutong.store.reader import StoreReader
from hutong.store.stream_lanes import StreamCodes
from hutong.store.transaction import Database, Tx
from hutong.store.verify import Report, verify
from hutong.store.writer import Answer, Writer

_log = logging.getLogger(__name__)
IDS = 256
"""Ids taken from the database at a time."""
STREAM_IDS = 16
"""Of datastreams: few, since none may be wasted."""
MAX_STREAMS = 1 << 21
"""Datastream ids stay below: observation ids (stream × 2³² + sequence) then have 53 bits, which browsers keep exact."""


class CityStore:
    """Keeps a city. One per process; safe to call from many threads."""

    def __init__(
        self,
        database: Database,
        codec: Codec,
        files: FolderFiles,
        clock: Clock,
        digest: HashFunction,
        checkpoints: Checkpoints,
        archive: ArchiveFiles,
        *,
        signs: bool = True,
    ) -> None:
        """`signs`: of the processes that write, the one that signs checkpoints."""
        self.database = database
        self.codec = codec
        self.files = files
        self.clock = clock
        self.digest = digest
        self.checkpoints = checkpoints
        self.codes = StreamCodes()
        self.archive = archive
        self._signs = signs
        self.observations = Observations(self.codes.of, archive)
        self._writers: dict[int, Writer] = {}
        self._lock = threading.Lock()
        self._ids = range(0)
        self._stream_ids = range(0)
        self._closed = False
        self.lanes = self.known_lanes()
        finish_erasures(self.database, self.codec.vault)

    def known_lanes(self) -> tuple[int, ...]:
        """The lanes of the database."""
        with self.database.read() as tx:
            return tuple(row[0] for row in tx.rows("SELECT lane FROM lane ORDER BY lane"))

    def index_properties(self, properties: Iterable[tuple[str, Values]]) -> None:
        """Indexes values of things' properties, by name and kind. Done once; building it takes a while on big tables."""
        with self.database.write() as tx:
            index_properties(tx, noun_of(Thing), properties)

    def add_lane(self, lane: int) -> None:
        """A lane is made once and never changes; adding one that is there does nothing."""
        with self.database.write() as tx:
            tx.execute(
                "INSERT INTO lane (lane, position, head, state_version, recorded, streams) "
                "VALUES (?, 0, ?, 0, 0, 0) ON CONFLICT (lane) DO NOTHING",
                (lane, GENESIS),
            )
        self.lanes = self.known_lanes()

    @contextmanager
    def reader(self) -> Iterator[StoreReader]:
        with self.database.read() as tx:
            yield StoreReader(tx, self.codec, self.lanes, self.observations)

    def new_ids(self, count: int) -> range:
        """Fresh ids in a row; safe in several processes."""
        if count < 0:
            raise Invalid("count", "must not be negative")
        with self._lock:
            if len(self._ids) < count:
                self._ids = self._id_block("row", max(IDS, count))
            taken, self._ids = self._ids[:count], self._ids[count:]
        return taken

    def new_stream_ids(self, count: int) -> range:
        """Fresh ids of datastreams; Invalid when a city has as many as observation ids have room for."""
        if count < 0:
            raise Invalid("count", "must not be negative")
        with self._lock:
            if len(self._stream_ids) < count:
                self._stream_ids = self._id_block("stream", max(STREAM_IDS, count), below=MAX_STREAMS)
            taken, self._stream_ids = self._stream_ids[:count], self._stream_ids[count:]
        return taken

    def _id_block(self, name: str, count: int, *, below: int | None = None) -> range:
        sql = "UPDATE id_block SET next = next + ? WHERE name = ? RETURNING next"
        with self.database.write() as tx:
            row = tx.row(sql, (count, name))
            if below is not None and row and row[0] > below:
                reason = f"{count} more would pass {below - 1:,} datastreams, the most that a city can have"
                raise Invalid("datastream", reason, "use datastreams that are there, or another city folder")
        end = int(row[0]) if row else 0
        return range(end - count, end)

    def submit(self, changes: Changes) -> Future[Applied]:
        """Queues for the next group commit of the lane."""
        return self._writer(changes.lane).submit(changes)

    def apply(self, changes: Changes) -> Applied:
        """`submit` and wait until durable."""
        return self._writer(changes.lane).apply(changes)

    def apply_all(self, many: Sequence[Changes]) -> list[Answer]:
        """Commands decided together, in one group where they are of one lane."""
        by_lane: dict[int, list[int]] = {}
        for place, changes in enumerate(many):
            by_lane.setdefault(changes.lane, []).append(place)
        found: dict[int, Answer] = {}
        for lane, places in by_lane.items():
            answers = self._writer(lane).apply_all([many[place] for place in places])
            found.update(zip(places, answers, strict=True))
        return [found[place] for place in range(len(many))]

    def _writer(self, lane: int) -> Writer:
        writer = self._writers.get(lane)
        if writer is None:
            with self._lock:
                writer = self._writers.get(lane)
                if writer is None:
                    writer = Writer(f"writer-{lane}", lambda commands: self._commit(lane, commands))
                    self._writers[lane] = writer
        return writer

    def _commit(self, lane: int, commands: list[Changes]) -> list[Answer]:
        """One transaction. Raises if the database refused it as a whole."""
        with self.database.write() as tx:
            group = Group(tx, lane, self.codec, self.digest, self.observations, self.codes)
            group.load(commands, self.clock.recorded_at())
            answers = [_decided(group, command, alone=len(commands) == 1) for command in commands]
            self.observations.flush(tx, lane, group.now)
            if group.changed:
                flush(group)
        return self._afterwards(group, commands, answers)

    def _afterwards(self, group: Group, commands: list[Changes], answers: list[Answer]) -> list[Answer]:
        """What follows a commit. It never raises: the group is durable and must not be tried again."""
        try:
            if group.erasing:
                finish_erasures(self.database, self.codec.vault)
        except Exception as error:
            reason = f"the erasure is recorded, but the key could not be destroyed yet: {error}"
            late = Unavailable(
                "erase", reason, "mend the keys folder and restart: it is finished at the next start"
            )
            answers = [late if command.erase else one for command, one in zip(commands, answers, strict=True)]
        if self._signs:
            try:
                self.checkpoints.passed(self.database, group.lane.lane, group.lane.position)
            except Exception:
                _log.exception(
                    "no checkpoint could be written; the next commit that passes a mark tries again"
                )
        return answers

    def sign_passed(self) -> None:
        """Signs a checkpoint if a lane has passed a mark. Whoever signs calls it now and then where others commit too."""
        self.checkpoints.look(self.database)

    def bulk_load(self, entities: Sequence[Entity], record: Record) -> int:
        """Adds many new rows (all of one lane), each chunk in a transaction of its own; returns the last position.

        The record stands once per chunk in the journal, with ranges of ids, count and digest.
        """
        position = 0
        for part in chunks(entities):
            lane = part[0].lane
            with self.database.write() as tx:
                group = Group(tx, lane, self.codec, self.digest, self.observations, self.codes)
                group.load([], self.clock.recorded_at())
                load_chunk(group, part, record)
                group.lane.streams += 1
                flush(group)
            position = group.lane.position
        self.checkpoints.write(self.database)
        return position

    def load_histories(self, steps: Sequence[Step], *, lane: int = 1) -> int:
        """Adds new rows of a lane with their past, all in one transaction; returns the last position. Give the whole
        history of each row, a few ten thousand steps a call."""
        with self.database.write() as tx:
            group = self._loading(tx, lane)
            take(group, Preparation(self.codec, self.digest, lane, group.now).prepare(steps))
            flush(group)
        self.checkpoints.passed(self.database, lane, group.lane.position)
        return group.lane.position

    def preparation(self, *, lane: int = 1) -> Preparation:
        """What makes histories ready for `load_prepared`, if need be in other processes. One for the whole of a load."""
        return Preparation(self.codec, self.digest, lane, self.clock.recorded_at())

    def load_prepared(self, given: Prepared) -> int:
        """`load_histories` of what was made ready before; returns the last position."""
        with self.database.write() as tx:
            group = self._loading(tx, given.lane)
            take(group, given)
            flush(group)
        self.checkpoints.passed(self.database, given.lane, group.lane.position)
        return group.lane.position

    def _loading(self, tx: Tx, lane: int) -> Group:
        group = Group(tx, lane, self.codec, self.digest, self.observations, self.codes)
        group.load([], self.clock.recorded_at())
        group.lane.streams += 1
        return group

    @contextmanager
    def first_load(self, struct: type[Entity]) -> Iterator[None]:
        """While the first rows of a noun come in by bulk, the indexes that only reading needs are away; they are built at
        the end, or when the store is next opened. Conflict if there are rows already."""
        noun = noun_of(struct)
        with without_indexes(self.database, noun):
            yield

    def verify(self, *, rows: bool = True) -> Report:
        """Checks journal, checkpoints and rows."""
        return verify(self.database, self.digest, self.checkpoints, rows=rows)

    def packers(self) -> list[Packer]:
        """One for each lane: run them in threads or in a process of their own."""
        return [Packer(self.database, lane, self.clock, self.observations) for lane in self.lanes]

    def lease(self, name: str) -> StoredLease:
        """The lease of a piece of work that one process at a time does."""
        return StoredLease(self.database, self.clock, name)

    def keep_definition(self, content: bytes) -> str:
        """Stores a definition by its SHA-256, once."""
        digest = hashlib.sha256(content).hexdigest()
        with self.database.read() as tx:
            known = tx.row("SELECT 1 FROM definition WHERE digest = ?", (digest,))
        if known is None:
            with self.database.write() as tx:
                sql = "INSERT INTO definition (digest, content) VALUES (?, ?) ON CONFLICT (digest) DO NOTHING"
                tx.execute(sql, (digest, content))
        return digest

    def abandon(self) -> None:
        """Closes without a checkpoint, as after a failed restore."""
        self.database.close()
        self.codec.vault.close()

    def close(self) -> None:
        """Commits what is queued, signs a checkpoint (if that is its part), closes files. Closing twice does nothing."""
        if self._closed:
            return
        self._closed = True
        for writer in self._writers.values():
            writer.close()
        if self._signs:
            self.checkpoints.write(self.database)
        self.abandon()


def _decided(group: Group, command: Changes, *, alone: bool) -> Answer:
    try:
        return group.decide(command)
    except Spoiled as spoiled:
        if alone and isinstance(spoiled.__cause__, HutongError):
            raise spoiled.__cause__ from None
        raise
    except HutongError as error:
        return error
