"""The DynamoDB data layer of VishMaker: its tables, their items, its configuration and what requests cost.

Functions answer with dictionaries (`status`, `message`, `data` or `code`) and do not raise for what can go wrong at run
time. `dynamodb.repositories` is the typed way, `dynamodb.errors` what it raises; `models.requirement` and
`models.waitlist` hold the schemas and the entities. Importing this makes no client and reads no credentials.
"""

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
from dynamodb._version import __version__
from dynamodb._warming import warm
from models._values import format_timestamp, generate_uuid, parse_timestamp

__all__ = [
    "TABLE_NAMES",
    "Capacity",
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
    "generate_uuid",
    "get_item",
    "get_table_info",
    "list_all_tables",
    "parse_timestamp",
    "query_items",
    "scan_items",
    "test_connection",
    "update_item",
    "warm",
]
