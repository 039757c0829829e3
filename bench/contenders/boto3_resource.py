"""boto3's resource: dictionaries of Python values, `batch_writer` for writes."""

from collections.abc import Sequence
from typing import Any

import boto3
from boto3.dynamodb.conditions import Key

from bench import dataset
from bench.contenders.base import ONE, REGION, Contender, new_requirement, rows_to_write, spell_row


class Boto3Resource(Contender):
    packages = ("boto3", "botocore")

    def prepare(self, endpoint: str) -> None:
        resource = boto3.resource("dynamodb", region_name=REGION, endpoint_url=endpoint)
        self._tables = {name: resource.Table(name) for name in dataset.TABLES}

    def _query(self, table: str, project: str) -> list[Any]:
        request: dict[str, Any] = {
            "IndexName": dataset.PROJECT_INDEX,
            "KeyConditionExpression": Key("project_id").eq(project),
        }
        rows: list[Any] = []
        while True:
            page = self._tables[table].query(**request)
            rows += page["Items"]
            if "LastEvaluatedKey" not in page:
                return rows
            request["ExclusiveStartKey"] = page["LastEvaluatedKey"]

    def get_one(self) -> Any:
        key = {"uiid": ONE["uiid"], "parent_uiid": ONE["parent_uiid"]}
        return self._tables[dataset.HIGH_LEVEL].get_item(Key=key)["Item"]

    def by_project(self, project: str) -> Sequence[Any]:
        return self._query(dataset.HIGH_LEVEL, project)

    def tree(self, project: str) -> Any:
        item = self._tables[dataset.PROJECTS].get_item(Key={"id": project, "user_id": dataset.USER_ID})["Item"]
        return item, [self._query(table, project) for table in dataset.LEVELS]

    def put_one(self) -> None:
        self._tables[dataset.HIGH_LEVEL].put_item(Item=new_requirement())

    def create(self, tree: dict[str, Any]) -> Any:
        rows = rows_to_write(tree)
        for table, items in rows.items():
            with self._tables[table].batch_writer() as batch:
                for item in items:
                    batch.put_item(Item=item)
        return rows

    def plain(self, row: Any) -> dict[str, Any]:
        return spell_row(row)


CONTENDER = Boto3Resource()
