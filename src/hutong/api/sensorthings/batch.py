"""`$batch`: requests in order, change sets all or nothing, later ones may name what earlier ones made (`$id`)."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Awaitable, Callable
from typing import Any
from urllib.parse import urlsplit

import msgspec

from hutong.api.sensorthings.batch_parts import JSON, Answer, Part
from hutong.api.sensorthings.model import BASE
from hutong.api.sensorthings.paths import Resource, parse_path
from hutong.api.sensorthings.steps import Made, Steps
from hutong.api.sensorthings.writing import Writing
from hutong.kernel.errors import HutongError, Invalid

Single = Callable[[Part], Awaitable[Answer]]
Refuse = Callable[[HutongError], Answer]
PATCH_TYPE = "application/json-patch+json"
_REFERENCE = re.compile(r"\$([A-Za-z0-9_.~-]+)")
_MADE = re.compile(r"(?:.*/)?([A-Za-z]+)\((\d+)\)/?")


class Batch:
    """Performs the requests of one batch. `single` answers one by itself, `refuse` tells of an error."""

    def __init__(self, writing: Writing, single: Single, refuse: Refuse) -> None:
        self._writing = writing
        self._single = single
        self._refuse = refuse
        self._known: dict[str, str] = {}
        """Resource path of what a request made, by the request's id."""

    async def run(self, parts: list[Part], *, go_on: bool) -> list[Answer]:
        """Answers in order; ends after the first failure unless it shall `go_on`."""
        answers: list[Answer] = []
        at = 0
        while at < len(parts):
            end = at + 1
            group = parts[at].group
            while group and end < len(parts) and parts[end].group == group:
                end += 1
            found = await (self._changes(parts[at:end]) if group else self._alone(parts[at]))
            answers += found
            if not go_on and any(one.status >= 400 for one in found):
                break
            at = end
        return answers

    async def _alone(self, part: Part) -> list[Answer]:
        try:
            asked = msgspec.structs.replace(part, url=self._path(part.url), body=self._body(part.body))
        except HutongError as error:
            answer = self._refuse(error)
        else:
            answer = await self._single(asked)
        answer.id = part.id
        made = answer.headers.get("location")
        if part.id and made:
            self._known[part.id] = made.partition(BASE)[2]
        return [answer]

    async def _changes(self, parts: list[Part]) -> list[Answer]:
        """A change set; if one part is refused, the answer is that one's, and nothing was done."""
        known = dict(self._known)
        failed = parts[0]

        def gather(steps: Steps) -> list[Made]:
            nonlocal failed
            self._known = dict(known)
            found: list[Made] = []
            for part in parts:
                failed = part
                made = self._step(steps, part)
                found.append(made)
                if part.id and made.id:
                    self._known[part.id] = f"/{made.set.name}({made.id})"
            return found

        try:
            made = await asyncio.to_thread(self._writing.together, gather)
            answers = await asyncio.to_thread(self._told, parts, made)
        except HutongError as error:
            self._known = known
            answer = self._refuse(error)
            answer.id, answer.group = failed.id, failed.group
            return [answer]
        return answers

    def _step(self, steps: Steps, part: Part) -> Made:
        path, _, query = self._path(part.url).partition("?")
        resource: Resource = parse_path(path)
        if resource.tail == "$ref":
            target = query.partition("$id=")[2] or None
            return steps.refer(
                part.method, resource, _decoded(self._body(part.body)) if part.body else target
            )
        if part.method == "DELETE":
            return steps.remove(resource)
        body = _decoded(self._body(part.body))
        if part.method == "POST":
            return steps.create(resource, body)
        sent = part.headers.get("content-type", "").partition(";")[0].strip().lower()
        how = "whole" if part.method == "PUT" else "operations" if sent == PATCH_TYPE else "part"
        return steps.update(resource, body, how)

    def _told(self, parts: list[Part], made: list[Made]) -> list[Answer]:
        found: list[Answer] = []
        for part, one in zip(parts, made, strict=True):
            answer = Answer(status=200, id=part.id, group=part.group)
            if part.method != "DELETE" and "$ref" not in part.url:
                body, own = self._writing.read(one)
                answer.headers = {"content-type": JSON}
                answer.body = msgspec.json.encode(body)
                if part.method == "POST":
                    answer.status, answer.headers["location"] = 201, own
                    if part.id:
                        self._known[part.id] = own.partition(BASE)[2]
            found.append(answer)
        return found

    def _path(self, url: str) -> str:
        """The path below the service root, with the query; `$id` stands for what that request made."""
        parsed = urlsplit(url)
        path = parsed.path
        if BASE in path:
            path = path.partition(BASE)[2]
        elif parsed.netloc or path.startswith("/api"):
            raise Invalid("url", f"{url[:100]!r} is not below {BASE}", "send a path such as Things(1)")
        path = f"/{path.lstrip('/')}"
        match = _REFERENCE.match(path[1:])
        if match and not path[1:].startswith("$batch"):
            path = self._named(match[1]) + path[1 + match.end() :]
        elif path.startswith("/$batch"):
            raise Invalid("url", "a batch holds no batch", "send its requests")
        return f"{path}?{parsed.query}" if parsed.query else path

    def _named(self, id: str) -> str:
        made = self._known.get(id)
        if made is None:
            raise Invalid("url", f"${id} names no request that made something before", "mind the order")
        return made

    def _body(self, raw: bytes) -> bytes:
        """The body, with `{"@iot.id": "$id"}` filled in."""
        if b"$" not in raw:
            return raw
        return msgspec.json.encode(self._filled(_decoded(raw)))

    def _filled(self, value: Any) -> Any:
        if isinstance(value, list):
            return [self._filled(one) for one in value]
        if isinstance(value, dict):
            return {name: self._reference(name, one) for name, one in value.items()}
        return value

    def _reference(self, name: str, value: Any) -> Any:
        match = _REFERENCE.fullmatch(value) if name == "@iot.id" and isinstance(value, str) else None
        if match is None:
            return self._filled(value)
        made = _MADE.fullmatch(self._named(match[1]))
        return int(made[2]) if made else value


def _decoded(raw: bytes) -> Any:
    try:
        return msgspec.json.decode(raw)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise Invalid("body", f"is not JSON: {error}", "send a JSON document in UTF-8") from None
