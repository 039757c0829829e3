"""What it costs to write a row, before it is written."""

import functools
import math
from collections.abc import Iterable

from dynamodb import _layout, _requests, _tables
from dynamodb._config import TABLE_NAMES
from dynamodb._requests import Item
from models._kinds import Kind


def write_units(kind: Kind, item: Item) -> int:
    """Return what it costs to write a new row: 1 for each KB begun, in the table and in each index that shows it.

    The items that belong to it are written too. What DynamoDB reports can be more, where it goes in a transaction.

    Args:
        kind: the row's kind.
        item: as it is stored.
    """
    layout = _layout.current()
    indexes = _indexes(layout.table(kind))
    return sum(_units(one, indexes) for one in (item, *layout.companions(kind, item)))


def _units(item: Item, indexes: Iterable[frozenset[str]]) -> int:
    return math.ceil(_requests.item_size(item) / 1024) * (1 + sum(keys <= item.keys() for keys in indexes))


@functools.cache
def _indexes(table: str) -> list[frozenset[str]]:
    """Return the key of each index: an item without one of its attributes is not in it."""
    definitions = (_tables.definition(key) for key in TABLE_NAMES)
    made = next(one for one in definitions if one["TableName"] == table)
    return [frozenset(part["AttributeName"] for part in index["KeySchema"]) for index in made["GlobalSecondaryIndexes"]]
