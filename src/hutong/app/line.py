"""Messages between two processes of a server, over a pair of sockets that one inherits from the other.

The pair has no name that anybody else could connect to. A message is its length (4 bytes) and its bytes. Saying never waits:
a thread sends, so that neither an event loop nor the judge is held up by a process that does not listen.
"""

from __future__ import annotations

import logging
import queue
import socket
import struct
import threading
from collections.abc import Callable
from contextlib import suppress

_SIZE = struct.Struct("<I")
LARGEST = 1 << 30
"""Bytes of a message; more is no message of ours."""
_log = logging.getLogger(__name__)


class Line:
    """One end. `heard` is called with each message, and `ended` once when the other end is gone, in a thread of the line."""

    def __init__(
        self, end: socket.socket, heard: Callable[[bytes], None], ended: Callable[[], None] = lambda: None
    ) -> None:
        self._end, self._heard, self._ended = end, heard, ended
        self._leaving: queue.SimpleQueue[bytes | None] = queue.SimpleQueue()
        self._threads = [
            threading.Thread(target=work, name=name, daemon=True)
            for name, work in (("line-in", self._receive), ("line-out", self._send))
        ]

    def start(self) -> None:
        for thread in self._threads:
            thread.start()

    def say(self, message: bytes) -> None:
        """Queues a message; lost if the other end is gone."""
        self._leaving.put(message)

    def _send(self) -> None:
        while (message := self._leaving.get()) is not None:
            try:
                self._end.sendall(_SIZE.pack(len(message)))
                self._end.sendall(message)
            except OSError:
                return

    def _receive(self) -> None:
        try:
            while (message := self._message()) is not None:
                self._heard(message)
        except Exception:
            _log.exception("a message of another process could not be understood; it is spoken to no more")
        finally:
            self.close()
            self._ended()

    def _message(self) -> bytes | None:
        head = self._exactly(_SIZE.size)
        if head is None:
            return None
        (size,) = _SIZE.unpack(head)
        if size > LARGEST:
            raise ValueError(f"a message of {size} bytes")
        return self._exactly(size)

    def _exactly(self, count: int) -> bytes | None:
        """So many bytes; None if the other end is gone."""
        found = bytearray(count)
        view, at = memoryview(found), 0
        while at < count:
            try:
                got = self._end.recv_into(view[at:])
            except OSError:
                return None
            if not got:
                return None
            at += got
        return bytes(found)

    def close(self) -> None:
        """Sends nothing more and hears nothing more."""
        self._leaving.put(None)
        with suppress(OSError):
            self._end.shutdown(socket.SHUT_RDWR)
        with suppress(OSError):
            self._end.close()
