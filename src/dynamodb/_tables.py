"""The tables themselves: made from the models, described, compared, deleted. Each function raises `dynamodb.errors`."""

import time
from collections.abc import Iterable, Mapping
from functools import partial
from typing import Any
from urllib.parse import urlsplit

from dynamodb._config import TABLE_NAMES, connection_settings, prefixed, table_name
from dynamodb._sending import at_once, send
from dynamodb.errors import AlreadyExistsError, TableMismatchError, TableNotFoundError, ThrottledError
from models.single_table import SINGLE_TABLE
from models.tables import MODELS

#: Seconds between two looks at a table that is being made.
_POLL = 0.25

_LOCAL_HOSTS = frozenset({"localhost", "localhost.localdomain", "127.0.0.1", "::1", "host.docker.internal"})


def definition(key: str) -> dict[str, Any]:
    """Return the CreateTable parameters of a table, from its model.

    Args:
        key: the table's key in `TABLE_NAMES`.
    """
    model: Any = {**MODELS, **SINGLE_TABLE}[key]
    schema = model._get_schema()
    indexes = schema["global_secondary_indexes"]
    types = {
        attribute["AttributeName"]: attribute["AttributeType"]
        for part in [schema, *indexes]
        for attribute in part["attribute_definitions"]
    }
    return {
        "TableName": table_name(key),
        "BillingMode": model.Meta.billing_mode,
        "KeySchema": _hash_first(schema["key_schema"]),
        "AttributeDefinitions": [
            {"AttributeName": name, "AttributeType": letter} for name, letter in sorted(types.items())
        ],
        "GlobalSecondaryIndexes": [
            {
                "IndexName": index["index_name"],
                "KeySchema": _hash_first(index["key_schema"]),
                "Projection": index["projection"],
            }
            for index in indexes
        ],
    }


def _hash_first(key_schema: Iterable[Any]) -> list[dict[str, str]]:
    return sorted((dict(part) for part in key_schema), key=lambda part: part["KeyType"])


def describe(name: str) -> dict[str, Any]:
    """Return DynamoDB's description of a table.

    Raises:
        TableNotFoundError: if there is none of this name.
    """
    table: dict[str, Any] = send("DescribeTable", {"TableName": name})["Table"]
    return table


def exists(name: str) -> bool:
    """Say whether there is a table of this name, in whatever state."""
    try:
        describe(name)
    except TableNotFoundError:
        return False
    return True


def existing() -> dict[str, bool]:
    """Say for each table, by name, whether it is there; one request a table, at the same time."""
    tables = list(TABLE_NAMES.values())
    return dict(zip(tables, at_once(partial(exists, name) for name in tables), strict=True))


def list_names() -> list[str]:
    """Return the names of all tables of the account and region, every page of them."""
    found: list[str] = []
    params: dict[str, Any] = {}
    while True:
        answer = send("ListTables", params)
        found += answer["TableNames"]
        if "LastEvaluatedTableName" not in answer:
            return found
        params = {"ExclusiveStartTableName": answer["LastEvaluatedTableName"]}


def create_all(*, timeout: float = 120.0) -> dict[str, bool]:
    """Make the tables that are missing, and wait until all of them and their indexes are ACTIVE.

    Args:
        timeout: seconds to wait.

    Returns:
        For each table's name whether it was made now.

    Raises:
        TableMismatchError: if a table is there with other keys than its model; nothing is made then.
        ThrottledError: if a table is not ACTIVE in time.
    """
    at_once(partial(_refuse_mismatch, key) for key in TABLE_NAMES)
    made = at_once(partial(_create, key) for key in TABLE_NAMES)
    end = time.monotonic() + timeout
    for name in TABLE_NAMES.values():
        _wait_until_active(name, end)
    return dict(zip(TABLE_NAMES.values(), made, strict=True))


