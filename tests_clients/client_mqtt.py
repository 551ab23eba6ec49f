"""Debian's mosquitto and paho-mqtt: what another program publishes is kept, and what the city does is heard by it."""

from __future__ import annotations

import json
import os
import shutil
import socket
import subprocess
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import paho.mqtt.client as paho
import pytest
import requests

HERE = Path(__file__).resolve().parent
MOSQUITTO = shutil.which("mosquitto", path=f"{os.environ.get('PATH', '')}:/usr/sbin")
AUTH = (os.environ["HUTONG_LOGIN"], os.environ["HUTONG_PASSWORD"])
PATIENCE = 20.0


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as probe:
        return int(probe.getsockname()[1])


def until(found: Callable[[], Any], seconds: float = PATIENCE) -> Any:
    """What `found` gives once it is true; fails with its last answer."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        answer = found()
        if answer:
            return answer
        time.sleep(0.05)
    raise AssertionError(f"not within {seconds} s: {found()!r}")


class Broker:
    """A mosquitto with persistence that can be stopped and started again."""

    def __init__(self, folder: Path) -> None:
        self.port = free_port()
        self.config = folder / "mosquitto.conf"
        self.config.write_text(
            f"listener {self.port} 127.0.0.1\nallow_anonymous true\npersistence true\n"
            f"persistence_location {folder}/\nautosave_interval 1\nautosave_on_changes true\n"
            "max_inflight_messages 2000\nmax_queued_messages 100000\nuser root\nlog_type error\n"
        )
        self.start()

    def start(self) -> None:
        assert MOSQUITTO is not None
        self.process = subprocess.Popen([MOSQUITTO, "-c", str(self.config)])

        def answers() -> bool:
            with socket.socket() as probe:
                return probe.connect_ex(("127.0.0.1", self.port)) == 0

        until(answers)

    def stop(self) -> None:
        self.process.terminate()
        self.process.wait(timeout=10)


class City:
    """The city's process, which can be killed."""

    def __init__(self, folder: Path, broker: Broker) -> None:
        self.folder, self.broker = folder, broker
        self.start()

    def start(self) -> None:
        command = [os.environ["HUTONG_PYTHON"], HERE / "mqtt_city.py", self.folder, str(self.broker.port)]
        self.process = subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, cwd=HERE.parent
        )
        assert self.process.stdout is not None
        told = json.loads(self.process.stdout.readline())
        self.url = f"http://127.0.0.1:{told['port']}/sta/v1.1"
        self.streams = told["streams"]

    def kill(self) -> None:
        self.process.kill()
        self.process.wait(timeout=10)

    def stop(self) -> None:
        assert self.process.stdin is not None
        self.process.stdin.close()
        self.process.wait(timeout=30)

    def get(self, path: str) -> Any:
        answer = requests.get(f"{self.url}/{path}", auth=AUTH, timeout=10)
        assert answer.status_code == 200, answer.text
        return answer.json()

    def results(self, stream: int, top: int = 5000) -> list[float]:
        path = f"Datastreams({stream})/Observations?$orderby=phenomenonTime&$top={top}"
        return [one["result"] for one in self.get(path)["value"]]


class Program:
    """Another program at the broker."""

    def __init__(self, broker: Broker) -> None:
        self.heard: list[tuple[str, Any]] = []
        self.client = paho.Client(paho.CallbackAPIVersion.VERSION2, protocol=paho.MQTTv5)
        self.client.on_message = self._hear
        ready = threading.Event()
        self.client.on_connect = lambda *_: ready.set()
        self.client.connect("127.0.0.1", broker.port)
        self.client.loop_start()
        assert ready.wait(10)

    def _hear(self, _client: Any, _data: Any, message: Any) -> None:
        self.heard.append((message.topic, message.payload))

    def subscribe(self, topic: str) -> None:
        ready = threading.Event()
        self.client.on_subscribe = lambda *_: ready.set()
        self.client.subscribe(topic, qos=1)
        assert ready.wait(10)

    def publish(self, topic: str, body: Any, qos: int = 1) -> None:
        payload = body if isinstance(body, bytes) else json.dumps(body)
        self.client.publish(topic, payload, qos=qos).wait_for_publish(10)

    def told(self, topic: str) -> list[Any]:
        return [json.loads(payload) for own, payload in self.heard if own == topic]

    def close(self) -> None:
        self.client.disconnect()
        self.client.loop_stop()


