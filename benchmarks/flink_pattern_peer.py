"""The Flink side of flink_pattern.py, run by a Python that has `apache-flink`: one job per line of its input.

Reads `<job> <folder>`; runs the job over the CSV files of the folder with two slots; answers
`<seconds> <number of alerts> <sum of their times in ms>`. Jobs: `over` (LAG of a keyed window), `match`
(MATCH_RECOGNIZE), `source` (only reads the files into a sink that keeps nothing).
"""

from __future__ import annotations

import sys
import time

from pyflink.common import Configuration
from pyflink.table import EnvironmentSettings, TableEnvironment

TABLE = """
CREATE TABLE readings (
  device INT, t BIGINT, v DOUBLE, ts AS TO_TIMESTAMP_LTZ(t, 3), WATERMARK FOR ts AS ts - INTERVAL '1' SECOND
) WITH ('connector' = 'filesystem', 'path' = 'file://{folder}', 'format' = 'csv')
"""
NOTHING = "CREATE TABLE nothing (device INT, t BIGINT, v DOUBLE) WITH ('connector' = 'blackhole')"
JOBS = {
    "source": "INSERT INTO nothing SELECT device, t, v FROM readings",
    "match": """
SELECT COUNT(*), SUM(third) FROM readings MATCH_RECOGNIZE (
  PARTITION BY device ORDER BY ts
  MEASURES C.t AS third
  ONE ROW PER MATCH AFTER MATCH SKIP PAST LAST ROW
  PATTERN (L A B C)
  DEFINE L AS L.v <= 90, A AS A.v > 90, B AS B.v > 90, C AS C.v > 90)
""",
    "over": """
SELECT COUNT(*), SUM(t) FROM (
  SELECT t, v, LAG(v, 1) OVER w AS a, LAG(v, 2) OVER w AS b, LAG(v, 3) OVER w AS c
  FROM readings WINDOW w AS (PARTITION BY device ORDER BY ts))
WHERE v > 90 AND a > 90 AND b > 90 AND c <= 90
""",
}


def run(job: str, folder: str) -> tuple[float, int, int]:
    settings = Configuration()
    settings.set_string("parallelism.default", "2")
    settings.set_string("taskmanager.memory.managed.size", "512m")
    table = TableEnvironment.create(
        EnvironmentSettings.new_instance().in_streaming_mode().with_configuration(settings).build()
    )
    table.execute_sql(TABLE.format(folder=folder))
    table.execute_sql(NOTHING)
    began = time.perf_counter()
    count, total = 0, 0
    if job == "source":
        table.execute_sql(JOBS[job]).wait()
        return time.perf_counter() - began, 0, 0
    with table.execute_sql(JOBS[job]).collect() as rows:
        for row in rows:
            count, total = int(row[0]), int(row[1] or 0)
    return time.perf_counter() - began, count, total


def main() -> None:
    for line in sys.stdin:
        seconds, count, total = run(*line.split())
        print(seconds, count, total, flush=True)


if __name__ == "__main__":
    main()
