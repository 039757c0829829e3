"""Rows as they are stored, whatever is wrong with them, and writes that hold only for exactly what was read."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from dataclasses import field as field_of
from datetime import datetime
from functools import partial
from typing import Any

from pydantic import ValidationError

from dynamodb import _layout, _requests
from dynamodb._decoding import decoder
from dynamodb._requests import Item, Params
from dynamodb._rows import follow, row_schema
from dynamodb._sending import at_once, send, send_until_done
from models._kinds import Kind
from models._values import parse_timestamp

#: Comparisons in one condition. DynamoDB takes 300 operators and 4 KB of expression.
#: https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Constraints.html
_MAX_COMPARISONS = 200


@dataclass(frozen=True, slots=True)
class Row:
    """A row, read strongly consistent.

    Attributes:
        kind: its kind.
        item: all of it, in DynamoDB's JSON.
        layout: as it is stored; `None`: as is configured.
    """

    kind: Kind
    item: Item
    layout: _layout.Layout | None = field_of(default=None, compare=False)

    def text(self, field: str) -> str | None:
        """Return the text in a field; `None` where there is none, or something else than text."""
        value = self.item.get(field, {}).get("S")
        return value or None

    @property
    def _layout(self) -> _layout.Layout:
        return self.layout or _layout.current()

    @property
    def names(self) -> tuple[str, ...]:
        """What tells it from others: its id, and that of the row it belongs to."""
        return self._layout.names(self.kind, self.item)

    @property
    def key(self) -> Item:
        """Its primary key in DynamoDB's JSON."""
        return {name: self.item[name] for name in self._layout.key_names(self.kind)}

    @property
    def at(self) -> tuple[str, ...]:
        """The values of its primary key."""
        return tuple(value["S"] for value in self.key.values())

    @property
    def row_id(self) -> str:
        """Its id."""
        return self.names[0]

    @property
    def parent_id(self) -> str:
        """The id of the row it belongs to."""
        return self.names[1]

    @property
    def version(self) -> int:
        """Its version; 0 where it has none, or none that is a whole number."""
        number = str(self.item.get("version", {}).get("N", ""))
        return int(number) if number.isdigit() else 0

    def moment(self, field: str) -> datetime | None:
        """Return the moment in a field; `None` where there is none."""
        try:
            return parse_timestamp(self.text(field) or "")
        except ValueError:
            return None

    def decoded(self) -> Any | None:
        """Return the row as readers have it; `None` where its schema refuses it."""
        try:
            return _decoded(self.kind, self.item)
        except ValidationError:
            return None

    def refusal(self) -> str | None:
        """Say which fields the schema refuses, without their values; `None` where it takes the row."""
        try:
            _decoded(self.kind, self.item)
        except ValidationError as error:
            problems = error.errors(include_input=False, include_url=False)
            return "; ".join(f"{problem['loc'][0]}: {problem['msg']}" for problem in problems)
        return None


def _decoded(kind: Kind, item: Item) -> Any:
    # The decoder builds the schema under its lock.
    return decoder(row_schema(kind)).schema.model_validate(item, by_alias=True, by_name=False)


def pages(kind: Kind, *, consistent: bool = False) -> Iterator[list[Row]]:
    """Go through all rows of a kind, page by page. This is a scan.

    Args:
        kind: the rows' kind.
        consistent: strongly, also where a layout has an index that would be less to read.
    """
    yield from _pages("Scan", _layout.current().scan(kind, consistent=consistent), kind)


def with_id(kind: Kind, row_id: str) -> list[Row]:
    """Return all rows of one id: more than one where it is there under several parents."""
    place: _layout.Place | None = _layout.current().by_id(kind, row_id)
    if place and place.pointer:
        place = follow(place)
    return [row for page in _pages("Query", _requests.query(place), kind) for row in page] if place else []


def _pages(operation: str, params: Params, kind: Kind) -> Iterator[list[Row]]:
    for items in items_of(operation, params):
        yield [Row(kind, item) for item in items]


def items_of(operation: str, params: Params) -> Iterator[list[Item]]:
    """Go through all items of a Scan or a Query, page by page."""
    while True:
        answer = send(operation, params)
        yield answer["Items"]
        if not answer.get("LastEvaluatedKey"):
            return
        params = {**params, "ExclusiveStartKey": answer["LastEvaluatedKey"]}


