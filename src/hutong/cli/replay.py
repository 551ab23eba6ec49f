"""hutong replay rules: what changed rules would have said of stored history."""

from __future__ import annotations

import csv
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from hutong.cli.life import DEMO
from hutong.cli.root import Database, app, screen

if TYPE_CHECKING:
    from hutong.app.replaying import Replay
    from hutong.engine.flow.replaying import Difference

replay = typer.Typer(help="Run changed definitions over stored history.", no_args_is_help=True)
app.add_typer(replay, name="replay")

VERDICTS = {
    "more": "+ 新增 would be raised",
    "fewer": "- 不再触发 would not be raised",
    "both": "~ 时间变化 at another time",
    "neither": "? 现行规则未重现 present rules do not give it",
}


@replay.callback()
def group() -> None:
    """Run changed definitions over stored history; nothing of the city is changed."""


@replay.command("rules")
def rules(
    since: Annotated[
        str, typer.Option(help="From when: `7 d` before the end, or a local time such as 2026-07-18T19:00.")
    ],
    changed: Annotated[
        Path,
        typer.Option(
            "--with", help="YAML with changed `rules`, `parameters`, or rules that are left out (`without`)."
        ),
    ],
    until: Annotated[str | None, typer.Option(help="Up to when (default: the newest observation).")] = None,
    city: Annotated[Path, typer.Option(help="The city's folder.")] = DEMO,
    packs: Annotated[list[Path] | None, typer.Option("--packs", help="Folders of further packs.")] = None,
    lines: Annotated[
        int, typer.Option(help="So many differences are printed; exports have all.", min=0)
    ] = 40,
    csv_file: Annotated[Path | None, typer.Option("--csv", help="Write all differences as CSV.")] = None,
    json_file: Annotated[Path | None, typer.Option("--json", help="Write everything as JSON.")] = None,
    database: Database = None,
) -> None:
    """What changed rules would have raised, missed and cleared, compared with the present ones and with what was raised."""
    from hutong.app.demo import progress_bar
    from hutong.app.replay_report import COLUMNS, document, table
    from hutong.app.replaying import replay_rules

    with progress_bar(screen) as tell:
        found = replay_rules(city, changed, since, until, tell, database=database, packs=tuple(packs or ()))
    _summary(found)
    _lines(found, lines)
    if csv_file is not None:
        with csv_file.open("w", encoding="utf-8-sig", newline="") as file:
            csv.writer(file).writerows([COLUMNS, *table(found)])
    if json_file is not None:
        json_file.write_bytes(document(found))


def _summary(found: Replay) -> None:
    from hutong.app.replay_report import local_time

    since, until = local_time(found.since, found.zone), local_time(found.until, found.zone)
    _say(
        f"{since} – {until}: {found.rows:,} rows in {found.seconds:.1f} s, both sets of rules ({found.speed:,.0f} rows/s)"
    )
    for one in found.summary:
        label = found.labels[one.rule]
        _say(f"{one.rule} {label.zh} · {label.text('en')}")
        _say(
            f"  预警 warnings: 现行 present {one.present} → 变更后 changed {one.changed} "
            f"(+{one.more} −{one.fewer}; 提前 earlier {one.earlier}, 推迟 later {one.later}, "
            f"解除提前 cleared sooner {one.shorter}, 解除推迟 cleared later {one.longer})"
        )
        _say(
            f"  实际 really raised {one.real}; 其中不再触发 of them gone: 误报 false alarms {one.vanished_false}, "
            f"确认 confirmed {one.vanished_confirmed}, 待研判 waiting {one.vanished_waiting}"
        )
        numbers = [found.cases[case] for case in one.cases if case in found.cases]
        if numbers:
            _say(f"  涉及案卷 cases affected: {', '.join(numbers)}")
        if one.unexplained:
            _say(
                f"  {one.unexplained} really raised warnings are not given by the present rules either: "
                "other rules or parameters then, or rows that came late"
            )


def _say(text: str) -> None:
    screen.print(text, highlight=False, markup=False, soft_wrap=True)


def _lines(found: Replay, most: int) -> None:
    from hutong.engine.flow.replaying import same_outcome

    differing = [one for one in found.differences if not same_outcome(one) and not one.counted]
    for one in differing[:most]:
        _say(_line(found, one))
    if len(differing) > most:
        _say(f"… {len(differing) - most:,} more; see --lines, --csv or --json")
    if not differing:
        screen.print("没有差别 · no differences")


def _line(found: Replay, one: Difference) -> str:
    from hutong.app.replay_report import local_time

    name = found.names.get(one.thing)
    parts = [
        local_time(one.at, found.zone),
        VERDICTS[one.verdict],
        one.rule,
        name.zh if name else f"#{one.thing}",
    ]
    if one.verdict == "both" and one.present and one.changed:
        was, now = one.present, one.changed
        parts.append(
            f"raised {local_time(was.raised, found.zone)[11:]} → {local_time(now.raised, found.zone)[11:]}"
        )
        cleared = [local_time(each.cleared, found.zone)[11:] or "stands" for each in (was, now)]
        parts.append(f"cleared {cleared[0]} → {cleared[1]}")
    episode = one.changed or one.present
    if episode is not None and episode.peak is not None:
        parts.append(f"peak {episode.peak:g} {episode.unit}")
    for warning in one.real:
        case = f" 案卷 {found.cases[warning.case]}" if warning.case in found.cases else ""
        parts.append(f"[{warning.state}{case}]")
    return "  ".join(parts)


@replay.command("cases")
def cases(
    since: Annotated[
        str, typer.Option(help="From when: `30 d` before the end, or a local time such as 2026-07-01T00:00.")
    ],
    changed: Annotated[
        Path,
        typer.Option(
            "--with", help="YAML with other `limits`, `responsibilities`, `staffing` or `working_periods`."
        ),
    ],
    until: Annotated[str | None, typer.Option(help="Up to when (default: the newest record).")] = None,
    city: Annotated[Path, typer.Option(help="The city's folder.")] = DEMO,
    packs: Annotated[list[Path] | None, typer.Option("--packs", help="Folders of further packs.")] = None,
    lines: Annotated[
        int, typer.Option(help="So many differences are printed; exports have all.", min=0)
    ] = 40,
    csv_file: Annotated[Path | None, typer.Option("--csv", help="Write all differences as CSV.")] = None,
    json_file: Annotated[Path | None, typer.Option("--json", help="Write everything as JSON.")] = None,
    database: Database = None,
) -> None:
    """Last period's cases under other limits, routing or staffing: on-time rates, loads of units, differences by case."""
    from hutong.app.case_replay_report import COLUMNS, document, summary, table
    from hutong.app.demo import progress_bar
    from hutong.app.replaying_cases import replay_cases

    with progress_bar(screen) as tell:
        found = replay_cases(city, changed, since, until, tell, database=database, packs=tuple(packs or ()))
    for line in summary(found):
        _say(line)
    rows = table(found)
    _case_lines(rows, lines)
    if csv_file is not None:
        with csv_file.open("w", encoding="utf-8-sig", newline="") as file:
            csv.writer(file).writerows([COLUMNS, *rows])
    if json_file is not None:
        json_file.write_bytes(document(found))


def _case_lines(rows: list[list[str]], most: int) -> None:
    for row in rows[:most]:
        _say("  ".join(part for part in row if part))
    if len(rows) > most:
        _say(f"… {len(rows) - most:,} more; see --lines, --csv or --json")
    if not rows:
        screen.print("没有差别 · no differences")
