"""The other layout's part of a write, while every write goes to both (`DYNAMODB_DUAL_WRITE`). Pure.

The layout that is configured decides: conditions are asked there, and what holds there is written here unconditionally.
A row that the other layout cannot hold, as it has no key there, is written in the one alone.
"""

from collections.abc import Mapping
from typing import Any

from dynamodb import _layout
from models._kinds import Kind

Params = dict[str, Any]


def items(kind: Kind, item: Mapping[str, Any]) -> list[Params]:
    """Return a row as the other layout has it, with the items that belong to it; nothing where there is none."""
    twin = _layout.twin()
    if twin is None:
        return []
    fields = _layout.current().fields(kind, dict(item))
    if not twin.can_hold(kind, {name: value.get("S") for name, value in fields.items()}):
        return []
    own = twin.item(kind, fields)
    return [own, *twin.companions(kind, own)]


def puts(kind: Kind, item: Mapping[str, Any]) -> list[Params]:
    """Build the Puts of a row in the other layout."""
    twin = _layout.twin()
    return [{"TableName": twin.table(kind), "Item": one} for one in items(kind, item)] if twin else []


def deletes(kind: Kind, row: Any, *, alone: bool = False) -> list[Params]:
    """Build the Deletes of a row in the other layout.

    Args:
        kind: the row's kind.
        row: an object with what its deletion needs.
        alone: without the items that belong to it: another row takes them over.
    """
    twin = _layout.twin()
    if twin is None or not twin.can_hold(kind, vars(row)):
        return []
    own = twin.key(kind, row)
    return [
        {"TableName": twin.table(kind), "Key": key} for key in (own, *(() if alone else twin.companion_keys(kind, row)))
    ]
