"""Looking through the six tables, parents first, with no more in memory than ids.

A row that hangs under a row seen before, in the project that it says, costs nothing but the scan. Whatever looks wrong
is read again, strongly consistent, with everything above it, before it is called so.
"""

from collections.abc import Iterator
from datetime import timedelta
from functools import partial

from dynamodb import _tables
from dynamodb._sending import at_once
from dynamodb.doctor import _addresses, _standing, _stored
from dynamodb.doctor._findings import Finding, Progress, Report, Watch
from dynamodb.doctor._standing import ADRIFT, COMING, HIDDEN, Footing
from dynamodb.doctor._stored import Row
from dynamodb.errors import TableNotFoundError
from models._kinds import HIERARCHY, PROJECT, WAITLIST, Kind

#: Addresses that are looked at together.
_ADDRESSES = 100


def examine(grace: timedelta, watch: Watch) -> Report:
    """Look through all six tables.

    Args:
        grace: how long a tree may take to be created before it counts as given up.
        watch: told about the progress.

    Raises:
        TableNotFoundError: if one of the tables is missing; nothing was read then.
    """
    missing = [name for name, is_there in _tables.existing().items() if not is_there]
    if missing:
        raise TableNotFoundError(
            f"{', '.join(missing)}: missing; create them (`vishmaker-dynamodb tables create`, `create_all_tables()` or "
            "Terraform), or correct their names or the region",
            table=missing[0],
        )
    report = Report()
    above: dict[str, Footing] = {}
    for kind in HIERARCHY:
        level = _Level(kind, above, grace)
        for page in _watched(kind, report, watch):
            level.take(page)
        report.findings += level.finish()
        above = level.footings
    report.findings += _examine_waitlist(report, watch)
    return report


def _watched(kind: Kind, report: Report, watch: Watch) -> Iterator[list[Row]]:
    count = 0
    for page in _stored.pages(kind):
        yield page
        count += len(page)
        watch(Progress("examine", kind.key, count))
    report.rows[kind.key] = count


class _Level:
    """One level of the hierarchy while it is scanned.

    Attributes:
        footings: of its ids, for the level below.
    """

    def __init__(self, kind: Kind, above: dict[str, Footing], grace: timedelta) -> None:
        self.footings: dict[str, Footing] = {}
        self._kind = kind
        self._above = above
        self._grace = grace
        self._findings: list[Finding] = []
        # Ids that were looked at closely: what that found is all there is to say of them.
        self._diagnosed: dict[str, list[Finding]] = {}
        self._twins: dict[str, None] = {}

    def take(self, page: list[Row]) -> None:
        """Take a page of rows."""
        suspicious = [row.row_id for row in page if not self._is_fine(row)]
        self._diagnose(suspicious)

    def finish(self) -> list[Finding]:
        """Return what was found, once all pages were taken."""
        # The second row of an id can be pages after the first.
        self._diagnose(list(self._twins))
        direct = [finding for finding in self._findings if finding.names[0] not in self._diagnosed]
        return [*direct, *(finding for found in self._diagnosed.values() for finding in found)]

    def _is_fine(self, row: Row) -> bool:
        """Take a row, and say whether its place is beyond doubt; what else is wrong with it is found here."""
        row_id = row.row_id
        if row_id in self.footings:
            self._twins[row_id] = None
            return True
        footing = self._footing(row)
        self.footings[row_id] = footing
        if footing.state in {"hidden", "coming"}:
            return "tree_state" not in row.item
        if footing.state == "adrift":
            return False
        problem = _standing.problem_of_project(row, str(footing.project_id))
        if problem == "wrong_project_id":
            return False
        if problem is not None:
            self._findings.append(Finding(problem, row.kind.key, row.names))
        if (refusal := row.refusal()) is not None:
            self._findings.append(Finding("unreadable_row", row.kind.key, row.names, refusal))
        return True

    def _footing(self, row: Row) -> Footing:
        if "tree_state" in row.item:
            return HIDDEN
        if self._kind is PROJECT:
            return Footing("sound", row.row_id)
        return self._above.get(row.parent_id, ADRIFT)

    def _diagnose(self, row_ids: list[str]) -> None:
        found = _standing.diagnose(self._kind, row_ids, self._grace)
        for row_id in row_ids:
            diagnosis = found.get(row_id)
            # One that keeps changing is in use; the rows below it are looked at when it has come to rest.
            self.footings[row_id] = diagnosis.group.footing if diagnosis else COMING
            self._diagnosed[row_id] = diagnosis.findings if diagnosis else []


def _examine_waitlist(report: Report, watch: Watch) -> list[Finding]:
    findings: list[Finding] = []
    spellings: dict[str, list[str]] = {}
    for page in _watched(WAITLIST, report, watch):
        for row in page:
            if (refusal := row.refusal()) is not None:
                findings.append(Finding("unreadable_row", WAITLIST.key, row.names, refusal))
            elif (lower := _addresses.lower_case(row.row_id)) != row.row_id:
                spellings.setdefault(lower, []).append(row.row_id)
    waiting = list(spellings.items())
    for start in range(0, len(waiting), _ADDRESSES):
        groups = waiting[start : start + _ADDRESSES]
        for found in at_once(partial(_addresses.findings, lower, known) for lower, known in groups):
            findings += found
    return findings
