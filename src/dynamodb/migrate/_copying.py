"""Rows of one layout as the other has them, and the transactions that write them there.

A row is copied in one transaction with a check that the source has it exactly as it was read. So nothing that others
change or delete at the same moment is overwritten or comes back, and a transaction that is sent again changes nothing.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import islice
from typing import Literal

from pynamodb.expressions.operand import Path

from dynamodb import _config, _layout, _requests, _transactions, _writing
from dynamodb._layout import Layout
from dynamodb._requests import Item, Params
from dynamodb._sending import at_once, send, send_until_done
from dynamodb._transactions import Action
from dynamodb._translation import TransactionCanceledError
from dynamodb.doctor import _stored
from dynamodb.doctor._stored import Row
from dynamodb.errors import InvalidInputError, ItemTooLargeError, UnexpectedResponseError
from dynamodb.migrate import _converting
from dynamodb.migrate._converting import RefusedError
from dynamodb.migrate._units import units_of, write_units
from models._kinds import Kind, parent_kind

#: What became of a row: it is written; somebody changed it, here or there; what it brings along is taken.
Outcome = Literal["written", "changed", "taken"]


@dataclass(frozen=True)
class Move:
    """From which layout to which."""

    source: Layout
    target: Layout

    def back(self) -> "Move":
        """Return the same in the other direction."""
        return Move(self.target, self.source)


def move_between(source: str, target: str) -> Move:
    """Return which layout is copied into which.

    Raises:
        InvalidInputError: if one is unknown, or both are the same.
    """
    for layout in (source, target):
        _config.check_layout("layout", layout)
    if source == target:
        raise InvalidInputError(f"layout: {source} is both what is read and what is written")
    return Move(_layout.named(source), _layout.named(target))


def pages(move: Move, kind: Kind, start: Item | None = None) -> Iterator[tuple[list[Row], Item | None]]:
    """Go through the source's rows of a kind, strongly consistent, each page with the key after which it goes on."""
    params = move.source.scan(kind, consistent=True)
    while True:
        answer = send("Scan", {**params, **({"ExclusiveStartKey": start} if start else {})})
        start = answer.get("LastEvaluatedKey")
        yield [Row(kind, item, move.source) for item in answer["Items"]], start
        if not start:
            return


@dataclass(frozen=True, slots=True)
class Moved:
    """A row as both layouts have it.

    Attributes:
        row: as the source has it.
        item: as the target is to have it.
        companions: the items that belong to it there.
        there: what the target has in its place.
    """

    row: Row
    item: Item
    companions: tuple[Item, ...]
    there: Row | None = None

    @property
    def kind(self) -> Kind:
        """Its kind."""
        return self.row.kind

    def units(self, target: Layout) -> int:
        """Return what it costs to write it: twice the units in a transaction, those of check and indexes included."""
        with _layout.using(target):
            return 2 * (units_of(self.row.item) + write_units(self.kind, self.item))


def as_there(move: Move, row: Row, is_refused: Callable[[Kind, str | None], bool]) -> Moved:
    """Return a row as the target is to have it.

    Args:
        move: from which layout to which.
        row: as the source has it.
        is_refused: says whether a row above cannot be there, by its id.

    Raises:
        RefusedError: if it cannot be there.
    """
    above = parent_kind(row.kind)
    if above and is_refused(above, row.text(str(row.kind.parent_field))):
        raise RefusedError("parent_quarantined")
    fields = move.source.fields(row.kind, row.item)
    if reserved := sorted(move.target.reserved(row.kind) & fields.keys()):
        raise RefusedError("reserved_attribute", f"it has the attribute {', '.join(reserved)}, which is the layout's")
    if not move.target.can_hold(row.kind, {name: value.get("S") for name, value in fields.items()}):
        raise RefusedError("no_key")
    item = move.target.item(row.kind, fields)
    try:
        with _layout.using(move.target):
            _requests.check_size(row.kind, item)
    except ItemTooLargeError as error:
        raise RefusedError("item_too_large", str(error)) from error
    except InvalidInputError as error:
        raise RefusedError("refused", str(error)) from error
    return Moved(row, item, move.target.companions(row.kind, item))


def key_of(layout: Layout, kind: Kind, item: Item) -> _layout.Key:
    """Return the primary key of a stored item."""
    return {name: item[name] for name in layout.key_names(kind)}


def read(layout: Layout, kind: Kind, keys: Sequence[_layout.Key]) -> dict[tuple[str, ...], Row]:
    """Read rows by their primary keys, strongly consistent; by the values of the keys."""
    table, size = layout.table(kind), _requests.MAX_BATCH_GET
    wanted = list({values(key): key for key in keys}.values())
    requests = [
        {table: {"Keys": wanted[start : start + size], "ConsistentRead": True}} for start in range(0, len(wanted), size)
    ]
    pages = at_once(
        partial(send_until_done, "BatchGetItem", {"RequestItems": request}, "UnprocessedKeys") for request in requests
    )
    items = [item for answers in pages for answer in answers for item in answer["Responses"].get(table, [])]
    return {values(key_of(layout, kind, item)): Row(kind, item, layout) for item in items}


