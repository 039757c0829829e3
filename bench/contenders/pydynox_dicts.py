"""pydynox without its models: dictionaries straight from its Rust core.

`as_dict` exists for get, table queries and scans; a GSI query of 1.8 has none, so this asks the client, which returns
the same dictionaries.
"""

from collections.abc import Sequence
from typing import Any

from pydynox import SyncBatchWriter

from bench import dataset
from bench.contenders import pydynox_schema as schema
from bench.contenders.base import ONE, Contender, new_requirement, rows_to_write, spell_row


class PydynoxDicts(Contender):
    packages = ("pydynox",)

    def prepare(self, endpoint: str) -> None:
        self._client = schema.connect(endpoint)

    def _query(self, table: str, project: str) -> list[Any]:
        return list(
            self._client.sync_query(
                table,
                "#p = :p",
                expression_attribute_names={"#p": "project_id"},
                expression_attribute_values={":p": project},
                index_name=dataset.PROJECT_INDEX,
            )
        )

    def get_one(self) -> Any:
        return schema.HighLevelRequirement.sync_get(uiid=ONE["uiid"], parent_uiid=ONE["parent_uiid"], as_dict=True)

    def by_project(self, project: str) -> Sequence[Any]:
        return self._query(dataset.HIGH_LEVEL, project)

    def tree(self, project: str) -> Any:
        row = schema.Project.sync_get(id=project, user_id=dataset.USER_ID, as_dict=True)
        return row, [self._query(table, project) for table in dataset.LEVELS]

    def put_one(self) -> None:
        self._client.sync_put_item(dataset.HIGH_LEVEL, new_requirement())

    def create(self, tree: dict[str, Any]) -> Any:
        rows = rows_to_write(tree)
        for table, items in rows.items():
            with SyncBatchWriter(self._client, table) as batch:
                for item in items:
                    batch.put(item)
        return rows

    def plain(self, row: Any) -> dict[str, Any]:
        return spell_row(row)


CONTENDER = PydynoxDicts()
