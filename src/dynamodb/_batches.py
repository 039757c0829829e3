"""Many rows of one kind, written or deleted in batches of 25, several batches at the same time."""

import functools
from collections.abc import Callable, Sequence
from typing import Any

from dynamodb import _layout, _requests
from dynamodb._decoding import decoder
from dynamodb._sending import LeftOverError, at_once, send_until_done
from dynamodb.errors import DataLayerError, PartialWriteError
from models._kinds import Kind

Row = Any


#: Told how many rows were just done, from several threads.
Progress = Callable[[int], None]


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

    def put(row: Row) -> dict[str, Any]:
        return {"PutRequest": {"Item": _requests.stored(kind, row)}}

    return _in_batches(kind, rows, put, may_go_on, progress)


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
    return _in_batches(kind, rows, lambda row: {"DeleteRequest": {"Key": _layout.key(kind, row)}}, may_go_on, progress)


def _in_batches(
    kind: Kind,
    rows: Sequence[Row],
    request_of: Callable[[Row], dict[str, Any]],
    may_go_on: Callable[[], bool],
    progress: Progress,
) -> list[Row]:
    table = _layout.table(kind)
    failures: list[DataLayerError] = []

    def send_group(group: Sequence[Row]) -> Sequence[Row]:
        if failures or not may_go_on():
            return ()
        requests = [request_of(row) for row in group]
        try:
            send_until_done("BatchWriteItem", {"RequestItems": {table: requests}}, "UnprocessedItems")
        except LeftOverError as error:
            failures.append(error)
            left = error.rest.get(table, [])
            return [row for row, request in zip(group, requests, strict=True) if request not in left]
        except DataLayerError as error:
            failures.append(error)
            return ()
        progress(len(group))
        return group

    done = [row for group in at_once(functools.partial(send_group, group) for group in _groups(rows)) for row in group]
    if failures:
        there = {id(row) for row in done}
        raise PartialWriteError(
            f"{table}: {len(done)} of {len(rows)} rows were done, then: {failures[0]}; the same call again goes on",
            table=table,
            written=[(kind.key, kind.id_of(row)) for row in done],
            not_written=[(kind.key, kind.id_of(row)) for row in rows if id(row) not in there],
        ) from failures[0]
    return done


def _groups(rows: Sequence[Row]) -> list[Sequence[Row]]:
    # 25 items of 400 KB are below the 16 MB that a request may have.
    size = _requests.MAX_BATCH_WRITE
    return [rows[start : start + size] for start in range(0, len(rows), size)]


def present(kind: Kind, rows: Sequence[Row]) -> list[Row]:
    """Return those of the rows whose primary key is in the table, strongly consistent."""
    size = _requests.MAX_BATCH_GET
    groups = [rows[start : start + size] for start in range(0, len(rows), size)]
    keys = decoder(_layout.key_schema(kind))
    found = at_once(functools.partial(_present, kind, group, keys) for group in groups)
    there = {key for some in found for key in some}
    return [row for row in rows if _layout.name(kind, row) in there]


def _present(kind: Kind, rows: Sequence[Row], keys: Any) -> set[tuple[str, ...]]:
    unique = {_layout.name(kind, row): _layout.key(kind, row) for row in rows}
    table = _layout.table(kind)
    names = {f"#{number}": part for number, part in enumerate(_layout.key_fields(kind))}
    wanted = {
        "Keys": list(unique.values()),
        "ConsistentRead": True,
        "ProjectionExpression": ", ".join(names),
        "ExpressionAttributeNames": names,
    }
    answers = send_until_done("BatchGetItem", {"RequestItems": {table: wanted}}, "UnprocessedKeys", keys)
    return {_layout.name(kind, row) for answer in answers for row in answer["Responses"].get(table, [])}