def values(key: _layout.Key) -> tuple[str, ...]:
    """Return the values of a primary key."""
    return tuple(value["S"] for value in key.values())


def is_same(left: Item, right: Item) -> bool:
    """Say whether two items are equal."""
    return bool(left == right or _converting.canonical(left) == _converting.canonical(right))


def is_newer(there: Row, row: Row) -> bool:
    """Say whether the target's row was written later than the source's: by its version, then by its time."""
    if there.version != row.version:
        return there.version > row.version
    ours, theirs = (one.text("updated_at") or one.text("created_at") or "" for one in (row, there))
    return theirs > ours


def write(move: Move, rows: Sequence[Moved]) -> list[Outcome | RefusedError]:
    """Write rows, as many in one transaction as it takes; where one is refused, each in one of its own."""
    groups = _groups([(one, _actions(move, one)) for one in rows])
    return [outcome for some in at_once(partial(_write, group) for group in groups) for outcome in some]


Group = list[tuple[Moved, list[Action]]]


def _groups(rows: Group) -> list[Group]:
    left = iter(rows)
    # Conditions are in the 4 MB, too: each attribute of the source's row once more.
    fitting = _transactions.fitting([actions for _, actions in rows], max_bytes=_requests.MAX_TRANSACTION_BYTES // 2)
    return [list(islice(left, len(some))) for some in fitting]


def _actions(move: Move, one: Moved) -> list[Action]:
    kind, there = one.kind, one.there
    check: Params = {
        "TableName": move.source.table(kind),
        "Key": key_of(move.source, kind, one.row.item),
        **_stored.unchanged(one.row),
    }
    new = _requests.expression("ConditionExpression", _requests.is_new(kind))
    put: Params = {
        "TableName": move.target.table(kind),
        "Item": one.item,
        **(_stored.unchanged(there) if there else new),
    }
    if there:  # what belongs to it is there
        return [{"ConditionCheck": check}, {"Put": put}]
    is_free = _requests.expression("ConditionExpression", Path(move.target.key_names(kind)[0]).does_not_exist())
    beside = [{"Put": {"TableName": put["TableName"], "Item": item, **is_free}} for item in one.companions]
    return [{"ConditionCheck": check}, {"Put": put}, *beside]


def _write(group: Group) -> list[Outcome | RefusedError]:
    try:
        _transactions.transact([action for _, actions in group for action in actions])
    except TransactionCanceledError as error:
        if len(group) == 1:
            return [_explain(error)]
    except InvalidInputError as error:
        if len(group) == 1:
            return [RefusedError("refused", str(error))]
    else:
        return ["written"] * len(group)
    return [outcome for one in group for outcome in _write([one])]


def _explain(error: TransactionCanceledError) -> Outcome | RefusedError:
    """Say why the transaction of one row was cancelled: the check of the source, the row, what belongs to it."""
    refused = [place for place, reason in enumerate(error.reasons) if _writing.is_refused(reason)]
    if refused:
        return "changed" if refused[0] < 2 else "taken"  # noqa: PLR2004 - as `_actions` has them
    codes = {str(reason.get("Code")) for reason in error.reasons}
    if "ValidationError" in codes:
        return RefusedError("refused", str(error))
    raise UnexpectedResponseError(f"the transaction was cancelled: {error}") from error


def remove(move: Move, row: Row, source_key: _layout.Key) -> bool:
    """Delete a row of the target that the source does not have; say whether both are still so."""
    kind = row.kind
    own = {"TableName": move.target.table(kind), "Key": key_of(move.target, kind, row.item), **_stored.unchanged(row)}
    absent = _requests.expression("ConditionExpression", _requests.is_new(kind))
    check = {"TableName": move.source.table(kind), "Key": source_key, **absent}
    beside = [
        {"TableName": own["TableName"], "Key": key_of(move.target, kind, item)}
        for item in move.target.companions(kind, row.item)
        if _leads_here(move, kind, item)
    ]
    try:
        _transactions.transact([{"ConditionCheck": check}, *({"Delete": one} for one in (own, *beside))])
    except TransactionCanceledError as error:
        if not any(map(_writing.is_refused, error.reasons)):
            raise
        return False
    return True


def _leads_here(move: Move, kind: Kind, companion: Item) -> bool:
    """Say whether what belongs to a row is as it should be: another row of the same id can have it."""
    key = key_of(move.target, kind, companion)
    params = {"TableName": move.target.table(kind), "Key": key, "ConsistentRead": True}
    return bool(send("GetItem", params).get("Item") == companion)
