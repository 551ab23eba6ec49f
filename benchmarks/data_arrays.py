"""Observations per second over HTTP: data arrays of 1,000 rows, rules on, durable when answered.

    python benchmarks/data_arrays.py [--seconds 20] [--connections 8] [--rows 1000] [--streams 200] [--single]

The server is a process of its own (SQLite, the tiny city of the tests, its drainage rules watching some of the
streams); this process is the load generator, on the same machine. `--single` sends one observation a request instead.
"""

from __future__ import annotations

import argparse
import asyncio
import base64
import json
import subprocess
import sys
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
AUTH = base64.b64encode(b"xitong:hutong-demo-2026").decode()
START = 1_784_372_400 - 30 * 86_400


async def request(
    reader: asyncio.StreamReader, writer: asyncio.StreamWriter, path: str, body: bytes = b""
) -> bytes:
    """The body of the answer to a POST, or a GET where there is no body, on a kept connection."""
    head = (
        f"{'POST' if body else 'GET'} /sta/v1.1/{path} HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: Basic {AUTH}\r\n"
        f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
    )
    writer.write(head.encode() + body)
    answer = await reader.readuntil(b"\r\n\r\n")
    length = int(answer.lower().split(b"content-length: ")[1].split(b"\r\n")[0])
    content = await reader.readexactly(length)
    if not answer.startswith(b"HTTP/1.1 20"):
        raise RuntimeError(f"{answer.decode()}{content.decode()}")
    return content


def thing(number: int) -> bytes:
    """A generic sensor with one datastream."""
    stream = {
        "name": f"s{number}",
        "description": "a stream",
        "observationType": "http://www.opengis.net/def/observationType/OGC-OM/2.0/OM_Measurement",
        "unitOfMeasurement": {"name": "metre", "symbol": "m", "definition": "ucum:m"},
        "Sensor": {"name": "s", "description": "s", "encodingType": "text/plain", "metadata": "s"},
        "ObservedProperty": {
            "name": "level",
            "definition": "http://example.org/level",
            "description": "level",
        },
    }
    return json.dumps({"name": f"t{number}", "description": "a thing", "Datastreams": [stream]}).encode()


def instant(second: float) -> str:
    return time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(second)) + f".{round(second % 1 * 1000):03}Z"


def bodies(streams: list[int], rows: int, turn: int) -> bytes:
    """A data array of `rows` rows over ten streams; every turn has later times."""
    share = max(1, rows // 10)
    chosen = [streams[(turn * 10 + at) % len(streams)] for at in range(min(10, rows))]
    arrays = [
        {
            "Datastream": {"@iot.id": stream},
            "components": ["phenomenonTime", "result"],
            "dataArray": [[instant(START + turn * share + row), 0.1 + row % 7 / 10] for row in range(share)],
        }
        for stream in chosen
    ]
    return json.dumps(arrays).encode()


async def load(port: int, options: argparse.Namespace) -> None:
    pairs = [await asyncio.open_connection("127.0.0.1", port) for _ in range(options.connections)]
    reader, writer = pairs[0]
    streams = []
    for number in range(options.streams):
        made = json.loads(await request(reader, writer, "Things", thing(number)))
        own = await request(reader, writer, f"Things({made['@iot.id']})/Datastreams")
        streams.append(json.loads(own)["value"][0]["@iot.id"])
    if options.single:
        one = {"phenomenonTime": "2026-07-01T00:00:00Z", "result": 1.5}
        sent = [(f"Datastreams({stream})/Observations", json.dumps(one).encode(), 1) for stream in streams]
    else:
        sent = [
            ("CreateObservations", bodies(streams, options.rows, turn), options.rows) for turn in range(400)
        ]
    taken, waits, began = 0, [], time.perf_counter()

    async def send(number: int) -> None:
        nonlocal taken
        turn = number
        while time.perf_counter() - began < options.seconds:
            path, body, rows = sent[turn % len(sent)]
            before = time.perf_counter()
            content = await request(*pairs[number], path, body)
            waits.append(time.perf_counter() - before)
            if b'"error"' in content:
                raise RuntimeError(content[:300])
            taken += rows
            turn += options.connections

    await asyncio.gather(*(send(number) for number in range(options.connections)))
    spent = time.perf_counter() - began
    waits.sort()
    print(
        f"{taken / spent:,.0f} observations/s, {len(waits) / spent:,.0f} requests/s over {spent:.0f} s; "
        f"p50 {waits[len(waits) // 2] * 1000:.1f} ms, p99 {waits[int(len(waits) * 0.99)] * 1000:.1f} ms"
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--seconds", type=float, default=20)
    parser.add_argument("--connections", type=int, default=8)
    parser.add_argument("--rows", type=int, default=1000)
    parser.add_argument("--streams", type=int, default=200)
    parser.add_argument("--single", action="store_true")
    options = parser.parse_args()
    command = [sys.executable, ROOT / "tests_clients" / "server.py"]
    server = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, cwd=ROOT)
    assert server.stdout is not None
    assert server.stdin is not None
    try:
        asyncio.run(load(int(server.stdout.readline()), options))
    finally:
        server.stdin.close()
        server.wait(timeout=60)


if __name__ == "__main__":
    main()
