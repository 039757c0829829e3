"""pydynox: rows as its own model instances."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from pydynox import SyncBatchWriter

from bench import dataset
from bench.contenders import pydynox_schema as schema
from bench.contenders.base import ONE, Contender, new_requirement, rows_to_write, spell_row


class PydynoxModels(Contender):
    packages = ("pydynox",)

    def prepare(self, endpoint: str) -> None:
        self._client = schema.connect(endpoint)

    def get_one(self) -> Any:
        return schema.HighLevelRequirement.sync_get(uiid=ONE["uiid"], parent_uiid=ONE["parent_uiid"])

    def by_project(self, project: str) -> Sequence[Any]:
        return list(schema.HighLevelRequirement.by_project.sync_query(project_id=project))

    def tree(self, project: str) -> Any:
        row = schema.Project.sync_get(id=project, user_id=dataset.USER_ID)
        return row, [list(model.by_project.sync_query(project_id=project)) for model in schema.LEVELS]

    def put_one(self) -> None:
        self._model(schema.HighLevelRequirement, new_requirement()).sync_save()

    def create(self, tree: dict[str, Any]) -> Any:
        # Its batch writer takes dictionaries; a user of the models hands over `to_dict()`.
        rows = rows_to_write(tree)
        for table, items in rows.items():
            with SyncBatchWriter(self._client, table) as batch:
                for item in items:
                    batch.put(self._model(schema.MODELS[table], item).to_dict())
        return rows

    @staticmethod
    def _model(model: type[Any], item: dict[str, Any]) -> Any:
        stamps = {key: datetime.fromisoformat(item[key]) for key in ("created_at", "updated_at")}
        return model(**item | stamps)

    def plain(self, row: Any) -> dict[str, Any]:
        return spell_row(row.to_dict())


CONTENDER = PydynoxModels()
