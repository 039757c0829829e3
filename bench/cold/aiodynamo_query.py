"""aiodynamo on aiohttp: one query."""

import asyncio
import sys
import time

from aiodynamo.client import Client
from aiodynamo.credentials import EnvironmentCredentials
from aiodynamo.expressions import HashKey
from aiodynamo.http.aiohttp import AIOHTTP
from aiohttp import ClientSession
from yarl import URL

endpoint, project = sys.argv[1:]


async def main() -> None:
    async with ClientSession() as session:
        client = Client(AIOHTTP(session), EnvironmentCredentials(), "us-east-1", URL(endpoint))
        rows = client.query(
            "prod-vishmaker-high-level-requirements", HashKey("project_id", project), index="project_id-index"
        )
        print(len([row async for row in rows]), time.process_time())


asyncio.run(main())
