"""Writing new rows in transactions that check what is above them, and changing rows."""

import functools
import itertools
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Any, TypeVar

from pynamodb.expressions.condition import Condition

from dynamodb import _layout, _requests, _twins
from dynamodb._sending import at_once, send
from dynamodb._transactions import Action, action_size, perform, transact
from dynamodb._translation import ConditionFailedError, TransactionCanceledError
from dynamodb.errors import (
    AlreadyExistsError,
    DataLayerError,
    NotFoundError,
    ParentNotFoundError,
    PartialWriteError,
    UnexpectedResponseError,
)
from models._kinds import Kind

A = TypeVar("A")

_FAILED_CONDITION = "ConditionalCheckFailed"


@dataclass(frozen=True)
class NewRow:
    """A row to be written.

    Attributes:
        kind: its kind.
        item: in DynamoDB's JSON.
        above: the rows above it, its parent first.
    """

    kind: Kind
    item: dict[str, Any]
    above: Sequence[tuple[Kind, Any]] = field(default=())

    @property
    def row_id(self) -> str:
        """Its id."""
        return str(self.item[self.kind.id_field]["S"])

    @functools.cached_property
    def puts(self) -> list[Action]:
        """The actions that write it: its own Put first, then those of the items that belong to it."""
        return [{"Put": params} for params in _requests.puts(self.kind, self.item)]

    @property
    def name(self) -> tuple[str, str]:
        """Its table's key in `TABLE_NAMES` and its id."""
        return self.kind.key, self.row_id


def insert(rows: Sequence[NewRow]) -> None:
    """Write new rows whose parents are there: all or nothing up to one transaction, beyond it one by one.

    Raises:
        AlreadyExistsError: if one is there already.
        ParentNotFoundError: if a row above is gone, or is being deleted.
        PartialWriteError: if a later transaction failed; it says what the earlier ones wrote.
    """
    written: list[NewRow] = []
    for group in _transactions(rows):
        try:
            _insert_together(group)
        except DataLayerError as error:
            if not written:
                raise
            done = {row.name for row in written}
            raise PartialWriteError(
                f"{len(written)} of {len(rows)} rows were written, then: {error}",
                written=[row.name for row in written],
                not_written=[row.name for row in rows if row.name not in done],
            ) from error
        written += group


def insert_below(above: A, read_above: Callable[[], A], rows_below: Callable[[A], Sequence[NewRow]]) -> None:
    """Write new rows as `insert` does; where a row above has just been moved, look for it again.

    Args:
        above: the rows above, as they were read.
        read_above: reads them again; raises `ParentNotFoundError` where one is gone.
        rows_below: gives the new rows for the rows above.
    """
    while True:
        try:
            insert(rows_below(above))
            return
        except ParentNotFoundError:
            before, above = above, read_above()
            if above == before:
                raise


def _transactions(rows: Sequence[NewRow]) -> Iterator[list[NewRow]]:
    # Conditions are in the 4 MB too; 64 KB is more than those of 100 actions.
    most = _requests.MAX_TRANSACTION_BYTES - 65_536
    group: list[NewRow] = []
    checks: dict[tuple[str, ...], Action] = {}
    size = actions = 0
    for row in rows:
        needed = _checks(row)
        added = {name: action for name, action in needed.items() if name not in checks}
        too_many = actions + len(row.puts) + len(checks) + len(added) > _requests.MAX_TRANSACTION_ACTIONS
        if group and (too_many or size + _size_with(row, added) > most):
            yield group
            group, checks, added, size, actions = [], {}, needed, 0, 0
        group.append(row)
        actions += len(row.puts)
        checks |= added
        size += _size_with(row, added)
    if group:
        yield group


def _size_with(row: NewRow, checks: Mapping[tuple[str, ...], Action]) -> int:
    return sum(map(action_size, (*row.puts, *checks.values())))


def is_one_transaction(rows: Sequence[NewRow]) -> bool:
    """Say whether rows can be written all or nothing."""
    return len(list(_transactions(rows))) == 1


def _checks(row: NewRow) -> dict[tuple[str, ...], Action]:
    """Return the condition checks of the rows above, by their keys."""
    return {
        (kind.key, kind.id_of(above)): {"ConditionCheck": _requests.check(kind, above)} for kind, above in row.above
    }


def _insert_together(rows: Sequence[NewRow]) -> None:
    checks: dict[tuple[str, ...], Action] = {}
    for row in rows:
        checks |= _checks(row)
    try:
        transact([*(put for row in rows for put in row.puts), *checks.values()])
    except TransactionCanceledError as error:
        _explain_insert(rows, list(checks), error)


