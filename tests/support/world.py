"""One test's six tables on the engine, filled and looked at with a plain client, not with the code under test."""

import itertools
from collections.abc import Iterable, Mapping
from contextlib import suppress
from typing import Any

from support.tables import LEVELS, SIX, Shape, definition

Item = dict[str, dict[str, Any]]

_moments = itertools.count(1)


def text_time(number: int | None = None) -> str:
    """A timestamp as rows hold it; later calls give later ones."""
    number = next(_moments) if number is None else number
    seconds, micros = divmod(number, 1_000_000)
    return f"2025-01-01T00:00:{seconds:02d}.{micros:06d}+00:00"


def to_item(fields: Mapping[str, Any]) -> Item:
    """Plain text and whole numbers as DynamoDB's JSON; `None` is left out, a dictionary stays as it is."""

    def value(given: Any) -> dict[str, Any]:
        if isinstance(given, dict):
            return given
        return {"N": str(given)} if isinstance(given, int) else {"S": given}

    return {name: value(given) for name, given in fields.items() if given is not None}


class World:
    """The tables.

    Args:
        client: A plain botocore client.
        prefix: What the table names start with.
        shapes: Keys and indexes, where they are not those of the design.
    """

    #: How many items are written for one row below a project, and how many requests read a tree.
    items_of_a_node, reads_of_a_tree = 1, 5
    #: The request that deletes one row below a project.
    delete_operation = "DeleteItem"

    def __init__(self, client: Any, prefix: str, shapes: Mapping[str, Shape] = SIX) -> None:
        self.client = client
        self.prefix = prefix
        self.shapes = shapes

    def table(self, key: str) -> str:
        """The name of a table by its key in `TABLE_NAMES`."""
        return self.prefix + key.replace("_", "-")

    def make_tables(self) -> None:
        for key, shape in self.shapes.items():
            self.client.create_table(**definition(self.table(key), shape))

    def drop_tables(self) -> None:
        for key in self.shapes:
            with suppress(self.client.exceptions.ResourceNotFoundException):  # the test itself may have deleted it
                self.client.delete_table(TableName=self.table(key))

    def put(self, key: str, **fields: Any) -> Item:
        """Put one row; its times and version are made up where they are not given (`None` leaves one out)."""
        item = self.new_item(fields)
        self.client.put_item(TableName=self.table(key), Item=item)
        return item

    @staticmethod
    def new_item(fields: Mapping[str, Any]) -> Item:
        """A row from what a test says of it, its times and version made up where it does not."""
        return to_item({"created_at": text_time(), "version": 1, **fields})

    def put_items(self, key: str, items: Iterable[Item]) -> None:
        """Put many rows as they are."""
        waiting = [{"PutRequest": {"Item": item}} for item in items]
        for start in range(0, len(waiting), 25):
            self.client.batch_write_item(RequestItems={self.table(key): waiting[start : start + 25]})

    def get(self, key: str, **row_key: str) -> Item | None:
        """One row by its whole primary key."""
        answer = self.client.get_item(TableName=self.table(key), Key=to_item(row_key), ConsistentRead=True)
        return answer.get("Item")

    def own_attributes(self, key: str, item: Item) -> Item:
        """What an item has beside its row's attributes."""
        return {}

    def plain_key(self, key: str, **row_key: str) -> dict[str, str]:
        """A primary key as the facade takes it."""
        return row_key

    def delete(self, key: str, item: Item) -> None:
        """Delete one row."""
        row_key = {part: item[part] for part in self.shapes[key].key}
        self.client.delete_item(TableName=self.table(key), Key=row_key)

    def loose_ends(self, *, finished: bool = True) -> list[str]:
        """What of the items beside the rows does not go with them; in six tables there are none."""
        return []

    def rows(self, key: str) -> list[Item]:
        """All rows of a table, by their keys."""
        pages = self.client.get_paginator("scan").paginate(TableName=self.table(key), ConsistentRead=True)
        found = [item for page in pages for item in page["Items"]]
        return sorted(found, key=lambda item: [item[part]["S"] for part in self.shapes[key].key])

    def levels(self) -> dict[str, list[Item]]:
        """All rows of the hierarchy by table."""
        return {key: self.rows(key) for key in LEVELS}

    def counts(self) -> tuple[int, ...]:
        """How many rows each level has, from the root down."""
        return tuple(len(rows) for rows in self.levels().values())


class Hierarchy:
    """A project with one row on each level below, put with the plain client.

    Attributes:
        project, flow, hlr, llr, test: the ids of its rows.
    """

    def __init__(self, world: World, name: str = "p", user_id: str = "ada", **project: Any) -> None:
        self.project, self.flow, self.hlr, self.llr, self.test = (
            f"{name}-{level}" for level in ("project", "flow", "hlr", "llr", "test")
        )
        world.put("projects", id=self.project, user_id=user_id, name=name, **{"tree_format": 1, **project})
        world.put("user_flows", uiid=self.flow, project_id=self.project, name="flow")
        below = {"project_id": self.project}
        world.put("high_level_requirements", uiid=self.hlr, parent_uiid=self.flow, name="hlr", **below)
        world.put("low_level_requirements", uiid=self.llr, parent_uiid=self.hlr, name="llr", **below)
        world.put("test_cases", uiid=self.test, parent_uiid=self.llr, name="test", **below)

    @property
    def ids(self) -> dict[str, str]:
        """The id on each level, by table."""
        return dict(zip(LEVELS, (self.project, self.flow, self.hlr, self.llr, self.test), strict=True))
