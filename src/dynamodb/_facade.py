"""The tables and their items by name, answered with dictionaries. Nothing is decided here, only translated."""

import re
from collections.abc import Mapping
from typing import Any

from dynamodb import _attribute_values as values
from dynamodb import _items, _tables
from dynamodb._answers import Answer, answering, success
from dynamodb._config import TABLE_NAMES, connection_settings
from dynamodb._printable import shown
from dynamodb._validation import check_seconds
from dynamodb.errors import InvalidInputError, TableNotFoundError

# https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_DescribeTable.html, the names of older engines
# of one or two characters included.
_TABLE_NAME = re.compile(r"[A-Za-z0-9_.-]{1,255}|arn:[A-Za-z0-9_.:/-]{1,1020}")


@answering
def test_connection() -> Answer:
    """Ask DynamoDB for the projects table's description: one request.

    Returns:
        `success` where DynamoDB answered, also when there is no such table yet; `data` has region, endpoint, table and
        whether it exists. Otherwise `error`.

    Example:
        >>> from dynamodb import test_connection
        >>> test_connection()["status"]
        'success'
    """
    settings = connection_settings()
    name = TABLE_NAMES["projects"]
    is_there = _tables.exists(name)
    data = {"region": settings.region, "endpoint": settings.endpoint, "table": name, "exists": is_there}
    said = "" if is_there else f"; table {name} does not exist yet"
    return success(f"connected to DynamoDB in {settings.region}{said}", data)


test_connection.__test__ = False  # type: ignore[attr-defined] # pytest would take it for a test


@answering
def check_all_tables_exist() -> Answer:
    """Look for the six tables: one DescribeTable each, at the same time.

    Returns:
        `success` where all are there, `not_found` where one is missing; `existing_tables` and `missing_tables` name
        them in either case.

    Example:
        >>> from dynamodb import check_all_tables_exist
        >>> check_all_tables_exist()["missing_tables"]
        []
    """
    found = _tables.existing()
    lists = {
        "existing_tables": [name for name, is_there in found.items() if is_there],
        "missing_tables": [name for name, is_there in found.items() if not is_there],
    }
    if not lists["missing_tables"]:
        return success("all six tables exist", **lists)
    missing = ", ".join(lists["missing_tables"])
    message = f"missing: {missing}; `vishmaker-dynamodb tables create`, `create_all_tables()` or Terraform makes them"
    return {"status": "not_found", "message": message, "code": TableNotFoundError.code, **lists}


@answering
def check_table_exists(table_name: str) -> Answer:
    """Look for one table.

    Args:
        table_name: its name, or its key in `TABLE_NAMES`.

    Returns:
        `success` where it is there, `not_found` where it is not; `data` has `exists`.

    Example:
        >>> from dynamodb import check_table_exists
        >>> check_table_exists("projects")["data"]
        {'table_name': 'prod-vishmaker-projects', 'exists': True}
    """
    name = _real_name(table_name)
    data = {"table_name": name, "exists": _tables.exists(name)}
    if data["exists"]:
        return success(f"{name} exists", data)
    return {"status": "not_found", "message": f"{name} does not exist", "code": TableNotFoundError.code, "data": data}


@answering
def get_table_info(table_name: str) -> Answer:
    """Describe one table.

    Args:
        table_name: its name, or its key in `TABLE_NAMES`.

    Returns:
        `data` has table_name, table_arn, table_status, item_count (DynamoDB refreshes it every six hours or so),
        billing_mode, key_schema, attribute_definitions and global_secondary_indexes.

    Example:
        >>> from dynamodb import TABLE_NAMES, get_table_info
        >>> info = get_table_info(TABLE_NAMES["projects"])
        >>> print(info["data"]["table_status"])
        ACTIVE
    """
    name = _real_name(table_name)
    table = _tables.describe(name)
    data = {
        "table_name": table["TableName"],
        "table_arn": table.get("TableArn"),
        "table_status": table["TableStatus"],
        "item_count": table.get("ItemCount", 0),
        # DynamoDB leaves the summary out of a table that never was on demand.
        "billing_mode": table.get("BillingModeSummary", {}).get("BillingMode", "PROVISIONED"),
        "key_schema": table["KeySchema"],
        "attribute_definitions": table["AttributeDefinitions"],
        "global_secondary_indexes": [
            {
                "index_name": index["IndexName"],
                "key_schema": index["KeySchema"],
                "projection": index["Projection"],
                "index_status": index.get("IndexStatus"),
            }
            for index in table.get("GlobalSecondaryIndexes", [])
        ],
    }
    return success(f"{name} is {data['table_status']}", data)


@answering
def list_all_tables() -> Answer:
    """Name all tables of the account and region, every page of them. Needs the permission `dynamodb:ListTables`.

    Returns:
        `data` is the list of names.
    """
    names = _tables.list_names()
    return success(f"{len(names)} tables", names)


