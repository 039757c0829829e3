"""What it costs to write a row, before it is written."""

import math

from dynamodb import _layout, _requests
from dynamodb._requests import Item
from models._kinds import Kind


def write_units(kind: Kind, item: Item) -> int:
    """Return what it costs to write a new row: 1 for each KB begun, in the table and in each index that shows it.

    The items that belong to it are written too, and are in no index. In a transaction it is twice as much.

    Args:
        kind: the row's kind.
        item: as it is stored.
    """
    layout = _layout.current()
    belonging = sum(map(units_of, layout.companions(kind, item)))
    return units_of(item) * (1 + layout.indexes(kind)) + belonging


def units_of(item: Item) -> int:
    """Return the write units of an item in one table: 1 for each KB begun."""
    return math.ceil(_requests.item_size(item) / 1024)
