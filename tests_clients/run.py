"""Other people's clients against a running city: `python tests_clients/run.py [SUITE …]`.

Each tool has a virtual environment of its own under .venv-clients/, since their needs clash. A tool that cannot be
installed takes its suite out of the run, and the last lines say so.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import sys
import venv
from pathlib import Path

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent
SUITES = {
    "frost": "SensorThings: frost_sta_client creates, queries, pages, patches and deletes",
    "pygeoapi": "SensorThings: pygeoapi republishes our things and datastreams",
    "mqtt": "MQTT: paho-mqtt at Debian's mosquitto creates and subscribes; devices, Sparkplug, kills and breaks",
    "georeport": "Open311: georeport reads services and requests that a form made, in JSON and XML",
    "schemathesis": "native API: answers match the committed description, never a 5xx",
}
NEEDS = {"mqtt": "mosquitto"}
"""Programs of the system that a suite needs; a machine without them leaves the suite out."""
LOGIN, PASSWORD = "xitong", "hutong-demo-2026"
MOST_SECONDS = 300


def interpreter(suite: str) -> Path | None:
    """The Python of the suite's environment, made if it is not there; None if its tool cannot be installed."""
    requirements = HERE / f"requirements-{suite}.txt"
    digest = hashlib.sha256(requirements.read_bytes()).hexdigest()[:12]
    folder = ROOT / ".venv-clients" / suite
    python, ready = folder / "bin" / "python", folder / f".ready-{digest}"
    if ready.exists():
        return python
    venv.create(folder, with_pip=True, clear=True)
    command = [python, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "-r", requirements]
    made = subprocess.run(command, capture_output=True, text=True, timeout=MOST_SECONDS, check=False)
    if made.returncode:
        print(made.stderr.strip().splitlines()[-1] if made.stderr.strip() else "pip failed", file=sys.stderr)
        return None
    ready.touch()
    return python


def installed(suite: str) -> bool:
    """Whether the system has the program that the suite needs."""
    needed = NEEDS.get(suite)
    return needed is None or shutil.which(needed, path=f"{os.environ.get('PATH', '')}:/usr/sbin") is not None


def played(suite: str, python: Path) -> int:
    """The suite against a city of its own; the exit code of pytest."""
    server = subprocess.Popen(
        [sys.executable, HERE / "server.py"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        cwd=ROOT,
    )
    assert server.stdout is not None
    assert server.stdin is not None
    try:
        port = int(server.stdout.readline())
        surroundings = {
            **os.environ,
            "HUTONG_URL": f"http://127.0.0.1:{port}",
            "HUTONG_LOGIN": LOGIN,
            "HUTONG_PASSWORD": PASSWORD,
            "HUTONG_PYTHON": sys.executable,
            "PYTHONDONTWRITEBYTECODE": "1",
        }
        command = [python, "-m", "pytest", "-q", "-p", "no:cacheprovider", f"client_{suite}.py"]
        return subprocess.run(
            command, cwd=HERE, env=surroundings, timeout=MOST_SECONDS, check=False
        ).returncode
    finally:
        server.stdin.close()
        server.wait(timeout=60)


def main(wanted: list[str]) -> int:
    failed, missing = [], []
    for suite, what in SUITES.items():
        if wanted and suite not in wanted:
            continue
        print(f"\n→ {suite}: {what}", flush=True)
        python = interpreter(suite) if installed(suite) else None
        if python is None:
            missing.append(suite)
        elif played(suite, python):
            failed.append(suite)
    for suite in missing:
        print(f"not run, its tool cannot be installed here: {suite}")
    if failed:
        print(f"failed: {', '.join(failed)}")
    return 1 if failed else 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
