"""Writing whole trees: a new project, or new nodes with what is under them.

What fits in one transaction is all or nothing. Beyond that the roots are written first, marked as `creating` and with
a token that says which tree they begin; then the levels below in batches, parents first; then the marks are taken away,
under the condition that nothing above has gone. Every row follows from the tree and its root's time, so the same call
after an interruption writes the rows that are missing, as they would have been, and doubles nothing.
"""

import hashlib
import itertools
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
from typing import Any

from pynamodb.expressions.condition import Condition

from dynamodb import _batches, _layout, _requests, _rows, _transactions, _writing
from dynamodb._batches import Progress
from dynamodb._sending import at_once
from dynamodb._transactions import Action
from dynamodb._translation import ConditionFailedError, TransactionCanceledError
from dynamodb._writing import NewRow
from dynamodb.errors import AlreadyExistsError, InvalidInputError, NotFoundError, ParentNotFoundError
from models._fields import Input
from models._kinds import HIERARCHY, PROJECT, Kind, child_kind
from models._values import MICROSECOND, take_moments

Above = Sequence[tuple[Kind, Any]]

#: Texts shorter than this cannot make an item too large, whatever their characters.
_SURELY_SMALL = 90_000

#: How often finishing is tried while rows above are being moved.
_TRIES = 3


@dataclass
class Branch:
    """A root of new rows, and the rows: nodes of a tree with their children in them.

    Attributes:
        kind: of the root.
        node: what the caller gave.
        token: says which tree this is, on the root's row.
        levels: the rows by level from the root down, in the order they were given.
        is_known: the root was written by an earlier call with this very tree.
        is_finished: and so was everything under it.
    """

    kind: Kind
    node: Input
    token: str
    levels: list[tuple[Kind, list[Any]]] = field(default_factory=list)
    is_known: bool = False
    is_finished: bool = False

    @property
    def root(self) -> Any:
        """The root as a stored row, with its children."""
        return self.levels[0][1][0]

    def count(self) -> int:
        """Return how many rows there are."""
        return sum(len(rows) for _, rows in self.levels)

    def root_row(self, *, tree_state: str | None, above: Above) -> NewRow:
        """Return the root as it is written."""
        marks = {"tree_token": self.token, "tree_state": tree_state, "tree_format": 1 if self.kind is PROJECT else None}
        item = _requests.stored(self.kind, self.root) | _requests.attributes_of(self.kind, marks)
        return NewRow(self.kind, item, above)


def branch(kind: Kind, node: Input, parent_id: str, project_id: str | None) -> Branch:
    """Plan the rows of a root and all that is under it.

    Args:
        kind: of the root.
        node: its tree schema, children in it.
        parent_id: the row it belongs to; for a project its owner.
        project_id: the project it belongs to; `None` for a project.

    Raises:
        ItemTooLargeError: if a row would be over 400 KB.
        InvalidInputError: if an id is in the tree twice.
    """
    made = Branch(kind, node, _token(node, parent_id))
    nodes = _count(kind, node)
    _plant(made, parent_id, project_id, take_moments(nodes))
    _check(made)
    return made


def _token(node: Input, parent_id: str) -> str:
    content = parent_id.encode() + b"\0" + node.model_dump_json().encode()
    return hashlib.blake2b(content, digest_size=16).hexdigest()


def _count(kind: Kind, node: Any) -> int:
    below = child_kind(kind)
    return 1 + sum(_count(below, child) for child in getattr(node, str(kind.children_field))) if below else 1


def _plant(made: Branch, parent_id: str, project_id: str | None, start: datetime) -> None:
    """Make the rows: one microsecond apart, level by level, so that siblings keep their order."""
    moments = (start + number * MICROSECOND for number in itertools.count())
    level = [(made.node, parent_id, None)]
    kind: Kind | None = made.kind
    made.levels = []
    while level and kind:
        rows, level = _plant_level(kind, level, project_id or made.kind.id_of(made.node), moments)
        made.levels.append((kind, rows))
        kind = child_kind(kind)