def key_at(kind: Kind, at: Sequence[str]) -> dict[str, dict[str, str]]:
    """Return a primary key in DynamoDB's JSON from its values."""
    return {name: {"S": value} for name, value in zip(_layout.current().key_names(kind), at, strict=True)}


def get(kind: Kind, row_key: Item) -> Row | None:
    """Return a row by its whole primary key."""
    item = get_item(_layout.current().table(kind), row_key)
    return None if item is None else Row(kind, item)


def get_item(table: str, item_key: Item) -> Item | None:
    """Return an item by its primary key, strongly consistent."""
    found: Item | None = send("GetItem", {"TableName": table, "Key": item_key, "ConsistentRead": True}).get("Item")
    return found


def get_many(kind: Kind, keys: Iterable[Item]) -> Iterator[list[Row]]:
    """Return those rows that are there by their primary keys, a batch at a time."""
    wanted = list(keys)
    size = _requests.MAX_BATCH_GET
    for start in range(0, len(wanted), size):
        yield _batch(kind, wanted[start : start + size])


def _batch(kind: Kind, keys: Sequence[Item]) -> list[Row]:
    table = _layout.current().table(kind)
    request = {table: {"Keys": list(keys), "ConsistentRead": True}}
    answers = send_until_done("BatchGetItem", {"RequestItems": request}, "UnprocessedKeys")
    return [Row(kind, item) for answer in answers for item in answer["Responses"].get(table, [])]


def by_ids(kind: Kind, row_ids: Sequence[str]) -> dict[str, list[Row]]:
    """Return all rows of several ids, read at the same time."""
    return dict(zip(row_ids, at_once(partial(with_id, kind, row_id) for row_id in row_ids), strict=True))


def unchanged(row: Row) -> Params:
    """Build the condition that a row is exactly as it was read.

    It compares every attribute that was there, and that none of the model's has come since.
    """
    return _same(row, [*_requests.wire_types(row.kind), *row.item])


def _same(row: Row, fields: Iterable[str]) -> Params:
    """Build the condition that some fields of a row are as they were read, and that it is there."""
    return same(row.item, [next(iter(row.key)), *fields])


def same(item: Item, fields: Iterable[str]) -> Params:
    """Build the condition that some attributes of an item are as they were read; the first 200 are compared."""
    comparisons, names, values = [], {}, {}
    for number, field in enumerate(list(dict.fromkeys(fields))[:_MAX_COMPARISONS]):
        name, value = f"#w{number}", f":w{number}"
        names[name] = field
        if field in item:
            comparisons.append(f"{name} = {value}")
            values[value] = item[field]
        else:
            comparisons.append(f"attribute_not_exists({name})")
    return {
        "ConditionExpression": " AND ".join(comparisons),
        "ExpressionAttributeNames": names,
        "ExpressionAttributeValues": values,
    }


def delete(row: Row) -> Params:
    """Build a Delete of a row that is exactly as it was read."""
    return {"TableName": _layout.current().table(row.kind), "Key": row.key, **unchanged(row)}


def change(row: Row, fields: Mapping[str, Item | None], *, also: Iterable[str] = ()) -> Params:
    """Build an Update that sets fields, or removes those that are `None`.

    It holds while just these are as they were read: what others write into the rest of the row stays.

    Args:
        row: the row as it was read.
        fields: the new values in DynamoDB's JSON.
        also: more fields that must be as they were read.
    """
    params = _same(row, [*fields, *also])
    name_of = {field: name for name, field in params["ExpressionAttributeNames"].items()}
    new = {f":n{name_of[field][2:]}": value for field, value in fields.items() if value is not None}
    sets = [f"{name_of[field]} = :n{name_of[field][2:]}" for field, value in fields.items() if value is not None]
    removes = [name_of[field] for field, value in fields.items() if value is None]
    parts = [f"SET {', '.join(sets)}"] * bool(sets) + [f"REMOVE {', '.join(removes)}"] * bool(removes)
    params["ExpressionAttributeValues"] |= new
    return {
        "TableName": _layout.current().table(row.kind),
        "Key": row.key,
        "UpdateExpression": " ".join(parts),
        **params,
    }
