"""Many rows of one kind, written or deleted in batches of 25, several batches at the same time."""

import functools
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from dynamodb import _layout, _requests
from dynamodb._sending import LeftOverError, at_once, most_doubtful, send_until_done
from dynamodb._transactions import Action, fitting, transact
from dynamodb.errors import DataLayerError, PartialWriteError
from models._kinds import Kind

Row = Any


#: Told how many rows were just done, from several threads.
Progress = Callable[[int], None]


@dataclass(frozen=True)
class _Way:
    """How a row is written.

    Attributes:
        requests: in a batch: its own request, and those of what belongs to it.
        actions: in a transaction, where two layouts are written: a row is in both or in none.
    """

    requests: Callable[[Row], list[dict[str, Any]]]
    actions: Callable[[Row], list[Action]]


def go_on() -> bool:
    """Take all the time there is."""
    return True


def untold(count: int) -> None:
    """Tell nobody."""


def write(
    kind: Kind, rows: Sequence[Row], *, may_go_on: Callable[[], bool] = go_on, progress: Progress = untold
) -> list[Row]:
    """Put rows as they are, over whatever is there: for rows that nobody else can have written.

    Args:
        kind: their kind.
        rows: objects with the fields of the kind's schema.
        may_go_on: asked before each batch.
        progress: told of each batch.

    Returns:
        The rows that were written: all, unless `may_go_on` said no.

    Raises:
        PartialWriteError: if some could not be written; no further batch is begun then.
    """
    layout = _layout.current()

    def puts(row: Row) -> list[dict[str, Any]]:
        item = _requests.stored(kind, row)
        return [{"PutRequest": {"Item": one}} for one in (item, *layout.companions(kind, item))]

    def both(row: Row) -> list[Action]:
        own, *beside = _requests.puts(kind, _requests.stored(kind, row))
        return [{"Put": {name: one[name] for name in ("TableName", "Item")}} for one in (own, *beside)]

    return _in_batches(kind, rows, _Way(puts, both), may_go_on, progress)


def delete(
    kind: Kind, rows: Sequence[Row], *, may_go_on: Callable[[], bool] = go_on, progress: Progress = untold
) -> list[Row]:
    """Delete rows, those that are gone already included.

    Args:
        kind: their kind.
        rows: objects with the fields of the kind's primary key, no two alike.
        may_go_on: asked before each batch.
        progress: told of each batch.

    Returns:
        The rows that were deleted: all, unless `may_go_on` said no.

    Raises:
        PartialWriteError: if some could not be deleted; no further batch is begun then.
    """
    layout = _layout.current()

    def deletes(row: Row) -> list[dict[str, Any]]:
        keys = (*layout.companion_keys(kind, row), layout.key(kind, row))
        return [{"DeleteRequest": {"Key": key}} for key in keys]

    def both(row: Row) -> list[Action]:
        return [{"Delete": one} for one in _requests.deletes(kind, row, None)]

    return _in_batches(kind, rows, _Way(deletes, both), may_go_on, progress)


def _in_batches(
    kind: Kind,
    rows: Sequence[Row],
    way: _Way,
    may_go_on: Callable[[], bool],
    progress: Progress,
) -> list[Row]:
    table = _layout.current().table(kind)
    together = _layout.twin() is not None
    failures: list[DataLayerError] = []

    def send_group(group: Sequence[Row]) -> Sequence[Row]:
        if failures or not may_go_on():
            return ()
        if together:
            return _send_together(group, way.actions, failures, progress)
        # What belongs together goes in one order: a row is there before what leads to it, and goes after it.
        *first, last = zip(*map(way.requests, group), strict=True)
        try:
            for requests in (*map(_unlike, first), last):
                send_until_done("BatchWriteItem", {"RequestItems": {table: list(requests)}}, "UnprocessedItems")
        except LeftOverError as error:
            failures.append(error)
            left = error.rest.get(table, [])
            return [
                row for row, request in zip(group, requests, strict=True) if requests is last and request not in left
            ]
        except DataLayerError as error:
            failures.append(error)
            return ()
        progress(len(group))
        return group

    done = [row for group in at_once(functools.partial(send_group, group) for group in _groups(rows)) for row in group]
    if failures:
        failure = most_doubtful(failures)
        there = {id(row) for row in done}
        raise PartialWriteError(
            f"{table}: {len(done)} of {len(rows)} rows were done, then: {failure}; the same call again goes on",
            table=table,
            written=[(kind.key, kind.id_of(row)) for row in done],
            not_written=[(kind.key, kind.id_of(row)) for row in rows if id(row) not in there],
        ) from failure
    return done


def _send_together(
    group: Sequence[Row], actions_of: Callable[[Row], list[Action]], failures: list[DataLayerError], progress: Progress
) -> Sequence[Row]:
    done = 0
    for some in fitting([actions_of(row) for row in group]):
        try:
            transact(_unlike([action for actions in some for action in actions]))
        except DataLayerError as error:
            failures.append(error)
            break
        done += len(some)
        progress(len(some))
    return group[:done]


def _unlike(requests: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    """Leave out repeats, which DynamoDB refuses: two rows of one id share what leads to them."""
    return [request for place, request in enumerate(requests) if request not in requests[:place]]


def _groups(rows: Sequence[Row]) -> list[Sequence[Row]]:
    # 25 items of 400 KB are below the 16 MB that a request may have.
    size = _requests.MAX_BATCH_WRITE
    return [rows[start : start + size] for start in range(0, len(rows), size)]


def present(kind: Kind, rows: Sequence[Row], *, complete: bool = False) -> list[Row]:
    """Return those of the rows whose primary key is in the table, strongly consistent.

    Args:
        kind: their kind.
        rows: objects with the fields of the kind's primary key.
        complete: only those that were written with all that belongs to them.
    """
    layout = _layout.current()

    def key_of(row: Row) -> dict[str, Any]:
        return [layout.key(kind, row), *(layout.companion_keys(kind, row) if complete else ())][-1]

    keys = [key_of(row) for row in rows]
    size = _requests.MAX_BATCH_GET
    groups = [keys[start : start + size] for start in range(0, len(keys), size)]
    found = at_once(functools.partial(_present, layout.table(kind), layout.key_names(kind), group) for group in groups)
    there = {key for some in found for key in some}
    return [row for row, key in zip(rows, keys, strict=True) if _values(key) in there]


def _present(table: str, parts: Sequence[str], keys: Sequence[dict[str, Any]]) -> set[tuple[str, ...]]:
    names = {f"#{number}": part for number, part in enumerate(parts)}
    wanted = {
        "Keys": list({_values(key): key for key in keys}.values()),
        "ConsistentRead": True,
        "ProjectionExpression": ", ".join(names),
        "ExpressionAttributeNames": names,
    }
    answers = send_until_done("BatchGetItem", {"RequestItems": {table: wanted}}, "UnprocessedKeys")
    return {
        _values({part: item[part] for part in parts})
        for answer in answers
        for item in answer["Responses"].get(table, [])
    }


def _values(key: dict[str, Any]) -> tuple[str, ...]:
    return tuple(value["S"] for value in key.values())
