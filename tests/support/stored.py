"""The six tables through a plain client: rows put in as any writer may leave them, and everything that is there."""

from typing import Any

import dynamodb
from models._kinds import HIERARCHY, KINDS, Kind

Item = dict[str, Any]

LONG_AGO = "2024-01-01T00:00:00.000000+00:00"

KIND_OF = {kind.key: kind for kind in KINDS}


def wire(**fields: Any) -> Item:
    """DynamoDB's JSON of some fields: text as S, whole numbers as N; dictionaries are taken as they are."""
    item = {}
    for name, value in fields.items():
        if isinstance(value, dict):
            item[name] = value
        elif isinstance(value, int):
            item[name] = {"N": str(value)}
        elif value is not None:
            item[name] = {"S": value}
    return item


def project(project_id: str, user_id: str = "ann", **fields: Any) -> Item:
    """A project as this layer writes it."""
    base = {"name": project_id, "created_at": LONG_AGO, "updated_at": LONG_AGO, "version": 1, "tree_format": 1}
    return wire(id=project_id, user_id=user_id, **{**base, **fields})


def node(kind: Kind, uiid: str, parent_id: str, project_id: str | None = None, **fields: Any) -> Item:
    """A row below a project as this layer writes it."""
    base = {"name": uiid, "created_at": LONG_AGO, "updated_at": LONG_AGO, "version": 1, "project_id": project_id}
    return wire(**{**base, "uiid": uiid, str(kind.parent_field): parent_id, **fields})


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


class Tables:
    """The six tables as they are configured, through a client that is not the one under test."""

    def __init__(self, client: Any) -> None:
        self.client = client

    def put(self, table: str, *items: Item) -> None:
        """Put items over whatever is there."""
        for item in items:
            self.client.put_item(TableName=dynamodb.TABLE_NAMES[table], Item=item)

    def put_all(self, *groups: dict[str, list[Item]]) -> None:
        """Put items by table."""
        for group in groups:
            for table, items in group.items():
                self.put(table, *items)

    def delete(self, table: str, item: Item) -> None:
        """Delete an item, given as a whole."""
        self.client.delete_item(TableName=dynamodb.TABLE_NAMES[table], Key=key_of(table, item))

    def get(self, table: str, *names: str) -> Item | None:
        """An item by the values of its primary key."""
        fields = key_fields(table)
        key = {field: {"S": name} for field, name in zip(fields, names, strict=True)}
        found: Item | None = self.client.get_item(
            TableName=dynamodb.TABLE_NAMES[table], Key=key, ConsistentRead=True
        ).get("Item")
        return found

    def all(self, table: str) -> list[Item]:
        """Everything in a table, by key."""
        pages = self.client.get_paginator("scan").paginate(TableName=dynamodb.TABLE_NAMES[table], ConsistentRead=True)
        items = [item for page in pages for item in page["Items"]]
        return sorted(items, key=lambda item: [item[field]["S"] for field in key_fields(table)])

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


def key_fields(table: str) -> tuple[str, ...]:
    """The fields of a table's primary key."""
    kind = KIND_OF[table]
    return (kind.id_field, kind.parent_field) if kind.parent_field else (kind.id_field,)


def key_of(table: str, item: Item) -> Item:
    """The primary key of an item."""
    return {field: item[field] for field in key_fields(table)}