def _plant_level(
    kind: Kind, level: Sequence[tuple[Any, str, Any]], project_id: str, moments: Iterator[datetime]
) -> tuple[list[Any], list[tuple[Any, str, Any]]]:
    rows: list[Any] = []
    below: list[tuple[Any, str, Any]] = []
    for node, parent_id, parent in level:
        fields = {"project_id": project_id, **vars(node), str(kind.parent_field): parent_id, "version": 1}
        children = fields.pop(kind.children_field, ()) if kind.children_field else ()
        fields["created_at"] = fields["updated_at"] = next(moments)
        row = kind.tree(**fields)
        rows.append(row)
        if parent is not None:
            parent.append(row)
        if kind.children_field:
            siblings = getattr(row, kind.children_field)
            row_id = kind.id_of(node)
            below += [(child, row_id, siblings) for child in children]
    return rows, below


def _check(made: Branch) -> None:
    seen: set[tuple[Kind, str]] = set()
    for kind, rows in made.levels:
        text = "initial_prompt" if kind is PROJECT else "description"
        for row in rows:
            name = (kind, kind.id_of(row))
            if name in seen:
                raise InvalidInputError(f"{kind.id_field}: {name[1]!r} is in the tree twice")
            seen.add(name)
            if len(getattr(row, text) or "") > _SURELY_SMALL:
                _requests.stored(kind, row)


def given_ids(branches: Sequence[Branch]) -> list[tuple[Kind, str]]:
    """Return the ids that the caller gave; the others were made with the objects, and cannot be taken."""
    nodes = (found for one in branches for found in _nodes(one.kind, one.node))
    return [(kind, kind.id_of(node)) for kind, node in nodes if kind.id_field in node.model_fields_set]


def grow(
    branches: Sequence[Branch],
    above: Callable[[], Above],
    *,
    given: Sequence[tuple[Kind, str]],
    progress: Progress = _batches.untold,
) -> None:
    """Write new branches under one row.

    Args:
        branches: roots of one kind with the same parent.
        above: reads the rows above them, their parent first; raises `ParentNotFoundError` where one is gone.
        given: ids that may be taken: they are looked for under every parent before anything is written.
        progress: told how many rows were just written, those of an earlier call included.

    Raises:
        AlreadyExistsError: if an id is taken by something else than an earlier call with the same tree.
        ParentNotFoundError: if a row above is gone or being deleted; what was written is deleted again.
        PartialWriteError: if some rows could not be written; the same call again goes on.
    """
    if given:
        _recognise(branches)
        known = {
            (kind, kind.id_of(node)) for one in branches if one.is_known for kind, node in _nodes(one.kind, one.node)
        }
        _writing.refuse_known_ids(name for name in given if name not in known)
    for one in branches:
        # From now on the root may be there: where the same object comes again, it is looked for.
        one.node.model_fields_set.add(one.kind.id_field)
    try:
        _grow(branches, above, given, progress)
    except AlreadyExistsError:
        before = [one.is_known for one in branches]
        _recognise(branches)
        if before == [one.is_known for one in branches]:
            raise
        _grow(branches, above, given, progress)


def begin(root: Branch, given: Sequence[tuple[Kind, str]]) -> None:
    """Write a project's row, not shown until `finish`; what an earlier call with the same token began is taken up.

    Raises:
        AlreadyExistsError: if its id is taken by something else.
    """
    if given:
        _recognise([root])
    if not root.is_known:
        _write_roots([root], (), list)


def _nodes(kind: Kind, node: Any) -> Iterator[tuple[Kind, Any]]:
    yield kind, node
    below = child_kind(kind)
    if below:
        for child in getattr(node, str(kind.children_field)):
            yield from _nodes(below, child)


def _recognise(branches: Sequence[Branch]) -> None:
    """Find roots that an earlier call with the same tree has written, and take their times over.

    Raises:
        AlreadyExistsError: if a root's id is taken by something else, or is being deleted.
    """
    found = at_once(partial(_find_root, one) for one in branches)
    for one, row in zip(branches, found, strict=True):
        if row is None:
            continue
        if row.tree_token != one.token or row.tree_state == _requests.DELETING:
            raise _writing.already_exists(one.kind, one.kind.id_of(row))
        one.is_known = True
        one.is_finished = row.tree_state is None
        _plant(one, one.kind.parent_of(row), getattr(row, "project_id", None), row.created_at)


def _find_root(one: Branch) -> Any:
    return _rows.find(one.kind, one.kind.id_of(one.node), _rows.row_schema(one.kind))


