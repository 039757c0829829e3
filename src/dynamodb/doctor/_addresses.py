"""Waitlist entries whose address is not lower-case: rows are kept under the lower-case address."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime
from functools import partial

from dynamodb import _layout, _requests, _transactions
from dynamodb._requests import Item, Params
from dynamodb._sending import at_once
from dynamodb.doctor import _stored
from dynamodb.doctor._attempts import holds, leave, remove, settle
from dynamodb.doctor._findings import Finding
from dynamodb.doctor._quarantine import Quarantine
from dynamodb.doctor._stored import Row
from dynamodb.repositories._waitlist import lower_case
from models._kinds import WAITLIST

__all__ = ["findings", "lower_case", "repair"]

_NEVER = datetime.min.replace(tzinfo=UTC)


def findings(lower: str, spellings: Sequence[str]) -> list[Finding]:
    """Tell what is wrong with the entries of one address, read again strongly consistent.

    Args:
        lower: the lower-case address.
        spellings: others under which there were entries.
    """
    there = [row for row in _read(lower, spellings) if row.row_id != lower]
    is_alone = len(there) == 1 and _get(lower) is None
    problem = "email_not_lower_case" if is_alone else "email_case_duplicate"
    return [Finding(problem, WAITLIST.key, row.names, at=row.at) for row in there]  # type: ignore[arg-type]


def repair(file: Quarantine, lower: str, found: Sequence[Finding]) -> list[Finding]:
    """Leave one entry of an address, the one written last, under the lower-case address.

    Args:
        file: where the others are written before they are deleted.
        lower: the lower-case address.
        found: what is wrong with the entries of this address.

    Returns:
        The findings with what became of them.
    """
    rows = _read(lower, [finding.names[0] for finding in found])
    others = [row for row in rows if row.row_id != lower]
    if not others:
        return [replace(finding, outcome="gone") for finding in found]
    if any(row.refusal() for row in rows):
        return [leave(finding, "an entry of this address cannot be read") for finding in found]
    newest = max(rows, key=_written)
    losers = [row for row in rows if row is not newest]
    file.write((found[0], row) for row in losers)
    # The lower-case one goes in the transaction that puts the newest in its place.
    going = [row for row in losers if row.row_id != lower]
    done = dict(zip((row.names for row in going), at_once(partial(remove, row) for row in going), strict=True))
    if newest.row_id != lower:
        done[newest.names] = _move(newest, lower, next((row for row in losers if row.row_id == lower), None))
    return [settle(finding, is_done=done.get(finding.names, True)) for finding in found]


def _read(lower: str, spellings: Sequence[str]) -> list[Row]:
    names = dict.fromkeys([lower, *spellings])
    return [row for row in at_once(partial(_get, name) for name in names) if row is not None]


def _get(email: str) -> Row | None:
    return _stored.get(WAITLIST, _layout.current().key(WAITLIST, {"email": email}))


def _written(row: Row) -> tuple[datetime, datetime, tuple[str, ...]]:
    created = row.moment("created_at") or _NEVER
    return row.moment("updated_at") or created, created, row.names


def _move(row: Row, lower: str, there: Row | None) -> bool:
    """Put an entry under the lower-case address, all its attributes with it, in one transaction."""
    item: Item = {**row.item, "email": {"S": lower}, "version": {"N": str(row.version + 1)}}
    layout = _layout.current()
    put: Params = {"TableName": layout.table(WAITLIST), "Item": layout.item(WAITLIST, item)}
    put |= (
        _stored.unchanged(there) if there else _requests.expression("ConditionExpression", _requests.is_new(WAITLIST))
    )
    return holds(partial(_transactions.transact, [{"Put": put}, {"Delete": _stored.delete(row)}]))
