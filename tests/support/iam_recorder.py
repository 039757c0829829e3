"""A pytest plugin that writes down what the layer's own client asked DynamoDB for, as IAM sees it.

`pytest -p support.iam_recorder` with `IAM_RECORD` naming a folder. One file a process, one line a request: the actions
and the resources, tables by their key in `TABLE_NAMES` and indexes as `<key>/index/<name>`. Requests of the tests'
plain clients are not in it.
"""

import json
import os
from pathlib import Path
from typing import Any

import pytest

from dynamodb import TABLE_NAMES, _connection

#: A transaction needs the permission for each action that it holds.
#: https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/transaction-apis-iam.html
ACTIONS = {
    "Get": "GetItem",
    "Put": "PutItem",
    "Update": "UpdateItem",
    "Delete": "DeleteItem",
    "ConditionCheck": "ConditionCheckItem",
}


def needed(operation: str, params: dict[str, Any]) -> list[tuple[str, str]]:
    """Return the actions that a request needs, each with the table or index, by name."""
    if "TransactItems" in params:
        parts = [(ACTIONS[kind], body) for item in params["TransactItems"] for kind, body in item.items()]
        return [(action, body["TableName"]) for action, body in parts]
    if "RequestItems" in params:
        return [(operation, table) for table in params["RequestItems"]]
    table = params.get("TableName", "*")
    return [(operation, f"{table}/index/{params['IndexName']}" if "IndexName" in params else table)]


@pytest.hookimpl(tryfirst=True)
def pytest_configure(config: pytest.Config) -> None:
    """Watch every client that the layer makes from now on."""
    make_client = _connection._make_client
    record = Path(os.environ["IAM_RECORD"], f"{os.getpid()}.ndjson").open("a", encoding="utf-8")  # noqa: SIM115
    config.add_cleanup(record.close)

    def watched(settings: Any) -> Any:
        client = make_client(settings)
        client.meta.events.register("provide-client-params.dynamodb.*", write_down)
        return client

    def write_down(params: dict[str, Any], model: Any, **_: Any) -> None:
        keys = {name: key for key, name in TABLE_NAMES.items()}
        for action, resource in needed(model.name, params):
            table, slash, index = resource.partition("/")
            if table in keys:
                record.write(json.dumps([action, keys[table] + slash + index]) + "\n")
        record.flush()

    _connection._make_client = watched
