"""Finding and repairing what earlier writers, crashes and races left in the tables.

This is maintenance: it scans all tables. It may run while the system is in use. Nothing that it takes out of a table is
dropped: the whole item is on disk in the quarantine file before it is deleted, and it is deleted only as it was written
there.

What is found, and what `repair` makes of it:

======================  ==============================================================================================
`orphan`                the row it belongs to is missing, or one above that → quarantine
`wrong_level`           the row it belongs to is on another level than the one above → quarantine
`duplicate_id`          one id under several parents: a row above which something is missing or going yields to one
                        above which all is there; of several such, the one in the project that all children name stays,
                        else the oldest, which every reader sees → the others: quarantine
`missing_project_id`    → set to the project that the row hangs under
`wrong_project_id`      → the same
`missing_tree_format`   a project that is read row by row → marked once every row under it carries its id
`half_deleted`          → the deletion is finished
`half_created`          a tree that was begun longer than `grace` ago → quarantine, with all that is under it
`unknown_tree_state`    a row that nobody sees and no call finishes → a person decides
`email_case_duplicate`  → the entry written last stays, under the lower-case address; the others: quarantine
`email_not_lower_case`  → moved to the lower-case address, all attributes with it
`unreadable_row`        its schema refuses it → a person mends it; with `quarantine_unreadable`: quarantine, with all
                        that is under it
`misplaced`             the row is stored under another key than its fields say → put where it belongs, in a transaction
`missing_lead`          no item leads from the row's id to it → written
`lost_lead`             such an item leads nowhere → removed
======================  ==============================================================================================

The last three are of the single-table layout, in which a row's key holds more than its id, and an item leads from a
node's id to it.

Run it again after an interruption: it goes on where it was. Earlier writers should be gone before `repair` runs: rows
that they add later to a project that was marked as complete are missing from it until the next run.
"""

import logging
from datetime import timedelta
from pathlib import Path

from dynamodb import _layout
from dynamodb.doctor import _examination, _repairing
from dynamodb.doctor._findings import Finding, Problem, Progress, Report, Watch
from dynamodb.errors import InvalidInputError

__all__ = ["GRACE", "Finding", "Problem", "Progress", "Report", "examine", "repair"]

log = logging.getLogger("dynamodb")

#: How long a tree may take to be created before it counts as given up.
GRACE = timedelta(hours=1)


def examine(*, grace: timedelta = GRACE, progress: Watch | None = None) -> Report:
    """Look through all tables and tell what is wrong. Nothing is changed.

    It costs a strongly consistent scan of every table, and a few reads for each row that looks wrong. It holds ids in
    memory, about 200 bytes for each row: of the six tables those of two levels, of one table all, and the keys of about
    half of its rows.

    Args:
        grace: a tree whose creation was begun longer ago, and is not finished, counts as given up.
        progress: told how far the work is, after each page.

    Returns:
        The findings; `left` is empty where all is well.

    Raises:
        InvalidInputError: if `grace` is negative.
        TableNotFoundError: if one of the tables is missing; nothing was read then.
    """
    _check(grace)
    report = _examination.examine(grace, progress or _nobody)
    log.info("examined %d rows: %s", sum(report.rows.values()), report.counts or "nothing found")
    return report


def repair(
    report: Report | None = None,
    *,
    quarantine: Path | str,
    grace: timedelta = GRACE,
    quarantine_unreadable: bool = False,
    progress: Watch | None = None,
) -> Report:
    """Repair what has one right answer.

    Every finding is looked at again, strongly consistent, before anything is done about it, so a report may be old.

    Args:
        report: what `examine` found; default: examine first.
        quarantine: the file for rows that are taken out; lines are added to one that is there. It holds whole items,
            personal data included, and can be read by its owner only.
        grace: as for `examine`.
        quarantine_unreadable: take out rows that their schema refuses, and what is under them, instead of leaving them
            for a person.
        progress: told how far the work is.

    Returns:
        The findings with their outcomes; `left` is what is still wrong, each with the reason.

    Raises:
        InvalidInputError: if the quarantine file cannot be written, or `grace` is negative.
        TableNotFoundError: if one of the tables is missing.
        DataLayerError: as `dynamodb.errors` says; the same call again goes on.
    """
    _check(grace)
    _layout.refuse_twin("a repair")
    watch = progress or _nobody
    found = report if report is not None else examine(grace=grace, progress=progress)
    done = _repairing.repair(
        found, Path(quarantine), grace=grace, quarantine_unreadable=quarantine_unreadable, watch=watch
    )
    log.info("repaired, %d findings left, %d rows quarantined", len(done.left), done.quarantined)
    return done


def _check(grace: timedelta) -> None:
    if grace < timedelta(0):
        raise InvalidInputError(f"grace: {grace} is negative")


def _nobody(progress: Progress) -> None:
    """Tell nobody."""
