"""The two forms of `$batch`: multipart/mixed with change sets (OData 4.0 §11.7), and JSON (OData 4.01 JSON §19)."""

from __future__ import annotations

import secrets
from email import policy
from email.message import Message
from email.parser import BytesParser
from http import HTTPStatus
from typing import Any

import msgspec

from hutong.kernel.errors import Invalid

MOST_PARTS = 1000
METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE")
JSON = "application/json"


class Part(msgspec.Struct, kw_only=True):
    """One request of a batch. `group`: those of one change set have the same; `id`: by which others refer to it."""

    method: str
    url: str
    id: str = ""
    group: str = ""
    headers: dict[str, str] = {}
    body: bytes = b""


class Answer(msgspec.Struct, kw_only=True):
    """What became of a request; `id` and `group` are the request's."""

    status: int
    id: str = ""
    group: str = ""
    headers: dict[str, str] = {}
    body: bytes = b""


class _Request(msgspec.Struct):
    method: str
    url: str
    id: str | int
    group: str | None = msgspec.field(name="atomicityGroup", default=None)
    headers: dict[str, str] = {}
    body: msgspec.Raw = msgspec.Raw(b"")


class _Requests(msgspec.Struct):
    requests: list[_Request]


def read_batch(raw: bytes, content_type: str) -> list[Part]:
    """The requests of a batch in the order sent. Invalid says which part is wrong."""
    kind = content_type.partition(";")[0].strip().lower()
    if kind == JSON:
        parts = _from_json(raw)
    elif kind == "multipart/mixed":
        parts = _from_multipart(raw, content_type)
    else:
        raise Invalid("Content-Type", f"{kind or 'nothing'} is no batch", f"send {JSON} or multipart/mixed")
    if len(parts) > MOST_PARTS:
        raise Invalid("body", f"holds more than {MOST_PARTS} requests", "send several batches")
    for at, part in enumerate(parts):
        if part.method not in METHODS:
            raise Invalid(
                f"requests[{at}].method", f"{part.method!r} is not offered", f"it is {', '.join(METHODS)}"
            )
        if part.group and part.method == "GET":
            raise Invalid(f"requests[{at}]", "a change set holds no GET", "read before or after it")
    return parts


def _from_json(raw: bytes) -> list[Part]:
    try:
        found = msgspec.json.decode(raw, type=_Requests).requests
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise Invalid("body", f"is no batch: {error}", 'send {"requests": […]}') from None
    ids = [str(one.id) for one in found]
    if len(set(ids)) < len(ids):
        raise Invalid("requests", "two have the same id", "number them")
    return [
        Part(
            method=one.method.upper(),
            url=one.url,
            id=str(one.id),
            group=one.group or "",
            headers={name.lower(): value for name, value in one.headers.items()},
            body=bytes(one.body),
        )
        for one in found
    ]


def _from_multipart(raw: bytes, content_type: str) -> list[Part]:
    message = _parsed(raw, content_type)
    found: list[Part] = []
    for at, inner in enumerate(_inside(message)):
        if inner.get_content_type() == "multipart/mixed":
            found += [_request(one, f"changeset-{at + 1}") for one in _inside(inner)]
        else:
            found.append(_request(inner, ""))
    return found


def _parsed(raw: bytes, content_type: str) -> Message:
    head = f"Content-Type: {content_type}\r\n\r\n".encode("latin-1", "replace")
    return BytesParser(policy=policy.compat32).parsebytes(head + raw)


def _inside(message: Message) -> list[Message]:
    parts = message.get_payload()
    if not isinstance(parts, list) or message.defects:
        told = "; ".join(type(one).__name__ for one in message.defects) or "no part"
        raise Invalid("body", f"is no multipart/mixed body ({told})", "end it with --boundary--")
    return [one for one in parts if isinstance(one, Message)]


def _request(message: Message, group: str) -> Part:
    """A part of type application/http: a request line, headers, an empty line, a body."""
    if message.get_content_type() != "application/http":
        raise Invalid("Content-Type", "a part is not application/http", "see OData 4.0 part 1 §11.7")
    content = message.get_payload(decode=True)
    text = content if isinstance(content, bytes) else b""
    head, _, body = text.replace(b"\r\n", b"\n").lstrip(b"\n").partition(b"\n\n")
    line, *fields = head.decode("utf-8", "replace").split("\n")
    words = line.split(" ")
    if len(words) < 2:
        raise Invalid("body", f"{line[:80]!r} is no request line", "write POST Things HTTP/1.1")
    pairs = (one.partition(":") for one in fields if ":" in one)
    return Part(
        method=words[0].upper(),
        url=words[1],
        id=str(message.get("Content-ID", "")).strip("<> "),
        group=group,
        headers={name.strip().lower(): value.strip() for name, _, value in pairs},
        body=body.rstrip(b"\n"),
    )


def write_json(answers: list[Answer]) -> bytes:
    """The answers as JSON."""
    found = []
    for one in answers:
        told: dict[str, Any] = {"id": one.id, "status": one.status}
        if one.group:
            told["atomicityGroup"] = one.group
        if one.headers:
            told["headers"] = one.headers
        if "location" in one.headers:
            told["location"] = one.headers["location"]
        if one.body:
            told["body"] = msgspec.Raw(one.body) if _is_json(one) else one.body.decode("utf-8", "replace")
        found.append(told)
    return msgspec.json.encode({"responses": found})


def _is_json(answer: Answer) -> bool:
    return "json" in answer.headers.get("content-type", JSON)


def write_multipart(answers: list[Answer]) -> tuple[bytes, str]:
    """The answers as multipart/mixed, those of a change set together; and the content type."""
    boundary = f"batch_{secrets.token_hex(12)}"
    parts: list[bytes] = []
    at = 0
    while at < len(answers):
        group = answers[at].group
        end = at + 1
        while group and end < len(answers) and answers[end].group == group:
            end += 1
        if group and answers[at].status < 400:
            parts.append(_changeset(answers[at:end]))
        else:
            parts.append(_http(answers[at]))
        at = end
    return _framed(parts, boundary), f"multipart/mixed; boundary={boundary}"


def _changeset(answers: list[Answer]) -> bytes:
    boundary = f"changeset_{secrets.token_hex(12)}"
    head = f"Content-Type: multipart/mixed; boundary={boundary}\r\n\r\n".encode()
    return head + _framed([_http(one) for one in answers], boundary)


def _framed(parts: list[bytes], boundary: str) -> bytes:
    framed = b"".join(f"--{boundary}\r\n".encode() + part + b"\r\n" for part in parts)
    return framed + f"--{boundary}--\r\n".encode()


def _http(answer: Answer) -> bytes:
    lines = ["Content-Type: application/http", "Content-Transfer-Encoding: binary"]
    if answer.id:
        lines.append(f"Content-ID: {answer.id}")
    phrase = HTTPStatus(answer.status).phrase
    lines += ["", f"HTTP/1.1 {answer.status} {phrase}"]
    lines += [f"{name.title()}: {value}" for name, value in answer.headers.items()]
    return "\r\n".join([*lines, "", ""]).encode() + answer.body
