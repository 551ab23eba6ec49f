"""Starts a demo city of its own on a free loopback port and runs the console's browser tests against it."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from pathlib import Path

HOME = Path(__file__).resolve().parents[1]
READY_SECONDS = 300
SUITE_SECONDS = 1500


def free_port() -> int:
    with socket.socket() as sock:
        sock.bind(("127.0.0.1", 0))
        return int(sock.getsockname()[1])


def wait_for(address: str, server: subprocess.Popen[bytes]) -> None:
    """Until the city answers; SystemExit with the reason if it ends or takes too long."""
    deadline = time.monotonic() + READY_SECONDS
    while time.monotonic() < deadline:
        if server.poll() is not None:
            sys.exit(f"the demo server ended with code {server.returncode} before it answered")
        try:
            with urllib.request.urlopen(f"{address}/api/v1/health", timeout=2):
                return
        except (urllib.error.URLError, OSError):
            time.sleep(0.5)
    sys.exit(f"the demo server did not answer within {READY_SECONDS} s")


def chromium() -> str | None:
    return os.environ.get("CHROMIUM") or shutil.which("chromium")


def main() -> int:
    browser = chromium()
    if browser is None:
        print("browser suite left out: this machine has no Chromium (Debian: apt-get install chromium)")
        return 0
    address = f"http://127.0.0.1:{(port := free_port())}"
    with tempfile.TemporaryDirectory(prefix="hutong-browser-") as folder:
        command = [sys.executable, "-m", "hutong", "demo", "--folder", folder, "--port", str(port)]
        server = subprocess.Popen(command, cwd=HOME, stdout=subprocess.DEVNULL)
        try:
            wait_for(address, server)
            environment = os.environ | {"HUTONG_URL": address, "CHROMIUM": browser}
            suite = ["npm", "run", "--silent", "test:browser", "--", *sys.argv[1:]]
            return subprocess.run(
                suite, cwd=HOME / "console", env=environment, timeout=SUITE_SECONDS, check=False
            ).returncode
        finally:
            server.terminate()
            server.wait(timeout=60)


if __name__ == "__main__":
    sys.exit(main())