@answering
def create_all_tables(*, timeout: float = 120.0) -> Answer:
    """Make those of the six tables that are missing, from the models, and wait until they are ACTIVE.

    Args:
        timeout: seconds to wait.

    Returns:
        `data` has the names `created` and those `existing` before. `error` with the code `table_mismatch` where a
        table is there with other keys: the message says which.

    Example:
        >>> from dynamodb import create_all_tables
        >>> create_all_tables()["data"]["created"]
        []
    """
    check_seconds("timeout", timeout)
    made = _tables.create_all(timeout=timeout)
    data = {
        "created": [name for name, is_new in made.items() if is_new],
        "existing": [name for name, is_new in made.items() if not is_new],
    }
    return success(f"{len(data['created'])} tables created, {len(data['existing'])} were there", data)


@answering
def delete_all_tables(*, table_prefix: str | None = None, timeout: float = 120.0) -> Answer:
    """Delete the six tables with everything in them.

    Args:
        table_prefix: what the names of all six start with, exactly. Not needed where the configured endpoint is on
            this machine; anywhere else nothing is deleted without.
        timeout: seconds to wait until they are gone.

    Returns:
        `data` has the names `deleted`.
    """
    check_seconds("timeout", timeout)
    deleted = _tables.delete_all(table_prefix=table_prefix, timeout=timeout)
    return success(f"{len(deleted)} tables deleted", {"deleted": deleted})


@answering
def create_item(table_name: str, item: Mapping[str, Any]) -> Answer:
    """Put a new item; one that is there is not touched.

    The hierarchy's rules are not kept here: use the entities or repositories for its rows.

    Args:
        table_name: the table's name, or its key in `TABLE_NAMES`.
        item: plain data; what is `None` is left out.

    Returns:
        `data` is the item as it is stored. `error` with the code `already_exists` where its key is taken.
    """
    name = _real_name(table_name)
    stored = values.to_item(item)
    _items.create(name, stored)
    return success("item created", values.from_item(stored))


@answering
def get_item(table_name: str, key: Mapping[str, Any]) -> Answer:
    """Get an item by its whole primary key, strongly consistent.

    Args:
        table_name: the table's name, or its key in `TABLE_NAMES`.
        key: the hash key, and the range key where the table has one.

    Returns:
        `data` is the item; `not_found` where there is none.
    """
    item = _items.get(_real_name(table_name), values.to_item(key))
    return success("item found", values.from_item(item))


@answering
def update_item(table_name: str, key: Mapping[str, Any], updates: Mapping[str, Any]) -> Answer:
    """Set attributes of an item that is there; the others stay.

    Args:
        table_name: the table's name, or its key in `TABLE_NAMES`.
        key: the hash key, and the range key where the table has one.
        updates: attributes and their new values; `None` removes one.

    Returns:
        `data` is the item as it is now; `not_found` where there is none.
    """
    given = values.pairs_of("updates", updates)
    changed = {name: None if value is None else values.to_wire(value, name) for name, value in given}
    item = _items.update(_real_name(table_name), values.to_item(key), changed)
    return success("item updated", values.from_item(item))


@answering
def delete_item(table_name: str, key: Mapping[str, Any]) -> Answer:
    """Delete one item. What is under it in the hierarchy stays: use the entities or repositories for its rows.

    Args:
        table_name: the table's name, or its key in `TABLE_NAMES`.
        key: the hash key, and the range key where the table has one.

    Returns:
        `data` is the item as it was, left out where a first try went unanswered and the second found nothing;
        `not_found` where there was none.
    """
    item = _items.delete(_real_name(table_name), values.to_item(key))
    return success("item deleted", None if item is None else values.from_item(item))


@answering
def query_items(
    table_name: str, key: Mapping[str, Any], *, index_name: str | None = None, newest_first: bool = False
) -> Answer:
    """Get all items with this hash key (and range key, where it is given), every page of them.

    Args:
        table_name: the table's name, or its key in `TABLE_NAMES`.
        key: the key attributes of the table or index and what they must equal.
        index_name: the index to ask; default: the table itself, strongly consistent.
        newest_first: against the order of the range key.

    Returns:
        `data` is the list of items, `count` their number.
    """
    name = _real_name(table_name)
    items = _items.query(name, values.to_item(key), index_name=index_name, newest_first=newest_first)
    data = [values.from_item(item) for item in items]
    return success(f"{len(data)} items", data, count=len(data))


@answering
def scan_items(table_name: str) -> Answer:
    """Get all items of a table, every page of it. Reads, and costs, the whole table.

    Args:
        table_name: the table's name, or its key in `TABLE_NAMES`.

    Returns:
        `data` is the list of items, `count` their number.
    """
    data = [values.from_item(item) for item in _items.scan(_real_name(table_name))]
    return success(f"{len(data)} items", data, count=len(data))


def _real_name(table_name: Any) -> str:
    if not isinstance(table_name, str) or not _TABLE_NAME.fullmatch(table_name):
        raise InvalidInputError(f"table_name: {shown(table_name)} is no name (or ARN) of a table")
    return TABLE_NAMES.get(table_name, table_name)
