"""Looking through all tables, parents first as far as they lie so, with no more in memory than ids.

A row that hangs under a row seen before, in the project that it says, and is where it belongs, costs nothing but the
scan. Whatever looks wrong is read again, strongly consistent, with everything above it, before it is called so.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from datetime import timedelta
from functools import partial

from dynamodb import _layout, _tables
from dynamodb._layout import Walk
from dynamodb._sending import at_once
from dynamodb.doctor import _addresses, _standing, _stored
from dynamodb.doctor._by_id import Known
from dynamodb.doctor._findings import Finding, Progress, Report, Watch
from dynamodb.doctor._matching import Matches
from dynamodb.doctor._standing import ADRIFT, COMING, Footing
from dynamodb.doctor._stored import Row
from dynamodb.errors import TableNotFoundError
from models._kinds import HIERARCHY, WAITLIST, Kind, parent_kind

#: Addresses, or ids, that are looked at together.
_TOGETHER = 100

#: By kind and id.
_Footings = dict[tuple[Kind, str], Footing]


def examine(grace: timedelta, watch: Watch) -> Report:
    """Look through all tables.

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
    entries = _Entries()
    above: _Footings = {}
    for walk in _layout.current().walks():
        seen = _Seen(above, grace)
        for rows in _watched(walk, report, watch, seen.matches):
            seen.take(row for row in rows if row.kind is not WAITLIST)
            entries.take(row for row in rows if row.kind is WAITLIST)
        known = seen.matches.doubtful()
        report.findings += seen.finish(known)
        report.places |= known
        above = seen.footings
    report.findings += entries.finish()
    return report


def _watched(walk: Walk, report: Report, watch: Watch, matches: Matches) -> Iterator[list[Row]]:
    layout, counts = _layout.current(), Counter[str]()
    for items in _stored.items_of("Scan", walk.params):
        rows: list[Row] = []
        for item in items:
            if kind := layout.row_kind(walk, item):
                rows.append(Row(kind, item))
            elif lead := layout.lead(item):
                matches.lead(lead)
        yield rows
        counts.update(row.kind.key for row in rows)
        for kind in walk.kinds:
            watch(Progress("examine", kind.key, counts[kind.key]))
    report.rows |= {kind.key: counts[kind.key] for kind in walk.kinds}


class _Seen:
    """The rows of the hierarchy that one scan shows.

    Attributes:
        footings: of their ids, for what hangs under them.
        matches: of rows and what leads to them.
    """

    def __init__(self, above: _Footings, grace: timedelta) -> None:
        self.footings: _Footings = {}
        self.matches = Matches()
        self._above = above
        self._grace = grace
        self._findings: list[Finding] = []
        # Ids that are to be looked at closely: what that finds is all there is to say of them.
        self._suspicious: defaultdict[Kind, dict[str, None]] = defaultdict(dict)

    def take(self, rows: Iterable[Row]) -> None:
        """Take some rows."""
        for row in rows:
            self.matches.row(row)
            if not self._is_fine(row):
                self._suspicious[row.kind][row.row_id] = None

    def finish(self, known: Known) -> list[Finding]:
        """Return what was found, once all pages were taken.

        Args:
            known: what has no match.
        """
        for kind_key, row_id in known:
            self._suspicious[_KINDS[kind_key]][row_id] = None
        findings = [one for one in self._findings if one.names[0] not in self._suspicious[_KINDS[one.table]]]
        for kind in HIERARCHY:
            waiting = list(self._suspicious[kind])
            for start in range(0, len(waiting), _TOGETHER):
                row_ids = waiting[start : start + _TOGETHER]
                found = _standing.diagnose(kind, row_ids, self._grace, known)
                for row_id in row_ids:
                    diagnosis = found.get(row_id)
                    # One that keeps changing is in use; what is below it is looked at when it has come to rest.
                    self.footings[kind, row_id] = diagnosis.group.footing if diagnosis else COMING
                    findings += diagnosis.findings if diagnosis else []
        return findings

    def _is_fine(self, row: Row) -> bool:
        """Take a row, and say whether its place is beyond doubt; what else is wrong with it is found here."""
        name = row.kind, row.row_id
        if name in self.footings:  # the second of its id
            return False
        footing = self.footings[name] = self._footing(row)
        if footing.state in {"hidden", "coming"}:
            return "tree_state" not in row.item and not _standing.is_misplaced(row, footing.project_id)
        if footing.state == "adrift":
            return False
        problem = _standing.problem_of_project(row, str(footing.project_id))
        if problem == "wrong_project_id" or (problem is None and _standing.is_misplaced(row)):
            return False
        if problem is not None:
            self._findings.append(Finding(problem, row.kind.key, row.names, at=row.at))
        if (refusal := row.refusal()) is not None:
            self._findings.append(Finding("unreadable_row", row.kind.key, row.names, refusal, at=row.at))
        return True

    def _footing(self, row: Row) -> Footing:
        above = parent_kind(row.kind)
        if above is None:
            footing = Footing("sound", row.row_id)
        else:
            name = above, row.parent_id
            footing = self.footings.get(name) or self._above.get(name, ADRIFT)
        return footing._replace(state="hidden") if "tree_state" in row.item else footing


_KINDS = {kind.key: kind for kind in HIERARCHY}


class _Entries:
    """The waitlist."""

    def __init__(self) -> None:
        self._findings: list[Finding] = []
        self._spellings: defaultdict[str, list[str]] = defaultdict(list)

    def take(self, rows: Iterable[Row]) -> None:
        """Take some entries."""
        for row in rows:
            if (refusal := row.refusal()) is not None:
                self._findings.append(Finding("unreadable_row", WAITLIST.key, row.names, refusal, at=row.at))
            elif _standing.is_misplaced(row):
                self._findings.append(Finding("misplaced", WAITLIST.key, row.names, at=row.at))
            elif (lower := _addresses.lower_case(row.row_id)) != row.row_id:
                self._spellings[lower].append(row.row_id)

    def finish(self) -> list[Finding]:
        """Return what was found, once all pages were taken."""
        waiting = list(self._spellings.items())
        for start in range(0, len(waiting), _TOGETHER):
            groups = waiting[start : start + _TOGETHER]
            for found in at_once(partial(_addresses.findings, lower, known) for lower, known in groups):
                self._findings += found
        return self._findings
