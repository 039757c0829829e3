"""Counts requests and the capacity units that DynamoDB charges for them.

DynamoDB Local 3.3.1 reports what DynamoDB reports, with these exceptions, which are put right here:

- It reports a query or get that finds nothing as free. DynamoDB charges the minimum: half a unit, one where the read is
  strongly consistent (API reference, Query).
- Of a transaction it reports one action for each table, and doubles the units of indexes too. DynamoDB charges every
  action, a condition check included, and doubles the table's units only. AWS's documentation does not say the latter;
  it was measured in eu-west-2 in August 2026 (https://github.com/nubo-db/dynoxide/pull/188).

So the charge of a transaction is computed here, from its actions: that is right only while every row is at most 1 KB,
which `check_sizes` sees to.
"""

import threading
from collections import Counter
from dataclasses import dataclass, field
from typing import Any

from dynamodb import TABLE_NAMES, _tables
from dynamodb._config import ONE_TABLE, table_name
from dynamodb._requests import item_size
from models.single_table import SINGLE_TABLE
from models.tables import MODELS

_READS = frozenset({"BatchGetItem", "GetItem", "Query", "Scan", "TransactGetItems"})
_UNIT = 1024

TIMES = "\N{MULTIPLICATION SIGN}"


@dataclass
class Charge:
    """What an operation costs, and the requests it consists of.

    Attributes:
        made_of: how often each request was made, as `describe` words it, by what is done and to which table.
    """

    requests: int = 0
    read_units: float = 0.0
    write_units: float = 0.0
    made_of: Counter[tuple[str, str]] = field(default_factory=Counter)


class Meter:
    """Counts what a botocore client is asked for."""

    def __init__(self, client: Any) -> None:
        self._charge = Charge()
        self._lock = threading.Lock()
        self._names = {table_name(key): key.replace("_", "-") for key in (*MODELS, *SINGLE_TABLE)}
        self._indexes = {table_name(key): _hash_keys(key) for key in (*MODELS, *SINGLE_TABLE)}
        client.meta.events.register("provide-client-params.dynamodb.*", self._ask)
        client.meta.events.register("after-call.dynamodb.*", self._count)

    def take(self) -> Charge:
        """Return what was counted since the last time, and begin anew."""
        with self._lock:
            taken, self._charge = self._charge, Charge()
        return taken

    def _ask(self, params: dict[str, Any], model: Any, context: dict[str, Any], **_: Any) -> dict[str, Any]:
        context["asked"] = params
        if "ReturnConsumedCapacity" not in model.input_shape.members:
            return params
        return {**params, "ReturnConsumedCapacity": "INDEXES"}

    def _count(self, parsed: dict[str, Any], model: Any, context: dict[str, Any], **_: Any) -> None:
        params, operation = context["asked"], model.name
        units = self._units(operation, params, parsed)
        with self._lock:
            self._charge.requests += 1
            if operation in _READS:
                self._charge.read_units += units
            else:
                self._charge.write_units += units
            self._charge.made_of[self._describe(operation, params)] += 1

    def _units(self, operation: str, params: dict[str, Any], answer: dict[str, Any]) -> float:
        if operation == "TransactWriteItems":
            return float(sum(map(self._action_units, params["TransactItems"])))
        reported = answer.get("ConsumedCapacity") or []
        units = sum(float(one["CapacityUnits"]) for one in (reported if isinstance(reported, list) else [reported]))
        if operation in {"GetItem", "Query", "Scan"}:
            return units or (1.0 if params.get("ConsistentRead") else 0.5)
        if operation == "BatchGetItem":
            ((table, wanted),) = params["RequestItems"].items()
            missing = len(wanted["Keys"]) - len(answer["Responses"].get(table, []))
            return units + missing * (1.0 if wanted.get("ConsistentRead") else 0.5)
        return units

    def _action_units(self, action: dict[str, Any]) -> int:
        ((kind, params),) = action.items()
        if kind == "ConditionCheck":
            return 2
        indexes = self._indexes[params["TableName"]]
        if params["TableName"] != table_name(ONE_TABLE):  # an index has every row of its table
            return 2 + len(indexes)
        # Of the one table, an index has what has its key; rows that transactions change or delete are nodes: in none.
        return 2 + len(indexes & params.get("Item", {}).keys())

    def _describe(self, operation: str, params: dict[str, Any]) -> tuple[str, str]:
        if operation == "TransactWriteItems":
            actions = Counter(
                f"{kind} {self._names[one['TableName']]}"
                for action in params["TransactItems"]
                for kind, one in action.items()
            )
            *first, last = (f"{count} {TIMES} {what}" if count > 1 else what for what, count in actions.items())
            last, table = last.rsplit(" ", 1)
            return " ".join(["TransactWriteItems:", *(f"{one}," for one in first), last]), table
        if operation.startswith("Batch"):
            (table,) = params["RequestItems"]
            return operation, self._names[table]
        table = self._names[params["TableName"]]
        if operation != "Query":
            return operation, table
        # The key condition is written first.
        return f"Query `{params.get('IndexName') or params['ExpressionAttributeNames']['#0']}`", table


def _hash_keys(key: str) -> set[str]:
    return {index["KeySchema"][0]["AttributeName"] for index in _tables.definition(key)["GlobalSecondaryIndexes"]}


def check_sizes(client: Any) -> None:
    """See that every row is at most 1 KB, so that one unit is what writing it takes.

    Raises:
        ValueError: if one is larger.
    """
    for table in TABLE_NAMES.values():
        for page in client.get_paginator("scan").paginate(TableName=table):
            for item in page["Items"]:
                if (size := item_size(item)) > _UNIT:
                    raise ValueError(f"{table}: a row of {size} bytes is charged more than one unit")
