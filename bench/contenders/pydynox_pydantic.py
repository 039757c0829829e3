"""pydynox's dictionaries validated into Pydantic: the nearest that it comes to what this layer returns.

Its own Pydantic integration does exactly this (`model_validate` on the core's dictionary), for get but not for queries.
"""

from collections.abc import Sequence
from typing import Any

from bench.contenders import peer_schemas
from bench.contenders.base import spell_row
from bench.contenders.pydynox_dicts import PydynoxDicts


class PydynoxPydantic(PydynoxDicts):
    packages = ("pydynox", "pydantic")

    def get_one(self) -> Any:
        return peer_schemas.Requirement.model_validate(super().get_one())

    def by_project(self, project: str) -> Sequence[Any]:
        validate = peer_schemas.Requirement.model_validate
        return [validate(row) for row in super().by_project(project)]

    def tree(self, project: str) -> Any:
        row, levels = super().tree(project)
        return peer_schemas.Project.model_validate(row), [
            [target.model_validate(item) for item in level]
            for target, level in zip(peer_schemas.LEVELS, levels, strict=True)
        ]

    def plain(self, row: Any) -> dict[str, Any]:
        return spell_row(row.model_dump())


CONTENDER = PydynoxPydantic()
