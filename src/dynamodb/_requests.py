"""Request parameters, built from fields and PynamoDB's expressions. Pure: nothing here sends anything."""

import functools
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from pynamodb.expressions.condition import Condition
from pynamodb.expressions.operand import Path
from pynamodb.expressions.update import Action, Update

from dynamodb import _layout, _twins
from dynamodb._layout import Place
from dynamodb.errors import InvalidInputError, ItemTooLargeError
from models._kinds import WAITLIST, Kind
from models._values import format_timestamp

#: https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Constraints.html
MAX_ITEM_BYTES = 409_600
MAX_TRANSACTION_ACTIONS = 100
MAX_TRANSACTION_BYTES = 4_194_304
MAX_BATCH_WRITE = 25
MAX_BATCH_GET = 100
MAX_BATCH_BYTES = 16_777_216

#: No text of UTF-8 has more bytes a character.
_MOST_BYTES = 4

Item = dict[str, Any]
Params = dict[str, Any]

#: `tree_state` of a row under which a tree is coming, or going.
CREATING, DELETING = "creating", "deleting"


def item_of(kind: Kind, fields: Mapping[str, Any]) -> Item:
    """Write a row as it is stored, in DynamoDB's JSON; what is `None` is left out.

    Raises:
        ItemTooLargeError: if it is over 400 KB.
        InvalidInputError: if a key is over its limit.
    """
    item = _layout.current().item(kind, attributes_of(kind, fields))
    if not _cannot_be_large(kind, item):
        check_size(kind, item)
    return item


def attributes_of(kind: Kind, fields: Mapping[str, Any]) -> Item:
    """Write fields of a row as attributes in DynamoDB's JSON; what is `None` is left out."""
    types = wire_types(kind)
    return {
        field: {types[field]: value if type(value) is str else _text(value)}
        for field, value in fields.items()
        if value is not None
    }


def stored(kind: Kind, row: Any) -> Item:
    """Write a row, or the node of a tree, as an item, without its children."""
    values = vars(row)
    return item_of(kind, {field: values[field] for field in stored_fields(kind)})


@functools.cache
def stored_fields(kind: Kind) -> tuple[str, ...]:
    """Return the fields of a kind's rows, in the order of the schema."""
    return tuple(kind.schema.model_fields)


@functools.cache
def wire_types(kind: Kind) -> dict[str, str]:
    """Return the type letter of each attribute of a kind, from its PynamoDB model."""
    return {attribute.attr_name: attribute.attr_type for attribute in kind.model.get_attributes().values()}


def _text(value: Any) -> str:
    return format_timestamp(value) if isinstance(value, datetime) else str(value)


def _cannot_be_large(kind: Kind, item: Item) -> bool:
    """Say whether an item of text and numbers has so few characters that its bytes need not be counted."""
    for field, limit in _layout.current().key_limits(kind):
        if field in item and len(item[field]["S"]) * _MOST_BYTES > limit:
            return False
    characters = sum([len(name) + len(text) for name, value in item.items() for text in value.values()])
    return characters * _MOST_BYTES <= MAX_ITEM_BYTES


def item_size(item: Mapping[str, Any]) -> int:
    """Return the bytes of an item as DynamoDB counts them; a number that is not whole is rounded up.

    https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/CapacityUnitCalculations.html
    """
    return sum(len(name.encode()) + _value_size(value) for name, value in item.items())


def _value_size(value: Mapping[str, Any]) -> int:
    ((letter, content),) = value.items()
    if letter == "S":
        return len(content.encode())
    if letter == "N":
        return _number_size(content)
    if letter in {"NULL", "BOOL"}:
        return 1
    if letter == "B":
        return len(content)
    if letter in {"L", "M"}:  # 3 bytes, and 1 for each element
        parts = content.items() if letter == "M" else (("", part) for part in content)
        return 3 + sum(1 + len(name.encode()) + _value_size(part) for name, part in parts)
    return sum(len(part.encode() if isinstance(part, str) else part) for part in content)


