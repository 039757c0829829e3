"""Giving rows the project they belong to, and marking projects whose rows all have it."""

from collections.abc import Sequence
from functools import partial
from typing import Any

from dynamodb import _layout, _reading
from dynamodb._decoding import Decoder, decoder
from dynamodb._sending import at_once, send
from dynamodb._translation import IndexNotFoundError
from dynamodb.doctor import _placing, _stored
from dynamodb.doctor._attempts import holds, leave, settle
from dynamodb.doctor._cases import Case
from dynamodb.doctor._findings import Finding
from dynamodb.doctor._stored import Row
from models._kinds import Kind


def project_ids(cases: Sequence[Case]) -> list[Finding]:
    """Set `project_id` to the project that a row hangs under; that raises its version, as every write does."""
    done = at_once(partial(_set_project_id, case) for case in cases)
    return [settle(case.found, is_done=is_done) for case, is_done in zip(cases, done, strict=True)]


def _set_project_id(case: Case) -> bool:
    row, project_id = case.row, case.diagnosis.group.footing.project_id
    fields = {"project_id": {"S": str(project_id)}, "version": {"N": str(row.version + 1)}}
    return _placing.rewrite(row, {**row.item, **fields}, lead=case.diagnosis.lead)


def tree_formats(cases: Sequence[Case], *, is_safe: bool) -> list[Finding]:
    """Mark projects as complete, so that one index query a level reads all their rows.

    Args:
        cases: the projects.
        is_safe: no row is known that does not carry its project's id.
    """
    if not is_safe:
        return [leave(case.found, "a row could not be given its project_id; run again") for case in cases]
    return [_mark(case) for case in cases]


def _mark(case: Case) -> Finding:
    try:
        lacking = _lack_project_id(case.row)
    except IndexNotFoundError as error:
        return leave(case.found, str(error))
    if lacking:
        return leave(case.found, f"{lacking} rows under it do not carry its id; run again")
    # Bookkeeping, as the marks of a cascade: the version stays.
    mark = _stored.change(case.row, {"tree_format": {"N": "1"}}, also=["tree_state"])
    return settle(case.found, is_done=holds(partial(send, "UpdateItem", mark)))


def _lack_project_id(project: Row) -> int:
    """Count the rows under a project that an index query by its id cannot find.

    An index may still show a row without the project id that it has just been given: such rows are read again.
    """
    root = decoder(_layout.current().key_schema(project.kind)).item(project.item)
    root.tree_format = None  # look under every row
    lacking = 0
    for kind, rows in _reading.read_levels(root, _keys, hidden=True).items():
        keys = (_layout.current().key(kind, row) for row in rows if row.project_id != project.row_id)
        doubtful = {tuple(value["S"] for value in key.values()): key for key in keys}
        there = (row for batch in _stored.get_many(kind, doubtful.values()) for row in batch)
        lacking += sum(row.text("project_id") != project.row_id for row in there)
    return lacking


def _keys(kind: Kind) -> Decoder[Any]:
    return decoder(_layout.current().key_schema(kind))
