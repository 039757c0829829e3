"""PynamoDB: rows as its own model instances."""

from collections.abc import Sequence
from typing import Any

from bench import dataset
from bench.contenders import pynamodb_schema as schema
from bench.contenders.base import ONE, Contender, new_requirement, rows_to_write, spell_row


class PynamoDBModels(Contender):
    packages = ("pynamodb", "botocore")

    def prepare(self, endpoint: str) -> None:
        schema.use(endpoint)

    def get_one(self) -> Any:
        return schema.HighLevelRequirement.get(ONE["uiid"], ONE["parent_uiid"])

    def by_project(self, project: str) -> Sequence[Any]:
        return list(schema.HighLevelRequirement.by_project.query(project))

    def tree(self, project: str) -> Any:
        return schema.Project.get(project, dataset.USER_ID), [list(m.by_project.query(project)) for m in schema.LEVELS]

    def put_one(self) -> None:
        schema.HighLevelRequirement(**new_requirement()).save()

    def create(self, tree: dict[str, Any]) -> Any:
        rows = rows_to_write(tree)
        for table, items in rows.items():
            model = schema.MODELS[table]
            with model.batch_write() as batch:
                for item in items:
                    batch.save(model(**item))
        return rows

    def plain(self, row: Any) -> dict[str, Any]:
        return spell_row(row.attribute_values)


CONTENDER = PynamoDBModels()
