"""Writes docs/reference/openapi.json from the routes: `python tools/openapi.py`."""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

import msgspec

ROOT = Path(__file__).resolve().parents[1]
DOCUMENT = ROOT / "docs" / "reference" / "openapi.json"


def main() -> None:
    sys.path.insert(0, str(ROOT))
    from tests.api.town import found_town

    from hutong.api.application import create_app

    with tempfile.TemporaryDirectory() as folder:
        town = found_town(Path(folder) / "city")
        schema = create_app(town.context).openapi_schema.to_schema()
        town.close()
    DOCUMENT.parent.mkdir(parents=True, exist_ok=True)
    DOCUMENT.write_bytes(msgspec.json.format(msgspec.json.encode(schema, order="sorted"), indent=1) + b"\n")


if __name__ == "__main__":
    main()
