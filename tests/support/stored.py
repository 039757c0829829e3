"""Whole items as this layer writes them, and all that is in the tables, for tests that compare item by item."""

from typing import Any

from models._kinds import HIERARCHY, KINDS, Kind
from support.world import Item, World, to_item

LONG_AGO = "2024-01-01T00:00:00.000000+00:00"

KIND_OF = {kind.key: kind for kind in KINDS}


def project(project_id: str, user_id: str = "ann", **fields: Any) -> Item:
    """A project."""
    base = {"name": project_id, "created_at": LONG_AGO, "updated_at": LONG_AGO, "version": 1, "tree_format": 1}
    return to_item({"id": project_id, "user_id": user_id, **base, **fields})


def node(kind: Kind, uiid: str, parent_id: str, project_id: str | None = None, **fields: Any) -> Item:
    """A row below a project."""
    base = {"name": uiid, "created_at": LONG_AGO, "updated_at": LONG_AGO, "version": 1, "project_id": project_id}
    return to_item({**base, "uiid": uiid, str(kind.parent_field): parent_id, **fields})


def branch(project_id: str, prefix: str | None = None, **fields: Any) -> dict[str, list[Item]]:
    """A project with one row on each level below it, by table; ids are made of the prefix and the level."""
    prefix = prefix or project_id
    items = {"projects": [project(project_id, **fields)]}
    parent_id = project_id
    for kind in HIERARCHY[1:]:
        uiid = f"{prefix}-{kind.key}"
        items[kind.key] = [node(kind, uiid, parent_id, project_id)]
        parent_id = uiid
    return items


def key_fields(table: str) -> tuple[str, ...]:
    """The fields of a table's primary key."""
    kind = KIND_OF[table]
    return (kind.id_field, kind.parent_field) if kind.parent_field else (kind.id_field,)


def key_of(table: str, item: Item) -> Item:
    """The primary key of an item."""
    return {field: item[field] for field in key_fields(table)}


def names_of(table: str, item: Item) -> tuple[str, ...]:
    """The values of an item's primary key."""
    return tuple(value["S"] for value in key_of(table, item).values())


class Tables:
    """The tables of a world, item by item."""

    def __init__(self, world: World) -> None:
        self.world = world

    def put(self, table: str, *items: Item) -> None:
        """Put items over whatever is there."""
        self.world.put_items(table, items)

    def put_all(self, *groups: dict[str, list[Item]]) -> None:
        """Put items by table."""
        for group in groups:
            for table, items in group.items():
                self.put(table, *items)

    def delete(self, table: str, item: Item) -> None:
        """Delete an item."""
        self.world.delete(table, item)

    def get(self, table: str, *names: str) -> Item | None:
        """An item by the values of its primary key."""
        return self.world.get(table, **dict(zip(key_fields(table), names, strict=True)))

    def all(self, table: str) -> list[Item]:
        """Everything in a table, by key."""
        return self.world.rows(table)

    def everything(self) -> dict[str, list[Item]]:
        """Everything in all six tables."""
        return {table: self.all(table) for table in KIND_OF}

    def restore(self, wanted: dict[str, list[Item]]) -> None:
        """Make the tables hold just this."""
        for table, there in self.everything().items():
            for item in there:
                if item not in wanted.get(table, []):
                    self.delete(table, item)
            self.put(table, *(item for item in wanted.get(table, []) if item not in there))
