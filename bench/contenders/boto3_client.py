"""boto3's client: DynamoDB's own typed dictionaries in and out, nothing converted."""

from collections.abc import Sequence
from typing import Any

import boto3

from bench import dataset
from bench.contenders.base import ONE, REGION, Contender, chunks, new_requirement, rows_to_write


class Boto3Client(Contender):
    packages = ("boto3", "botocore")

    def prepare(self, endpoint: str) -> None:
        self._client = boto3.client("dynamodb", region_name=REGION, endpoint_url=endpoint)

    def _query(self, table: str, project: str) -> list[Any]:
        request: dict[str, Any] = {
            "TableName": table,
            "IndexName": dataset.PROJECT_INDEX,
            "KeyConditionExpression": "project_id = :p",
            "ExpressionAttributeValues": {":p": {"S": project}},
        }
        rows: list[Any] = []
        while True:
            page = self._client.query(**request)
            rows += page["Items"]
            if "LastEvaluatedKey" not in page:
                return rows
            request["ExclusiveStartKey"] = page["LastEvaluatedKey"]

    def get_one(self) -> Any:
        key = {"uiid": {"S": ONE["uiid"]}, "parent_uiid": {"S": ONE["parent_uiid"]}}
        return self._client.get_item(TableName=dataset.HIGH_LEVEL, Key=key)["Item"]

    def by_project(self, project: str) -> Sequence[Any]:
        return self._query(dataset.HIGH_LEVEL, project)

    def tree(self, project: str) -> Any:
        key = {"id": {"S": project}, "user_id": {"S": dataset.USER_ID}}
        item = self._client.get_item(TableName=dataset.PROJECTS, Key=key)["Item"]
        return item, [self._query(table, project) for table in dataset.LEVELS]

    def put_one(self) -> None:
        self._client.put_item(TableName=dataset.HIGH_LEVEL, Item=dataset.to_wire(new_requirement()))

    def create(self, tree: dict[str, Any]) -> Any:
        rows = rows_to_write(tree)
        for table, items in rows.items():
            for chunk in chunks(items):
                left: dict[str, Any] = {table: [{"PutRequest": {"Item": dataset.to_wire(item)}} for item in chunk]}
                while left:
                    left = self._client.batch_write_item(RequestItems=left)["UnprocessedItems"]
        return rows

    def plain(self, row: Any) -> dict[str, Any]:
        return {key: int(value["N"]) if "N" in value else value["S"] for key, value in row.items()}


CONTENDER = Boto3Client()