def _grow(
    branches: Sequence[Branch], above: Callable[[], Above], given: Sequence[tuple[Kind, str]], progress: Progress
) -> None:
    missing = [one for one in branches if not one.is_finished]
    if not missing:
        return
    checked = above()
    if not any(one.is_known for one in missing) and _fits_one_transaction(missing, checked):
        _writing.insert_below(checked, above, lambda rows: [row for one in missing for row in _all_rows(one, rows)])
        progress(sum(one.count() for one in missing))
        return
    _write_roots([one for one in missing if not one.is_known], checked, above)
    progress(len(missing))
    for depth in range(1, max(len(one.levels) for one in missing)):
        here = [one for one in missing if depth < len(one.levels)]
        kind = here[0].levels[depth][0]
        known = [row for one in here if one.is_known for row in one.levels[depth][1]]
        there = {kind.id_of(row) for row in _batches.present(kind, known, complete=True)} if known else set()
        rows = [row for one in here for row in one.levels[depth][1] if kind.id_of(row) not in there]
        if known:
            # What was free when the earlier call looked may be taken by now.
            _writing.refuse_known_ids({(kind, kind.id_of(row)) for row in rows}.intersection(given))
            progress(sum(len(one.levels[depth][1]) for one in here) - len(rows))
        _batches.write(kind, rows, progress=progress)
    finish(missing, above)


def _all_rows(one: Branch, above: Above) -> list[NewRow]:
    """Return the rows for one transaction: only the root's ancestors are checked, the others come with it."""
    rows = [one.root_row(tree_state=None, above=above)]
    for kind, level in one.levels[1:]:
        rows += [NewRow(kind, _requests.stored(kind, row)) for row in level]
    return rows


def _fits_one_transaction(branches: Sequence[Branch], above: Above) -> bool:
    if sum(one.count() for one in branches) + len(above) > _requests.MAX_TRANSACTION_ACTIONS:
        return False
    return _writing.is_one_transaction([row for one in branches for row in _all_rows(one, above)])


def _write_roots(branches: Sequence[Branch], checked: Above, above: Callable[[], Above]) -> None:
    def rows_below(rows: Above) -> list[NewRow]:
        return [one.root_row(tree_state=_requests.CREATING, above=rows) for one in branches]

    if len(branches) == 1 and not checked:
        [root] = rows_below(checked)
        _writing.put_new(root.kind, root.item)
    else:
        _writing.insert_below(checked, above, rows_below)


def finish(branches: Sequence[Branch], above: Callable[[], Above]) -> None:
    """Show what was written; where something above has gone in the meantime, take it away again."""
    size = _requests.MAX_TRANSACTION_ACTIONS - len(HIERARCHY)
    for start in range(0, len(branches), size):
        try:
            _show(branches[start : start + size], above)
        except NotFoundError:
            _undo(branches[start:])
            raise


def _show(branches: Sequence[Branch], above: Callable[[], Above]) -> None:
    waiting = list(branches)
    for _ in range(_TRIES):
        checks: list[Action] = [{"ConditionCheck": _requests.check(kind, row)} for kind, row in above()]
        try:
            if len(waiting) == 1 or _layout.twin() is not None:
                for one in waiting:
                    _writing.update(one.kind, one.root, _SHOWN, _is_ours(one), checks)
            else:
                _transactions.transact([*({"Update": _showing(one)} for one in waiting), *checks])
            return
        except (ConditionFailedError, TransactionCanceledError):
            # A root is shown already (an unanswered try), or gone; or a row above was moved and has another key now.
            waiting = [one for one in waiting if not _is_shown(one)]
            if not waiting:
                return
    raise ParentNotFoundError("a row above kept changing; what was written is deleted again")


#: What makes a root one that readers see.
_SHOWN = {"tree_state": None}


def _showing(one: Branch) -> dict[str, Any]:
    return _requests.update(one.kind, one.root, _requests.set_or_remove(one.kind, _SHOWN), _is_ours(one))


def _is_ours(one: Branch) -> Condition:
    state, token = (_requests.attribute(one.kind, name) for name in ("tree_state", "tree_token"))
    is_ours: Condition = (state == _requests.CREATING) & (token == one.token)
    return is_ours


def _is_shown(one: Branch) -> bool:
    row = _find_root(one)
    if row is None or row.tree_token != one.token or row.tree_state == _requests.DELETING:
        raise NotFoundError(
            f"the {one.kind.label} was deleted while it was being created", key=one.kind.id_of(one.node)
        )
    return bool(row.tree_state is None)


def _undo(branches: Sequence[Branch]) -> None:
    for one in branches:
        for kind, rows in reversed(one.levels):
            _batches.delete(kind, rows)
