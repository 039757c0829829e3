"""Items of any table in DynamoDB's JSON, by table name: what the facade's generic access stands on."""

from collections.abc import Iterator, Mapping
from typing import Any

from dynamodb import _layout
from dynamodb._attribute_values import from_item
from dynamodb._requests import MAX_ITEM_BYTES, item_size
from dynamodb._sending import send
from dynamodb._translation import ConditionFailedError, was_repeated
from dynamodb.errors import AlreadyExistsError, InvalidInputError, ItemTooLargeError, NotFoundError

Item = dict[str, Any]


def create(table: str, item: Item) -> None:
    """Put an item unless one with its key is there.

    Raises:
        AlreadyExistsError: if there is one.
        ItemTooLargeError: if it is surely over 400 KB.
        InvalidInputError: if it is empty.
    """
    _refuse_twin(table)
    if not item:
        raise InvalidInputError("item: has no attributes")
    if (size := item_size(item)) > MAX_ITEM_BYTES:
        raise ItemTooLargeError(f"{size} bytes, the limit of an item is {MAX_ITEM_BYTES}", size=size, table=table)
    # `attribute_not_exists` of any key attribute refuses an item with the same key; a new one has none of them.
    name = next(iter(_key_names(table)))
    try:
        send(
            "PutItem",
            {
                "TableName": table,
                "Item": item,
                "ConditionExpression": "attribute_not_exists(#0)",
                "ExpressionAttributeNames": {"#0": name},
                "ReturnValuesOnConditionCheckFailure": "ALL_OLD",
            },
        )
    except ConditionFailedError as error:
        # Another writer can have put the very same item; only where a try went unanswered may it be this one's.
        if error.repeated and error.item is not None and from_item(error.item) == from_item(item):
            return
        raise AlreadyExistsError(f"{table}: an item with this key is there already; not touched", table=table) from None


def _refuse_twin(table: str) -> None:
    twin = _layout.twin()
    if twin is not None and table in {*_layout.current().tables(), *twin.tables()}:
        _layout.refuse_twin(f"an item of {table} by itself")


def _key_names(table: str) -> list[str]:
    description = send("DescribeTable", {"TableName": table})["Table"]
    return [part["AttributeName"] for part in description["KeySchema"]]


def get(table: str, key: Item) -> Item:
    """Get an item.

    Raises:
        NotFoundError: if there is none.
    """
    item: Item | None = send("GetItem", {"TableName": table, "Key": key, "ConsistentRead": True}).get("Item")
    if item is None:
        raise _absent(table)
    return item


def update(table: str, key: Item, changes: Mapping[str, Item | None]) -> Item:
    """Set attributes of an item, remove those that are `None`; return it as it is now.

    Raises:
        NotFoundError: if there is none.
        InvalidInputError: if nothing is to be changed, or a key attribute is.
    """
    _refuse_twin(table)
    if not changes or key.keys() & changes.keys():
        raise InvalidInputError(f"updates: must have attributes, and none of the key ({', '.join(key)})")
    names = {f"#{number}": name for number, name in enumerate([*key, *changes])}
    placeholder = {name: short for short, name in names.items()}
    sets = [f"{placeholder[name]} = :{placeholder[name][1:]}" for name, value in changes.items() if value is not None]
    removes = [placeholder[name] for name, value in changes.items() if value is None]
    parts = [f"SET {', '.join(sets)}"] * bool(sets) + [f"REMOVE {', '.join(removes)}"] * bool(removes)
    values = {f":{placeholder[name][1:]}": value for name, value in changes.items() if value is not None}
    try:
        answer = send(
            "UpdateItem",
            {
                "TableName": table,
                "Key": key,
                "UpdateExpression": " ".join(parts),
                "ConditionExpression": " AND ".join(f"attribute_exists({placeholder[name]})" for name in key),
                "ExpressionAttributeNames": names,
                **({"ExpressionAttributeValues": values} if values else {}),
                "ReturnValues": "ALL_NEW",
            },
        )
    except ConditionFailedError:
        raise _absent(table) from None
    item: Item = answer["Attributes"]
    return item


def delete(table: str, key: Item) -> Item | None:
    """Delete an item; return it as it was.

    Returns:
        `None` where a try went unanswered and the next one found nothing: whether the first one deleted the item, or
        there was none, cannot be told any more.

    Raises:
        NotFoundError: if there is none.
    """
    _refuse_twin(table)
    answer = send("DeleteItem", {"TableName": table, "Key": key, "ReturnValues": "ALL_OLD"})
    item: Item | None = answer.get("Attributes")
    if not item and not was_repeated(answer):
        raise _absent(table)
    return item or None


def query(table: str, key: Item, *, index_name: str | None, newest_first: bool) -> Iterator[Item]:
    """Go through all items with this key, page after page.

    Raises:
        InvalidInputError: if no key is given.
    """
    if not key:
        raise InvalidInputError("key: must have the hash key")
    params: dict[str, Any] = {
        "TableName": table,
        "KeyConditionExpression": " AND ".join(f"#{number} = :{number}" for number in range(len(key))),
        "ExpressionAttributeNames": {f"#{number}": name for number, name in enumerate(key)},
        "ExpressionAttributeValues": {f":{number}": value for number, value in enumerate(key.values())},
        "ScanIndexForward": not newest_first,
        **({"IndexName": index_name} if index_name else {"ConsistentRead": True}),
    }
    yield from _pages("Query", params)


def scan(table: str) -> Iterator[Item]:
    """Go through all items of a table, page after page."""
    yield from _pages("Scan", {"TableName": table, "ConsistentRead": True})


def _pages(operation: str, params: dict[str, Any]) -> Iterator[Item]:
    while True:
        answer = send(operation, params)
        yield from answer["Items"]
        if not answer.get("LastEvaluatedKey"):
            return
        params = {**params, "ExclusiveStartKey": answer["LastEvaluatedKey"]}


def _absent(table: str) -> NotFoundError:
    return NotFoundError(f"{table}: there is no item with this key", table=table)
