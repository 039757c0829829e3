"""aiodynamo on aiohttp: dictionaries, one event loop that lives as long as the process."""

import asyncio
from collections.abc import Coroutine, Sequence
from typing import Any, TypeVar

from aiodynamo.client import Client
from aiodynamo.credentials import EnvironmentCredentials
from aiodynamo.expressions import HashKey
from aiodynamo.http.aiohttp import AIOHTTP
from aiodynamo.models import BatchWriteRequest
from aiohttp import ClientSession
from yarl import URL

from bench import dataset
from bench.contenders.base import ONE, REGION, Contender, chunks, new_requirement, rows_to_write, spell_row

T = TypeVar("T")
#: Batches under way at once: what its users write with `gather`.
CONCURRENT = 8


class Aiodynamo(Contender):
    packages = ("aiodynamo", "aiohttp")

    def prepare(self, endpoint: str) -> None:
        self._loop = asyncio.new_event_loop()
        self._client = self._run(self._connect(endpoint))

    async def _connect(self, endpoint: str) -> Client:
        self._session = ClientSession()
        return Client(AIOHTTP(self._session), EnvironmentCredentials(), REGION, URL(endpoint))

    def close(self) -> None:
        self._run(self._session.close())

    def _run(self, work: Coroutine[Any, Any, T]) -> T:
        return self._loop.run_until_complete(work)

    async def _query(self, table: str, project: str) -> list[Any]:
        rows = self._client.query(table, HashKey("project_id", project), index=dataset.PROJECT_INDEX)
        return [row async for row in rows]

    def get_one(self) -> Any:
        key = {"uiid": ONE["uiid"], "parent_uiid": ONE["parent_uiid"]}
        return self._run(self._client.get_item(dataset.HIGH_LEVEL, key))

    def by_project(self, project: str) -> Sequence[Any]:
        return self._run(self._query(dataset.HIGH_LEVEL, project))

    def tree(self, project: str) -> Any:
        return self._run(self._tree(project))

    async def _tree(self, project: str) -> Any:
        key = {"id": project, "user_id": dataset.USER_ID}
        row, *levels = await asyncio.gather(
            self._client.get_item(dataset.PROJECTS, key), *(self._query(table, project) for table in dataset.LEVELS)
        )
        return row, levels

    def put_one(self) -> None:
        self._run(self._client.put_item(dataset.HIGH_LEVEL, new_requirement()))

    def create(self, tree: dict[str, Any]) -> Any:
        rows = rows_to_write(tree)
        self._run(self._create(rows))
        return rows

    async def _create(self, rows: dict[str, list[Any]]) -> None:
        places = asyncio.Semaphore(CONCURRENT)

        async def write(table: str, items: Sequence[Any]) -> None:
            async with places:
                left = list(items)
                while left:
                    result = await self._client.batch_write({table: BatchWriteRequest(items_to_put=left)})
                    left = result[table].unput_items if table in result else []

        await asyncio.gather(*(write(table, chunk) for table, items in rows.items() for chunk in chunks(items)))

    def plain(self, row: Any) -> dict[str, Any]:
        return spell_row(row)


CONTENDER = Aiodynamo()
