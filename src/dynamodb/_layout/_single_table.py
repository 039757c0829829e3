"""One table: a project and everything under it in one partition, and an index only for what needs one.

| item | `pk` | `sk` |
|---|---|---|
| project | `P#<id>` | `#PROJECT` |
| node | `P#<project>` | `<level>#<parent>#<created_at>#<uiid>` |
| id of a node | `ID#<uiid>` | the node's `item_type` |
| waitlist entry | `W#<email>` | `WAITLIST` |

So a query of a partition is a whole tree, project first; one for sort keys that begin with `<level>#<parent>#` is the
children of a row in the order they were created; and a node whose uiid is all that is known is found by way of its id
item. A node's id item is written and deleted in the transaction of the node. Where batches are written it comes after
the node, and goes before it: so there is never one that leads nowhere.
"""

import functools
import hashlib
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from pydantic import AliasGenerator, AliasPath, create_model

from dynamodb._config import ONE_TABLE, table_name
from dynamodb._layout._base import Item, Key, KeyOnly, Layout, Lead, Place, Walk, name_fields
from models._fields import wire_alias
from models._kinds import (
    HIGH_LEVEL_REQUIREMENT,
    KINDS,
    LOW_LEVEL_REQUIREMENT,
    PROJECT,
    TEST_CASE,
    USER_FLOW,
    WAITLIST,
    Kind,
    parent_kind,
)
from models._values import format_timestamp, parse_timestamp

#: The fields of the primary key.
PK, SK = "pk", "sk"
TYPE = "item_type"
#: A project's name once more: nodes have a `name`, too, and shall not be in the index of names.
PROJECT_NAME = "project_name"

_ADDED = frozenset({PK, SK, TYPE})
_PROJECT_ADDED = _ADDED | {PROJECT_NAME}
#: With the keys of the indexes: they have rows of one kind alone.
_RESERVED = _PROJECT_ADDED | {"user_id", "status"}

_LEVEL = {USER_FLOW: "FLOW", HIGH_LEVEL_REQUIREMENT: "HLR", LOW_LEVEL_REQUIREMENT: "LLR", TEST_CASE: "TC"}
#: Sorts before every level, so that a project's own row is the first of its partition.
_PROJECT_SK = "#PROJECT"
_WAITLIST_SK = "WAITLIST"
#: How many `#` the sort key of a node has.
_NODE_PARTS = 3

#: A part of a sort key that is longer is replaced by its digest: two parts, a time and a level fit in 1024 bytes.
_MAX_PART_BYTES = 256
#: No text of so few characters is longer than that, escaped or not.
_SURELY_SHORT = _MAX_PART_BYTES // 4
_TIMESTAMP_LENGTH = len("2025-08-25T02:07:57.123456+00:00")

#: What a sort key begins with, up to the first `#`, says what the row is.
_OF_LEVEL = {**{level: kind for kind, level in _LEVEL.items()}, "": PROJECT, _WAITLIST_SK: WAITLIST}


def part(text: str) -> str:
    """Write an id as a part of a sort key: no other id gives the same part, and no part has a `#` in it.

    `%` and `#` are escaped, as in a URL. A long id is `%=` and a digest of 256 bits; no escape begins like that.
    """
    escaped = text
    if "%" in text or "#" in text:
        escaped = text.replace("%", "%25").replace("#", "%23")
    if len(text) > _SURELY_SHORT and len(escaped.encode("utf-8", "surrogatepass")) > _MAX_PART_BYTES:
        return "%=" + hashlib.blake2b(text.encode("utf-8", "surrogatepass"), digest_size=32).hexdigest()
    return escaped


def _moment(value: str | datetime) -> str:
    """Write a time as sort keys have it, whichever spelling an earlier writer gave it."""
    if isinstance(value, datetime):
        return format_timestamp(value)
    if len(value) == _TIMESTAMP_LENGTH and value.endswith("+00:00"):
        return value
    try:
        return format_timestamp(parse_timestamp(value))
    except ValueError:
        return part(value)


