"""What requests to moto would cost: moto reports one unit whatever it does, and nothing for a transaction's writes.

The rules are those of the developer guide
(https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/read-write-operations.html); where it is silent (a
condition check, the indexes in a transaction, a read that finds nothing) those that DynamoDB Local follows. To know
what a write replaces, its items are read before and after, with a client of their own that nothing counts.
"""

import base64
import functools
import math
import re
from collections import defaultdict
from collections.abc import Iterator
from typing import Any, NamedTuple

import botocore.session
import orjson

Item = dict[str, Any]
#: Table → index (`""`: the table itself) → units.
Units = defaultdict[str, defaultdict[str, float]]

_READ_BYTES, _WRITE_BYTES = 4096, 1024


@functools.cache
def plain_client(region: str, endpoint: str | None = None) -> Any:
    """Return a client that nobody observes. Without an endpoint it is to be called, and used, in `mock_aws` only."""
    return botocore.session.get_session().create_client(
        "dynamodb",
        region_name=region,
        endpoint_url=endpoint,
        aws_access_key_id="testing",
        aws_secret_access_key="testing",  # noqa: S106
    )


class _Touched(NamedTuple):
    """A row that a request writes, or that one of its condition checks reads."""

    action: str
    table: str
    key: Item


class Meter:
    """Puts the capacity that a request consumes into moto's answer, where the request asks for it."""

    def __init__(self, region: str, endpoint: str | None = None) -> None:
        self._client = plain_client(region, endpoint)
        self._descriptions: dict[str, Item] = {}

    def register(self, client: Any) -> None:
        """Begin with a client."""
        client.meta.events.register_first("before-call.dynamodb.*", self._before)
        client.meta.events.register_first("after-call.dynamodb.*", self._after)

    def unregister(self, client: Any) -> None:
        """End it."""
        client.meta.events.unregister("before-call.dynamodb.*", self._before)
        client.meta.events.unregister("after-call.dynamodb.*", self._after)

    def _before(self, model: Any, params: Item, context: Item, **_: Any) -> None:
        body = orjson.loads(params["body"])
        if "ReturnConsumedCapacity" in body:
            touched = list(self._touched(model.name, body))
            context["metered"] = body, touched, [self._read(row.table, row.key) for row in touched]

    def _after(self, model: Any, parsed: Item, context: Item, **_: Any) -> None:
        if "metered" not in context or "Error" in parsed:
            return
        body, touched, before = context["metered"]
        units: Units = defaultdict(lambda: defaultdict(float))
        if touched:
            self._count_writes(units, model.name, touched, before)
        else:
            self._count_reads(units, model.name, body)
        consumed = [_consumed(table, parts) for table, parts in units.items()]
        parsed["ConsumedCapacity"] = consumed if {"RequestItems", "TransactItems"} & body.keys() else consumed[0]

    def _touched(self, operation: str, body: Item) -> Iterator[_Touched]:
        if operation == "TransactWriteItems":
            actions = [(name, action) for entry in body["TransactItems"] for name, action in entry.items()]
        elif operation == "BatchWriteItem":
            actions = [
                (name, {**action, "TableName": table})
                for table, entries in body["RequestItems"].items()
                for entry in entries
                for name, action in entry.items()
            ]
        else:
            actions = [(operation, body)] if operation in {"PutItem", "UpdateItem", "DeleteItem"} else []
        for name, action in actions:
            table = action["TableName"]
            key = action.get("Key") or {part: action["Item"][part] for part in self._key(table)}
            yield _Touched(name, table, key)

    def _count_writes(self, units: Units, operation: str, touched: list[_Touched], before: list[Item]) -> None:
        times = 2 if operation == "TransactWriteItems" else 1
        for row, old in zip(touched, before, strict=True):
            if row.action == "ConditionCheck":
                units[row.table][""] += times * _up(item_bytes(old), _READ_BYTES)
                continue
            new = self._read(row.table, row.key)
            largest = max(item_bytes(old), item_bytes(new))
            units[row.table][""] += times * _up(largest, _WRITE_BYTES) if old or new else 1
            for index in self._describe(row.table).get("GlobalSecondaryIndexes", []):
                if share := _index_units(index, old, new):
                    units[row.table][index["IndexName"]] += times * share

    def _count_reads(self, units: Units, operation: str, body: Item) -> None:
        match operation:
            case "GetItem":
                units[body["TableName"]][""] += self._get_units(body["TableName"], body["Key"], body)
            case "BatchGetItem":
                for table, part in body["RequestItems"].items():
                    found = [key for key in part["Keys"] if self._read(table, key)]
                    units[table][""] += sum(self._get_units(table, key, part) for key in found)
            case "TransactGetItems":
                for entry in body["TransactItems"]:
                    get = entry["Get"]
                    units[get["TableName"]][""] += 2 * self._get_units(get["TableName"], get["Key"], _CONSISTENT)
            case "Query" | "Scan":
                size = sum(item_bytes(item) for item in self._looked_at(operation, body))
                units[body["TableName"]][body.get("IndexName", "")] += math.ceil(size / _READ_BYTES) * _share(body)

    def _get_units(self, table: str, key: Item, how: Item) -> float:
        return _up(item_bytes(self._read(table, key)), _READ_BYTES) * _share(how)

    def _looked_at(self, operation: str, body: Item) -> list[Item]:
        """Read what a Query or Scan has looked at: whole items, also those that its filter left out."""
        left_out = {"FilterExpression", "ProjectionExpression", "Select", "ReturnConsumedCapacity"}
        params = {name: value for name, value in body.items() if name not in left_out}
        used = set(re.findall(r"[#:]\w+", params.get("KeyConditionExpression", "")))
        for placeholders in ("ExpressionAttributeNames", "ExpressionAttributeValues"):
            params[placeholders] = {name: what for name, what in params.get(placeholders, {}).items() if name in used}
            if not params[placeholders]:
                del params[placeholders]
        send = self._client.query if operation == "Query" else self._client.scan
        items: list[Item] = send(**_with_bytes(params))["Items"]
        return items

    def _read(self, table: str, key: Item) -> Item:
        item: Item = self._client.get_item(TableName=table, Key=_with_bytes(key)).get("Item", {})
        return item

    def _key(self, table: str) -> list[str]:
        return [part["AttributeName"] for part in self._describe(table)["KeySchema"]]

    def _describe(self, table: str) -> Item:
        if table not in self._descriptions:
            self._descriptions[table] = self._client.describe_table(TableName=table)["Table"]
        return self._descriptions[table]


