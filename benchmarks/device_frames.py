"""Frames per second that one core decodes and answers: vehicles, river stations, fire devices; and noise per second.

    python benchmarks/device_frames.py [--rounds 5] [--frames 20000]

No sockets and no store: the dialogue alone, fed 64 frames at a time, every packet answered as kept; processor time.
Noise is the slowest of random bytes and the costliest stream known for each protocol: marks only, or frames that promise
the longest length and fail their check.
"""

from __future__ import annotations

import argparse
import random
import statistics
import sys
import time
from collections.abc import Callable
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from tests.gateways.devices import FireDevice, Station, Vehicle, element

from hutong.gateways.dialogue import Dialogue, Packet
from hutong.gateways.gb26875 import Gb26875
from hutong.gateways.jt808 import Jt808
from hutong.gateways.sl651 import Sl651

NOW = 1_790_000_000_000_000
AT_ONCE = 64


def frames() -> dict[str, tuple[Callable[[], Dialogue], bytes, bytes]]:
    """Protocol → (a new dialogue, a frame, the costliest noise known)."""
    items = [(0x01, bytes(4)), (0x2A, bytes(2)), (0x2B, bytes(4)), (0x30, b"\x1b"), (0x31, b"\x09")]
    levels = (
        element(0x39, 3.127, 4, 3)
        + element(0x20, 0.5, 3, 1)
        + element(0x26, 0.5, 3, 1)
        + element(0x38, 11.15, 2, 2)
    )
    broken = b"\x7e\x7e\x01\x00\x12\x34\x56\x78\x12\x34\x32\x0f\xdf\x02\x03\x00\x00"
    return {
        "JT/T 808 position": (lambda: Jt808({}), Vehicle().position(NOW, items=items), b"\x7ex"),
        "SL 651 report": (lambda: Sl651({}), Station().report(NOW, levels), broken),
        "GB/T 26875.3 state": (lambda: Gb26875({}), FireDevice().system(NOW, 3), b"@@"),
    }


def decode(dialogue: Dialogue, frame: bytes, count: int) -> float:
    """Frames per second."""
    data = frame * AT_ONCE
    begin = time.process_time()
    packets = 0
    for _ in range(count // AT_ONCE):
        for event in dialogue.receive(data, NOW):
            if isinstance(event, Packet):
                event.answer("kept")
                packets += 1
    seconds = time.process_time() - begin
    if packets != count // AT_ONCE * AT_ONCE:
        raise RuntimeError(f"{packets} packets of {count} frames")
    return packets / seconds


def noise(new: Callable[[], Dialogue], kinds: list[bytes]) -> float:
    """Megabytes per second of the slowest kind, in reads of 64 KiB."""
    slowest = float("inf")
    for kind in kinds:
        data = (kind * (65536 // len(kind) + 1))[:65536]
        dialogue = new()
        begin = time.process_time()
        for _ in range(8):
            list(dialogue.receive(data, NOW))
        slowest = min(slowest, 8 * 65536 / 1e6 / (time.process_time() - begin))
    return slowest


def main() -> None:
    asked = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    asked.add_argument("--rounds", type=int, default=5)
    asked.add_argument("--frames", type=int, default=20_000)
    given = asked.parse_args()
    random_bytes = random.Random(1).randbytes(65536)
    for name, (new, frame, worst) in frames().items():
        rates = [decode(new(), frame, given.frames) for _ in range(given.rounds)]
        print(
            f"{name}, {len(frame)} bytes: {statistics.median(rates):,.0f} frames/s"
            f" ({min(rates):,.0f}–{max(rates):,.0f}); noise {noise(new, [random_bytes, worst]):.2f} MB/s"
        )


if __name__ == "__main__":
    main()
