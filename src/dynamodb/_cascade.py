"""Deleting a row with everything under it.

The row is marked first: from then on readers do not see it, and no row can be added under it, since every create checks
all rows above in its transaction. So the rows under it can only become fewer. They are deleted from the leaves up, and
looked for once more, because an index follows its table a moment later; the row itself goes last. Run again after an
interruption, the same steps find less to do.
"""

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from dynamodb import _batches, _layout, _reading, _requests, _rows, _transactions, _writing
from dynamodb._batches import Progress
from dynamodb._decoding import Decoder, decoder
from dynamodb._translation import ConditionFailedError, TransactionCanceledError
from dynamodb._validation import check_deadline
from dynamodb.errors import NotFoundError
from models._kinds import HIERARCHY, PROJECT, Kind, child_kind


@dataclass
class Deleted:
    """What a delete removed, or with `dry_run` would remove.

    Attributes:
        counts: rows by the key of their table in `TABLE_NAMES`.
        finished: `False` where the deadline came first; the same call goes on.
        dry_run: nothing was deleted, only counted.
    """

    counts: dict[str, int] = field(default_factory=lambda: {kind.key: 0 for kind in HIERARCHY})
    finished: bool = True
    dry_run: bool = False

    @property
    def total(self) -> int:
        """All rows together."""
        return sum(self.counts.values())


def delete(
    kind: Kind,
    row_id: str,
    *,
    user_id: str | None,
    dry_run: bool = False,
    deadline: float | None = None,
    progress: Progress = _batches.untold,
) -> Deleted:
    """Delete a row and everything under it.

    Args:
        kind: the row's kind.
        row_id: its id.
        user_id: whose it must be; `None`: anyone's.
        dry_run: only count.
        deadline: seconds from now, after which no further request is begun.
        progress: told how many rows were just deleted.

    Raises:
        NotFoundError: if there is no such row, or it is another owner's.
        InvalidInputError: if the deadline is no number.
        PartialWriteError: if a batch could not be finished; the same call again goes on.
    """
    check_deadline(deadline)
    row = _find(kind, row_id, user_id)
    deleted = Deleted(dry_run=dry_run)
    if dry_run:
        deleted.counts |= {level.key: len(rows) for level, rows in levels_below(kind, row).items()}
        deleted.counts[kind.key] = 1
        return deleted
    may_go_on = _until(deadline)
    while True:
        try:
            if child_kind(kind) and not _delete_below(kind, row, deleted, may_go_on, progress):
                deleted.finished = False
                return deleted
            _delete_one(kind, row)
            break
        except NotFoundError:
            # A move gives a row another key: it may be somewhere else by now.
            before, row = row, _find(kind, row_id, user_id)
            if _layout.name(kind, row) == _layout.name(kind, before):
                raise
    deleted.counts[kind.key] += 1
    progress(1)
    return deleted


def _find(kind: Kind, row_id: str, user_id: str | None) -> Any:
    row = _rows.find(kind, row_id, _layout.current().key_schema(kind))
    if row is None or not _rows.belongs_to(kind, row, user_id):
        raise _writing.gone(kind, row_id)
    return row


def _delete_one(kind: Kind, row: Any) -> None:
    """Delete a row that has, or can have, nothing under it.

    Raises:
        NotFoundError: if it has been moved. Where it is gone, an earlier try or somebody else has deleted it.
    """
    deletes = _requests.deletes(kind, row, _requests.attribute(kind, kind.id_field).exists())
    try:
        _transactions.perform([{"Delete": params} for params in deletes])
    except (ConditionFailedError, TransactionCanceledError) as error:
        if isinstance(error, TransactionCanceledError) and not any(map(_writing.is_refused, error.reasons)):
            raise
        if _rows.find(kind, kind.id_of(row), _layout.current().key_schema(kind)) is not None:
            raise _writing.gone(kind, kind.id_of(row)) from None


def _until(deadline: float | None) -> Callable[[], bool]:
    if deadline is None:
        return _batches.go_on
    end = time.monotonic() + deadline
    return lambda: time.monotonic() < end


def _delete_below(kind: Kind, row: Any, deleted: Deleted, may_go_on: Callable[[], bool], progress: Progress) -> bool:
    """Mark a row and delete what is under it. Returns `False` where the time was over before."""
    if row.tree_state != _requests.DELETING:
        mark(kind, row)
    seen: set[tuple[str, ...]] = set()
    while may_go_on():
        levels = {
            level: list({name: one for one in rows if (name := _layout.name(level, one)) not in seen}.values())
            for level, rows in levels_below(kind, row).items()
        }
        if not any(levels.values()):
            return may_go_on()
        for level, rows in reversed(levels.items()):
            done = _batches.delete(level, rows, may_go_on=may_go_on, progress=progress)
            deleted.counts[level.key] += len(done)
            seen.update(_layout.name(level, one) for one in done)
            if len(done) < len(rows):
                return False
    return False


def mark(kind: Kind, row: Any) -> None:
    """Mark a row as being deleted.

    Raises:
        NotFoundError: if it is gone.
    """
    marking, exists = {"tree_state": _requests.DELETING}, _requests.attribute(kind, kind.id_field).exists()
    try:
        _writing.update(kind, row, marking, exists)
    except ConditionFailedError:
        raise _writing.gone(kind, kind.id_of(row)) from None


def _keys(kind: Kind) -> Decoder[Any]:
    return decoder(_layout.current().key_schema(kind))


def levels_below(kind: Kind, row: Any) -> dict[Kind, list[Any]]:
    """Find the rows under a row, by level from the top, hidden ones included."""
    if kind is PROJECT:
        return _reading.read_levels(row, _keys, hidden=True)
    found: dict[Kind, list[Any]] = {}
    above, parents = kind, [row]
    while (below := child_kind(above)) and parents:
        rows = _reading.read_below(below, parents, root_kind=kind, root=row, reader=_keys, hidden=True)
        # The index may still show a row that was just moved elsewhere; what is under that one is not ours.
        is_stale = child_kind(below) and not _layout.current().by_parent(below, "").consistent
        parents = found[below] = _batches.present(below, rows) if is_stale else rows
        above = below
    return found
