"""Transactions: sent until they are done, and put together of what fits into one."""

import uuid
from collections.abc import Iterator, Sequence
from typing import Any

from dynamodb import _requests
from dynamodb._sending import Backoff, send
from dynamodb._translation import TransactionCanceledError
from dynamodb.errors import InvalidInputError, ThrottledError

Action = dict[str, dict[str, Any]]

#: The only reasons for which the same transaction may succeed later.
_PASSING = frozenset({"None", "TransactionConflict", "ThrottlingError", "ProvisionedThroughputExceeded"})


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


def perform(actions: Sequence[Action]) -> None:
    """Send one Put, Update or Delete as a request of its own, which costs half; several actions as a transaction.

    Raises:
        ConditionFailedError: if the condition of the one does not hold.
        TransactionCanceledError: as `transact`.
    """
    if len(actions) == 1:
        ((name, params),) = actions[0].items()
        send(f"{name}Item", params)
    else:
        transact(actions)


def action_size(action: Action) -> int:
    """Return the bytes of an action's item, or of its key and values."""
    (params,) = action.values()
    item = params.get("Item") or {**params["Key"], **params.get("ExpressionAttributeValues", {})}
    return _requests.item_size(item)


def fitting(
    wholes: Sequence[Sequence[Action]], *, max_bytes: int = _requests.MAX_TRANSACTION_BYTES
) -> Iterator[list[Sequence[Action]]]:
    """Put together what fits into one transaction; what belongs together stays so.

    Args:
        wholes: the actions of each.
        max_bytes: of their items, keys and values; less where their conditions are long.
    """
    group: list[Sequence[Action]] = []
    count = size = 0
    for actions in wholes:
        added = sum(map(action_size, actions))
        too_many = count + len(actions) > _requests.MAX_TRANSACTION_ACTIONS
        if group and (too_many or size + added > max_bytes):
            yield group
            group, count, size = [], 0, 0
        group.append(actions)
        count, size = count + len(actions), size + added
    if group:
        yield group
