"""`migrate layout` and `verify layout`: from six tables into one, and back."""

from typing import Annotated

import typer
from rich.text import Text

from dynamodb import migrate as migration
from dynamodb._config import LAYOUTS
from dynamodb.cli import _statuses as status
from dynamodb.cli._asking import DryRun, what_is_left
from dynamodb.cli._command import command
from dynamodb.cli._migrate_commands import Merge, NoVerify, conclude, migrated, rehearsed
from dynamodb.cli._migration import STATE, MaxWriteUnits, State, migrate, verify
from dynamodb.cli._output import Output
from dynamodb.cli._progress import progress
from dynamodb.cli._verify_commands import Differences, shown, written_to

_NAMES = " or ".join(LAYOUTS)
From = Annotated[str, typer.Option("--from", metavar="LAYOUT", help=f"What is read: {_NAMES}.")]
To = Annotated[str, typer.Option("--to", metavar="LAYOUT", help="The other one.")]
Prune = Annotated[
    bool, typer.Option("--prune", help="Delete rows of --to that --from does not have, and still has not.")
]


@command(migrate, "layout")
def layout(
    out: Output,
    *,
    source: From,
    target: To,
    state: State = STATE,
    merge: Merge = False,
    max_write_units: MaxWriteUnits = None,
    no_verify: NoVerify = False,
    dry_run: DryRun = False,
) -> int:
    """Copy all rows from the tables of one layout into those of the other; ids, times and versions stay.

    The same command goes on after any interruption. Rows that the other layout cannot hold are in quarantine.ndjson in
    the state folder, with what is under them; then the exit status is 1. At the end everything is compared, as `verify
    layout` does it.
    """
    if dry_run:
        with progress(out, "looking at rows", lambda: migration.count_about(source)) as tell:
            summary = migration.summarize_layout(source, target, max_write_units=max_write_units, tell=tell)
        return rehearsed(out, summary)
    left = f"the checkpoint is in {state}: the same command goes on, `rollback` takes away what was written"
    with what_is_left(out, left), progress(out, "copying", lambda: migration.count_about(source)) as tell:
        done = migration.migrate_layout(
            source, target, state=state, merge=merge, max_write_units=max_write_units, tell=tell
        )
    out.show(migrated(out, done))
    found = None
    if not no_verify:
        with progress(out, "comparing", lambda: 2 * migration.count_about(source)) as tell:
            found = migration.verify_layout(source, target, tell=tell)
    text = shown(out, found, target) if found else Text(f"copied into {target}; not compared")
    return conclude(out, done, found, text)


@command(verify, "layout")
def compare(out: Output, *, source: From, target: To, prune: Prune = False, differences: Differences = None) -> int:
    """Compare the tables of two layouts, row by row in both directions, and ask every index of --to for every row.

    Others may write meanwhile, if they write to both. Exit status 0: --to has what --from has; 1: something differs.
    """
    with (
        progress(out, "comparing", lambda: 2 * migration.count_about(source)) as tell,
        written_to(differences) as see,
    ):
        found = migration.verify_layout(source, target, prune=prune, tell=tell, see=see)
    out.result(found.as_json(), shown(out, found, target))
    return status.NO if found.wrong else status.OK
