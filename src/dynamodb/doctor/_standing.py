"""How rows of the hierarchy stand: whether all above them is there, and which of several with one id stays.

Nothing here trusts `project_id` or an index: a row hangs where its key says, and every read is strongly consistent.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Literal, NamedTuple

from dynamodb import _layout, _reading, _requests, _rows
from dynamodb._decoding import decoder
from dynamodb.doctor import _stored
from dynamodb.doctor._findings import Finding, Problem
from dynamodb.doctor._stored import Row
from models._kinds import HIERARCHY, PROJECT, USER_FLOW, Kind, child_kind, parent_kind

#: How often rows that change while they are being looked at are looked at again.
_TRIES = 4


class Footing(NamedTuple):
    """What is above a row.

    `sound`: everything, up to a project. `hidden`: a tree that is going, or whose coming was given up, starts at the
    row or above it. `coming`: one that is just being created does. `adrift`: something is missing.
    """

    state: Literal["sound", "hidden", "coming", "adrift"]
    project_id: str | None = None


HIDDEN = Footing("hidden")
COMING = Footing("coming")
ADRIFT = Footing("adrift")


@dataclass
class Group:
    """All rows of one id, with their footings.

    Attributes:
        rows: usually one.
        footings: of the rows, in their order.
        keeper: the sound row that stays; `None` where none is sound.
    """

    rows: list[Row]
    footings: list[Footing]
    keeper: Row | None = None

    @property
    def footing(self) -> Footing:
        """What those below this id stand on: the best of its rows."""
        if self.keeper is not None:
            return self.footings[self.rows.index(self.keeper)]
        return next((state for state in (COMING, HIDDEN) if state in self.footings), ADRIFT)


class Look:
    """One look at rows and at all that is above them, each id read once, level by level.

    Args:
        kind: of the rows.
        rows: the rows.
        grace: how long a tree may take to be created before it counts as given up.
    """

    def __init__(self, kind: Kind, rows: Iterable[Row], grace: timedelta) -> None:
        self._given_up_before = datetime.now(UTC) - grace
        self._rows: dict[tuple[Kind, str], list[Row]] = {}
        self._groups: dict[tuple[Kind, str], Group] = {}
        self._read_above(kind, rows)

    def _read_above(self, kind: Kind, rows: Iterable[Row]) -> None:
        level: Kind = kind
        while (above := parent_kind(level)) is not None:
            parent_ids = dict.fromkeys(row.parent_id for row in rows)
            self._read(above, parent_ids)
            if level is kind:
                # Those that are not where they should be can be elsewhere.
                missing = [parent_id for parent_id in parent_ids if not self._rows[above, parent_id]]
                for elsewhere in HIERARCHY:
                    self._read(elsewhere, missing)
            rows = [row for parent_id in parent_ids for row in self._rows[above, parent_id]]
            level = above

    def _read(self, kind: Kind, row_ids: Iterable[str]) -> None:
        new = [row_id for row_id in row_ids if (kind, row_id) not in self._rows]
        self._rows |= {(kind, row_id): rows for row_id, rows in _stored.by_ids(kind, new).items()}

    def group(self, kind: Kind, rows: list[Row]) -> Group:
        """Tell how rows of one id stand."""
        group = Group(rows, [self._footing(kind, row) for row in rows])
        sound = [row for row, footing in zip(rows, group.footings, strict=True) if footing.state == "sound"]
        group.keeper = sound[0] if len(sound) == 1 else _keeper(kind, sound, group)
        return group

    def is_on_wrong_level(self, row: Row) -> bool:
        """Say whether the row that a row belongs to is on any level but the one above."""
        above = parent_kind(row.kind)
        if above is None or self._rows[above, row.parent_id]:
            return False
        return any(self._rows[level, row.parent_id] for level in HIERARCHY)

    def _above(self, kind: Kind, row_id: str) -> Group:
        found = self._groups.get((kind, row_id))
        if found is None:
            found = self._groups[kind, row_id] = self.group(kind, self._rows[kind, row_id])
        return found

    def _footing(self, kind: Kind, row: Row) -> Footing:
        if "tree_state" in row.item:
            return COMING if self._is_coming(row) else HIDDEN
        above = parent_kind(kind)
        if above is None:
            return Footing("sound", row.row_id)
        return self._above(above, row.parent_id).footing

    def _is_coming(self, row: Row) -> bool:
        moments = [moment for field in ("created_at", "updated_at") if (moment := row.moment(field))]
        is_young = bool(moments) and max(moments) > self._given_up_before
        return row.text("tree_state") == _requests.CREATING and is_young


def _keeper(kind: Kind, sound: Sequence[Row], group: Group) -> Row | None:
    """Choose the row of an id that stays: the one its children are of, else the one that every reader sees."""
    readable = [(row, decoded) for row in sound if (decoded := row.decoded()) is not None]
    if not readable:
        return min(sound, key=lambda row: (row.text("created_at") or "", row.names), default=None)
    projects = {row.names: group.footings[group.rows.index(row)].project_id for row in sound}
    if len(set(projects.values())) > 1:
        of_children = _project_of_children(kind, sound[0].row_id)
        readable = [(row, decoded) for row, decoded in readable if projects[row.names] == of_children] or readable
    oldest = _rows.oldest(kind, [decoded for _, decoded in readable])
    return next(row for row, decoded in readable if decoded is oldest)


def _project_of_children(kind: Kind, row_id: str) -> str | None:
    """Return the project that all children of an id say they belong to, as far as they say it."""
    below = child_kind(kind)
    if below is None:
        return None
    children = _reading.children(below, [row_id], decoder(_layout.current().key_schema(below)), hidden=True) or []
    projects = {row.project_id for row in children if row.project_id}
    return projects.pop() if len(projects) == 1 else None


@dataclass
class Diagnosis:
    """What is wrong with the rows of one id.

    Attributes:
        group: the rows.
        findings: what is wrong with them.
    """

    group: Group
    findings: list[Finding] = field(default_factory=list)

    def row_of(self, finding: Finding) -> Row:
        """Return the row that a finding of this diagnosis is about."""
        return next(row for row in self.group.rows if row.names == finding.names)

    def add(self, problem: Problem, row: Row, detail: str = "") -> None:
        """Note something wrong with a row."""
        self.findings.append(Finding(problem, row.kind.key, row.names, detail))


def diagnose(kind: Kind, row_ids: Iterable[str], grace: timedelta) -> dict[str, Diagnosis]:
    """Look at ids that something seems to be wrong with, and tell what it is, if anything.

    The rows are read first, then what is above them, and where that speaks against a row, the row once more: one that
    was moved, finished or deleted in the meantime is looked at again.

    Returns:
        The diagnosis of each id; those that kept changing have none.
    """
    waiting = list(dict.fromkeys(row_ids))
    settled: dict[str, Diagnosis] = {}
    for _ in range(_TRIES):
        before = _stored.by_ids(kind, waiting)
        look = Look(kind, [row for rows in before.values() for row in rows], grace)
        judged = {row_id: _judge(look, kind, before[row_id]) for row_id in waiting}
        doubtful = [row_id for row_id, one in judged.items() if _speaks_against_a_row(one)]
        after = _stored.by_ids(kind, doubtful)
        waiting = [row_id for row_id in doubtful if _items(after[row_id]) != _items(before[row_id])]
        settled |= {row_id: one for row_id, one in judged.items() if row_id not in waiting}
        if not waiting:
            break
    return settled


def _speaks_against_a_row(diagnosis: Diagnosis) -> bool:
    return any(finding.kind in {"orphan", "wrong_level", "duplicate_id"} for finding in diagnosis.findings)


def _items(rows: list[Row]) -> list[dict[str, object]]:
    return [row.item for row in rows]


def _judge(look: Look, kind: Kind, rows: list[Row]) -> Diagnosis:
    group = look.group(kind, rows)
    diagnosis = Diagnosis(group)
    roots: list[Row] = []
    for row, footing in zip(group.rows, group.footings, strict=True):
        if footing.state == "adrift":
            diagnosis.add("wrong_level" if look.is_on_wrong_level(row) else "orphan", row)
        elif row is group.keeper:
            _judge_sound(diagnosis, row, str(footing.project_id))
        elif footing.state != "coming" and group.keeper is not None:
            diagnosis.add("duplicate_id", row)
        elif footing.state == "hidden" and "tree_state" in row.item:
            roots.append(row)
    if COMING not in group.footings:
        _judge_roots(diagnosis, roots)
    return diagnosis


def _judge_roots(diagnosis: Diagnosis, roots: Sequence[Row]) -> None:
    """Look at rows of one id under which trees are going, or whose coming was given up."""
    known: set[Problem] = set()
    # What is under them is under each of them: the first takes it along, and one that was given up drops nothing.
    for row in sorted(roots, key=lambda row: (_problem_of_state(row), row.names)):
        problem = _problem_of_state(row)
        diagnosis.add(problem if problem == "unknown_tree_state" or not known else "duplicate_id", row)
        known.add(problem)


def _problem_of_state(row: Row) -> Problem:
    problems: dict[str | None, Problem] = {_requests.DELETING: "half_deleted", _requests.CREATING: "half_created"}
    return problems.get(row.text("tree_state"), "unknown_tree_state")


def _judge_sound(diagnosis: Diagnosis, row: Row, project_id: str) -> None:
    """Look at a row above which everything is there."""
    if (problem := problem_of_project(row, project_id)) is not None:
        diagnosis.add(problem, row)
    if (refusal := row.refusal()) is not None:
        diagnosis.add("unreadable_row", row, refusal)


def problem_of_project(row: Row, project_id: str) -> Problem | None:
    """Say what is wrong with what a row says of its project.

    Args:
        row: above which everything is there.
        project_id: the project it hangs under.
    """
    if row.kind is PROJECT:
        return None if "N" in row.item.get("tree_format", {}) else "missing_tree_format"
    said = row.text("project_id")
    if row.kind is USER_FLOW or said == project_id:
        return None
    return "wrong_project_id" if said else "missing_project_id"
