"""`verify postgres` and `rollback`: what a migration came to, and its undoing."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import orjson
import typer
from rich.console import Group, RenderableType
from rich.text import Text

from dynamodb import migrate as migration
from dynamodb.cli import _statuses as status
from dynamodb.cli._app import app
from dynamodb.cli._asking import DryRun, Yes, confirm, what_is_left, where
from dynamodb.cli._command import FailedError, command
from dynamodb.cli._migration import (
    DEFAULT_NAMESPACE,
    STATE,
    FromDump,
    Namespace,
    Owner,
    OwnersFile,
    State,
    Url,
    given,
    verify,
)
from dynamodb.cli._output import Output, one_line
from dynamodb.cli._progress import progress
from dynamodb.cli._tree_text import number_of
from dynamodb.migrate import Difference, RolledBack, Verification

Differences = Annotated[
    Path | None, typer.Option(metavar="FILE", help="Write every difference there, one JSON document a line.")
]

#: Differences that are printed; --differences has all.
_SHOWN = 20


@command(verify, "postgres")
def postgres(
    out: Output,
    url: Url = None,
    *,
    owner: Owner = None,
    owners: OwnersFile = None,
    from_dump: FromDump = None,
    merged: Annotated[
        bool, typer.Option("--merged", help="Rows that are not in the source, or newer than there, are no fault.")
    ] = False,
    differences: Differences = None,
    namespace: Namespace = DEFAULT_NAMESPACE,
) -> int:
    """Compare the tables with a PostgreSQL database, row by row in both directions, and ask every index for every row.

    It reads, and costs, all of both. Exit status 0: all is as the source says; 1: something is not.
    """
    with (
        given(url, from_dump, owner=owner, owners=owners, namespace=namespace) as what,
        progress(out, "comparing", lambda: 2 * what.rows) as tell,
        written_to(differences) as see,
    ):
        found = migration.verify(what.source, what.owners, merged=merged, namespace=what.namespace, tell=tell, see=see)
    out.result(found.as_json(), shown(out, found))
    return status.NO if found.wrong else status.OK


@contextmanager
def written_to(file: Path | None) -> Iterator[Callable[[Difference], None]]:
    """Open a file for differences, readable by its owner only.

    Yields:
        What writes one.

    Raises:
        FailedError: if it cannot be written.
    """
    if file is None:
        yield lambda _: None
        return
    try:
        opened = file.open("wb")
    except OSError as error:
        raise FailedError(f"{file}: {error.strerror}", code="file", exit_status=status.NOT_FOUND) from error
    with opened:
        file.chmod(0o600)
        yield lambda one: opened.writelines([orjson.dumps(one), b"\n"])


def shown(out: Output, found: Verification, target: str | None = None) -> RenderableType:
    """Write a verification for people.

    Args:
        out: where it will be shown.
        found: the verification.
        target: what was compared with the source; default: where DynamoDB is.
    """
    table = out.table(*(columns := ("", "source", "target", "quarantine")), "", numbers=columns[1:])
    for key, one in found.tables.items():
        problems = ", ".join(f"{count:,} {problem}" for problem, count in sorted(one.problems.items()))
        cells = (f"{one.source:,}", f"{one.target:,}", f"{one.quarantined:,}", problems or "the same")
        table.add_row(key, *cells)
    parts: list[RenderableType] = [table, Text("")]
    if found.differences:
        listed = out.table("", "", "", "")
        for difference in found.differences[:_SHOWN]:
            name = one_line(" / ".join(difference.key))
            listed.add_row(f"  {difference.table}", name, difference.problem, one_line(difference.detail))
        parts += [listed, Text("")]
    if found.wrong:
        parts.append(Text(f"{number_of(found.wrong, 'difference')}", style="red"))
    else:
        parts.append(Text(f"{target or where()} has what the source says", style="green"))
    return Group(*parts)


@command(app, "rollback")
def rollback(out: Output, *, state: State = STATE, dry_run: DryRun = False, yes: Yes = False) -> int:
    """Take away what a migration wrote: exactly the rows of its journal, and none that was changed since.

    Rows that a merge replaced are put back. Exit status 1: some rows stay, because they were changed or others are
    under them.
    """
    rows = migration.count_written(state)
    if not dry_run:
        question = f"Take away {number_of(rows, 'row')} that the migration in {state} wrote at {where()}?"
        confirm(out, question, yes=yes)
    left = "some of it is taken away; the same command again goes on"
    with what_is_left(out, left), progress(out, "rolling back", rows) as tell:
        tables = migration.rollback(state, dry_run=dry_run, tell=tell)
    kept = sum(table.kept for table in tables.values())
    data = {"dry_run": dry_run, "tables": {key: asdict(table) for key, table in tables.items()}, "kept": kept}
    out.result(data, _told(out, tables, dry_run=dry_run))
    return status.NO if kept else status.OK


def _told(out: Output, tables: dict[str, RolledBack], *, dry_run: bool) -> RenderableType:
    columns = ("removed", "restored", "gone", "changed", "has rows")
    table = out.table("", *columns, numbers=columns)
    for key, one in tables.items():
        cells = (one.removed, one.restored, one.gone, one.changed, one.has_rows)
        table.add_row(key, *(f"{cell:,}" for cell in cells))
    said = "nothing was changed" if dry_run else f"rolled back at {where()}"
    return Group(table, Text(""), Text(said))
