"""A canned DynamoDB on the loopback interface, so that only the client is measured.

It speaks DynamoDB JSON over HTTP/1.1 keep-alive, answers from bytes that are made before the first request, and
checks nothing: no signature, no expression. Every answer carries its CRC32, which botocore verifies. What a request
asks for is told by its operation, its table, and the values it names.

It prints one line with its port, and ends when its standard input closes: it cannot outlive whoever started it.
`GET /counts` returns and resets what was asked of it (requests by operation, items written).
"""

import asyncio
import json
import re
import sys
import zlib
from collections import Counter
from typing import Any

from bench import dataset

_HEAD = (
    "HTTP/1.1 {status}\r\nServer: Server\r\nDate: Mon, 25 Aug 2025 02:07:57 GMT\r\n"
    "Content-Type: application/x-amz-json-1.0\r\nContent-Length: {length}\r\nConnection: keep-alive\r\n"
    "x-amzn-RequestId: 5F8QK0V1V1T4B5C6D7E8F9G0H1VV4KQNSO5AEMVJF66Q9ASUAAJG\r\nx-amz-crc32: {crc}\r\n\r\n"
)
_CONTENT_LENGTH = re.compile(rb"\r\ncontent-length: *(\d+)", re.IGNORECASE)
_TARGET = re.compile(rb"\r\nx-amz-target: *DynamoDB_20120810\.(\w+)", re.IGNORECASE)
_EXPECTS = re.compile(rb"\r\nexpect: *100-continue", re.IGNORECASE)
_WRITES = re.compile(rb'"(?:PutRequest|Put)": ?\{')


def answer(body: bytes, status: str = "200 OK") -> bytes:
    """Return a whole HTTP answer for a body."""
    return _HEAD.format(status=status, length=len(body), crc=zlib.crc32(body)).encode() + body


class Answers:
    """All that the server can say, as bytes."""

    def __init__(self) -> None:
        self._empty = answer(b"{}")
        self._acknowledgements = {
            "BatchGetItem": answer(b'{"Responses":{},"UnprocessedKeys":{}}'),
            "BatchWriteItem": answer(b'{"UnprocessedItems":{}}'),
            "DeleteItem": self._empty,
            "PutItem": self._empty,
            "TransactWriteItems": self._empty,
        }
        self._no_items = self._page([], None)
        self._unknown = answer(
            dataset.dump(
                {
                    "__type": "com.amazonaws.dynamodb.v20120810#ValidationException",
                    "message": "The canned server has no answer for this.",
                }
            ),
            "400 Bad Request",
        )
        #: (table, partition key value of the index) to its pages: (uiid a page starts after, answer)
        self._pages: dict[tuple[str, str], dict[str | None, bytes]] = {}
        #: (table, key of the table) to the item
        self._items: dict[tuple[str, str], dataset.Row] = {}
        self._fill()

    def _fill(self) -> None:
        self._add_pages(dataset.HIGH_LEVEL, dataset.HUNDRED_ID, dataset.make_rows(dataset.HUNDRED_ID, 100))
        self._items[dataset.PROJECTS, dataset.ONE_PROJECT["id"]] = dataset.ONE_PROJECT
        self._items[dataset.USER_FLOWS, dataset.ONE_FLOW["uiid"]] = dataset.ONE_FLOW
        # Exactly one page: a reader that follows LastEvaluatedKey would otherwise ask a second time.
        self._add_pages(dataset.HIGH_LEVEL, dataset.PAGE_ID, dataset.make_rows(dataset.PAGE_ID, dataset.PAGE_ROWS))
        for size in dataset.READ_TREES:
            tree = dataset.make_tree(size)
            self._items[dataset.PROJECTS, tree.project["id"]] = tree.project
            for table, rows in zip(dataset.LEVELS, tree.levels, strict=True):
                self._add_pages(table, tree.project["id"], rows)
                self._items[table, rows[0]["uiid"]] = rows[0]

    def _add_pages(self, table: str, project: str, rows: list[dataset.Row]) -> None:
        pages: dict[str | None, bytes] = {}
        after = None
        cut = list(dataset.pages(rows))
        for number, page in enumerate(cut, 1):
            more = number < len(cut)
            pages[after] = self._page(page, self._last_key(table, page[-1]) if more else None)
            after = page[-1]["uiid"]
        self._pages[table, project] = pages
        self._items[table, rows[0]["uiid"]] = rows[0]

    @staticmethod
    def _last_key(table: str, row: dataset.Row) -> dict[str, Any]:
        keys = {"uiid", "project_id", "created_at"} | ({"parent_uiid"} if table != dataset.USER_FLOWS else set())
        return dataset.to_wire({key: value for key, value in row.items() if key in keys})

    @staticmethod
    def _page(rows: list[dataset.Row], last_key: dict[str, Any] | None) -> bytes:
        body: dict[str, Any] = {"Items": [dataset.to_wire(row) for row in rows]}
        body |= {"Count": len(rows), "ScannedCount": len(rows)}
        if last_key:
            body["LastEvaluatedKey"] = last_key
        return answer(dataset.dump(body))

    def find(self, operation: str, body: bytes) -> bytes:
        """Return the answer to a request."""
        match operation:
            case "Query":
                return self._query(json.loads(body))
            case "GetItem":
                return self._get(json.loads(body))
            case "UpdateItem":
                return self._update(json.loads(body))
        return self._acknowledgements.get(operation, self._unknown)

    def _query(self, request: dict[str, Any]) -> bytes:
        table = request["TableName"]
        start = request.get("ExclusiveStartKey")
        values = [value["S"] for value in request.get("ExpressionAttributeValues", {}).values() if "S" in value]
        for value in values:
            if "IndexName" in request:
                if pages := self._pages.get((table, value)):
                    return pages[start["uiid"]["S"] if start else None]
            elif item := self._items.get((table, value)):
                return self._page([item], None)
        return self._no_items

    def _get(self, request: dict[str, Any]) -> bytes:
        for value in request["Key"].values():
            if item := self._items.get((request["TableName"], value["S"])):
                return answer(dataset.dump({"Item": dataset.to_wire(item)}))
        return self._empty

    def _update(self, request: dict[str, Any]) -> bytes:
        if request.get("ReturnValues", "NONE") == "NONE":
            return self._empty
        for value in request["Key"].values():
            if item := self._items.get((request["TableName"], value["S"])):
                return answer(dataset.dump({"Attributes": dataset.to_wire(item)}))
        return self._empty


