"""`doctor`: what earlier writers, crashes and races left in the tables, and its repair."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from itertools import groupby
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Group, RenderableType
from rich.text import Text

from dynamodb import doctor
from dynamodb.cli import _statuses as status
from dynamodb.cli._app import app
from dynamodb.cli._asking import Yes, confirm, what_is_left, where
from dynamodb.cli._command import command
from dynamodb.cli._output import Output, one_line
from dynamodb.cli._progress import progress
from dynamodb.cli._tree_text import number_of
from dynamodb.doctor import Finding, Progress, Report

#: Shown of each problem; --json has all.
_SHOWN = 20

_STYLES = {"found": "yellow", "repaired": "green", "left": "red", "gone": "dim"}


@command(app, "doctor")
def examine(
    out: Output,
    *,
    fix: Annotated[bool, typer.Option("--fix", help="Repair what has one right answer, after asking.")] = False,
    quarantine: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="Where --fix writes rows that it takes out; default: one with the time."),
    ] = None,
    grace: Annotated[
        float, typer.Option(min=0, metavar="MINUTES", help="How long a tree may take to be created.")
    ] = doctor.GRACE.total_seconds() / 60,
    quarantine_unreadable: Annotated[
        bool, typer.Option("--quarantine-unreadable", help="Let --fix take out rows that their schema refuses, too.")
    ] = False,
    yes: Yes = False,
) -> int:
    """Look through all tables for what is wrong: it reads, and costs, all of them.

    Nothing is changed without --fix, and nothing is ever dropped: what is taken out is in the quarantine file first.
    Exit status 0: nothing is wrong, or no longer; 1: something is.
    """
    patience = timedelta(minutes=grace)
    with _watched(out) as watch:
        report = doctor.examine(grace=patience, progress=watch)
    if not fix or not report.left:
        return _tell(out, report, None)
    file = quarantine or Path(f"vishmaker-quarantine-{datetime.now(UTC):%Y%m%d-%H%M%S}.ndjson")
    if not yes:
        out.show(_shown(out, report))
    confirm(out, f"Repair {number_of(len(report.left), 'finding')} at {where()}? Rows taken out go to {file}.", yes=yes)
    left = f"some findings may be repaired; rows taken out are in {file}; the same command again goes on"
    with what_is_left(out, left), _watched(out) as watch:
        repaired = doctor.repair(
            report, quarantine=file, grace=patience, quarantine_unreadable=quarantine_unreadable, progress=watch
        )
    return _tell(out, repaired, file)


def _tell(out: Output, report: Report, file: Path | None) -> int:
    taken = str(file) if file and report.quarantined else None
    out.result({**report.as_json(), "left": len(report.left), "quarantine": taken}, _shown(out, report))
    if taken:
        out.note(f"{number_of(report.quarantined, 'row')} in {taken}; it can hold personal data")
    elif report.left and file is None:
        out.note("--fix repairs what has one right answer")
    return status.NO if report.left else status.OK


@contextmanager
def _watched(out: Output) -> Iterator[Callable[[Progress], None]]:
    """Count the rows of all tables together in one bar."""
    seen: dict[tuple[str, str], int] = {}
    with progress(out, "looking at rows") as tell:

        def watch(now: Progress) -> None:
            tell(now.done - seen.get((now.step, now.table), 0))
            seen[now.step, now.table] = now.done

        yield watch


def _shown(out: Output, report: Report) -> RenderableType:
    rows = sum(report.rows.values())
    if not report.findings:
        return Text(f"{number_of(rows, 'row')}, nothing is wrong", style="green")
    parts: list[RenderableType] = []
    ordered = sorted(report.findings, key=lambda finding: (finding.kind, finding.table, finding.names))
    for kind, group in groupby(ordered, key=lambda finding: finding.kind):
        found = list(group)
        parts += [*_problem(out, kind, found), Text("")]
    left = len(report.left)
    parts.append(Text(f"{number_of(rows, 'row')}, {number_of(len(report.findings), 'finding')}, {left} still wrong"))
    return Group(*parts)


def _problem(out: Output, kind: str, found: Sequence[Finding]) -> list[RenderableType]:
    table = out.table("", "", "", "")
    for finding in found[:_SHOWN]:
        name = one_line(" / ".join(finding.names))
        outcome = Text(finding.outcome, style=_STYLES[finding.outcome])
        table.add_row(f"  {finding.table}", name, outcome, one_line(finding.detail))
    remedy = found[0].repair or "a person has to decide"
    parts: list[RenderableType] = [
        Text.assemble((kind, "bold"), f"  {number_of(len(found), 'row')}: {found[0].message.split(' (')[0]}"),
        table,
    ]
    if len(found) > _SHOWN:
        parts.append(Text(f"  and {len(found) - _SHOWN} more; --json has all"))
    return [*parts, Text(f"  → {remedy}")]
