"""The six tables as the design has them, written down once more by hand.

The models are compared with this, and tests that need other tables (as earlier deployments left them) start from it.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any


@dataclass(frozen=True)
class Shape:
    """A table's key, and its indexes by name: hash key first, then the range key where there is one."""

    key: tuple[str, ...]
    indexes: Mapping[str, tuple[str, ...]]


_REQUIREMENT = Shape(
    ("uiid", "parent_uiid"),
    {"parent_uiid-index": ("parent_uiid", "created_at"), "project_id-index": ("project_id", "created_at")},
)

SIX: Mapping[str, Shape] = {
    "projects": Shape(
        ("id", "user_id"), {"user_id-index": ("user_id", "created_at"), "name-index": ("name", "created_at")}
    ),
    "user_flows": Shape(("uiid", "project_id"), {"project_id-index": ("project_id", "created_at")}),
    "high_level_requirements": _REQUIREMENT,
    "low_level_requirements": _REQUIREMENT,
    "test_cases": _REQUIREMENT,
    "waitlist": Shape(("email",), {"status-index": ("status", "created_at")}),
}

#: The one table of the single-table layout.
SINGLE: Mapping[str, Shape] = {
    "vishmaker": Shape(
        ("pk", "sk"),
        {
            "name-index": ("project_name", "created_at"),
            "status-index": ("status", "created_at"),
            "user_id-index": ("user_id", "created_at"),
        },
    )
}

#: From the root down.
LEVELS = ("projects", "user_flows", "high_level_requirements", "low_level_requirements", "test_cases")


def hash_only(shapes: Mapping[str, Shape]) -> dict[str, Shape]:
    """The same tables with indexes that have no range key, as earlier deployments made them."""
    return {
        table: replace(shape, indexes={name: keys[:1] for name, keys in shape.indexes.items()})
        for table, shape in shapes.items()
    }


def without_index(shapes: Mapping[str, Shape], index: str, *tables: str) -> dict[str, Shape]:
    """The same tables, some of them (all, if none is named) without one index."""
    chosen = tables or tuple(shapes)
    return {
        table: replace(shape, indexes={name: keys for name, keys in shape.indexes.items() if name != index})
        if table in chosen
        else shape
        for table, shape in shapes.items()
    }


def definition(name: str, shape: Shape) -> dict[str, Any]:
    """The CreateTable request."""
    attributes = dict.fromkeys([*shape.key, *(part for keys in shape.indexes.values() for part in keys)])
    request: dict[str, Any] = {
        "TableName": name,
        "BillingMode": "PAY_PER_REQUEST",
        "KeySchema": _key_schema(shape.key),
        "AttributeDefinitions": [{"AttributeName": part, "AttributeType": "S"} for part in attributes],
    }
    if shape.indexes:
        request["GlobalSecondaryIndexes"] = [
            {"IndexName": index, "KeySchema": _key_schema(keys), "Projection": {"ProjectionType": "ALL"}}
            for index, keys in shape.indexes.items()
        ]
    return request


def _key_schema(keys: Iterable[str]) -> list[dict[str, str]]:
    return [{"AttributeName": part, "KeyType": role} for part, role in zip(keys, ("HASH", "RANGE"), strict=False)]
