"""PynamoDB with Pydantic on top: every model instance is validated into a schema."""

from collections.abc import Sequence
from typing import Any

from bench import dataset
from bench.contenders import peer_schemas
from bench.contenders import pynamodb_schema as schema
from bench.contenders.base import ONE, Contender, new_requirement, rows_to_write, spell_row


class PynamoDBPydantic(Contender):
    packages = ("pynamodb", "pydantic")

    def prepare(self, endpoint: str) -> None:
        schema.use(endpoint)

    def get_one(self) -> Any:
        row = schema.HighLevelRequirement.get(ONE["uiid"], ONE["parent_uiid"])
        return peer_schemas.Requirement.model_validate(row.attribute_values)

    def by_project(self, project: str) -> Sequence[Any]:
        validate = peer_schemas.Requirement.model_validate
        return [validate(row.attribute_values) for row in schema.HighLevelRequirement.by_project.query(project)]

    def tree(self, project: str) -> Any:
        row = schema.Project.get(project, dataset.USER_ID)
        levels = [
            [target.model_validate(item.attribute_values) for item in model.by_project.query(project)]
            for model, target in zip(schema.LEVELS, peer_schemas.LEVELS, strict=True)
        ]
        return peer_schemas.Project.model_validate(row.attribute_values), levels

    def put_one(self) -> None:
        requirement = peer_schemas.Requirement.model_validate(new_requirement())
        schema.HighLevelRequirement(**self._texts(requirement)).save()

    def create(self, tree: dict[str, Any]) -> Any:
        rows = rows_to_write(tree)
        for (table, items), target in zip(rows.items(), (peer_schemas.Project, *peer_schemas.LEVELS), strict=True):
            model = schema.MODELS[table]
            with model.batch_write() as batch:
                for item in items:
                    batch.save(model(**self._texts(target.model_validate(item))))
        return rows

    @staticmethod
    def _texts(row: Any) -> dict[str, Any]:
        values: dict[str, Any] = row.model_dump()
        return values | {key: values[key].isoformat(timespec="microseconds") for key in ("created_at", "updated_at")}

    def plain(self, row: Any) -> dict[str, Any]:
        return spell_row(row.model_dump())


CONTENDER = PynamoDBPydantic()
