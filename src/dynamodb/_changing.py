"""Changing one row."""

from collections.abc import Mapping
from typing import Any

from dynamodb import _layout, _requests, _twins, _writing
from dynamodb._decoding import decoder
from dynamodb._sending import Backoff, send
from dynamodb._translation import ConditionFailedError
from dynamodb.errors import ThrottledError, VersionConflictError
from models._kinds import Kind
from models._values import take_moments


def change(kind: Kind, row: Any, fields: Mapping[str, Any], *, expected_version: int | None = None) -> Any:
    """Update one row: set fields, remove those that are `None`, raise the version by one.

    The update holds for exactly the version that was read. Without an expected version it is tried again on the
    newer row; with one that is a conflict. A try that succeeded unanswered is recognised by what it wrote, so that
    the version is raised once.

    Args:
        kind: the row's kind.
        row: the row as it was read.
        fields: the new values.
        expected_version: what the version must be.

    Returns:
        The row as it is now.

    Raises:
        VersionConflictError: if the version is not the expected one.
        NotFoundError: if there is no row with this key any more: it is gone, or has been moved.
        ItemTooLargeError: if it would be over 400 KB.
        ThrottledError: if other writers were faster until the time limit.
    """
    into = decoder(kind.schema)
    backoff = Backoff()
    while True:
        if expected_version not in {None, row.version}:
            raise _conflict(kind, row, expected_version)
        _check_size_after(kind, row, fields)
        values = {**fields, "updated_at": take_moments(), "version": row.version + 1}
        condition = _requests.is_there(kind) & _requests.has_version(kind, row.version)
        try:
            if _layout.twin() is not None:
                _writing.update(kind, row, values, condition)
                return row.model_copy(update=values)
            params = _requests.update(kind, row, _requests.set_or_remove(kind, values), condition)
            return send("UpdateItem", {**params, "ReturnValues": "ALL_NEW"}, into)["Attributes"]
        except ConditionFailedError as error:
            if error.item is None or "tree_state" in error.item:
                raise _writing.gone(kind, kind.id_of(row)) from None
            row = into.item(error.item)
        except ThrottledError as error:
            if error.dynamodb_code != "TransactionConflictException" or not backoff.wait():
                raise
            continue
        if _is_written(row, values):
            return row
        if expected_version in {None, row.version} and not backoff.wait():
            raise ThrottledError(f"other writers kept changing the {kind.label}; try again later")


def _is_written(row: Any, values: Mapping[str, Any]) -> bool:
    return all(getattr(row, name) == value for name, value in values.items())


def _check_size_after(kind: Kind, row: Any, fields: Mapping[str, Any]) -> None:
    kept = {name: vars(row)[name] for name in _requests.stored_fields(kind)}
    item = _requests.item_of(kind, {**kept, **fields})
    for twin in _twins.items(kind, item)[:1]:
        _requests.check_twin(kind, twin)


def _conflict(kind: Kind, row: Any, expected_version: int | None) -> VersionConflictError:
    return VersionConflictError(
        f"the {kind.label} has version {row.version}, not {expected_version}; read it again and decide anew",
        current=row,
        expected_version=expected_version,
        table=_layout.current().table(kind),
        key=kind.id_of(row),
    )
