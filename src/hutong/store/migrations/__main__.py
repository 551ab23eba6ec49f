"""`python -m hutong.store.migrations` writes the baseline (step 1) from the kernel's structs.

Only until the first release: afterwards step 1 stays as it is and a change of a struct needs a step of its own.
"""

from pathlib import Path

from hutong.store.migrations import SEPARATOR
from hutong.store.schema import statements
from hutong.store.transaction import Dialect

DIALECTS: tuple[Dialect, ...] = ("sqlite", "postgresql")


def main() -> None:
    for dialect in DIALECTS:
        path = Path(__file__).with_name(f"0001_layout.{dialect}.sql")
        path.write_text(SEPARATOR.join(statements(dialect)) + "\n", "utf-8")


if __name__ == "__main__":
    main()