def _explain_insert(rows: Sequence[NewRow], checks: Sequence[tuple[str, ...]], error: TransactionCanceledError) -> None:
    """Raise what a cancelled insert means; return where it means that an unanswered try had succeeded."""
    reasons = iter(error.reasons)
    of_rows = [(row, list(itertools.islice(reasons, len(row.puts)))) for row in rows]
    there = [row for row, of_row in of_rows if any(map(is_refused, of_row))]
    if there and all(of_row[0].get("Item") == row.item for row, of_row in of_rows):
        return
    for row in there:
        raise already_exists(row.kind, row.row_id)
    for key, reason in zip(checks, reasons, strict=True):
        if is_refused(reason):
            raise ParentNotFoundError(
                f"{key[1]!r} in {key[0]} is gone, moved or being deleted; nothing was written", key=key[1]
            )
    codes = sorted({str(reason.get("Code")) for reason in error.reasons} - {"None"})
    raise UnexpectedResponseError(
        f"the transaction was cancelled: {', '.join(codes)}: {error}", dynamodb_code=",".join(codes)
    ) from error


def is_refused(reason: Mapping[str, Any]) -> bool:
    """Say whether an action of a cancelled transaction failed its condition."""
    return reason.get("Code") == _FAILED_CONDITION


def already_exists(kind: Kind, row_id: str) -> AlreadyExistsError:
    """Return the error for an id that is taken. Addresses are not written into messages."""
    named = "this address" if kind.id_field == "email" else f"{kind.id_field} {row_id!r}"
    return AlreadyExistsError(
        f"a {kind.label} with {named} is there already; it was not touched",
        table=_layout.current().table(kind),
        key=row_id,
    )


def refuse_known_ids(names: Iterable[tuple[Kind, str]], *, at_once_written: bool = False) -> None:
    """Look ids that a caller gave up under every parent: a condition on a composite key guards only the pair.

    Args:
        names: the ids.
        at_once_written: they are about to be written in one transaction; where that refuses a known id by itself,
            nothing need be looked up.

    Raises:
        AlreadyExistsError: if one is there.
    """
    if at_once_written and _layout.current().guards_ids:
        return
    names = list(names)
    found = at_once(partial(_is_known, kind, row_id) for kind, row_id in names)
    for (kind, row_id), known in zip(names, found, strict=True):
        if known:
            raise already_exists(kind, row_id)


def _is_known(kind: Kind, row_id: str) -> bool:
    answer = send("Query", {**_requests.query(_layout.current().taken(kind, row_id), limit=1), "Select": "COUNT"})
    return bool(answer["Count"])


def put_new(kind: Kind, item: dict[str, Any]) -> None:
    """Write one new row that has nothing above it.

    Raises:
        AlreadyExistsError: if its key is taken.
    """
    row = NewRow(kind, item)
    if len(row.puts) > 1:
        _insert_together([row])
        return
    try:
        send("PutItem", row.puts[0]["Put"])
    except ConditionFailedError as error:
        if error.item != item:  # equal: an earlier try of this very request had succeeded
            raise already_exists(kind, item[kind.id_field]["S"]) from None


def gone(kind: Kind, row_id: str) -> NotFoundError:
    """Return the error for a row that is not there. Addresses are not written into messages."""
    named = "with this address" if kind.id_field == "email" else repr(row_id)
    return NotFoundError(f"there is no {kind.label} {named}", table=_layout.current().table(kind), key=row_id)


def update(
    kind: Kind, row: Any, fields: Mapping[str, Any], condition: Condition, checks: Sequence[Action] = ()
) -> None:
    """Change a row: set fields, remove those that are `None`. While every write goes to both layouts, in both.

    Where the other layout does not have the row yet, it gets all of it.

    Args:
        kind: the row's kind.
        row: the row as it was read.
        fields: the new values.
        condition: what must hold for the row.
        checks: of the rows above, in the same transaction.

    Raises:
        ConditionFailedError: if the condition does not hold; it carries the row as it is.
        TransactionCanceledError: if a check fails.
    """
    while True:
        own, *twins = _requests.updates(kind, row, fields, condition)
        try:
            perform([{"Update": own}, *({"Update": one} for one in twins), *checks])
            return
        except TransactionCanceledError as error:
            refused = [place for place, reason in enumerate(error.reasons) if is_refused(reason)]
            if refused and refused[0] == 0:
                raise ConditionFailedError(str(error), item=error.reasons[0].get("Item"), repeated=True) from error
            if not twins or refused != [1]:
                raise
        if _complete_twin(kind, row, fields, condition, checks):
            return


def _complete_twin(
    kind: Kind, row: Any, fields: Mapping[str, Any], condition: Condition, checks: Sequence[Action]
) -> bool:
    """Change a row, and write all of it into the other layout; say whether nobody has changed it meanwhile."""
    layout = _layout.current()
    read = {"TableName": layout.table(kind), "Key": layout.key(kind, row), "ConsistentRead": True}
    item = send("GetItem", read).get("Item", {})
    unchanged = _requests.has_version(kind, int(item.get("version", {}).get("N", "0")))
    own = _requests.update(kind, row, _requests.set_or_remove(kind, fields), condition & unchanged)
    changed = {name: value for name, value in item.items() if name not in fields}
    changed |= _requests.attributes_of(kind, fields)
    puts = _twins.puts(kind, changed) if kind.id_field in item else []
    try:
        transact([{"Update": own}, *({"Put": one} for one in puts), *checks])
    except TransactionCanceledError as error:
        if not any(map(is_refused, error.reasons)):
            raise
        return False  # the next try tells whether the condition still holds
    return True