class Connection(asyncio.Protocol):
    """One client's connection."""

    def __init__(self, answers: Answers, counts: Counter[str]) -> None:
        self._answers = answers
        self._counts = counts
        self._buffer = bytearray()
        self._transport: asyncio.WriteTransport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.WriteTransport)
        self._transport = transport

    def data_received(self, data: bytes) -> None:
        assert self._transport is not None
        self._buffer += data
        while (end := self._buffer.find(b"\r\n\r\n")) >= 0:
            head = bytes(self._buffer[:end])
            length = _CONTENT_LENGTH.search(head)
            whole = end + 4 + (int(length[1]) if length else 0)
            if len(self._buffer) < whole:
                if _EXPECTS.search(head) and len(self._buffer) == end + 4:
                    self._transport.write(b"HTTP/1.1 100 Continue\r\n\r\n")
                return
            body = bytes(self._buffer[end + 4 : whole])
            del self._buffer[:whole]
            self._transport.write(self._serve(head, body))

    def _serve(self, head: bytes, body: bytes) -> bytes:
        if head.startswith(b"GET /counts"):
            counts = answer(dataset.dump(self._counts))
            self._counts.clear()
            return counts
        target = _TARGET.search(head)
        operation = target[1].decode() if target else "?"
        self._counts[operation] += 1
        if operation in {"BatchWriteItem", "TransactWriteItems"}:
            self._counts["items written"] += len(_WRITES.findall(body))
        elif operation == "PutItem":
            self._counts["items written"] += 1
        return self._answers.find(operation, body)


async def serve() -> None:
    """Serve until the standard input closes."""
    answers, counts = Answers(), Counter[str]()
    loop = asyncio.get_running_loop()
    server = await loop.create_server(lambda: Connection(answers, counts), "127.0.0.1", 0)
    sys.stdout.write(json.dumps({"port": server.sockets[0].getsockname()[1]}) + "\n")
    sys.stdout.flush()
    async with server:
        await loop.run_in_executor(None, sys.stdin.read)


if __name__ == "__main__":
    asyncio.run(serve())