class SingleTable(Layout):
    """All kinds in one table."""

    guards_ids = True

    def table(self, kind: Kind) -> str:  # noqa: ARG002
        return table_name(ONE_TABLE)

    def kind_of(self, table_name: str | None, key: Mapping[str, Any]) -> list[Kind]:
        is_here = (
            set(key) == {PK, SK} and all(map(_is_text, key.values())) and table_name in {None, self.table(PROJECT)}
        )
        if not is_here or key[PK]["S"].startswith("ID#"):
            return []
        level, _, _ = key[SK]["S"].partition("#")
        return [_OF_LEVEL[level]] if level in _OF_LEVEL else []

    def id_of(self, kind: Kind, key: Mapping[str, Any], item: Mapping[str, Any]) -> str | None:
        if _is_text(item.get(kind.id_field)):
            return str(item[kind.id_field]["S"])
        if kind not in _LEVEL:
            return str(key[PK]["S"]).split("#", 1)[1]
        return _unescaped(str(key[SK]["S"]).rsplit("#", 1)[1])

    def key(self, kind: Kind, row: Any) -> Key:
        known = getattr(row, SK, None)
        if known is not None:
            return {PK: {"S": row.pk}, SK: {"S": known}}
        value = row.__getitem__ if isinstance(row, Mapping) else lambda field: getattr(row, field)
        return _key(kind, value)

    def key_names(self, kind: Kind) -> tuple[str, ...]:  # noqa: ARG002
        return PK, SK

    def key_limits(self, kind: Kind) -> Iterable[tuple[str, int]]:  # noqa: ARG002
        # An id of 255 characters is shorter than a hash key may be, and parts of a sort key are made short.
        return ()

    def key_schema(self, kind: Kind) -> type[Any]:
        return _key_schema(kind)

    def item(self, kind: Kind, fields: Item) -> Item:
        key = _key(kind, lambda field: fields[field]["S"])
        item = {**fields, **key, TYPE: {"S": kind.key}}
        if kind is PROJECT and "name" in fields:
            item[PROJECT_NAME] = fields["name"]
        return item

    def indexes(self, kind: Kind) -> int:
        return {PROJECT: 2, WAITLIST: 1}.get(kind, 0)  # the indexes are sparse

    def can_hold(self, kind: Kind, fields: Mapping[str, Any]) -> bool:
        needed = (*name_fields(kind), *(("project_id", "created_at") if kind in _LEVEL else ()))
        return all(fields.get(field) for field in needed)

    def added(self, kind: Kind) -> frozenset[str]:
        return _PROJECT_ADDED if kind is PROJECT else _ADDED

    def reserved(self, kind: Kind) -> frozenset[str]:
        return _RESERVED - set(kind.schema.model_fields)

    def derived(self, kind: Kind, fields: Mapping[str, Any]) -> Mapping[str, Any]:
        return {PROJECT_NAME: fields["name"]} if kind is PROJECT and "name" in fields else {}

    def companions(self, kind: Kind, item: Item) -> tuple[Item, ...]:
        if kind not in _LEVEL:
            return ()
        own = _id_key(kind, item[kind.id_field]["S"])
        return ({**own, TYPE: {"S": "id"}, "row_pk": item[PK], "row_sk": item[SK]},)

    def companion_keys(self, kind: Kind, row: Any) -> tuple[Key, ...]:
        return (_id_key(kind, kind.id_of(row)),) if kind in _LEVEL else ()

    def by_id(self, kind: Kind, row_id: str) -> Place:
        if kind in _LEVEL:
            return self._place(kind, "", pointer=_id_key(kind, row_id))
        pk, sk = (part["S"] for part in _key(kind, {kind.id_field: row_id}.__getitem__).values())
        return self._place(kind, pk, sk, exactly=True)

    def leads(self, row_id: str) -> Place:
        return self._place(USER_FLOW, f"ID#{row_id}")

    def taken(self, kind: Kind, row_id: str) -> Place:
        if kind not in _LEVEL:
            return self.by_id(kind, row_id)
        return self._place(kind, f"ID#{row_id}", kind.key, exactly=True)

    def by_parent(self, kind: Kind, parent_id: str, project_id: str | None = None) -> Place:
        if kind is PROJECT:
            return self.by_field(kind, "user_id", parent_id)
        begins = f"{_LEVEL[kind]}#{part(parent_id)}#"
        above = parent_kind(kind)
        if above is PROJECT or project_id is not None:
            return self._place(kind, _partition(project_id or parent_id), begins)
        return self._place(kind, "", begins, pointer=_id_key(above, parent_id))

    def by_project(self, kind: Kind, project_id: str) -> Place:
        # Flows have one parent; the rows of the other levels lie by their parents.
        return self._place(kind, _partition(project_id), f"{_LEVEL[kind]}#", in_order=kind is USER_FLOW)

    def by_field(self, kind: Kind, field: str, value: str) -> Place:
        hash_key = PROJECT_NAME if field == "name" else field
        return Place(kind, self.table(kind), f"{field}-index", hash_key, value)

    def pointed(self, place: Place, item: Item) -> Place:
        return place.at(item["row_pk"]["S"], None if place.begins else item["row_sk"]["S"])

    def whole_project(self, project_id: str) -> Place:
        return self._place(PROJECT, _partition(project_id), type_field=TYPE)

    def scan(self, kind: Kind, *, consistent: bool = False) -> dict[str, Any]:
        if kind is WAITLIST and not consistent:
            # The index has nothing but entries: of the table, every project would be read, too.
            return {"TableName": self.table(kind), "IndexName": "status-index"}
        return {
            "TableName": self.table(kind),
            "ConsistentRead": True,
            "FilterExpression": "#type = :type",
            "ExpressionAttributeNames": {"#type": TYPE},
            "ExpressionAttributeValues": {":type": {"S": kind.key}},
        }

    def walks(self) -> tuple[Walk, ...]:
        return (Walk(KINDS, {"TableName": self.table(PROJECT), "ConsistentRead": True}),)

    def row_kind(self, walk: Walk, item: Item) -> Kind | None:
        key = {part: item[part] for part in (PK, SK)}
        kind = next(iter(self.kind_of(walk.params["TableName"], key)), None)
        begins = "W#" if kind is WAITLIST else _partition("")
        is_whole = kind not in _LEVEL or key[SK]["S"].count("#") == _NODE_PARTS
        return kind if is_whole and key[PK]["S"].startswith(begins) else None

    def lead(self, item: Item) -> Lead | None:
        pk, sk = item[PK]["S"], item[SK]["S"]
        kind = next((kind for kind in _LEVEL if kind.key == sk), None)
        if kind is None or not pk.startswith("ID#"):
            return None
        key = {PK: item.get("row_pk", {}), SK: item.get("row_sk", {})}
        return Lead(kind, pk.removeprefix("ID#"), key if all(map(_is_text, key.values())) else None)

    def names(self, kind: Kind, item: Item) -> tuple[str, ...]:
        fields = name_fields(kind)
        if all(_is_text(item.get(field)) for field in fields):
            return tuple(item[field]["S"] for field in fields)
        of_key = self._names_in_key(kind, {part: item[part] for part in (PK, SK)}, item)
        return tuple(item[field]["S"] if _is_text(item.get(field)) else of_key.get(field) or "" for field in fields)

    def _names_in_key(self, kind: Kind, key: Key, item: Item) -> dict[str, str | None]:
        names = {kind.id_field: self.id_of(kind, key, item)}
        if kind is USER_FLOW:
            names["project_id"] = key[PK]["S"].removeprefix(_partition(""))
        elif kind in _LEVEL:
            names["parent_uiid"] = _unescaped(key[SK]["S"].split("#")[1])
        return names

    def is_page_key(self, place: Place, page_key: Any) -> bool:
        if not isinstance(page_key, dict) or not all(map(_is_text, page_key.values())):
            return False
        values = {name: value["S"] for name, value in page_key.items()}
        if not place.in_order:
            return values.keys() == {"created_at", place.kind.id_field} and _is_moment(values["created_at"])
        if place.index:
            needed = {PK, SK, place.hash_key, "created_at"}
            return values.keys() == needed and values[place.hash_key] == place.value
        known = place.value or "P#"
        return (
            values.keys() == {PK, SK}
            and (values[PK].startswith(known) if place.pointer else values[PK] == known)
            and values[SK].startswith(place.begins)
        )

    def _place(self, kind: Kind, value: str, begins: str = "", **more: Any) -> Place:
        return Place(kind, self.table(kind), None, PK, value, SK, begins, **more)