@pytest.fixture(scope="module")
def broker(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Broker]:
    made = Broker(tmp_path_factory.mktemp("broker"))
    yield made
    made.stop()


@pytest.fixture(scope="module")
def city(broker: Broker, tmp_path_factory: pytest.TempPathFactory) -> Iterator[City]:
    made = City(tmp_path_factory.mktemp("home") / "city", broker)
    yield made
    made.stop()


@pytest.fixture
def program(broker: Broker) -> Iterator[Program]:
    made = Program(broker)
    yield made
    made.close()


THING: dict[str, Any] = {
    "name": "MQTT gauge",
    "description": "made over MQTT",
    "Datastreams": [
        {
            "name": "level",
            "description": "level",
            "observationType": "http://www.opengis.net/def/observationType/OGC-OM/2.0/OM_Measurement",
            "unitOfMeasurement": {"name": "metre", "symbol": "m", "definition": "ucum:m"},
            "Sensor": {"name": "s", "description": "s", "encodingType": "text/plain", "metadata": "s"},
            "ObservedProperty": {"name": "p", "definition": "http://example.org/p", "description": "p"},
        }
    ],
}


@pytest.fixture
def stream(city: City, program: Program) -> int:
    """A datastream that was created over MQTT."""
    name = f"gauge {time.time_ns()}"
    program.publish("v1.1/Things", {**THING, "name": name})
    found = until(lambda: city.get(f"Things?$filter=name eq '{name}'&$expand=Datastreams")["value"])
    return int(found[0]["Datastreams"][0]["@iot.id"])


def stamp(number: int) -> str:
    return f"2026-07-01T{number // 3600:02}:{number // 60 % 60:02}:{number % 60:02}Z"


def test_observations_are_created(city: City, program: Program, stream: int) -> None:
    program.publish(f"v1.1/Datastreams({stream})/Observations", {"phenomenonTime": stamp(1), "result": 1.5})
    linked = {"phenomenonTime": stamp(2), "result": 2.5, "Datastream": {"@iot.id": stream}}
    program.publish("v1.1/Observations", linked)
    until(lambda: city.results(stream) == [1.5, 2.5])


def test_bad_messages_stop_nobody(city: City, program: Program, stream: int) -> None:
    for topic, body in (
        (f"v1.1/Datastreams({stream})/Observations", b"{"),
        (f"v1.1/Datastreams({stream})/Observations", {"result": "wet"}),
        ("v1.1/Datastreams(999999)/Observations", {"result": 1}),
        ("v1.1/Nonsense", {}),
        ("v1.1/Things", {"name": 1}),
        ("city/gauge-1/telemetry", b"\xff\xff"),
        ("spBv1.0/roads/NDATA/underpass", b"\xff\xff\xff"),
    ):
        program.publish(topic, body)
    program.publish(f"v1.1/Datastreams({stream})/Observations", {"phenomenonTime": stamp(1), "result": 7})
    until(lambda: city.results(stream) == [7])


def test_subscribers_hear_what_is_created(city: City, program: Program, stream: int) -> None:
    own = f"v1.1/Datastreams({stream})/Observations"
    for topic in (own, "v1.1/Things"):
        program.subscribe(topic)
    sent = {"phenomenonTime": stamp(5), "result": 3.25, "Datastream": {"@iot.id": stream}}
    made = requests.post(f"{city.url}/Observations", json=sent, auth=AUTH, timeout=10)
    assert made.status_code == 201, made.text
    told = until(lambda: program.told(own))[0]
    assert told == requests.get(made.headers["Location"], auth=AUTH, timeout=10).json() | {
        name: value for name, value in told.items() if "@iot" in name
    }
    assert told["result"] == 3.25
    thing = city.get(f"Datastreams({stream})/Thing")
    program.subscribe(f"v1.1/Things({thing['@iot.id']})/name")
    changed = f"{city.url}/Things({thing['@iot.id']})"
    assert requests.patch(changed, json={"name": "renamed"}, auth=AUTH, timeout=10).status_code == 200
    heard = until(lambda: program.told(f"v1.1/Things({thing['@iot.id']})/name"))
    assert heard == [{"name": "renamed"}]
    assert until(lambda: [one for one in program.told("v1.1/Things") if one["name"] == "renamed"])


