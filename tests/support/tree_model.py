"""The hierarchy in memory: what the data layer must show, told without anything of it but its schemas."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from models._kinds import HIERARCHY
from support.trees import nodes
from support.world import Item

#: A row's level, from 0 for projects, and its id.
Key = tuple[int, str]


@dataclass
class Row:
    """A row that was acknowledged, or was seen after an interruption."""

    level: int
    id: str
    parent: str
    name: str
    text: str | None
    version: int
    created_at: datetime

    @property
    def key(self) -> Key:
        return self.level, self.id


def row_of(level: int, seen: Any) -> Row:
    """A row as the data layer returned it."""
    kind = HIERARCHY[level]
    text = seen.initial_prompt if level == 0 else seen.description
    parent = kind.parent_of(seen)
    return Row(level, kind.id_of(seen), parent, seen.name, text, seen.version, seen.created_at)


def rows_of(tree: Any, level: int) -> list[Row]:
    """The rows of a tree that the data layer returned, a parent before its children, siblings in their order."""
    levels = {kind.key: number for number, kind in enumerate(HIERARCHY)}
    return [row_of(levels[key], row) for key, row in nodes(tree, level)]


def stored_row(level: int, item: Item) -> Row:
    """A row as a plain client sees it."""
    kind = HIERARCHY[level]
    plain = {name: value.get("S") or value.get("N") or "" for name, value in item.items()}
    return Row(
        level,
        plain[kind.id_field],
        plain[str(kind.parent_field)],
        plain["name"],
        plain.get("description" if level else "initial_prompt"),
        int(plain["version"]),
        datetime.fromisoformat(plain["created_at"]),
    )


@dataclass
class Model:
    """All rows that are shown, and the keys of those that once were."""

    rows: dict[Key, Row] = field(default_factory=dict)
    gone: dict[Key, None] = field(default_factory=dict)

    def add(self, rows: Iterable[Row]) -> None:
        for row in rows:
            assert row.key not in self.rows, f"{row.key} is there twice"
            self.rows[row.key] = row
            self.gone.pop(row.key, None)

    def remove(self, key: Key) -> None:
        for row in list(self.below(key)):
            del self.rows[row.key]
            self.gone[row.key] = None

    def on(self, level: int) -> list[Row]:
        """The rows of a level in the order they were created."""
        return sorted((row for row in self.rows.values() if row.level == level), key=lambda row: row.created_at)

    def children(self, key: Key) -> list[Row]:
        return [row for row in self.on(key[0] + 1) if row.parent == key[1]]

    def below(self, key: Key) -> Iterator[Row]:
        """A row and all under it, a parent before its children, siblings in the order they were created."""
        yield self.rows[key]
        for child in self.children(key):
            yield from self.below(child.key)

    def outline(self, key: Key) -> Any:
        """What a person sees of a row and all under it, as `support.trees.outline` tells it."""
        row = self.rows[key]
        return (row.name, row.text, [self.outline(child.key) for child in self.children(key)])

    def project_of(self, key: Key) -> Row:
        row = self.rows[key]
        while row.level:
            row = self.rows[row.level - 1, row.parent]
        return row

    def projects(self, owner: str) -> list[Row]:
        return [row for row in self.on(0) if row.parent == owner]
