"""Indexes that lag: reads of an index see the tables as they were N writes ago.

Every table that is touched gets a shadow on the same engine, with the same keys and indexes. A write goes to the
table at once; the item as it was right after that write waits in a queue, and reaches the shadow when N newer writes
are in front of it. Reads of an index (Query and Scan with IndexName) are answered by the shadow. So it is the engine
that evaluates conditions, filters, order, pages and projections, on a state that was true N writes ago: new items are
missing, changed ones still old, deleted ones still there. Reads of the table itself are never late.

A batch of 25 is 25 writes, and a transaction of 10 is 10: the service, too, brings them to an index one by one.
PartiQL passes through unseen.
"""

import json
import threading
import uuid
from collections import deque
from collections.abc import Callable, Iterator, Mapping

from support.wire import JSON, Answer

# Sends an operation with this body to the engine, signed with these headers.
Send = Callable[[str, JSON, Mapping[str, str]], Answer]


class IndexLag:
    """Stands before the engine.

    Args:
        send: How to reach the engine.
        writes: How many of the last writes the indexes do not show.
        settle_after: How many index reads see the lag; before the next one the indexes catch up, and lag anew with
            the writes after it. Without it they never do by themselves.
    """

    def __init__(self, send: Send, writes: int, settle_after: int | None = None) -> None:
        self._send = send
        self._writes = writes
        self._settle_after = settle_after
        self._reads = 0
        self._pending: deque[tuple[str, JSON, JSON | None]] = deque()
        self._shadows: dict[str, str] = {}
        self._keys: dict[str, list[str]] = {}
        self._suffix = f".lag-{uuid.uuid4().hex[:8]}"
        self._headers: Mapping[str, str] = {}
        # One request at a time: the state right after a write has to be read before the next one.
        self._lock = threading.Lock()

    def __call__(self, operation: str, body: JSON, headers: Mapping[str, str]) -> Answer:
        """Answer a request as an engine with late indexes does."""
        with self._lock:
            self._headers = headers
            if "IndexName" in body:
                return self._read_index(operation, body)
            return self._pass_on(operation, body)

    def catch_up(self) -> None:
        """Bring the indexes up to date, as time does."""
        with self._lock:
            self._apply_all_but(0)

    def close(self) -> None:
        """Delete the shadows."""
        with self._lock:
            for shadow in self._shadows.values():
                self._call("DeleteTable", {"TableName": shadow})
            self._shadows.clear()
            self._pending.clear()

    def _read_index(self, operation: str, body: JSON) -> Answer:
        table = body["TableName"]
        if not self._follow(table):
            return self._send(operation, body, self._headers)
        if self._settle_after is not None and self._reads >= self._settle_after:
            self._apply_all_but(0)
            self._reads = 0
        self._reads += 1
        shadow = self._shadows[table]
        answer = self._send(operation, {**body, "TableName": shadow}, self._headers)
        # In consumed capacity and in messages; the shadow's name stands for nothing else.
        return Answer(answer.status, answer.body.replace(shadow.encode(), table.encode()))

    def _pass_on(self, operation: str, body: JSON) -> Answer:
        written = list(_writes(operation, body))
        for table in {table for table, _ in written}:
            self._follow(table)
        answer = self._send(operation, body, self._headers)
        if answer.status != 200:
            return answer
        if operation == "ListTables":
            return self._hide_shadows(answer)
        if operation == "DeleteTable":
            self._forget(body["TableName"])
        for table, item in written:
            key = {name: item[name] for name in self._keys[table]}
            self._pending.append((table, key, self._read(table, key)))
        self._apply_all_but(self._writes)
        return answer

    def _follow(self, table: str) -> bool:
        """Give the table a shadow with its present items; False when there is no such table."""
        if table in self._shadows:
            return True
        described = self._send("DescribeTable", {"TableName": table}, self._headers)
        if described.status != 200:
            return False
        schema = described.json()["Table"]
        shadow = table + self._suffix
        self._call("CreateTable", _same_table(schema, shadow))
        self._shadows[table] = shadow
        self._keys[table] = [key["AttributeName"] for key in schema["KeySchema"]]
        for item in self._items(table):
            self._call("PutItem", {"TableName": shadow, "Item": item})
        return True

    def _items(self, table: str) -> Iterator[JSON]:
        page: JSON = {}
        while True:
            start = {"ExclusiveStartKey": page["LastEvaluatedKey"]} if page else {}
            page = self._call("Scan", {"TableName": table, "ConsistentRead": True, **start})
            yield from page["Items"]
            if "LastEvaluatedKey" not in page:
                return

    def _read(self, table: str, key: JSON) -> JSON | None:
        found: JSON | None = self._call("GetItem", {"TableName": table, "Key": key, "ConsistentRead": True}).get("Item")
        return found

    def _apply_all_but(self, newest: int) -> None:
        while len(self._pending) > newest:
            table, key, item = self._pending.popleft()
            shadow = self._shadows[table]
            if item is None:
                self._call("DeleteItem", {"TableName": shadow, "Key": key})
            else:
                self._call("PutItem", {"TableName": shadow, "Item": item})

    def _forget(self, table: str) -> None:
        shadow = self._shadows.pop(table, None)
        if shadow is not None:
            self._call("DeleteTable", {"TableName": shadow})
            self._pending = deque(entry for entry in self._pending if entry[0] != table)

    def _hide_shadows(self, answer: Answer) -> Answer:
        listed = answer.json()
        listed["TableNames"] = [name for name in listed["TableNames"] if not name.endswith(self._suffix)]
        return Answer(answer.status, json.dumps(listed).encode())

    def _call(self, operation: str, body: JSON) -> JSON:
        answer = self._send(operation, body, self._headers)
        if answer.status != 200:
            raise RuntimeError(f"{operation} of the index lag failed: {answer.body!r}")
        return answer.json()


def _writes(operation: str, body: JSON) -> Iterator[tuple[str, JSON]]:
    """Each item written: its table, and its key or the whole of it."""
    if operation in {"PutItem", "UpdateItem", "DeleteItem"}:
        yield body["TableName"], body.get("Item") or body["Key"]
    elif operation == "BatchWriteItem":
        for table, requests in body["RequestItems"].items():
            for request in requests:
                yield (
                    table,
                    request["PutRequest"]["Item"] if "PutRequest" in request else request["DeleteRequest"]["Key"],
                )
    elif operation == "TransactWriteItems":
        for action in body["TransactItems"]:
            for kind, asked in action.items():
                if kind != "ConditionCheck":
                    yield asked["TableName"], asked.get("Item") or asked["Key"]


def _same_table(schema: JSON, name: str) -> JSON:
    """The request that makes a table like the one described."""
    indexes = [
        {part: index[part] for part in ("IndexName", "KeySchema", "Projection")}
        for index in schema.get("GlobalSecondaryIndexes", ())
    ]
    made = {
        "TableName": name,
        "KeySchema": schema["KeySchema"],
        "AttributeDefinitions": schema["AttributeDefinitions"],
        "BillingMode": "PAY_PER_REQUEST",
    }
    return {**made, "GlobalSecondaryIndexes": indexes} if indexes else made
