"""The floor: the same bytes over one connection of the standard library's HTTP client, parsed with orjson.

No signature, no checks, no objects: nothing that reads DynamoDB JSON from Python through HTTP does less.
"""

from collections.abc import Sequence
from http.client import HTTPConnection
from typing import Any
from urllib.parse import urlsplit

import orjson

from bench import dataset
from bench.contenders.base import ONE, Contender


class Floor(Contender):
    packages = ("orjson",)

    def prepare(self, endpoint: str) -> None:
        self._connection = HTTPConnection(urlsplit(endpoint).netloc)

    def _post(self, operation: str, request: dict[str, Any]) -> Any:
        headers = {"X-Amz-Target": f"DynamoDB_20120810.{operation}", "Content-Type": "application/x-amz-json-1.0"}
        self._connection.request("POST", "/", orjson.dumps(request), headers)
        return orjson.loads(self._connection.getresponse().read())

    def _query(self, table: str, project: str) -> list[Any]:
        request: dict[str, Any] = {
            "TableName": table,
            "IndexName": dataset.PROJECT_INDEX,
            "KeyConditionExpression": "#p = :p",
            "ExpressionAttributeNames": {"#p": "project_id"},
            "ExpressionAttributeValues": {":p": {"S": project}},
        }
        rows: list[Any] = []
        while True:
            page = self._post("Query", request)
            rows += page["Items"]
            if not (start := page.get("LastEvaluatedKey")):
                return rows
            request["ExclusiveStartKey"] = start

    def get_one(self) -> Any:
        key = {name: {"S": ONE[name]} for name in ("uiid", "parent_uiid")}
        return self._post("GetItem", {"TableName": dataset.HIGH_LEVEL, "Key": key})["Item"]

    def by_project(self, project: str) -> Sequence[Any]:
        return self._query(dataset.HIGH_LEVEL, project)

    def tree(self, project: str) -> Any:
        key = {"id": {"S": project}, "user_id": {"S": dataset.USER_ID}}
        item = self._post("GetItem", {"TableName": dataset.PROJECTS, "Key": key})["Item"]
        return item, [self._query(table, project) for table in dataset.LEVELS]

    def put_one(self) -> None:
        raise NotImplementedError

    def create(self, tree: dict[str, Any]) -> Any:
        raise NotImplementedError

    def plain(self, row: Any) -> dict[str, Any]:
        return {key: int(value["N"]) if "N" in value else value["S"] for key, value in row.items()}


CONTENDER = Floor()
