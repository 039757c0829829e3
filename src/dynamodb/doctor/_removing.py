"""Taking rows out of the tables: written to the quarantine file first, deleted only as they were written."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from functools import partial

from dynamodb import _cascade, _layout, _requests
from dynamodb._decoding import decoder
from dynamodb._sending import at_once, send
from dynamodb.doctor import _by_id, _stored
from dynamodb.doctor._attempts import CHANGED, holds, leave, remove, settle
from dynamodb.doctor._cases import Case
from dynamodb.doctor._findings import Finding
from dynamodb.doctor._quarantine import Quarantine
from dynamodb.doctor._stored import Row
from dynamodb.errors import NotFoundError
from models._kinds import PROJECT, WAITLIST

_OTHERS = "other rows have its id too; run again"


def adrift(file: Quarantine, cases: Sequence[Case]) -> list[Finding]:
    """Take out rows above which something is missing."""
    file.write((case.now, case.row) for case in cases)
    done = at_once(partial(_remove, case) for case in cases)
    return [settle(case.found, is_done=is_done) for case, is_done in zip(cases, done, strict=True)]


def _remove(case: Case) -> bool:
    return remove(case.row, case.diagnosis.after(case.row))


def doubles(file: Quarantine, cases: Sequence[Case]) -> list[Finding]:
    """Take out rows whose id is that of another row, which stays; each only while that one is there."""
    file.write((case.now, case.row) for case in cases)
    done = at_once(partial(_remove_double, case) for case in cases)
    return [settle(case.found, is_done=is_done) for case, is_done in zip(cases, done, strict=True)]


def _remove_double(case: Case) -> bool:
    keeper = case.diagnosis.group.keeper
    # Where there is no keeper, the other one is hidden, too, and goes with what is under both.
    is_kept = [_by_id.still_there(keeper)] if keeper is not None else []
    return remove(case.row, case.diagnosis.after(case.row) or is_kept)


def half_trees(file: Quarantine, cases: Sequence[Case]) -> list[Finding]:
    """Finish deletions; take out trees whose creation was given up."""
    return [_half_tree(file, case) for case in cases]


def _half_tree(file: Quarantine, case: Case) -> Finding:
    # A cascade finds its root by the id alone.
    if len(case.diagnosis.group.rows) > 1:
        return leave(case.found, _OTHERS)
    if case.now.kind == "half_created":
        return settle(case.found, is_done=_take_out_tree(file, case))
    if case.row.kind is PROJECT and "tree_format" in case.row.item:
        # Not to be relied on here: rows that lack project_id all the same would outlive the project.
        unmark = _stored.change(case.row, {"tree_format": None}, also=["tree_state"])
        if not holds(partial(send, "UpdateItem", unmark)):
            return leave(case.found, CHANGED)
    _finish(case.row)
    return settle(case.found, is_done=True)


def _finish(row: Row) -> None:
    try:
        _cascade.delete(row.kind, row.row_id, user_id=None)
    except NotFoundError:
        return  # somebody else has finished it


def unreadable(file: Quarantine, cases: Sequence[Case]) -> list[Finding]:
    """Take out rows that no reader can read, with what is under them: no reader sees that either."""
    return [
        leave(case.found, _OTHERS)
        if len(case.diagnosis.group.rows) > 1
        else settle(case.found, is_done=_take_out_tree(file, case))
        for case in cases
    ]


def unreadable_entries(file: Quarantine, found: Sequence[Finding]) -> list[Finding]:
    """Take out waitlist entries that no reader can read."""
    rows = at_once(partial(_stored.get, WAITLIST, _stored.key_at(WAITLIST, finding.at)) for finding in found)
    still = {finding: row for finding, row in zip(found, rows, strict=True) if row is not None and row.refusal()}
    file.write(still.items())
    done = dict(zip(still, at_once(partial(remove, row) for row in still.values()), strict=True))
    return [
        settle(finding, is_done=done[finding]) if finding in done else replace(finding, outcome="gone")
        for finding in found
    ]


def _take_out_tree(file: Quarantine, case: Case) -> bool:
    """Write a row and all that is under it to the file, then delete it as any tree is deleted.

    From the mark on nobody can go on creating under it; what came before the mark is written, too.
    """
    written: set[tuple[str, ...]] = set()
    _write_tree(file, case, written)
    marks = {"tree_state": {"S": _requests.DELETING}, **({"tree_format": None} if case.row.kind is PROJECT else {})}
    if not holds(partial(send, "UpdateItem", _stored.change(case.row, marks, also=case.row.item))):
        return False
    _write_tree(file, case, written)
    _finish(case.row)
    return True


def _write_tree(file: Quarantine, case: Case, written: set[tuple[str, ...]]) -> None:
    for rows in _tree(case.row, written):
        file.write((case.now, row) for row in rows)
        written.update((row.kind.key, *row.at) for row in rows)


def _tree(row: Row, known: set[tuple[str, ...]]) -> Iterator[list[Row]]:
    """Go through a row and all that is under it, but what is known, some rows at a time."""
    if (row.kind.key, *row.at) not in known:
        yield [row]
    root = decoder(_layout.current().key_schema(row.kind)).item(row.item)
    root.tree_format = None  # look under every row
    for kind, rows in _cascade.levels_below(row.kind, root).items():
        keys = (_layout.current().key(kind, one) for one in rows)
        places = {(kind.key, *(value["S"] for value in key.values())): key for key in keys}
        yield from _stored.get_many(kind, [key for place, key in places.items() if place not in known])
