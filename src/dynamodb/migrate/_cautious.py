"""Writing rows of which some may be in the target: nothing newer than the source's row is overwritten.

A batch has no conditions, and a row's key is composite: so each row is looked for by its id under every parent,
strongly consistent, and written under the condition that what was seen is still so. That is one read and one write for
each row, where a batch takes one request for 25: the way of `--merge`, and of the rows that a killed run may have sent.
"""

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from typing import Literal

from dynamodb import _layout, _requests, _transactions
from dynamodb._sending import at_once, send
from dynamodb._translation import ConditionFailedError, TransactionCanceledError
from dynamodb.doctor import _stored
from dynamodb.doctor._stored import Row
from dynamodb.migrate import _converting
from dynamodb.migrate._converting import Converted
from models._kinds import WAITLIST

#: What becomes of a row: it is there already; it has to be written; another one with its id stays.
Standing = Literal["same", "absent", "older", "target_newer", "target_elsewhere"]


@dataclass(frozen=True, slots=True)
class Looked:
    """A row, and what the target has in its place.

    Attributes:
        one: the row.
        standing: what is to be done.
        there: what the target has.
    """

    one: Converted
    standing: Standing
    there: Row | None = None


def look(rows: Sequence[Converted]) -> list[Looked]:
    """Look for rows in the target, strongly consistent."""
    return at_once(partial(_look, one) for one in rows)


def _look(one: Converted) -> Looked:
    found = _stored.with_id(one.kind, one.row_id)
    if one.kind is WAITLIST and not found and (spelling := one.values["email"]) != one.row_id:
        found = _stored.with_id(one.kind, str(spelling))  # an earlier writer's key is the address as it was spelled
    return Looked(one, *judge(one, found))


def judge(one: Converted, found: Sequence[Row]) -> tuple[Standing, Row | None]:
    """Say how a row stands to what the target has under its id."""
    if not found:
        return "absent", None
    names = _layout.name(one.kind, one.row)[1:]
    there: Row | None = next((row for row in found if row.names == names), None)
    if there is None or any(there.item.get(name) != value for name, value in _key_of(one).items()):
        return "target_elsewhere", found[0]
    if _converting.digest(one.kind, there.item) == _converting.digest(one.kind, one.item):
        return "same", there
    return ("target_newer" if is_newer(one, there) else "older"), there


def _key_of(one: Converted) -> _layout.Key:
    return _layout.current().key(one.kind, one.row)


def is_newer(one: Converted, there: Row) -> bool:
    """Say whether a row was written later than the source's: this layer raised its version, or its time is later.

    The old tables of nodes have no time of a change: a first version that is as old as the source's is not newer.
    """
    changed = there.moment("updated_at") or there.moment("created_at")
    return there.version > 1 or changed is None or changed > one.row.updated_at


def write(looked: Sequence[Looked]) -> list[Looked]:
    """Write rows that are absent or older. Returns those that were not: somebody changed them at that moment."""
    done = at_once(partial(_write, one) for one in looked)
    return [one for one, is_done in zip(looked, done, strict=True) if not is_done]


def _write(looked: Looked) -> bool:
    kind, item = looked.one.kind, looked.one.item
    put, *more = _requests.puts(kind, item)
    if looked.there is not None:
        put, more = {**put, **_stored.unchanged(looked.there)}, []  # what belongs to it is there
    try:
        _transactions.perform([{"Put": one} for one in (put, *more)])
    except ConditionFailedError as error:
        # An unanswered try may have been the one that wrote it.
        return error.repeated and error.item == item
    except TransactionCanceledError as error:
        if not error.reasons or error.reasons[0].get("Item") != item:
            return False
        _complete(more)
    return True


def _complete(puts: Sequence[_requests.Params]) -> None:
    """Put what leads to a row, where a killed run has put the row alone."""
    for put in puts:
        with suppress(ConditionFailedError):  # it is there
            send("PutItem", put)
