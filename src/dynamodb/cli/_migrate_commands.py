"""`migrate postgres`."""

from collections.abc import Mapping
from pathlib import Path
from typing import Annotated

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
    Given,
    MaxWriteUnits,
    Namespace,
    Owner,
    OwnersFile,
    State,
    Url,
    given,
    migrate,
)
from dynamodb.cli._output import Output
from dynamodb.cli._progress import progress
from dynamodb.cli._tree_text import number_of
from dynamodb.cli._verify_commands import shown
from dynamodb.migrate import LAYOUT_REASONS, REASONS, Migration, Summary, Verification

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
    with given(url, from_dump, owner=owner, owners=owners, namespace=namespace) as what:
        if dry_run:
            return _rehearse(out, what, max_write_units)
        if to_files:
            return _write_files(out, what, to_files)
        left = f"the journal of what was written is in {state}: the same command goes on, `rollback` takes it away"
        with what_is_left(out, left), progress(out, "migrating", lambda: what.rows) as tell:
            done = migration.migrate(
                what.source,
                what.owners,
                state=state,
                merge=merge,
                max_write_units=max_write_units,
                namespace=what.namespace,
                tell=tell,
            )
        out.show(migrated(out, done))
        found = None
        if not no_verify:
            with progress(out, "comparing", lambda: 2 * what.rows) as tell:
                found = migration.verify(what.source, what.owners, merged=merge, namespace=what.namespace, tell=tell)
    return conclude(out, done, found, shown(out, found) if found else Text(f"migrated to {where()}; not compared"))


def _rehearse(out: Output, what: Given, max_write_units: float | None) -> int:
    with progress(out, "looking at rows", lambda: what.rows) as tell:
        summary = migration.summarize(
            what.source, what.owners, max_write_units=max_write_units, namespace=what.namespace, tell=tell
        )
    return rehearsed(out, summary)


def _write_files(out: Output, what: Given, folder: Path) -> int:
    with progress(out, "writing files", lambda: what.rows) as tell:
        files = migration.write_files(what.source, what.owners, folder, namespace=what.namespace, tell=tell)
    table = out.table("", "items", "files", numbers=("items", "files"))
    for name, one in files.manifest["tables"].items():
        table.add_row(name, f"{one['items']:,}", f"{len(one['files']):,}")
    out.result(files.as_json(), Group(table, Text(""), Text(f"written to {folder}; manifest.json has the list")))
    if files.quarantined:
        out.warn(f"{number_of(files.quarantined, 'row')} in {folder / 'quarantine.ndjson'}, with personal data")
    return status.NO if files.quarantined else status.OK


def rehearsed(out: Output, summary: Summary) -> int:
    """Print what a dry run tells. Returns the exit status."""
    table = out.table(*(columns := ("", "rows", "to migrate", "write units", "quarantine")), numbers=columns[1:])
    for key, one in summary.tables.items():
        cells = (one.rows, one.migrated, one.write_units, one.quarantined.total())
        table.add_row(key, *(f"{cell:,}" for cell in cells))
    reasons = {key: one.quarantined for key, one in summary.tables.items()}
    cost = (
        f"{summary.write_units:,} write units, {summary.seconds:,.0f} seconds at {summary.rate:,.0f} a second; "
        "nothing was written"
    )
    parts = Group(table, *_why(out, reasons, summary.unknown_columns), Text(""), Text(cost))
    out.result({"dry_run": True, **summary.as_json()}, parts)
    return status.NO if summary.quarantined else status.OK


def conclude(out: Output, done: Migration, found: Verification | None, text: RenderableType) -> int:
    """Print what a run came to. Returns the exit status.

    Args:
        out: where to.
        done: what it did.
        found: what was compared afterwards; `None`: nothing.
        text: the last part, for people.
    """
    out.result({"dry_run": False, **done.as_json(), "verification": found and found.as_json()}, text)
    if done.quarantined:
        out.warn(f"{number_of(done.quarantined, 'row')} in {done.quarantine}, with personal data")
    return status.NO if done.quarantined or (found and found.wrong) else status.OK


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
