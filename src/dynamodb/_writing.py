"""Writing new rows, in transactions that check what is above them."""

import functools
import itertools
import uuid
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Any, TypeVar

from dynamodb import _layout, _requests
from dynamodb._sending import Backoff, at_once, send
from dynamodb._translation import ConditionFailedError, TransactionCanceledError
from dynamodb.errors import (
    AlreadyExistsError,
    DataLayerError,
    InvalidInputError,
    NotFoundError,
    ParentNotFoundError,
    PartialWriteError,
    ThrottledError,
    UnexpectedResponseError,
)
from models._kinds import Kind

A = TypeVar("A")

Action = dict[str, dict[str, Any]]

#: The only reasons for which the same transaction may succeed later.
_PASSING = frozenset({"None", "TransactionConflict", "ThrottlingError", "ProvisionedThroughputExceeded"})
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


def transact(actions: Sequence[Action]) -> None:
    """Send a transaction, again with the same token while it is only cancelled for conflicts or capacity.

    DynamoDB's own SDKs do not repeat a cancelled transaction.

    Raises:
        InvalidInputError: if it has over 100 actions or 4 MB.
        TransactionCanceledError: if it was cancelled for another reason; `reasons` are in the order of the actions.
        ThrottledError: if conflicts or throttling lasted until the time limit.
    """
    if len(actions) > _requests.MAX_TRANSACTION_ACTIONS:
        raise InvalidInputError(f"{len(actions)} actions, the limit of a transaction is 100")
    if (size := sum(map(action_size, actions))) > _requests.MAX_TRANSACTION_BYTES:
        raise InvalidInputError(f"{size} bytes, the limit of a transaction is {_requests.MAX_TRANSACTION_BYTES}")
    params = {"TransactItems": list(actions), "ClientRequestToken": str(uuid.uuid4())}
    backoff = Backoff()
    while True:
        try:
            send("TransactWriteItems", params)
            return
        except TransactionCanceledError as error:
            if not error.reasons or any(reason.get("Code", "None") not in _PASSING for reason in error.reasons):
                raise
            if not backoff.wait():
                raise ThrottledError(f"a transaction kept being cancelled: {error}; try again later") from error
        except ThrottledError:
            if not backoff.wait():
                raise


def action_size(action: Action) -> int:
    """Return the bytes of an action's item, or of its key and values."""
    (params,) = action.values()
    item = params.get("Item") or {**params["Key"], **params.get("ExpressionAttributeValues", {})}
    return _requests.item_size(item)


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
    try:
        send("PutItem", _requests.put(kind, item))
    except ConditionFailedError as error:
        if error.item != item:  # equal: an earlier try of this very request had succeeded
            raise already_exists(kind, item[kind.id_field]["S"]) from None


def gone(kind: Kind, row_id: str) -> NotFoundError:
    """Return the error for a row that is not there. Addresses are not written into messages."""
    named = "with this address" if kind.id_field == "email" else repr(row_id)
    return NotFoundError(f"there is no {kind.label} {named}", table=_layout.current().table(kind), key=row_id)
