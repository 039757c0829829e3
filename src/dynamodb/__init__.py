"""The DynamoDB data layer of VishMaker: its tables, their items, its configuration and what requests cost.

Functions answer with dictionaries (`status`, `message`, `data` or `code`) and do not raise for what can go wrong at run
time. `dynamodb.repositories` is the typed way, `dynamodb.errors` what it raises; `models.requirement` and
`models.waitlist` hold the schemas and the entities. Importing this makes no client and reads no credentials.

A name is imported when it is first used (PEP 562): pytest imports this package at every start, to find the fixtures of
`dynamodb.testing.plugin`, and must not pay for botocore, PynamoDB and Pydantic where no fixture is used.
"""

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from dynamodb._capacity import Capacity, capacity
    from dynamodb._config import TABLE_NAMES, configure
    from dynamodb._facade import (
        check_all_tables_exist,
        check_table_exists,
        create_all_tables,
        create_item,
        delete_all_tables,
        delete_item,
        get_item,
        get_table_info,
        list_all_tables,
        query_items,
        scan_items,
        test_connection,
        update_item,
    )
    from dynamodb._observing import Request, on_request
    from dynamodb._version import __version__
    from dynamodb._warming import warm
    from dynamodb.streams import StreamChange, from_stream_record
    from models._values import format_timestamp, generate_uuid, parse_timestamp

__all__ = [
    "TABLE_NAMES",
    "Capacity",
    "Request",
    "StreamChange",
    "__version__",
    "capacity",
    "check_all_tables_exist",
    "check_table_exists",
    "configure",
    "create_all_tables",
    "create_item",
    "delete_all_tables",
    "delete_item",
    "format_timestamp",
    "from_stream_record",
    "generate_uuid",
    "get_item",
    "get_table_info",
    "list_all_tables",
    "on_request",
    "parse_timestamp",
    "query_items",
    "scan_items",
    "test_connection",
    "update_item",
    "warm",
]

# `import dynamodb` is enough for these, too.
_MODULES = frozenset({"errors", "repositories", "streams"})
# Where the names come from that the facade does not define.
_HOMES = {
    "Capacity": "dynamodb._capacity",
    "capacity": "dynamodb._capacity",
    "TABLE_NAMES": "dynamodb._config",
    "configure": "dynamodb._config",
    "Request": "dynamodb._observing",
    "on_request": "dynamodb._observing",
    "__version__": "dynamodb._version",
    "warm": "dynamodb._warming",
    "StreamChange": "dynamodb.streams",
    "from_stream_record": "dynamodb.streams",
    "format_timestamp": "models._values",
    "generate_uuid": "models._values",
    "parse_timestamp": "models._values",
}


def __getattr__(name: str) -> Any:
    if name in _MODULES:
        return importlib.import_module(f"dynamodb.{name}")
    if name not in __all__:
        raise AttributeError(f"module 'dynamodb' has no attribute {name!r}")
    value = getattr(importlib.import_module(_HOMES.get(name, "dynamodb._facade")), name)
    # Next time it is found without coming here.
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
