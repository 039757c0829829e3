"""Taking away what a run wrote, and nothing else: by its journal, row by row, from the leaves up."""

from collections.abc import Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Literal

from dynamodb import _batches, _layout, _requests, _rows, _transactions
from dynamodb._decoding import decoder
from dynamodb._requests import Item, Params
from dynamodb._sending import at_once, patient, persistently, send
from dynamodb.doctor import _attempts, _stored
from dynamodb.doctor._stored import Row
from dynamodb.errors import InvalidInputError
from dynamodb.migrate import _converting, _copying, _loading
from dynamodb.migrate._loading import Tell
from dynamodb.migrate._running import target_identity
from dynamodb.migrate._state import State, Written
from models._kinds import HIERARCHY, WAITLIST, Kind, child_kind

_AT_ONCE = 500

Outcome = Literal["removed", "restored", "gone", "changed", "has_rows"]


@dataclass
class RolledBack:
    """One table.

    Attributes:
        removed: rows of the run that were deleted.
        restored: rows that the run had replaced, and that are again as they were.
        gone: rows that somebody else has deleted, or that an interrupted run had not written yet.
        changed: rows that were changed since; they stay.
        has_rows: rows under which others have come, or stay; they stay, too.
    """

    removed: int = 0
    restored: int = 0
    gone: int = 0
    changed: int = 0
    has_rows: int = 0

    @property
    def kept(self) -> int:
        """Rows of the run that stay."""
        return self.changed + self.has_rows


def rollback(state: Path, *, dry_run: bool = False, tell: Tell = lambda _: None) -> dict[str, RolledBack]:
    """Take away what a run wrote. Run again after an interruption it goes on.

    A row is deleted on the condition that it is exactly as it was written. One that was changed since stays, with
    everything above it, and so does one under which somebody else's rows are. Stop whoever writes first: a row that
    comes under another one in the moment in which that one goes is left behind, and `doctor` finds it.

    Args:
        state: the state folder of the run.
        dry_run: only tell what would be done; rows under which others have come are not told from the rest then.
        tell: told of rows that are done.

    Returns:
        What was done, by the tables' keys in `TABLE_NAMES`.

    Raises:
        NotFoundError: if there is no run in the folder.
        InvalidInputError: if it wrote into other tables, or another process works in it.
        DataLayerError: as `dynamodb.errors` says.
    """
    tables: dict[str, RolledBack] = {}
    _layout.refuse_twin("a rollback")
    with State(state, must_exist=True) as run, _layout_of(run):
        if run.fact("target") != target_identity():
            raise InvalidInputError(f"state: the migration in {state} wrote into other tables than these")
        run.log("is rolled back" if not dry_run else "is looked at for a rollback")
        with patient(_loading.PATIENCE):
            for kind in (WAITLIST, *reversed(HIERARCHY)):
                tables[kind.key] = _undo_table(run, kind, dry_run=dry_run, tell=tell)
        if not dry_run:
            run.note(status="rolled back")
    return tables


def _undo_table(run: State, kind: Kind, *, dry_run: bool, tell: Tell) -> RolledBack:
    done = RolledBack()
    for rows in run.written(kind, at_a_time=_AT_ONCE):
        for outcome in _undo(kind, rows, dry_run=dry_run):
            setattr(done, outcome, getattr(done, outcome) + 1)
        tell(len(rows))
    run.log(f"{kind.key}: {done}")
    return done


def _layout_of(run: State) -> AbstractContextManager[None]:
    """Let the layout that a run wrote into be the current one, where it says which."""
    layout = run.fact("layout")
    return nullcontext() if layout is None else _layout.using(_layout.named(layout))


def count_written(state: Path) -> int:
    """Return how many rows a run wrote.

    Raises:
        NotFoundError: if there is no run in the folder.
    """
    with State(state, must_exist=True) as run:
        return sum(run.count_written(kind) for kind in (WAITLIST, *HIERARCHY))


def _undo(kind: Kind, rows: Sequence[Written], *, dry_run: bool) -> list[Outcome]:
    found = _read(kind, rows)
    return at_once(partial(_undo_one, row, found.get(_values(row)), dry_run=dry_run) for row in rows)


def _read(kind: Kind, rows: Sequence[Written]) -> dict[tuple[str, ...], Row]:
    """Read rows by the keys that they were written under, strongly consistent."""
    return _copying.read(_layout.current(), kind, [row.key for row in rows])


def _values(row: Written) -> tuple[str, ...]:
    return _copying.values(_copying.key_of(_layout.current(), row.kind, row.key))


def _undo_one(written: Written, row: Row | None, *, dry_run: bool) -> Outcome:
    if row is None:
        return "gone"
    if _is(written.before, row):
        return "restored"
    if _converting.digest(written.kind, row.item) != written.digest:
        return "changed"
    if written.before is None and not dry_run and _has_rows(written.kind, row.row_id):
        return "has_rows"
    undo = _remove if written.before is None else _put_back
    # What is unanswered is tried again: the row that is not as it was read any more is looked at.
    if not dry_run and not persistently(partial(undo, written, row), _loading.PATIENCE):
        return "changed"
    return "removed" if written.before is None else "restored"


def _is(item: Item | None, row: Row) -> bool:
    """Say whether a row has a content."""
    return item is not None and _converting.digest(row.kind, item) == _converting.digest(row.kind, row.item)


def _put_back(written: Written, row: Row) -> bool:
    """Put back what a row had replaced; say whether that is there now."""
    params: Params = {**_requests.put(row.kind, written.before or {}), **_stored.unchanged(row)}
    if _attempts.holds(partial(send, "PutItem", params)):
        return True
    return any(_is(written.before, found) for found in _read(row.kind, [written]).values())


def _remove(written: Written, row: Row) -> bool:
    """Delete a row that is exactly as it was read, with what belongs to it; say whether it is gone."""
    layout = _layout.current()
    table = layout.table(row.kind)
    own: Params = {"TableName": table, "Key": written.key, **_stored.unchanged(row)}
    belonging = layout.companion_keys(row.kind, decoder(layout.key_schema(row.kind)).item(row.item))
    deletes = [own, *({"TableName": table, "Key": key} for key in belonging)]
    is_done = _attempts.holds(partial(_transactions.perform, [{"Delete": one} for one in deletes]))
    return is_done or not _read(row.kind, [written])


def _has_rows(kind: Kind, row_id: str) -> bool:
    """Say whether something is under a row. Its index may still show what was just deleted: the table tells."""
    below = child_kind(kind)
    if below is None:
        return False
    layout = _layout.current()
    pages = _rows.read_pages(layout.by_parent(below, row_id), decoder(layout.key_schema(below)))
    return any(_batches.present(below, page) for page, _ in pages)
