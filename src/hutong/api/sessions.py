"""Sessions, named by a signed cookie wherever they are kept; and the token that proves a page of ours made the request."""

from __future__ import annotations

import hashlib
import hmac
import secrets
import threading

from msgspec.structs import replace

from hutong.kernel.base import HOUR, MINUTE, Instant
from hutong.kernel.clock import Clock
from hutong.kernel.ports import Session, Sessions

COOKIE = "hutong_session"
IDLE = 2 * HOUR
LONGEST = 12 * HOUR
_TOUCH = MINUTE
"""How often `seen` is written."""


class MemorySessions:
    """Sessions of one process; they end with it."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._kept: dict[str, Session] = {}

    def get(self, id: str) -> Session | None:
        return self._kept.get(id)

    def put(self, session: Session) -> None:
        """A new one, or that one was seen again: a session that was ended meanwhile stays ended."""
        with self._lock:
            if session.seen > session.created and session.id not in self._kept:
                return
            self._kept[session.id] = session
            self._drop_stale(session.seen)

    def _drop_stale(self, now: Instant) -> None:
        stale = [one.id for one in self._kept.values() if _ended(one, now)]
        for id in stale:
            del self._kept[id]

    def remove(self, id: str) -> None:
        with self._lock:
            self._kept.pop(id, None)

    def remove_account(self, account: int) -> None:
        with self._lock:
            self._kept = {id: one for id, one in self._kept.items() if one.account != account}


class Cookies:
    """Gives and reads session cookies."""

    def __init__(self, sessions: Sessions, clock: Clock, secret: bytes) -> None:
        self._sessions = sessions
        self._clock = clock
        self._secret = secret

    def begin(self, account: int) -> Session:
        now = self._clock.recorded_at()
        session = Session(secrets.token_urlsafe(32), account, now, now)
        self._sessions.put(session)
        return session

    def cookie(self, session: Session) -> str:
        return f"{session.id}.{self._mac('cookie', session.id)}"

    def csrf(self, session: Session) -> str:
        """The token unsafe requests of this session carry."""
        return self._mac("csrf", session.id)

    def read(self, cookie: str) -> Session | None:
        """The session of a cookie, if it is ours and has not ended; notes that it was seen."""
        id, _, mac = cookie.rpartition(".")
        if not id or not hmac.compare_digest(mac, self._mac("cookie", id)):
            return None
        session = self._sessions.get(id)
        now = self._clock.recorded_at()
        if session is None:
            return None
        if _ended(session, now):
            self._sessions.remove(id)
            return None
        if now - session.seen >= _TOUCH:
            session = replace(session, seen=now)
            self._sessions.put(session)
        return session

    def end(self, session: Session) -> None:
        self._sessions.remove(session.id)

    def right_token(self, session: Session, token: str) -> bool:
        return hmac.compare_digest(token.encode(), self.csrf(session).encode())

    def _mac(self, purpose: str, text: str) -> str:
        return hmac.new(self._secret, f"{purpose}:{text}".encode(), hashlib.sha256).hexdigest()


def _ended(session: Session, now: Instant) -> bool:
    return now - session.seen > IDLE or now - session.created > LONGEST