def test_json_devices_and_quarantine(city: City, program: Program) -> None:
    stream = city.streams["gauge-1"]
    now = int(time.time() * 1000)
    program.publish("city/gauge-1/telemetry", {"ts": now, "data": {"level": 0.01}, "note": "dry"})
    program.publish("city/stranger/telemetry", {"ts": now, "data": {"level": 9.0}})
    until(lambda: city.results(stream) == [0.01])
    api = city.url.removesuffix("/sta/v1.1")

    def quarantined() -> bool:
        answer = requests.get(f"{api}/api/v1/devices?state=quarantined", auth=AUTH, timeout=10)
        return "stranger" in answer.text

    until(quarantined)


def test_a_warning_is_published(city: City, program: Program) -> None:
    program.subscribe("hutong/warnings")
    now = int(time.time() * 1000)
    for minutes in (0, 4):
        program.publish("city/gauge-1/telemetry", {"ts": now + minutes * 60_000, "data": {"level": 0.9}})
    raised = until(lambda: program.told("hutong/warnings"))[0]
    assert raised["rule"].startswith("drainage.")
    assert raised["state"] in ("to_judge", "confirmed")


def test_nothing_is_lost_or_doubled_when_the_city_is_killed(
    city: City, program: Program, stream: int
) -> None:
    topic = f"v1.1/Datastreams({stream})/Observations"

    def send(first: int, last: int) -> None:
        for number in range(first, last):
            program.publish(topic, {"phenomenonTime": stamp(number), "result": number})

    sending = threading.Thread(target=send, args=(0, 1500))
    sending.start()
    until(lambda: len(city.results(stream)) > 100)
    city.kill()
    sending.join()
    city.start()
    until(lambda: len(city.results(stream)) >= 1500)
    time.sleep(1)
    assert city.results(stream) == list(range(1500))


def test_the_broker_may_go_and_come_back(city: City, broker: Broker, stream: int) -> None:
    broker.stop()
    broker.start()
    again = Program(broker)
    topic = f"v1.1/Datastreams({stream})/Observations"
    again.publish(topic, {"phenomenonTime": stamp(1), "result": 4})
    until(lambda: city.results(stream) == [4])
    again.close()


# Sparkplug B by field number, as an edge node writes it.


def varint(value: int) -> bytes:
    out = bytearray()
    while value > 127:
        out.append(value & 127 | 128)
        value >>= 7
    return bytes([*out, value])


def field(number: int, value: int | bytes) -> bytes:
    if isinstance(value, int):
        return varint(number << 3) + varint(value)
    return varint(number << 3 | 2) + varint(len(value)) + value


def metric(
    value: float, *, name: str = "", alias: int | None = None, datatype: int = 10, time: int = 0
) -> bytes:
    import struct

    out = field(1, name.encode()) if name else b""
    out += field(2, alias) if alias is not None else b""
    out += field(3, time) if time else b""
    if datatype == 8:
        return field(2, out + field(4, 8) + field(11, int(value)))
    return field(2, out + field(4, datatype) + b"\x69" + struct.pack("<d", value))


def test_sparkplug(city: City, program: Program) -> None:
    program.subscribe("spBv1.0/roads/NCMD/underpass")
    program.subscribe("spBv1.0/STATE/hutong")
    state = until(lambda: program.told("spBv1.0/STATE/hutong"))[-1]
    assert state["online"] is True
    now = int(time.time() * 1000)
    node, device = "spBv1.0/roads/{}/underpass", "spBv1.0/roads/{}/underpass/gauge"
    data = field(1, now) + metric(0.02, alias=7, time=now - 2000) + field(3, 9)
    program.publish(device.format("DDATA"), data, qos=0)
    asked = until(lambda: [one for topic, one in program.heard if topic.endswith("NCMD/underpass")])
    assert b"Node Control/Rebirth" in asked[0]
    program.publish(
        node.format("NBIRTH"), field(1, now) + metric(1, name="bdSeq", datatype=8) + field(3, 0), qos=0
    )
    born = field(1, now) + metric(0.03, name="Level", alias=7, time=now - 1000) + field(3, 1)
    program.publish(device.format("DBIRTH"), born, qos=0)
    program.publish(
        device.format("DDATA"), field(1, now) + metric(0.04, alias=7, time=now) + field(3, 2), qos=0
    )
    until(lambda: city.results(city.streams["roads/underpass/gauge"]) == [0.03, 0.04])
