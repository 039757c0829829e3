"""Six tables, one for each kind of row.

The key of a table is the row's id and the id of what it belongs to. For each field that rows are looked up by there is
an index, named `<field>-index`.
"""

import functools
from collections.abc import Iterable, Mapping
from typing import Any

from pydantic import create_model

from dynamodb._config import table_name
from dynamodb._layout._base import Item, Key, KeyOnly, Layout, Place, Walk, name_fields
from models._fields import wire_alias
from models._kinds import KINDS, Kind
from models.tables import MODELS

#: https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Constraints.html
_KEY_BYTES = (2048, 1024)

#: The fields of each kind that are its primary key, the hash key first, with their limits in bytes.
_LIMITS = {kind: tuple(zip(name_fields(kind), _KEY_BYTES, strict=False)) for kind in KINDS}


class SixTables(Layout):
    """Each kind in its own table. A row is found by its id with a consistent query, others with its indexes."""

    # The key is composite: a condition on it holds for the pair of row and parent only.
    guards_ids = False

    def table(self, kind: Kind) -> str:
        return table_name(kind.key)

    def kind_of(self, table_name: str | None, key: Mapping[str, Any]) -> list[Kind]:
        if table_name is None:
            return [kind for kind in KINDS if set(name_fields(kind)) == set(key)]
        return [kind for kind in KINDS if self.table(kind) == table_name]

    def id_of(self, kind: Kind, key: Mapping[str, Any], item: Mapping[str, Any]) -> str | None:  # noqa: ARG002
        return _text(key.get(kind.id_field))

    def key(self, kind: Kind, row: Any) -> Key:
        value = row.__getitem__ if isinstance(row, Mapping) else lambda field: getattr(row, field)
        return {field: {"S": value(field)} for field, _ in _LIMITS[kind]}

    def key_names(self, kind: Kind) -> tuple[str, ...]:
        return name_fields(kind)

    def key_limits(self, kind: Kind) -> Iterable[tuple[str, int]]:
        return _LIMITS[kind]

    def key_schema(self, kind: Kind) -> type[Any]:
        return _key_schema(kind)

    def item(self, kind: Kind, fields: Item) -> Item:  # noqa: ARG002
        return fields

    def indexes(self, kind: Kind) -> int:
        return len(MODELS[kind.key]._get_schema()["global_secondary_indexes"])

    def can_hold(self, kind: Kind, fields: Mapping[str, Any]) -> bool:
        return all(fields.get(field) for field in name_fields(kind))

    def added(self, kind: Kind) -> frozenset[str]:  # noqa: ARG002
        return frozenset()

    def reserved(self, kind: Kind) -> frozenset[str]:  # noqa: ARG002
        return frozenset()

    def derived(self, kind: Kind, fields: Mapping[str, Any]) -> Mapping[str, Any]:  # noqa: ARG002
        return {}

    def companions(self, kind: Kind, item: Item) -> tuple[Item, ...]:  # noqa: ARG002
        return ()

    def companion_keys(self, kind: Kind, row: Any) -> tuple[Key, ...]:  # noqa: ARG002
        return ()

    def by_id(self, kind: Kind, row_id: str) -> Place:
        return Place(kind, self.table(kind), None, kind.id_field, row_id)

    def leads(self, row_id: str) -> None:  # noqa: ARG002
        return None

    def taken(self, kind: Kind, row_id: str) -> Place:
        return self.by_id(kind, row_id)

    def by_parent(self, kind: Kind, parent_id: str, project_id: str | None = None) -> Place:  # noqa: ARG002
        return self.by_field(kind, str(kind.parent_field), parent_id)

    def by_project(self, kind: Kind, project_id: str) -> Place:
        return self.by_field(kind, "project_id", project_id)

    def by_field(self, kind: Kind, field: str, value: str) -> Place:
        return Place(kind, self.table(kind), f"{field}-index", field, value)

    def pointed(self, place: Place, item: Item) -> Place:  # noqa: ARG002 - no item of these tables does
        return place

    def whole_project(self, project_id: str) -> None:  # noqa: ARG002
        return None

    def scan(self, kind: Kind, *, consistent: bool = False) -> dict[str, Any]:  # noqa: ARG002 - it always is
        return {"TableName": self.table(kind), "ConsistentRead": True}

    def walks(self) -> tuple[Walk, ...]:
        return tuple(Walk((kind,), self.scan(kind)) for kind in KINDS)

    def row_kind(self, walk: Walk, item: Item) -> Kind:  # noqa: ARG002
        return walk.kinds[0]

    def lead(self, item: Item) -> None:  # noqa: ARG002
        return None

    def names(self, kind: Kind, item: Item) -> tuple[str, ...]:
        return tuple(item[field]["S"] for field, _ in _LIMITS[kind])

    def is_page_key(self, place: Place, page_key: Any) -> bool:
        # The fields of the primary key and of the index; an index of an earlier deployment has no sort key.
        needed = {*name_fields(place.kind), place.hash_key}
        return (
            isinstance(page_key, dict)
            and needed <= page_key.keys() <= needed | {"created_at"}
            and all(isinstance(value, dict) and value.keys() == {"S"} for value in page_key.values())
            and all(isinstance(value["S"], str) and value["S"] for value in page_key.values())
            and page_key[place.hash_key]["S"] == place.value
        )


def _text(value: Any) -> str | None:
    return value.get("S") if isinstance(value, dict) else None


@functools.cache
def _key_schema(kind: Kind) -> type[Any]:
    fields: dict[str, Any] = dict.fromkeys(name_fields(kind), (str, ...))
    alias = {"alias_generator": wire_alias(kind.model)}
    return create_model(f"{kind.schema.__name__}Key", __base__=KeyOnly, __cls_kwargs__=alias, **fields)