_CONSISTENT = {"ConsistentRead": True}


def _share(how: Item) -> float:
    return 1.0 if how.get("ConsistentRead") else 0.5


def _up(size: int, unit: int) -> int:
    return max(1, math.ceil(size / unit))


def _index_units(index: Item, old: Item, new: Item) -> int:
    """Return what an index costs when an item is written: it has a copy of those that have its key."""
    was, now = _copy_in(index, old), _copy_in(index, new)
    if was == now:
        return 0
    keys = [part["AttributeName"] for part in index["KeySchema"]]
    if was and now and any(was[key] != now[key] for key in keys):
        return _up(item_bytes(was), _WRITE_BYTES) + _up(item_bytes(now), _WRITE_BYTES)
    return _up(max(item_bytes(was), item_bytes(now)), _WRITE_BYTES)


def _copy_in(index: Item, item: Item) -> Item:
    if any(part["AttributeName"] not in item for part in index["KeySchema"]):
        return {}
    return item  # all indexes of these tables project ALL


def _consumed(table: str, parts: dict[str, float]) -> Item:
    return {
        "TableName": table,
        "CapacityUnits": sum(parts.values()),
        "Table": {"CapacityUnits": parts.get("", 0.0)},
        "GlobalSecondaryIndexes": {name: {"CapacityUnits": units} for name, units in parts.items() if name},
    }


def item_bytes(item: Item) -> int:
    """Return an item's size as DynamoDB counts it: names and values.

    https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/CapacityUnitCalculations.html
    """
    return sum(len(name.encode()) + _value_bytes(value) for name, value in item.items())


def _value_bytes(value: Item) -> int:
    ((letter, content),) = value.items()
    match letter:
        case "S" | "B":
            size = len(content.encode() if letter == "S" else content)
        case "N":
            size = math.ceil(len(content.strip("-0.").replace(".", "")) / 2) + 1
        case "SS" | "NS" | "BS":
            size = sum(_value_bytes({letter[0]: part}) for part in content)
        case "L":
            size = 3 + sum(1 + _value_bytes(part) for part in content)
        case "M":
            size = 3 + len(content) + item_bytes(content)
        case _:
            size = 1
    return size


def _with_bytes(params: Any) -> Any:
    """Return parameters as boto takes them: a request's body has binary values as base64 text."""
    if isinstance(params, dict):
        return {
            name: base64.b64decode(part) if name == "B" and isinstance(part, str) else _with_bytes(part)
            for name, part in params.items()
        }
    return [_with_bytes(part) for part in params] if isinstance(params, list) else params
