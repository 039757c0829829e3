"""`migrate postgres`."""

from collections.abc import Mapping
from typing import Annotated

import typer
from rich.console import Group, RenderableType
from rich.text import Text

from dynamodb.cli import _statuses as status
from dynamodb.cli._asking import DryRun, what_is_left, where
from dynamodb.cli._command import command
from dynamodb.cli._migration import (
    DEFAULT_NAMESPACE,
    STATE,
    MaxWriteUnits,
    Namespace,
    Owner,
    OwnersFile,
    State,
    Url,
    migrate,
    namespace_of,
    source_of,
)
from dynamodb.cli._output import Output
from dynamodb.cli._progress import progress
from dynamodb.cli._tree_text import number_of
from dynamodb.migrate import REASONS, Migration, Source, Summary, read_owners, summarize
from dynamodb.migrate import migrate as run
from models._kinds import KINDS

Merge = Annotated[
    bool, typer.Option("--merge", help="The tables may have rows; none that was written later is overwritten.")
]


@command(migrate, "postgres")
def postgres(
    out: Output,
    url: Url = None,
    *,
    owner: Owner = None,
    owners: OwnersFile = None,
    state: State = STATE,
    merge: Merge = False,
    max_write_units: MaxWriteUnits = None,
    namespace: Namespace = DEFAULT_NAMESPACE,
    dry_run: DryRun = False,
) -> int:
    """Write a PostgreSQL database into the tables, nothing lost.

    The same command goes on after any interruption. Rows that cannot be stored are in quarantine.ndjson in the state
    folder, with what is under them; then the exit status is 1. Begin with --dry-run: it writes nothing.
    """
    owned, space = read_owners(owner, owners), namespace_of(namespace)
    with source_of(url) as source:
        if dry_run:
            with progress(out, "looking at rows", lambda: _rows_of(source)) as tell:
                summary = summarize(source, owned, max_write_units=max_write_units, namespace=space, tell=tell)
            out.result({"dry_run": True, **summary.as_json()}, _rehearsed(out, summary))
            return status.NO if summary.quarantined else status.OK
        left = f"what was written is in {state}: the same command goes on, `rollback` takes it away"
        with what_is_left(out, left), progress(out, "migrating", lambda: _rows_of(source)) as tell:
            done = run(
                source,
                owned,
                state=state,
                merge=merge,
                max_write_units=max_write_units,
                namespace=space,
                tell=tell,
            )
    out.result({"dry_run": False, **done.as_json()}, _migrated(out, done))
    if done.quarantined:
        out.warn(f"{number_of(done.quarantined, 'row')} in {done.quarantine}, with personal data")
    return status.NO if done.quarantined else status.OK


def _rows_of(source: Source) -> int:
    return sum(source.count(kind) for kind in KINDS)


def _rehearsed(out: Output, summary: Summary) -> RenderableType:
    table = out.table(*(columns := ("", "rows", "to migrate", "write units", "quarantine")), numbers=columns[1:])
    for key, one in summary.tables.items():
        cells = (one.rows, one.migrated, one.write_units, one.quarantined.total())
        table.add_row(key, *(f"{cell:,}" for cell in cells))
    reasons = {key: one.quarantined for key, one in summary.tables.items()}
    cost = (
        f"{summary.write_units:,} write units, {summary.seconds:,.0f} seconds at {summary.rate:,.0f} a second; "
        "nothing was written"
    )
    return Group(table, *_why(out, reasons, summary.unknown_columns), Text(""), Text(cost))


def _migrated(out: Output, done: Migration) -> RenderableType:
    table = out.table(*(columns := ("", "rows", "written", "unchanged", "quarantine")), numbers=columns[1:])
    for key, one in done.tables.items():
        cells = (one.rows, one.written, one.unchanged, one.quarantined)
        table.add_row(key, *(f"{cell:,}" for cell in cells))
    return Group(table, *_why(out, done.reasons, done.unknown_columns), Text(""), Text(f"migrated to {where()}"))


def _why(
    out: Output, reasons: Mapping[str, Mapping[str, int]], unknown_columns: Mapping[str, list[str]]
) -> list[RenderableType]:
    table = out.table("", "", "", "")
    for key, counts in reasons.items():
        for reason, count in sorted(counts.items()):
            table.add_row(f"  {key}", reason, f"{count:,}", REASONS[reason])
    parts: list[RenderableType] = [Text(""), Text("not migrated", style="yellow"), table] if table.row_count else []
    for key, columns in unknown_columns.items():
        parts.append(Text(f"{key}: {', '.join(columns)} has no place in DynamoDB and is left out", style="yellow"))
    return parts
