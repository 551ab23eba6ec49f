"""The other side: a platform above the city that gives orders, is told what became of them, and fails on demand."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

from hutong.kernel.signature import HEADER, signed

SECRET = b"shared between the two"
PAGE = 2


class Platform:
    """Keeps orders and words in the order they were given out; knows a report by its key."""

    def __init__(self) -> None:
        self.feed: list[tuple[str, dict[str, Any]]] = []
        self.reports: list[dict[str, Any]] = []
        self.keys: set[str] = set()
        self.repeats = 0
        self.unsigned = 0
        self.troubles: list[str] = []
        """What to do with the next reports: `lose` (keep it, answer nothing), `busy` (503), `refuse` (422)."""
        self.runs_on = False
        """Gives another cursor with every empty page."""
        self.now = 0
        self.url = ""

    def order(self, number: str, **more: Any) -> None:
        base = {
            "number": number,
            "received": "2026-07-18T18:00:00+08:00",
            "demand": "投诉",
            "category": "0601",
            "text": "路口积水没过脚踝，过不去。",
            "address": "人民路1号",
            "caller": {"name": "王小明", "phone": "13800138000"},
        }
        self.feed.append(("orders", {**base, **more}))

    def word(self, id: str, number: str, kind: str, text: str = "", **more: Any) -> None:
        self.feed.append(("words", {"id": id, "number": number, "kind": kind, "text": text, **more}))

    def page(self, after: str) -> dict[str, Any]:
        start = int(after or 0)
        rows = self.feed[start : start + PAGE]
        answer: dict[str, Any] = {"orders": [], "words": [], "cursor": str(start + len(rows))}
        if self.runs_on and not rows:
            answer["cursor"] = str(start + 1)
        for kind, row in rows:
            answer[kind].append(row)
        return answer

    def told(self, number: str) -> list[str]:
        return [one["event"] for one in self.reports if one["number"] == number]


class _Handler(BaseHTTPRequestHandler):
    platform: Platform

    def do_GET(self) -> None:
        if self._right(b""):
            query = parse_qs(urlsplit(self.path).query)
            self._answer(200, self.platform.page(query.get("after", [""])[0]))

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        if not self._right(body):
            return
        trouble = self.platform.troubles.pop(0) if self.platform.troubles else ""
        if trouble in ("busy", "refuse"):
            self._answer(503 if trouble == "busy" else 422, {"said": trouble})
            return
        key = self.headers["Idempotency-Key"]
        if key in self.platform.keys:
            self.platform.repeats += 1
        else:
            self.platform.keys.add(key)
            self.platform.reports.append(json.loads(body))
        if trouble == "lose":
            self.close_connection = True
            return
        self._answer(200, {"accepted": True})

    def _right(self, body: bytes) -> bool:
        if signed(self.headers.get(HEADER, ""), SECRET, self.platform.now, self.command, self.path, body):
            return True
        self.platform.unsigned += 1
        self._answer(401, {"said": "signature"})
        return False

    def _answer(self, status: int, body: dict[str, Any]) -> None:
        content = json.dumps(body).encode()
        self.send_response(status)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, format: str, *args: Any) -> None:
        return


@contextmanager
def open_platform() -> Iterator[Platform]:
    """A platform on a port of the loopback."""
    platform = Platform()
    handler = type("Handler", (_Handler,), {"platform": platform})
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    platform.url = f"http://127.0.0.1:{server.server_port}/port"
    try:
        yield platform
    finally:
        server.shutdown()
        server.server_close()
        thread.join(timeout=10)
