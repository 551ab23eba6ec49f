"""Observations on their way in: one by one, and as data arrays decoded straight into columns."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from concurrent.futures import Future
from typing import Any

import msgspec
import numpy as np
from numpy.typing import NDArray

from hutong.api.house import House
from hutong.api.requests import Repeat
from hutong.api.sensorthings.columns import Columns
from hutong.api.sensorthings.create import Facts, Inserter, known_fields, link_of
from hutong.api.sensorthings.draft import Draft, facts_of
from hutong.api.sensorthings.lookup import Lookup
from hutong.api.sensorthings.model import SETS
from hutong.api.sensorthings.times import instants
from hutong.engine.observe import check, stream_table
from hutong.kernel.access import Actor, Decision, decide, predicate
from hutong.kernel.errors import Forbidden, HutongError, Invalid, NotFound, Unavailable
from hutong.kernel.observation import STREAM_SHIFT, ObservationBatch, Outcome
from hutong.kernel.query import EVERYTHING
from hutong.kernel.thing import Datastream, Thing

Ints = NDArray[np.int64]
SOURCE = "sensorthings"
MOST_ROWS = 100_000
LARGE = 500_000
ONCE = Repeat()
ERROR = "error"
_CHANGED = {"thing", "location", "datastream", "sensor", "observed_property", "feature"}
_PLAIN = msgspec.json.Decoder(list[tuple[str, float]])
_PLAIN_BACK = msgspec.json.Decoder(list[tuple[float, str]])
_ROWS = msgspec.json.Decoder(list[list[Any]])
_DECODERS: dict[tuple[str, ...], tuple[Any, int]] = {
    ("phenomenonTime", "result"): (_PLAIN, 0),
    ("result", "phenomenonTime"): (_PLAIN_BACK, 1),
}
_COMPONENTS = {
    *SETS["Observations"].properties,
    "FeatureOfInterest/id",
    "FeatureOfInterest/@iot.id",
    "id",
    "@iot.id",
}


class Link(msgspec.Struct, frozen=True):
    id: int | str = msgspec.field(name="@iot.id")


class DataArray(msgspec.Struct, frozen=True):
    """Rows of one datastream (OGC 18-088 §12)."""

    datastream: Link = msgspec.field(name="Datastream")
    components: tuple[str, ...]
    rows: msgspec.Raw = msgspec.field(name="dataArray")


_ARRAYS = msgspec.json.Decoder(list[DataArray])


class Streams:
    """Datastreams by id, read once and again after a change."""

    def __init__(self, house: House) -> None:
        self._house = house
        self._known: dict[int, Datastream] = {}
        self._pairs: set[tuple[int, int]] = set()
        self.generation = 0
        """Moves on with every change that may matter."""
        house.outbox.watch(lambda kinds: self.clear() if kinds & _CHANGED else None)

    def clear(self) -> None:
        self.generation += 1
        self._known = {}
        self._pairs = set()

    def kept(self, id: int) -> Datastream | None:
        """A datastream that was read already and stands."""
        found = self._known.get(id)
        return found if found is not None and found.retired is None else None

    def known(self, ids: Sequence[int]) -> dict[int, Datastream]:
        """Those of the ids that stand."""
        known = self._known
        missing = [id for id in ids if id not in known]
        if missing:
            with self._house.store.reader() as reader:
                known.update(reader.many(Datastream, missing))
        return {id: known[id] for id in ids if id in known and known[id].retired is None}

    def noted(self, feature: int, stream: int) -> bool:
        """Whether the feature is known to be observed by the stream; it is from now on."""
        pair = (feature, stream)
        known = pair in self._pairs
        self._pairs.add(pair)
        return known


class Sending(msgspec.Struct):
    """Batches of one request, each with the places of its rows among all rows."""

    total: int = 0
    places: list[Ints] = []
    batches: list[ObservationBatch] = []
    reasons: dict[int, str] = {}


class Ingest:
    """Takes observations for whoever may send them."""

    def __init__(self, house: House) -> None:
        self.house = house
        self.streams = Streams(house)

    def may_observe(self, actor: Actor, streams: Sequence[Datastream]) -> None:
        """Forbidden unless the asker may send observations of all these datastreams."""
        for verb in ("observe", "manage"):
            if predicate(actor, verb, "datastream") == EVERYTHING:
                return
        for decision in self._decisions(actor, streams):
            if not decision.allowed:
                raise Forbidden(
                    "datastream", decision.reason, "ask an administrator for a role that may observe"
                )

    def _decisions(self, actor: Actor, streams: Sequence[Datastream]) -> list[Decision]:
        if not any(decide(actor, verb, "datastream").allowed for verb in ("observe", "manage")):
            return [decide(actor, "observe", "datastream")]
        with self.house.store.reader() as reader:
            things = reader.many(Thing, sorted({one.thing for one in streams}))
        scopes = [self.house.directory.scope(thing.place, thing.owner) for thing in things.values()]
        decided = [
            [decide(actor, verb, "datastream", scope) for verb in ("observe", "manage")] for scope in scopes
        ]
        return [next((one for one in pair if one.allowed), pair[0]) for pair in decided]

    async def one(self, actor: Actor, body: Any, stream: int | None, repeat: Repeat) -> int:
        """A single observation: the id it has once it is durable."""
        facts = facts_of(body, "Observation")
        known_fields(SETS["Observations"], facts)
        id = stream if stream is not None else link_of(facts.get("Datastream"), "Datastream")
        if id is None:
            raise Invalid(
                "Datastream", "is described inside an Observation", "create it first; link by @iot.id"
            )
        own = self.streams.known([id]).get(id)
        if own is None:
            wrong = Invalid if stream is None else NotFound
            raise wrong("Datastream", f"there is no Datastream {id}", "create it first")
        self.may_observe(actor, [own])
        feature = 0
        columns = Columns(self.house.now())
        if facts.get("FeatureOfInterest") is not None:
            columns.add(own, facts)
            feature = await asyncio.to_thread(self._feature, actor, own, facts["FeatureOfInterest"], columns)
            columns = Columns(columns.now)
        columns.add(own, facts, feature)
        batch = columns.batch(SOURCE)
        if batch is None:
            raise Invalid("Observation", "is empty")
        outcome = await self._taken(batch, repeat)
        if outcome.refused:
            raise Invalid(outcome.refused[0].field, outcome.refused[0].reason)
        return int(self._ids(batch, outcome)[0])

    def _feature(self, actor: Actor, stream: Datastream, given: Any, columns: Columns) -> int:
        """The id of a named feature, or of one made from its description once the row itself is known to be good."""
        linked = link_of(given, "FeatureOfInterest")
        if linked is not None and self.streams.noted(linked, stream.id):
            return linked
        batch = columns.batch(SOURCE)
        table = stream_table([stream], self.house.rulebook.properties)
        if batch is not None and (refused := check(batch, table, self.house.now()).refusals):
            raise Invalid(refused[0].field, refused[0].reason)
        with self.house.store.reader() as reader:
            draft = Draft(self.house, Lookup(reader), actor)
            feature = Inserter(draft).feature_of(given, stream)
            draft.apply("feature.observe", structural=False)
        return feature

    def submit(self, batch: ObservationBatch, repeat: Repeat = ONCE) -> Future[Outcome]:
        """Hands a batch to the intake; the outcome comes when it is durable."""
        intake = self.house.context.intake
        if intake is None:
            raise Unavailable("observations", "this server takes none", "send them to the one that does")
        return intake.submit(batch, key=repeat.key, digest=repeat.digest)

    async def _taken(self, batch: ObservationBatch, repeat: Repeat) -> Outcome:
        return await asyncio.wrap_future(self.submit(batch, repeat))

    def _ids(self, batch: ObservationBatch, outcome: Outcome) -> Ints:
        """Ids of the rows that were taken; of a repeated request, of the rows that stand at the same times."""
        count = len(batch) if outcome.rows is None else len(outcome.rows)
        if outcome.ids is not None and len(outcome.ids) == count:
            return outcome.ids
        rows = np.arange(len(batch)) if outcome.rows is None else outcome.rows
        return self._standing(batch, rows)

    def _standing(self, batch: ObservationBatch, rows: Ints) -> Ints:
        ids: list[int] = []
        with self.house.store.reader() as reader:
            for row in rows.tolist():
                stream, time = int(batch.stream[row]), int(batch.time[row])
                found = reader.observations(stream, time, time + 1, limit=1)
                at = int(found.sequence[0]) if len(found) and found.sequence is not None else 0
                ids.append((stream << STREAM_SHIFT) + at)
        return np.array(ids, np.int64)

    async def arrays(self, actor: Actor, raw: bytes, repeat: Repeat) -> tuple[list[int], dict[int, str]]:
        """Data arrays: the id of each row in the order sent (0: refused), and why rows were refused."""
        try:
            groups = _ARRAYS.decode(raw)
        except msgspec.DecodeError as error:
            raise Invalid("body", f"is no list of data arrays: {error}", "see OGC 18-088 §12") from None
        wanted = [_stream_id(group) for group in groups]
        known = self.streams.known(list(dict.fromkeys(wanted)))
        self.may_observe(actor, list(known.values()))
        sending = await self._gathered(actor, len(raw), groups, wanted, known)
        ids = np.zeros(sending.total, np.int64)
        parts = [repeat.part(at) for at in range(len(sending.batches))]
        outcomes = await asyncio.gather(
            *(self._taken(batch, part) for batch, part in zip(sending.batches, parts, strict=True))
        )
        for places, batch, outcome in zip(sending.places, sending.batches, outcomes, strict=True):
            taken = places if outcome.rows is None else places[outcome.rows]
            ids[taken] = self._ids(batch, outcome)
            for refusal in outcome.refused:
                sending.reasons[int(places[refusal.row])] = f"{refusal.field}: {refusal.reason}"
        return ids.tolist(), sending.reasons

    async def _gathered(self, actor: Actor, size: int, *given: Any) -> Sending:
        """Large bodies are read beside the event loop, so that others are not kept waiting."""
        if size > LARGE:
            return await asyncio.to_thread(self._sending, actor, *given)
        return self._sending(actor, *given)

    def _sending(
        self, actor: Actor, groups: list[DataArray], wanted: list[int], known: dict[int, Datastream]
    ) -> Sending:
        sending = Sending()
        plain: list[tuple[int, int, Ints, NDArray[np.float64]]] = []
        columns, places = Columns(self.house.now()), list[int]()
        streams = [known.get(id) for id in wanted]
        for group, id, stream, fast in zip(groups, wanted, streams, _fast(groups, streams), strict=True):
            if fast is not None:
                plain.append((sending.total, id, *fast))
                sending.total += len(fast[0])
            else:
                self._slowly(actor, group, stream, sending, columns, places)
            if sending.total > MOST_ROWS:
                raise Invalid("dataArray", f"holds more than {MOST_ROWS} rows", "send several requests")
        if plain:
            sending.places.append(np.concatenate([np.arange(at, at + len(time)) for at, _, time, _ in plain]))
            sending.batches.append(_joined(plain))
        rest = columns.batch(SOURCE)
        if rest is not None:
            sending.places.append(np.array(places, np.int64))
            sending.batches.append(rest)
        return sending

    def _slowly(
        self,
        actor: Actor,
        group: DataArray,
        stream: Datastream | None,
        sending: Sending,
        columns: Columns,
        places: list[int],
    ) -> None:
        """Row by row, for what is not plain numbers at instants in UTC; a bad row is told of, others are taken."""
        names = [name.removesuffix("/id").removesuffix("/@iot.id") for name in group.components]
        if set(group.components) - _COMPONENTS:
            unknown = sorted(set(group.components) - _COMPONENTS)
            raise Invalid(
                "components", f"{unknown[0]!r} is none", f"they are {', '.join(sorted(_COMPONENTS))}"
            )
        try:
            rows = _ROWS.decode(group.rows)
        except msgspec.DecodeError as error:
            raise Invalid("dataArray", f"is no list of rows: {error}", "send [[…], […]]") from None
        for values in rows:
            place = sending.total
            sending.total += 1
            try:
                if stream is None:
                    raise Invalid("Datastream", f"there is no Datastream {group.datastream.id}")
                if len(values) != len(names):
                    raise Invalid("dataArray", f"a row has {len(values)} values for {len(names)} components")
                body = dict(zip(names, values, strict=True))
                columns.add(stream, body, self._named_feature(actor, body, stream))
                places.append(place)
            except HutongError as error:
                sending.reasons[place] = f"{error.field}: {error.reason}"

    def _named_feature(self, actor: Actor, body: Facts, stream: Datastream) -> int:
        given = body.get("FeatureOfInterest")
        if given is None:
            return 0
        id = link_of({"@iot.id": given}, "FeatureOfInterest") or 0
        return self._feature(actor, stream, {"@iot.id": id}, Columns(0))


def _stream_id(group: DataArray) -> int:
    return link_of({"@iot.id": group.datastream.id}, "Datastream") or 0


Texts = tuple[str, ...]


def _fast(
    groups: Sequence[DataArray], streams: Sequence[Datastream | None]
) -> list[tuple[Ints, NDArray[np.float64]] | None]:
    """Times and results of each array of plain rows; None where the rows need a closer look.

    The times of all arrays are read at once: an array of a hundred rows costs no more than its rows.
    """
    decoded = [
        _decoded(group) if stream is not None and stream.result_kind in ("number", "code") else None
        for group, stream in zip(groups, streams, strict=True)
    ]
    times = iter(_times([texts for texts, _ in filter(None, decoded)]))
    found: list[tuple[Ints, NDArray[np.float64]] | None] = []
    for one in decoded:
        own = next(times) if one is not None else None
        found.append((own, np.array(one[1], np.float64)) if one is not None and own is not None else None)
    return found


def _decoded(group: DataArray) -> tuple[Texts, tuple[float, ...]] | None:
    known = _DECODERS.get(group.components)
    if known is None:
        return None
    decoder, time_at = known
    try:
        rows = decoder.decode(group.rows)
    except msgspec.DecodeError:
        return None
    if not rows:
        return (), ()
    first, second = zip(*rows, strict=True)
    return (second, first) if time_at else (first, second)


def _times(arrays: list[Texts]) -> list[Ints | None]:
    """Each array's instants; None for one whose are not all written alike."""
    together = instants([text for texts in arrays for text in texts])
    if together is None:
        return [instants(texts) if texts else np.zeros(0, np.int64) for texts in arrays]
    ends = np.cumsum([len(texts) for texts in arrays])[:-1]
    return list(np.split(together, ends))


def _joined(plain: list[tuple[int, int, Ints, NDArray[np.float64]]]) -> ObservationBatch:
    time = np.concatenate([one[2] for one in plain])
    return ObservationBatch(
        source=SOURCE,
        stream=np.repeat(np.array([one[1] for one in plain], np.int64), [len(one[2]) for one in plain]),
        time=time,
        number=np.concatenate([one[3] for one in plain]),
        quality=np.zeros(len(time), np.uint8),
    )
