"""Devices at the other end of a wire that may break at any moment, and the process they speak to."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

from tests_faults.town import START
from tests_faults.wire_process import CHANNEL, PASSWORD, address

from hutong.kernel.base import MINUTE

ROOT = Path(__file__).resolve().parents[1]
PATIENCE_SECONDS = 60.0
BEIJING = timedelta(hours=8)


def crc212(data: bytes) -> int:
    """The standard's own variant."""
    register = 0xFFFF
    for byte in data:
        register = (register >> 8) ^ byte
        for _ in range(8):
            low = register & 1
            register >>= 1
            if low:
                register ^= 0xA001
    return register


def packet(number: int, minute: int) -> bytes:
    """A real-time report of a gauge; its answer names the same QN."""
    at = datetime.fromtimestamp(0, UTC) + timedelta(microseconds=START + minute * MINUTE) + BEIJING
    stamp = at.strftime("%Y%m%d%H%M%S")
    value = (number * 7 + minute) % 50 / 1000
    content = (
        f"QN={stamp}000;ST=21;CN=2011;PW={PASSWORD};MN={address(number)};Flag=5;"
        f"CP=&&DataTime={stamp};{CHANNEL}={value:.3f},{CHANNEL[:-4]}-Flag=N&&"
    ).encode()
    return b"##%04d%s%04X\r\n" % (len(content), content, crc212(content))


@dataclass
class Device:
    """Sends a minute and waits for its acknowledgement, as a data logger does; asks again after a broken line."""

    number: int
    acknowledged: list[int] = field(default_factory=list)
    line: socket.socket | None = None

    def connect(self, port: int) -> None:
        self.close()
        self.line = socket.create_connection(("127.0.0.1", port), timeout=10)

    def close(self) -> None:
        if self.line is not None:
            with suppress(OSError):
                self.line.close()
        self.line = None

    def send(self, minute: int) -> bool:
        """True once it is acknowledged; False if the line broke before."""
        assert self.line is not None
        try:
            self.line.sendall(packet(self.number, minute))
            answer = b""
            while not answer.endswith(b"\r\n"):
                part = self.line.recv(4096)
                if not part:
                    return False
                answer += part
        except OSError:
            return False
        if b"CN=9014" not in answer:
            raise AssertionError(answer)
        self.acknowledged.append(minute)
        return True


class Served:
    """The process; `kill` is kill -9."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.process: subprocess.Popen[str]
        self.port = 0
        self.start()

    def start(self) -> None:
        with self.folder.with_suffix(".log").open("ab") as log:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "tests_faults.wire_process", str(self.folder)],
                cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=log, text=True, start_new_session=True,
            )  # fmt: skip
        assert self.process.stdout is not None
        told = self.process.stdout.readline()
        assert told.strip(), self.folder.with_suffix(".log").read_text()
        self.port = int(told)

    def kill(self) -> None:
        os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()

    def stop(self) -> None:
        assert self.process.stdin is not None
        with suppress(OSError):
            self.process.stdin.close()
        try:
            self.process.wait(PATIENCE_SECONDS)
        except subprocess.TimeoutExpired:
            self.kill()
            raise

    def megabytes(self) -> float:
        """Resident memory of the process."""
        words = Path(f"/proc/{self.process.pid}/statm").read_text().split()
        return int(words[1]) * os.sysconf("SC_PAGE_SIZE") / 1e6


def acknowledged_soon(device: Device, served: Served, minute: int) -> float:
    """Seconds until the minute is acknowledged, whatever goes on beside it."""
    began = time.monotonic()
    while True:
        if device.line is None:
            with suppress(OSError):
                device.connect(served.port)
        if device.line is not None and device.send(minute):
            return time.monotonic() - began
        device.close()
        assert time.monotonic() - began < PATIENCE_SECONDS, "no acknowledgement"
        time.sleep(0.05)