def _refuse_mismatch(key: str) -> None:
    wanted = definition(key)
    try:
        found = describe(wanted["TableName"])
    except TableNotFoundError:
        return
    if found["TableStatus"] == "DELETING":
        raise TableNotFoundError(f"{wanted['TableName']} is just being deleted; try again when it is gone")
    differences = differing_keys(wanted, found)
    if differences:
        said = "; ".join(f"{what}: model {ours}, table {theirs}" for what, (ours, theirs) in differences.items())
        raise TableMismatchError(
            f"{wanted['TableName']} is there with other keys ({said}); migrate it or choose another name",
            differences=differences,
            table=wanted["TableName"],
        )


def differing_keys(wanted: Mapping[str, Any], found: Mapping[str, Any]) -> dict[str, tuple[Any, Any]]:
    """Compare a table's keys with its model's: what differs, the model's side and the table's.

    An index that is missing, or has no sort key, is not among them: every query works without, only unsorted or
    by another index.
    """
    pairs = {"primary key": (_keys(wanted), _keys(found))}
    theirs = {index["IndexName"]: index for index in found.get("GlobalSecondaryIndexes", [])}
    for index in wanted["GlobalSecondaryIndexes"]:
        if index["IndexName"] in theirs:
            ours, other = _keys(index), _keys(theirs[index["IndexName"]])
            if other != ours[:1]:
                pairs[index["IndexName"]] = (ours, other)
    return {what: (ours, other) for what, (ours, other) in pairs.items() if ours != other}


def _keys(part: Mapping[str, Any]) -> list[str]:
    return [element["AttributeName"] for element in _hash_first(part["KeySchema"])]


def _create(key: str) -> bool:
    try:
        describe(table_name(key))
        return False
    except TableNotFoundError:
        pass
    try:
        send("CreateTable", definition(key))
    except AlreadyExistsError:
        return False  # somebody else was making it at the same moment
    return True


def _wait_until_active(name: str, end: float) -> None:
    while True:
        found = describe(name)
        states = [found["TableStatus"], *(index["IndexStatus"] for index in found.get("GlobalSecondaryIndexes", []))]
        if all(state == "ACTIVE" for state in states):
            return
        if time.monotonic() >= end:
            raise ThrottledError(f"{name} is not ACTIVE in time, but {', '.join(states)}; look again later", table=name)
        time.sleep(_POLL)


def delete_all(*, table_prefix: str | None = None, timeout: float = 120.0) -> list[str]:
    """Delete the tables with everything in them, and wait until they are gone.

    Args:
        table_prefix: what the names of all tables start with, exactly; not needed at a local endpoint.
        timeout: seconds to wait.

    Returns:
        The names of the tables that were there.

    Raises:
        TableMismatchError: if the endpoint is not local and the prefix is not given, or not that of all tables.
        ThrottledError: if a table is not gone in time.
    """
    require_consent(table_prefix)
    there = [name for name, is_there in existing().items() if is_there]
    at_once(partial(send, "DeleteTable", {"TableName": name}) for name in there)
    end = time.monotonic() + timeout
    for name in there:
        while exists(name):
            if time.monotonic() >= end:
                raise ThrottledError(f"{name} is not gone in time; look again later", table=name)
            time.sleep(_POLL)
    return there


def require_consent(table_prefix: str | None) -> None:
    """Refuse to delete tables that are not on this machine, unless their prefix is given.

    Raises:
        TableMismatchError: as for `delete_all`.
    """
    endpoint = connection_settings().endpoint
    if table_prefix is None and endpoint and urlsplit(endpoint).hostname in _LOCAL_HOSTS:
        return
    expected = {key: prefixed(key, table_prefix or "") for key in TABLE_NAMES}
    if table_prefix is None or expected != dict(TABLE_NAMES):
        where = endpoint or f"AWS, {connection_settings().region}"
        raise TableMismatchError(
            f"nothing was deleted: at {where}, give the prefix (`table_prefix`, `--prefix`), which is exactly what the "
            f"names of all tables start with; they are {', '.join(TABLE_NAMES.values())}"
        )