def _unescaped(part: str) -> str | None:
    """Read a part of a sort key; of a long id it has a digest only."""
    return None if part.startswith("%=") else part.replace("%23", "#").replace("%25", "%")


def _partition(project_id: str) -> str:
    return f"P#{project_id}"


def _id_key(kind: Kind | None, row_id: str) -> Key:
    return {PK: {"S": f"ID#{row_id}"}, SK: {"S": kind.key if kind else ""}}


def _key(kind: Kind, value: Any) -> Key:
    """Return a row's primary key; `value` gives its fields."""
    if kind is PROJECT:
        return {PK: {"S": _partition(value("id"))}, SK: {"S": _PROJECT_SK}}
    if kind is WAITLIST:
        return {PK: {"S": f"W#{value('email')}"}, SK: {"S": _WAITLIST_SK}}
    parent, row_id = part(value(kind.parent_field)), part(value("uiid"))
    sk = f"{_LEVEL[kind]}#{parent}#{_moment(value('created_at'))}#{row_id}"
    return {PK: {"S": _partition(value("project_id"))}, SK: {"S": sk}}


def _is_text(value: Any) -> bool:
    return isinstance(value, dict) and value.keys() == {"S"} and isinstance(value["S"], str) and bool(value["S"])


def _is_moment(text: str) -> bool:
    try:
        parse_timestamp(text)
    except ValueError:
        return False
    return True


@functools.cache
def _key_schema(kind: Kind) -> type[Any]:
    fields: dict[str, Any] = dict.fromkeys((*name_fields(kind), PK, SK), (str, ...))
    of_model: Any = wire_alias(kind.model).validation_alias

    def alias(field: str) -> AliasPath:
        found: AliasPath = AliasPath(field, "S") if field in {PK, SK} else of_model(field)
        return found

    return create_model(
        f"{kind.schema.__name__}ItemKey",
        __base__=KeyOnly,
        __cls_kwargs__={"alias_generator": AliasGenerator(validation_alias=alias)},
        **fields,
    )
