"""A plain client, to set data up and to look behind the data layer."""

from functools import cache
from typing import Any

import botocore.session
from botocore.config import Config


def make_client(endpoint: str, *, attempts: int = 1, read_timeout: float = 5) -> Any:
    """A botocore client for this endpoint: no retries unless `attempts` says so."""
    config = Config(
        retries={"mode": "standard", "total_max_attempts": attempts},
        connect_timeout=5,
        read_timeout=read_timeout,
        max_pool_connections=40,
    )
    return _session().create_client("dynamodb", region_name="us-east-1", endpoint_url=endpoint, config=config)


@cache
def _session() -> Any:
    """One session reads the service's description once."""
    session = botocore.session.Session()
    session.set_credentials("testing", "testing")
    return session


def make_table(client: Any, name: str) -> None:
    """A table `id` / `parent` with one index, `parent-index`: parent, at."""
    client.create_table(
        TableName=name,
        KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}, {"AttributeName": "parent", "KeyType": "RANGE"}],
        AttributeDefinitions=[{"AttributeName": a, "AttributeType": "S"} for a in ("id", "parent", "at")],
        GlobalSecondaryIndexes=[
            {
                "IndexName": "parent-index",
                "KeySchema": [
                    {"AttributeName": "parent", "KeyType": "HASH"},
                    {"AttributeName": "at", "KeyType": "RANGE"},
                ],
                "Projection": {"ProjectionType": "ALL"},
            }
        ],
        BillingMode="PAY_PER_REQUEST",
    )
