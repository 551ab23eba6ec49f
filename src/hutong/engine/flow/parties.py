"""Parties: erasure of a person. What must stay (cases, deeds) stays without a readable trace of who it was."""

from __future__ import annotations

from msgspec.structs import replace

from hutong.engine.flow.cases import CaseDesk
from hutong.kernel.access import Actor, decide
from hutong.kernel.changes import Changes, Record
from hutong.kernel.errors import Forbidden, Invalid, Refused
from hutong.kernel.party import Account, Party
from hutong.kernel.ports import Reader
from hutong.kernel.query import equals


def erase_person(desk: CaseDesk, party_id: int, basis: str, actor: Actor) -> Party:
    """Destroys the key of a person: names, numbers, contacts, logins and personal files become unreadable everywhere.

    Refused for organisations and for somebody erased before; Invalid without a legal basis or request to name.
    """
    decision = decide(actor, "erase", "party")
    if not decision.allowed:
        raise Forbidden("party", decision.reason, "ask the data officer")
    if not basis.strip():
        raise Invalid("basis", "is empty", "name the request or the clause (个人信息保护法 §47)")
    now = desk.clock.city_time()
    with desk.store.reader() as reader:
        party = reader.get(Party, party_id)
        accounts = reader.find(Account, equals("subject", party_id), limit=100).rows
    if party.kind != "person":
        raise Refused("party", "only natural persons can be erased", "retire the organisation instead")
    if party.erased is not None:
        raise Refused("party", "was erased before", "there is nothing left to erase")
    record = Record(
        kind="party.erase",
        actor=actor.account,
        at=now,
        subjects=(("party", party_id), *(("account", one.id) for one in accounts)),
        facts={"basis": basis.strip()},
    )
    bare = replace(party, person_name=None, id_number=None, phone=None, email=None, address=None, erased=now)
    gone = tuple(replace(one, login="", disabled=now, retired=now) for one in accounts)
    desk.store.apply(Changes(puts=(bare, *gone), records=(record,), erase=(party_id,)))
    with desk.store.reader() as reader:
        return reader.get(Party, party_id)


def reporter(reader: Reader, name: str, phone: str, fresh: int) -> Party:
    """The person of this phone and name as known, or a new one with the id `fresh` (version 0)."""
    same = reader.search_hash(Party, "phone", phone) if phone else []
    known = next((one for one in same if (one.person_name or "") == name and one.erased is None), None)
    return known or Party(
        id=fresh, subject=fresh, kind="person", person_name=name or None, phone=phone or None
    )
