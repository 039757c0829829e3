"""DynamoDB Streams: from the records that a Lambda function is given to the objects that repositories give."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal, cast

from dynamodb import _layout
from dynamodb._decoding import decoder
from dynamodb._printable import shown
from dynamodb.errors import InvalidInputError
from models._hierarchy import HighLevelRequirement, LowLevelRequirement, Project, TestCase, UserFlow
from models._kinds import Kind
from models._signup import Waitlist

Row = Project | UserFlow | HighLevelRequirement | LowLevelRequirement | TestCase | Waitlist

_EVENTS = ("INSERT", "MODIFY", "REMOVE")


@dataclass(frozen=True)
class StreamChange:
    """One change of one row.

    Attributes:
        kind: which table the row is in: its key in `TABLE_NAMES`, for example `user_flows`.
        event: `INSERT`, `MODIFY` or `REMOVE`.
        key: the row's `id`, `uiid` or `email`. An address is personal data: do not log it.
        old: the row before; `None` for a new row, and where the stream's view type has no old images.
        new: the row after; `None` for a removed row, and where the stream's view type has no new images.
        sequence_number: the place of the change in its shard: a number as text, for `batchItemFailures`.
    """

    kind: str
    event: Literal["INSERT", "MODIFY", "REMOVE"]
    key: str
    old: Row | None
    new: Row | None
    sequence_number: str | None = None


def from_stream_record(record: Mapping[str, Any]) -> StreamChange:
    """Read a record of a DynamoDB stream into typed objects. No request is made.

    The table is named by the record's `eventSourceARN` (a Lambda event, an EventBridge pipe) or `tableName` (Kinesis),
    and must be one of those in `TABLE_NAMES` as they are configured. A record that names no table, as the API's own
    GetRecords gives it, is recognised by its key where only one table has that key.

    Rows of a tree that is just being written or deleted have records like all others: the stream shows each write, also
    those that readers do not see yet.

    Args:
        record: one of the event's `Records`, as Lambda gives it (binary values as base64 text) or as boto3 does.

    Raises:
        InvalidInputError: if it is no such record, of a table that is none of the layout's, or of an item of the
            single-table layout that is no row (`pk` begins with `ID#`).
        UnexpectedResponseError: if a row is not what its schema says.

    Example:
        >>> from dynamodb import from_stream_record
        >>> table = "arn:aws:dynamodb:us-east-1:123456789012:table/prod-vishmaker-projects"
        >>> change = from_stream_record({
        ...     "eventName": "REMOVE",
        ...     "eventSourceARN": f"{table}/stream/2025-08-25T02:07:57.123",
        ...     "dynamodb": {
        ...         "Keys": {"id": {"S": "p-1"}, "user_id": {"S": "user123"}},
        ...         "OldImage": {
        ...             "id": {"S": "p-1"}, "user_id": {"S": "user123"}, "name": {"S": "Aware"},
        ...             "created_at": {"S": "2025-08-25T02:07:57Z"},
        ...         },
        ...     },
        ... })
        >>> change.kind, change.event, change.old.name, change.new
        ('projects', 'REMOVE', 'Aware', None)
    """
    try:
        event, change = record["eventName"], record["dynamodb"]
        keys: dict[str, Any] = change["Keys"]
    except (KeyError, TypeError) as error:
        raise InvalidInputError(f"this is no record of a DynamoDB stream: it has no {error}") from error
    if event not in _EVENTS:
        raise InvalidInputError(f"this is no record of a DynamoDB stream: eventName is {shown(event)}")
    _check_mappings({"the record": record, "dynamodb": change, "Keys": keys})
    _check_mappings({name: change[name] for name in ("NewImage", "OldImage") if change.get(name)})
    kind = _kind(record, keys)
    key = _layout.current().id_of(kind, keys, change.get("NewImage") or change.get("OldImage") or {})
    if key is None:
        raise InvalidInputError(f"the record's key has no {kind.id_field}, as every {kind.label}'s has")
    return StreamChange(
        kind=kind.key,
        event=event,
        key=key,
        old=_row(kind, change.get("OldImage")),
        new=_row(kind, change.get("NewImage")),
        sequence_number=change.get("SequenceNumber"),
    )


def _check_mappings(parts: Mapping[str, Any]) -> None:
    for name, part in parts.items():
        if not isinstance(part, Mapping):
            raise InvalidInputError(f"this is no record of a DynamoDB stream: {name} is no mapping")


def _kind(record: Mapping[str, Any], keys: Mapping[str, Any]) -> Kind:
    table = _table_of_arn(record["eventSourceARN"]) if record.get("eventSourceARN") else record.get("tableName")
    layout = _layout.current()
    kinds = layout.kind_of(table, keys)
    if len(kinds) == 1:
        return kinds[0]
    if table is None:
        said = " or ".join(layout.table(kind) for kind in kinds) or "none of the six"
        raise InvalidInputError(
            f"the record names no table, and its key ({', '.join(map(str, keys))}) is that of {said}: add `tableName`"
        )
    if table in layout.tables():
        raise InvalidInputError(
            "the record is of an item that only leads to a row; let the event source filter those out: "
            '{"dynamodb": {"Keys": {"pk": {"S": [{"anything-but": {"prefix": "ID#"}}]}}}}',
            table=table,
        )
    known = ", ".join(layout.tables())
    raise InvalidInputError(
        f"the record is of the table {table}, which is none of {known}: set the names as the writer has them",
        table=table,
    )


def _table_of_arn(arn: Any) -> str:
    """Return the name in `arn:aws:dynamodb:<region>:<account>:table/<name>/stream/<time>`."""
    parts = arn.split(":", 5)[-1].split("/") if isinstance(arn, str) else ()
    if len(parts) < 2 or parts[0] != "table":  # noqa: PLR2004 - the word and the name
        raise InvalidInputError(f"eventSourceARN: {shown(arn)} is not that of a table's stream")
    return str(parts[1])


def _row(kind: Kind, image: dict[str, Any] | None) -> Row | None:
    return None if not image else cast("Row", decoder(kind.schema).item(image))


__all__ = ["StreamChange", "from_stream_record"]
