"""The normal form of a table: what the models, a live table and Terraform all say in their own words.

Two shapes are equal when DynamoDB would behave the same. What a source does not state (the models know nothing of
backups) is left out, so that only what two sides both state is ever compared.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from dynamodb._config import SINGLE_TABLE, SIX_TABLE, table_name
from models.single_table import SINGLE_TABLE as SINGLE_TABLE_MODELS
from models.tables import MODELS, Bound

BILLING_MODE = "billing mode"
POINT_IN_TIME_RECOVERY = "point-in-time recovery"
DELETION_PROTECTION = "deletion protection"
ENCRYPTION = "encryption"
KMS_KEY = "KMS key"
STREAM = "stream"

PROVISIONED = "PROVISIONED"
AWS_OWNED_KEY = "AWS owned key"
KMS = "KMS"
ON = "on"
OFF = "off"


@dataclass(frozen=True, slots=True)
class Key:
    """A primary key, of a table or of an index."""

    hash_key: str
    range_key: str | None = None

    @property
    def attributes(self) -> tuple[str, ...]:
        """The names of the key's attributes, hash key first."""
        return (self.hash_key,) if self.range_key is None else (self.hash_key, self.range_key)

    def __str__(self) -> str:
        return f"hash {self.hash_key}" + (f", range {self.range_key}" if self.range_key else "")


@dataclass(frozen=True, slots=True)
class IndexShape:
    """A global secondary index.

    Attributes:
        key: its key.
        projection: `ALL`, `KEYS_ONLY` or `INCLUDE`.
        non_key_attributes: the attributes that `INCLUDE` adds to the keys, in alphabetical order.
    """

    key: Key
    projection: str = "ALL"
    non_key_attributes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class TableShape:
    """A table.

    Attributes:
        name: the table's name.
        key: its key.
        attribute_types: the type of each key attribute, of the table and its indexes: S, N or B.
        indexes: the global secondary indexes by name.
        settings: what else is stated, by the names above (`BILLING_MODE` and so on), in words.
    """

    name: str
    key: Key
    attribute_types: Mapping[str, str]
    indexes: Mapping[str, IndexShape]
    settings: Mapping[str, str] = field(default_factory=dict)


_MODELS: Mapping[str, Mapping[str, type[Bound]]] = {SIX_TABLE: MODELS, SINGLE_TABLE: SINGLE_TABLE_MODELS}


def layout_models(layout: str) -> Mapping[str, type[Bound]]:
    """Return the models that declare a layout's tables, by the tables' keys in `TABLE_NAMES`.

    Args:
        layout: `six-table` or `single-table`.

    Raises:
        ValueError: if there is no such layout.
    """
    if layout not in _MODELS:
        raise ValueError(f"no layout {layout!r}: choose one of {', '.join(_MODELS)}")
    return _MODELS[layout]


def model_shapes(table_names: Mapping[str, str] | None = None, layout: str = SIX_TABLE) -> dict[str, TableShape]:
    """Read the tables that the models declare.

    Args:
        table_names: the name of each table by its key in `TABLE_NAMES`; those left out have the one that is configured.
        layout: whose tables: `six-table` or `single-table`.

    Returns:
        The shapes by the same keys, parents before children.

    Raises:
        ValueError: if there is no such layout.
    """
    names = table_names or {}
    return {key: model_shape(model, names.get(key) or table_name(key)) for key, model in layout_models(layout).items()}


def model_shape(model: type[Bound], name: str | None = None) -> TableShape:
    """Read the table that one model declares.

    Args:
        model: the model.
        name: the table's name; default: the one that the model was used with last.
    """
    meta: Any = model.Meta
    schema = model._get_schema()  # what PynamoDB makes its CreateTable request of
    indexes = {index["index_name"]: index for index in schema["global_secondary_indexes"]}
    return TableShape(
        name=name or meta.table_name,
        key=read_key(schema["key_schema"]),
        attribute_types=read_attribute_types(schema["attribute_definitions"]),
        indexes={
            index_name: read_index(indexes[index_name]["key_schema"], indexes[index_name]["projection"])
            for index_name in sorted(indexes)
        },
        settings={BILLING_MODE: getattr(meta, "billing_mode", None) or PROVISIONED},
    )


def read_key(key_schema: Iterable[Mapping[str, Any]]) -> Key:
    """Read a `KeySchema` as DynamoDB writes it, in any order."""
    names = {element["KeyType"]: element["AttributeName"] for element in key_schema}
    return Key(names["HASH"], names.get("RANGE"))


def read_attribute_types(definitions: Iterable[Mapping[str, Any]]) -> dict[str, str]:
    """Read `AttributeDefinitions` as DynamoDB writes them."""
    types = {definition["AttributeName"]: definition["AttributeType"] for definition in definitions}
    return dict(sorted(types.items()))


def read_index(key_schema: Iterable[Mapping[str, Any]], projection: Mapping[str, Any]) -> IndexShape:
    """Read the `KeySchema` and the `Projection` of an index as DynamoDB writes them."""
    return IndexShape(
        read_key(key_schema), projection["ProjectionType"], tuple(sorted(projection.get("NonKeyAttributes") or ()))
    )