def _number_size(text: str) -> int:
    """Return the bytes of a number: one for each pair of digits from the point on, less zeros at the end."""
    if not text.isdigit():
        return len(text) // 2 + 2
    significant = text.strip("0")
    if not significant:
        return 1
    zeros = len(text) - len(text.rstrip("0"))
    return (len(text) + 1) // 2 - zeros // 2 + 1


def check_size(kind: Kind, item: Mapping[str, Any]) -> None:
    """Refuse an item over 400 KB or with a key over its limit, before it is sent.

    Raises:
        ItemTooLargeError: if the item is over 409,600 bytes.
        InvalidInputError: if a hash key is over 2048 bytes, or a range key over 1024.
    """
    layout = _layout.current()
    table = layout.table(kind)
    for field, limit in layout.key_limits(kind):
        if field in item and (size := len(item[field]["S"].encode())) > limit:
            raise InvalidInputError(f"{field}: {size} bytes, the limit of this key is {limit}", table=table)
    size = item_size(item)
    if size > MAX_ITEM_BYTES:
        longest = max(item, key=lambda name: len(str(item[name])))
        raise ItemTooLargeError(
            f"{kind.label}: {size} bytes, the limit of an item is {MAX_ITEM_BYTES}; most of it is in `{longest}`",
            size=size,
            table=table,
        )


def expression(parameter: str, operand: Condition | Update | None) -> Params:
    """Write one of PynamoDB's expressions as request parameters.

    Args:
        parameter: `ConditionExpression`, `FilterExpression`, `KeyConditionExpression` or `UpdateExpression`.
        operand: the expression; `None` gives no parameters.
    """
    return expressions({parameter: operand})


def expressions(parts: Mapping[str, Condition | Update | None]) -> Params:
    """Write several expressions of one request: they share their placeholders."""
    names: dict[str, str] = {}
    values: dict[str, Any] = {}
    texts = {parameter: part.serialize(names, values) for parameter, part in parts.items() if part is not None}
    params: Params = {parameter: text for parameter, text in texts.items() if text}
    if names:
        params["ExpressionAttributeNames"] = {placeholder: name for name, placeholder in names.items()}
    if values:
        params["ExpressionAttributeValues"] = values
    return params


def attribute(kind: Kind, field: str) -> Any:
    """Return PynamoDB's attribute of a field, to build expressions with."""
    return kind.model.get_attributes()[field]


def is_shown(kind: Kind) -> Condition | None:
    """Hold for rows that readers see: not those under which a tree is just coming or going."""
    return None if kind is WAITLIST else attribute(kind, "tree_state").does_not_exist()


def is_there(kind: Kind) -> Condition:
    """Hold for a row that exists and is shown."""
    exists: Condition = attribute(kind, kind.id_field).exists()
    shown = is_shown(kind)
    return exists if shown is None else exists & shown


def is_new(kind: Kind) -> Condition:
    """Hold where there is no row with this primary key."""
    condition: Condition = attribute(kind, kind.id_field).does_not_exist()
    return condition


def has_version(kind: Kind, version: int) -> Condition:
    """Hold for a row of this version; 0 is that of rows without one, or with NULL, as earlier writers left it."""
    attr = attribute(kind, "version")
    condition: Condition = attr == version
    return condition if version else condition | ~attr.is_type()


def query(
    place: Place,
    *,
    limit: int | None = None,
    start: Item | None = None,
    newest_first: bool = False,
    only: Condition | None = None,
    count: bool = False,
) -> Params:
    """Build a Query of one place, strongly consistent where that is possible.

    Args:
        place: where to look.
        limit: items to look at, at most; `None`: as many as fit in 1 MB.
        start: the `LastEvaluatedKey` of the page before.
        newest_first: against the order of the index.
        only: a filter; what it leaves out is read and paid for all the same.
        count: no items, only their number.
    """
    params: Params = {"TableName": place.table, **({"IndexName": place.index} if place.index else {})}
    params |= expressions({"KeyConditionExpression": _is_in(place), "FilterExpression": only})
    if place.consistent:
        params["ConsistentRead"] = True
    if limit:
        params["Limit"] = limit
    if start:
        params["ExclusiveStartKey"] = start
    if newest_first:
        params["ScanIndexForward"] = False
    if count:
        params["Select"] = "COUNT"
    return params


