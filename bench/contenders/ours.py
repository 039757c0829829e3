"""This layer, through its public repositories."""

from collections.abc import Sequence
from typing import Any

from bench import dataset
from bench.contenders.base import ONE, REGION, Contender, spell
from dynamodb import configure
from dynamodb.repositories import HierarchyRepository, HighLevelRequirementRepository


class Ours(Contender):
    packages = ("botocore", "pynamodb", "pydantic", "orjson")

    def prepare(self, endpoint: str) -> None:
        configure(region=REGION, endpoint=endpoint)
        self._requirements = HighLevelRequirementRepository()
        self._trees = HierarchyRepository()

    def get_one(self) -> Any:
        return self._requirements.get(ONE["uiid"])

    def by_project(self, project: str) -> Sequence[Any]:
        return list(self._requirements.iter_by_project(project))

    def tree(self, project: str) -> Any:
        return self._trees.load(project)

    def put_one(self) -> None:
        self._requirements.create({"parent_uiid": ONE["parent_uiid"], **dataset.name_and_description(1)})

    def create(self, tree: dict[str, Any]) -> Any:
        return self._trees.create(tree)

    def levels(self, tree: Any) -> Sequence[Sequence[Any]]:
        levels: list[list[Any]] = []
        above = [tree]
        for children in dataset.CHILDREN:
            above = [child for node in above for child in getattr(node, children)]
            levels.append(above)
        return levels

    def plain(self, row: Any) -> dict[str, Any]:
        values = {name: getattr(row, name) for name in type(row).model_fields}
        return {name: spell(value) for name, value in values.items() if value is not None and name in _STORED}


_STORED = {*dataset.ONE, *dataset.ONE_PROJECT}
CONTENDER = Ours()
