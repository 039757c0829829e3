"""`migrate postgres`."""

from collections.abc import Mapping
from pathlib import Path
from typing import Annotated
from uuid import UUID

import typer
from rich.console import Group, RenderableType
from rich.text import Text

from dynamodb import migrate as migration
from dynamodb.cli import _statuses as status
from dynamodb.cli._asking import DryRun, what_is_left, where
from dynamodb.cli._command import command
from dynamodb.cli._migration import (
    DEFAULT_NAMESPACE,
    STATE,
    FromDump,
    MaxWriteUnits,
    Namespace,
    Owner,
    OwnersFile,
    State,
    Url,
    migrate,
    namespace_of,
    rows_of,
    source_of,
)
from dynamodb.cli._output import Output
from dynamodb.cli._progress import progress
from dynamodb.cli._tree_text import number_of
from dynamodb.cli._verify_commands import shown
from dynamodb.migrate import LAYOUT_REASONS, REASONS, Migration, Owners, Source, Summary, read_owners

Merge = Annotated[
    bool, typer.Option("--merge", help="The tables may have rows; none that was written later is overwritten.")
]


ToFiles = Annotated[
    Path | None,
    typer.Option("--to-files", metavar="DIR", help="Write files for DynamoDB's import from S3 instead of the tables."),
]
NoVerify = Annotated[bool, typer.Option("--no-verify", help="Do not compare everything at the end.")]


@command(migrate, "postgres")
def postgres(
    out: Output,
    url: Url = None,
    *,
    owner: Owner = None,
    owners: OwnersFile = None,
    from_dump: FromDump = None,
    to_files: ToFiles = None,
    state: State = STATE,
    merge: Merge = False,
    max_write_units: MaxWriteUnits = None,
    namespace: Namespace = DEFAULT_NAMESPACE,
    no_verify: NoVerify = False,
    dry_run: DryRun = False,
) -> int:
    """Write a PostgreSQL database into the tables, nothing lost.

    The same command goes on after any interruption. Rows that cannot be stored are in quarantine.ndjson in the state
    folder, with what is under them; then the exit status is 1. At the end everything is compared, as `verify` does it.
    Begin with --dry-run: it writes nothing.
    """
    owned, space = read_owners(owner, owners), namespace_of(namespace)
    with source_of(url, from_dump) as source:
        if dry_run:
            return _rehearse(out, source, owned, space, max_write_units)
        if to_files:
            return _write_files(out, source, owned, space, to_files)
        left = f"the journal of what was written is in {state}: the same command goes on, `rollback` takes it away"
        with what_is_left(out, left), progress(out, "migrating", lambda: rows_of(source)) as tell:
            done = migration.migrate(
                source,
                owned,
                state=state,
                merge=merge,
                max_write_units=max_write_units,
                namespace=space,
                tell=tell,
            )
        out.show(migrated(out, done))
        found = None
        if not no_verify:
            with progress(out, "comparing", lambda: 2 * rows_of(source)) as tell:
                found = migration.verify(source, owned, merged=merge, namespace=space, tell=tell)
    data = {"dry_run": False, **done.as_json(), "verification": found and found.as_json()}
    out.result(data, shown(out, found) if found else Text(f"migrated to {where()}; not compared"))
    if done.quarantined:
        out.warn(f"{number_of(done.quarantined, 'row')} in {done.quarantine}, with personal data")
    return status.NO if done.quarantined or (found and found.wrong) else status.OK


def _rehearse(out: Output, source: Source, owners: Owners, namespace: UUID, max_write_units: float | None) -> int:
    with progress(out, "looking at rows", lambda: rows_of(source)) as tell:
        summary = migration.summarize(source, owners, max_write_units=max_write_units, namespace=namespace, tell=tell)
    out.result({"dry_run": True, **summary.as_json()}, rehearsed(out, summary))
    return status.NO if summary.quarantined else status.OK


def _write_files(out: Output, source: Source, owners: Owners, namespace: UUID, folder: Path) -> int:
    with progress(out, "writing files", lambda: rows_of(source)) as tell:
        files = migration.write_files(source, owners, folder, namespace=namespace, tell=tell)
    table = out.table("", "items", "files", numbers=("items", "files"))
    for name, one in files.manifest["tables"].items():
        table.add_row(name, f"{one['items']:,}", f"{len(one['files']):,}")
    out.result(files.as_json(), Group(table, Text(""), Text(f"written to {folder}; manifest.json has the list")))
    if files.quarantined:
        out.warn(f"{number_of(files.quarantined, 'row')} in {folder / 'quarantine.ndjson'}, with personal data")
    return status.NO if files.quarantined else status.OK


def rehearsed(out: Output, summary: Summary) -> RenderableType:
    """Write for people what a dry run tells."""
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


def migrated(out: Output, done: Migration) -> RenderableType:
    """Write for people what a run did."""
    table = out.table(*(columns := ("", "rows", "written", "unchanged", "quarantine")), numbers=columns[1:])
    for key, one in done.tables.items():
        cells = (one.rows, one.written, one.unchanged, one.quarantined)
        table.add_row(key, *(f"{cell:,}" for cell in cells))
    return Group(table, *_why(out, done.reasons, done.unknown_columns), Text(""))


def _why(
    out: Output, reasons: Mapping[str, Mapping[str, int]], unknown_columns: Mapping[str, list[str]]
) -> list[RenderableType]:
    table = out.table("", "", "", "")
    for key, counts in reasons.items():
        for reason, count in sorted(counts.items()):
            table.add_row(f"  {key}", reason, f"{count:,}", {**REASONS, **LAYOUT_REASONS}[reason])
    parts: list[RenderableType] = [Text(""), Text("not migrated", style="yellow"), table] if table.row_count else []
    for key, columns in unknown_columns.items():
        parts.append(Text(f"{key}: {', '.join(columns)} has no place in DynamoDB and is left out", style="yellow"))
    return parts
