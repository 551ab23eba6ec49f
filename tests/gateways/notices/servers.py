"""Small servers that play the other side: an HTTP receiver, an SMS gateway, a mail sink."""

from __future__ import annotations

import json
import socket
import socketserver
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any


class Receiver:
    """Keeps what it was sent, and answers with the next of `answers` (the last one stays)."""

    def __init__(self, answers: list[int]) -> None:
        self.answers = answers
        self.got: list[tuple[str, dict[str, str], bytes]] = []
        self.before: Callable[[], None] = lambda: None

    def take(self, path: str, headers: dict[str, str], body: bytes) -> int:
        self.before()
        self.got.append((path, headers, body))
        return self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]

    @property
    def json(self) -> list[dict[str, Any]]:
        return [json.loads(body) for _, _, body in self.got]


@contextmanager
def receiver(*answers: int, host: str = "127.0.0.1") -> Iterator[tuple[Receiver, str]]:
    """A receiver, and its address."""
    made = Receiver(list(answers) or [204])

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
            headers = {name.lower(): value for name, value in self.headers.items()}
            self.send_response(made.take(self.path, headers, body))
            self.send_header("Location", "http://127.0.0.1:1/elsewhere")
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, *_: Any) -> None: ...

    server = ThreadingHTTPServer((host, 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield made, f"http://{host}:{server.server_address[1]}"
    finally:
        server.shutdown()
        server.server_close()


@contextmanager
def dripping(pause: float) -> Iterator[int]:
    """A server that answers a byte at a time and never ends; its port."""
    listening = socket.create_server(("127.0.0.1", 0))
    stop = threading.Event()

    def talk() -> None:
        while not stop.is_set():
            try:
                line, _ = listening.accept()
            except OSError:
                return
            with line:
                try:
                    line.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 1000000\r\n\r\n")
                    while not stop.is_set():
                        line.sendall(b"x")
                        time.sleep(pause)
                except OSError:
                    continue

    threading.Thread(target=talk, daemon=True).start()
    try:
        yield listening.getsockname()[1]
    finally:
        stop.set()
        listening.close()


class MailSink(socketserver.ThreadingTCPServer):
    """A tiny SMTP server without TLS: keeps messages, refuses recipients that begin with `no`."""

    allow_reuse_address = True
    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Smtp)
        self.messages: list[bytes] = []
        self.code = 250


class _Smtp(socketserver.StreamRequestHandler):
    server: MailSink

    def handle(self) -> None:
        self.say("220 sink")
        while line := self.rfile.readline():
            word = line.decode().strip().upper()
            if word.startswith("DATA"):
                self.say("354 go on")
                self.server.messages.append(self.text())
                self.say(f"{self.server.code} done")
            elif word.startswith("RCPT TO:<NO"):
                self.say("550 unknown")
            elif word.startswith("QUIT"):
                self.say("221 bye")
                return
            else:
                self.say("250 ok")

    def text(self) -> bytes:
        lines = []
        while (line := self.rfile.readline()) not in (b".\r\n", b""):
            lines.append(line)
        return b"".join(lines)

    def say(self, text: str) -> None:
        self.wfile.write(f"{text}\r\n".encode())


@contextmanager
def mail_sink() -> Iterator[MailSink]:
    sink = MailSink()
    threading.Thread(target=sink.serve_forever, daemon=True).start()
    try:
        yield sink
    finally:
        sink.shutdown()
        sink.server_close()