def _is_in(place: Place) -> Condition:
    partition: Condition = Path(place.hash_key) == place.value
    if not place.begins:
        return partition
    sort_key = Path(place.range_key)
    part: Condition = sort_key == place.begins if place.exactly else sort_key.startswith(place.begins)
    both: Condition = partition & part
    return both


def puts(kind: Kind, item: Item) -> list[Params]:
    """Build the Puts of a new row: its own first, then those of the items that belong to it."""
    layout = _layout.current()
    own = put(kind, item)
    companions, twins = layout.companions(kind, item), _twins.puts(kind, item)
    if twins:
        check_twin(kind, twins[0]["Item"])
    if not companions:
        return [own, *twins]
    is_free = expression("ConditionExpression", Path(layout.key_names(kind)[0]).does_not_exist())
    return [own, *({"TableName": own["TableName"], "Item": one, **is_free} for one in companions), *twins]


def check_twin(kind: Kind, item: Item) -> None:
    """Refuse a row that the other layout cannot hold, before it is sent to either; as `check_size`."""
    if (twin := _layout.twin()) is not None:
        with _layout.using(twin):
            check_size(kind, item)


def put(kind: Kind, item: Item) -> Params:
    """Build a Put of a row that must not be there yet; a refusal answers with the row that is."""
    return {
        "TableName": _layout.current().table(kind),
        "Item": item,
        "ReturnValuesOnConditionCheckFailure": "ALL_OLD",
        **expression("ConditionExpression", is_new(kind)),
    }


def check(kind: Kind, row: Any) -> Params:
    """Build a ConditionCheck that a row is there and shown."""
    return {
        "TableName": _layout.current().table(kind),
        "Key": _layout.current().key(kind, row),
        **expression("ConditionExpression", is_there(kind)),
    }


def update(kind: Kind, row: Any, actions: Iterable[Action], condition: Condition) -> Params:
    """Build an Update of a row; a refusal answers with the row as it is."""
    return {
        "TableName": _layout.current().table(kind),
        "Key": _layout.current().key(kind, row),
        "ReturnValuesOnConditionCheckFailure": "ALL_OLD",
        **expressions({"UpdateExpression": Update(*actions), "ConditionExpression": condition}),
    }


def updates(kind: Kind, row: Any, fields: Mapping[str, Any], condition: Condition) -> list[Params]:
    """Build the Updates of a row that set fields, and remove those that are `None`: its own, and the other layout's."""
    own = update(kind, row, set_or_remove(kind, fields), condition)
    twin = _layout.twin()
    if twin is None or not twin.can_hold(kind, vars(row)):
        return [own]
    with _layout.using(twin):
        other = update(kind, row, set_or_remove(kind, fields), attribute(kind, kind.id_field).exists())
    other.pop("ReturnValuesOnConditionCheckFailure")
    return [own, other]


def deletes(kind: Kind, row: Any, condition: Condition | None) -> list[Params]:
    """Build the Deletes of a row: its own first, under a condition, then those of the items that belong to it."""
    layout = _layout.current()
    own = delete(kind, row, condition)
    beside = [{"TableName": own["TableName"], "Key": key} for key in layout.companion_keys(kind, row)]
    return [own, *beside, *_twins.deletes(kind, row)]


def delete(kind: Kind, row: Any, condition: Condition | None = None) -> Params:
    """Build a Delete of a row alone."""
    return {
        "TableName": _layout.current().table(kind),
        "Key": _layout.current().key(kind, row),
        **expression("ConditionExpression", condition),
    }


def set_or_remove(kind: Kind, fields: Mapping[str, Any]) -> list[Action]:
    """Return the actions that set fields, and remove those that are `None` (an attribute is never NULL)."""
    derived = _layout.current().derived(kind, fields)
    return [
        *(
            attribute(kind, field).remove() if value is None else attribute(kind, field).set(value)
            for field, value in fields.items()
        ),
        *(Path(name).set(value) for name, value in derived.items()),
    ]
