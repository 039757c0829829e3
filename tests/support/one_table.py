"""The one table of the single-table layout, seen as if its rows were in six: its keys once more, by hand."""

from collections.abc import Iterable
from contextlib import suppress
from datetime import UTC, datetime
from typing import Any

from support.tables import LEVELS, SINGLE, SIX, definition
from support.world import Item, World, to_item

LETTERS = {"user_flows": "FLOW", "high_level_requirements": "HLR", "low_level_requirements": "LLR", "test_cases": "TC"}
OWN = {"pk", "sk", "item_type", "project_name"}


class SingleTableWorld(World):
    """The table. What is put is put as the layout has it, what is read is given as a row of one of the six."""

    items_of_a_node, reads_of_a_tree = 2, 1
    delete_operation = "TransactWriteItems"

    def __init__(self, client: Any, prefix: str) -> None:
        super().__init__(client, prefix, SIX)
        self.name = prefix.rstrip("-")
        #: In which partition a row of an id was put last: one that does not say its project lies by its parent.
        self.partitions: dict[str, str] = {}

    def table(self, key: str) -> str:
        return self.name

    def make_tables(self) -> None:
        self.client.create_table(**definition(self.name, SINGLE["vishmaker"]))

    def drop_tables(self) -> None:
        with suppress(self.client.exceptions.ResourceNotFoundException):
            self.client.delete_table(TableName=self.name)

    def put(self, key: str, **fields: Any) -> Item:
        item = self.new_item(fields)
        self.put_items(key, [item])
        return item

    def put_items(self, key: str, items: Iterable[Item]) -> None:
        # Two rows of one key, or of one id, are one item here: the last one stays.
        made = [one for item in items for one in self._stored(key, item)]
        super().put_items(key, list({(one["pk"]["S"], one["sk"]["S"]): one for one in made}.values()))

    def _stored(self, key: str, item: Item) -> list[Item]:
        row_id = item.get("uiid") or item.get("id")
        partition = self.partitions.get(item.get("parent_uiid", {}).get("S", ""))
        made = stored(key, item, partition)
        if row_id:
            self.partitions[row_id["S"]] = made[0]["pk"]["S"]
        return made

    def own_attributes(self, key: str, item: Item) -> Item:
        return {name: value for name, value in stored(key, item)[0].items() if name not in item}

    def plain_key(self, key: str, **row_key: str) -> dict[str, str]:
        [row] = stored(key, to_item({**row_key, "name": "any"}))
        return {part: row[part]["S"] for part in ("pk", "sk")}

    def delete(self, key: str, item: Item) -> None:
        """Delete a row, and what leads to it."""
        row, *leads = self._items_of(key, item)
        for one in (row, *leads):
            self.client.delete_item(TableName=self.name, Key={part: one[part] for part in ("pk", "sk")})

    def _items_of(self, key: str, item: Item) -> list[Item]:
        """The items of a row, wherever it lies."""
        items = self._items()
        wanted = {**item, "item_type": {"S": key}}.items()
        row = next((one for one in items if wanted <= one.items()), None)
        if row is None:
            return self._stored(key, item)
        return [row, *(one for one in items if (one.get("row_pk"), one.get("row_sk")) == (row["pk"], row["sk"]))]

    def get(self, key: str, **row_key: str) -> Item | None:
        wanted = to_item(row_key).items()
        return next((row for row in self.rows(key) if wanted <= row.items()), None)

    def rows(self, key: str) -> list[Item]:
        return self._rows(self._items(), key)

    def levels(self) -> dict[str, list[Item]]:
        items = self._items()
        return {key: self._rows(items, key) for key in LEVELS}

    def _rows(self, items: list[Item], key: str) -> list[Item]:
        rows = [
            {name: value for name, value in item.items() if name not in OWN}
            for item in items
            if item["item_type"]["S"] == key
        ]
        return sorted(rows, key=lambda item: [item[part]["S"] for part in self.shapes[key].key])

    def loose_ends(self, *, finished: bool = True) -> list[str]:
        items = {(item["pk"]["S"], item["sk"]["S"]): item for item in self._items()}
        found = []
        for (pk, sk), item in items.items():
            if pk.startswith("ID#"):
                row = items.get((item["row_pk"]["S"], item["row_sk"]["S"]), {})
                if row.get("item_type") != {"S": sk} or row.get("uiid") != {"S": pk[3:]}:
                    found.append(f"{pk} leads to no {sk}")
            elif finished and "uiid" in item and ("ID#" + item["uiid"]["S"], item["item_type"]["S"]) not in items:
                found.append(f"nothing leads to {item['uiid']['S']}")
            if item.get("project_name") != (item.get("name") if sk == "#PROJECT" else None):
                found.append(f"{pk} {sk} has a wrong project_name")
        return found

    def _items(self) -> list[Item]:
        pages = self.client.get_paginator("scan").paginate(TableName=self.name, ConsistentRead=True)
        return [item for page in pages for item in page["Items"]]


def stored(key: str, item: Item, partition: str | None = None) -> list[Item]:
    """The items that a row is in the one table: itself, and for a node the one that leads to it.

    A row that does not say its project lies in the partition that is given.
    """
    if key == "projects":
        named = {"project_name": item["name"]} if "name" in item else {}
        return [{**item, **_own(key, f"P#{item['id']['S']}", "#PROJECT"), **named}]
    if key == "waitlist":
        return [{**item, **_own(key, f"W#{item['email']['S']}", "WAITLIST")}]
    project_id = item.get("project_id", {}).get("S")
    partition = f"P#{project_id}" if project_id else partition or "P#unknown"
    parent = item["project_id" if key == "user_flows" else "parent_uiid"]["S"]
    sk = f"{LETTERS[key]}#{_escaped(parent)}#{_moment(item['created_at']['S'])}#{_escaped(item['uiid']['S'])}"
    row = {**item, **_own(key, partition, sk)}
    of_id = {"pk": {"S": f"ID#{item['uiid']['S']}"}, "sk": {"S": key}, "item_type": {"S": "id"}}
    return [row, {**of_id, "row_pk": row["pk"], "row_sk": row["sk"]}]


def _own(key: str, pk: str, sk: str) -> Item:
    return to_item({"pk": pk, "sk": sk, "item_type": key})


def _moment(text: str) -> str:
    try:
        given = datetime.fromisoformat(text)
    except ValueError:
        return _escaped(text)
    return given.replace(tzinfo=given.tzinfo or UTC).astimezone(UTC).isoformat(timespec="microseconds")


def _escaped(text: str) -> str:
    assert len(text.encode()) <= 256, "longer ones are digests"
    return text.replace("%", "%25").replace("#", "%23")
