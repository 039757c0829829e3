"""How rows of the hierarchy stand: whether all above them is there, and which of several with one id stays.

Nothing here trusts `project_id` or an index: a row hangs where its key says, and every read is strongly consistent.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Literal, NamedTuple

from dynamodb import _layout, _reading, _requests, _rows
from dynamodb._decoding import decoder
from dynamodb._requests import Item
from dynamodb._transactions import Action
from dynamodb.doctor import _by_id
from dynamodb.doctor._by_id import Found, Known
from dynamodb.doctor._findings import Finding, Problem
from dynamodb.doctor._stored import Row
from models._kinds import HIERARCHY, PROJECT, USER_FLOW, Kind, child_kind, parent_kind

#: What is said of a row only once it was read again: it may just have been moved, finished or deleted.
_DOUBTFUL = frozenset({"orphan", "wrong_level", "duplicate_id", "misplaced", "missing_lead", "lost_lead"})
_OF_ROOTS = frozenset({"half_created", "half_deleted", "unknown_tree_state"})

#: How often rows that change while they are being looked at are looked at again.
_TRIES = 4


class Footing(NamedTuple):
    """What is above a row.

    `sound`: everything, up to a project. `hidden`: a tree that is going, or whose coming was given up, starts at the
    row or above it. `coming`: one that is just being created does. `adrift`: something is missing.
    """

    state: Literal["sound", "hidden", "coming", "adrift"]
    #: The project it hangs under, where it does.
    project_id: str | None = None


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
        coming = (footing for footing in self.footings if footing.state == "coming")
        hidden = (footing for footing in self.footings if footing.state == "hidden")
        return next(coming, next(hidden, ADRIFT))


class Look:
    """One look at rows and at all that is above them, each id read once, level by level.

    Args:
        kind: of the rows.
        rows: the rows.
        grace: how long a tree may take to be created before it counts as given up.
        known: where rows were seen that nothing may lead to.
    """

    def __init__(self, kind: Kind, rows: Iterable[Row], grace: timedelta, known: Known) -> None:
        self._known = known
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
        self._rows |= {(kind, row_id): found.rows for row_id, found in _by_id.look_all(kind, new, self._known).items()}

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
        above = parent_kind(kind)
        footing = Footing("sound", row.row_id) if above is None else self._above(above, row.parent_id).footing
        if "tree_state" in row.item:
            return Footing("coming" if self._is_coming(row) else "hidden", footing.project_id)
        return footing

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
        of_children = _project_of_children(kind, sound[0].row_id, set(projects.values()))
        readable = [(row, decoded) for row, decoded in readable if projects[row.names] == of_children] or readable
    oldest = _rows.oldest(kind, [decoded for _, decoded in readable])
    return next(row for row, decoded in readable if decoded is oldest)


def _project_of_children(kind: Kind, row_id: str, among: Iterable[str | None]) -> str | None:
    """Return the project that all children of an id say they belong to, as far as they say it.

    Args:
        kind: of the id's rows.
        row_id: the id.
        among: the projects they may be in.
    """
    below = child_kind(kind)
    if below is None:
        return None
    into = decoder(_layout.current().key_schema(below))
    read = [_reading.children(below, [row_id], into, project_id=project_id, hidden=True) or [] for project_id in among]
    projects = {row.project_id for rows in read for row in rows if row.project_id}
    return projects.pop() if len(projects) == 1 else None


@dataclass
class Diagnosis:
    """What is wrong with the rows of one id.

    Attributes:
        group: the rows.
        lead: the item that leads to one of them, where there is one.
        findings: what is wrong with them.
    """

    group: Group
    lead: Item | None = None
    findings: list[Finding] = field(default_factory=list)

    @property
    def stays(self) -> Row | None:
        """The row that the id is left to: the keeper, else the one with which its deletion or creation is settled."""
        roots = (self.row_of(finding) for finding in self.findings if finding.kind in _OF_ROOTS)
        return self.group.keeper or next(roots, None)

    def row_of(self, finding: Finding) -> Row:
        """Return the row that a finding of this diagnosis is about."""
        return next(row for row in self.group.rows if row.at == finding.at)

    def footing_of(self, row: Row) -> Footing:
        """Return what is above a row."""
        return self.group.footings[self.group.rows.index(row)]

    def after(self, row: Row) -> list[Action]:
        """Return what is to be done as a row goes: what led to it leads to the one that stays, or goes, too."""
        if self.lead is None or not _by_id.leads_to(self.lead, row):
            return []
        heir = self.stays
        if heir is None:
            return [{"Delete": _by_id.unleading(row.kind, self.lead)}]
        return [*_by_id.leading(heir.kind, heir.item, self.lead), _by_id.still_there(heir)]

    def add(self, problem: Problem, row: Row, detail: str = "") -> None:
        """Note something wrong with a row."""
        self.findings.append(Finding(problem, row.kind.key, row.names, detail, at=row.at))


def diagnose(kind: Kind, row_ids: Iterable[str], grace: timedelta, known: Known) -> dict[str, Diagnosis]:
    """Look at ids that something seems to be wrong with, and tell what it is, if anything.

    The rows are read first, then what is above them, and where that speaks against a row, the row once more: one that
    was moved, finished or deleted in the meantime is looked at again.

    Returns:
        The diagnosis of each id; those that kept changing have none.
    """
    waiting = list(dict.fromkeys(row_ids))
    settled: dict[str, Diagnosis] = {}
    for _ in range(_TRIES):
        before = _by_id.look_all(kind, waiting, known)
        look = Look(kind, [row for found in before.values() for row in found.rows], grace, known)
        judged = {row_id: _judge(look, kind, row_id, before[row_id]) for row_id in waiting}
        doubtful = [row_id for row_id, one in judged.items() if _is_doubtful(one)]
        after = _by_id.look_all(kind, doubtful, known)
        waiting = [row_id for row_id in doubtful if after[row_id] != before[row_id]]
        settled |= {row_id: one for row_id, one in judged.items() if row_id not in waiting}
        if not waiting:
            break
    return settled


def _is_doubtful(diagnosis: Diagnosis) -> bool:
    return any(finding.kind in _DOUBTFUL for finding in diagnosis.findings)


def _judge(look: Look, kind: Kind, row_id: str, found: Found) -> Diagnosis:
    group = look.group(kind, found.rows)
    diagnosis = Diagnosis(group, found.lead)
    roots: list[Row] = []
    for row, footing in zip(group.rows, group.footings, strict=True):
        if footing.state == "adrift":
            diagnosis.add("wrong_level" if look.is_on_wrong_level(row) else "orphan", row)
        elif row is group.keeper:
            _judge_sound(diagnosis, row, str(footing.project_id))
        elif footing.state != "coming" and group.keeper is not None:
            diagnosis.add("duplicate_id", row)
        elif footing.state == "hidden":
            roots += [row] if "tree_state" in row.item else []
            if is_misplaced(row, footing.project_id):
                diagnosis.add("misplaced", row)
    if all(footing.state != "coming" for footing in group.footings):
        _judge_roots(diagnosis, roots)
        _judge_lead(diagnosis, kind, row_id)
    return diagnosis


def _judge_lead(diagnosis: Diagnosis, kind: Kind, row_id: str) -> None:
    """Look at what leads to the rows of an id. Where it leads to one that goes, that is settled as it goes."""
    lead, stays = diagnosis.lead, diagnosis.stays
    if any(_by_id.leads_to(lead, row) for row in diagnosis.group.rows):
        return
    if stays is not None and _by_id.is_needed(kind):
        diagnosis.add("missing_lead", stays)
    elif stays is None and lead is not None:
        at = tuple(lead[name]["S"] for name in _layout.current().key_names(kind))
        diagnosis.findings.append(Finding("lost_lead", kind.key, (row_id,), at=at))


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
    elif is_misplaced(row):
        diagnosis.add("misplaced", row)
    if (refusal := row.refusal()) is not None:
        diagnosis.add("unreadable_row", row, refusal)


def is_misplaced(row: Row, project_id: str | None = None) -> bool:
    """Say whether a row is stored otherwise than its fields say.

    Args:
        row: the row.
        project_id: of a hidden row the project it hangs under: it says where the row must lie to go with the others.
    """
    if project_id is None or row.kind is PROJECT:
        right = stored(row.kind, row.item)
        return right is not None and right != row.item
    right = stored(row.kind, {**row.item, "project_id": {"S": project_id}})
    return right is not None and Row(row.kind, right).at != row.at


def stored(kind: Kind, fields: Item) -> Item | None:
    """Return a row as it is stored, from its fields; `None` where they do not say under which key."""
    try:
        return _layout.current().item(kind, fields)
    except KeyError:
        return None


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
