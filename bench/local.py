"""The tables on a local engine: made, emptied and counted with plain HTTP, so that no contender's client is needed."""

import json
import time
from http.client import HTTPConnection
from typing import Any
from urllib.parse import urlsplit

from bench import dataset

# A local engine does not check the signature, but wants to see one.
_HEADERS = {
    "Content-Type": "application/x-amz-json-1.0",
    "Authorization": "AWS4-HMAC-SHA256 Credential=bench/20250825/us-east-1/dynamodb/aws4_request, "
    "SignedHeaders=host, Signature=0",
}
_REQUIREMENT = (("uiid", "parent_uiid"), {"parent_uiid-index": "parent_uiid", "project_id-index": "project_id"})
#: table: (hash and range key, index to its hash key); every index is sorted by created_at
TABLES: dict[str, tuple[tuple[str, ...], dict[str, str]]] = {
    dataset.PROJECTS: (("id", "user_id"), {"user_id-index": "user_id", "name-index": "name"}),
    dataset.USER_FLOWS: (("uiid", "project_id"), {"project_id-index": "project_id"}),
    dataset.HIGH_LEVEL: _REQUIREMENT,
    dataset.LOW_LEVEL: _REQUIREMENT,
    dataset.TEST_CASES: _REQUIREMENT,
    dataset.WAITLIST: (("email",), {"status-index": "status"}),
}


class EngineError(RuntimeError):
    """The engine refused what the benchmark asked of it."""


def post(endpoint: str, operation: str, request: dict[str, Any]) -> Any:
    """Send one request.

    Raises:
        EngineError: if the engine refuses it.
    """
    connection = HTTPConnection(urlsplit(endpoint).netloc, timeout=60)
    try:
        headers = _HEADERS | {"X-Amz-Target": f"DynamoDB_20120810.{operation}"}
        connection.request("POST", "/", json.dumps(request), headers)
        response = connection.getresponse()
        answer = json.loads(response.read())
    finally:
        connection.close()
    if response.status != 200:
        raise EngineError(f"{operation}: {answer}")
    return answer


def make_tables(endpoint: str) -> None:
    """Make the six tables, empty: those that are there are deleted first."""
    for table in set(post(endpoint, "ListTables", {})["TableNames"]) & set(TABLES):
        post(endpoint, "DeleteTable", {"TableName": table})
    for table in TABLES:
        post(endpoint, "CreateTable", _declaration(table))
    for table in TABLES:
        while post(endpoint, "DescribeTable", {"TableName": table})["Table"]["TableStatus"] != "ACTIVE":
            time.sleep(0.05)


def _declaration(table: str) -> dict[str, Any]:
    keys, indexes = TABLES[table]
    names = {*keys, *indexes.values(), "created_at"}
    return {
        "TableName": table,
        "BillingMode": "PAY_PER_REQUEST",
        "KeySchema": _schema(*keys),
        "AttributeDefinitions": [{"AttributeName": name, "AttributeType": "S"} for name in sorted(names)],
        "GlobalSecondaryIndexes": [
            {"IndexName": index, "KeySchema": _schema(key, "created_at"), "Projection": {"ProjectionType": "ALL"}}
            for index, key in indexes.items()
        ],
    }


def _schema(*keys: str) -> list[dict[str, str]]:
    return [{"AttributeName": key, "KeyType": kind} for key, kind in zip(keys, ("HASH", "RANGE"), strict=False)]


def put_parents(endpoint: str) -> None:
    """Put what the row that "put one" writes hangs under: its project and its user flow."""
    for table, row in ((dataset.PROJECTS, dataset.ONE_PROJECT), (dataset.USER_FLOWS, dataset.ONE_FLOW)):
        post(endpoint, "PutItem", {"TableName": table, "Item": dataset.to_wire(row)})


def count_items(endpoint: str) -> int:
    """Count what all tables hold."""
    total = 0
    for table in TABLES:
        request: dict[str, Any] = {"TableName": table, "Select": "COUNT", "ConsistentRead": True}
        while True:
            page = post(endpoint, "Scan", request)
            total += page["Count"]
            if "LastEvaluatedKey" not in page:
                break
            request["ExclusiveStartKey"] = page["LastEvaluatedKey"]
    return total
