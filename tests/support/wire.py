"""What goes over the wire between a client and the engine, as the fault proxy sees it."""

import json
import uuid
import zlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, Protocol

JSON = dict[str, Any]

CONTENT_TYPE = "application/x-amz-json-1.0"
SERVICE = "com.amazonaws.dynamodb.v20120810"
CHECKSUM_HEADER = "x-amz-crc32"

BATCHES = ("BatchGetItem", "BatchWriteItem")
TRANSACTIONS = ("TransactGetItems", "TransactWriteItems")


@dataclass
class Request:
    """One request that reached the proxy.

    `number` is its place in `FaultProxy.requests`; `fault` names what was done to it, and `status` is the HTTP status
    sent back: both None for as long as, or when, there is none.
    """

    number: int
    operation: str
    body: JSON
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)
    fault: str | None = None
    status: int | None = None

    @property
    def tables(self) -> tuple[str, ...]:
        """The tables it touches, each once, in the order they are named."""
        return tuple(dict.fromkeys(_tables(self.operation, self.body)))

    @property
    def table(self) -> str | None:
        """The first table it touches."""
        return next(iter(self.tables), None)

    @property
    def index(self) -> str | None:
        """The index it reads."""
        return self.body.get("IndexName")


def _tables(operation: str, body: JSON) -> Iterator[str]:
    if "TableName" in body:
        yield body["TableName"]
    elif operation in BATCHES:
        yield from body.get("RequestItems", {})
    elif operation in TRANSACTIONS:
        for item in body.get("TransactItems", ()):
            yield from (action["TableName"] for action in item.values())


@dataclass(frozen=True)
class Answer:
    """An answer, and how it is sent.

    Attributes:
        status: HTTP status.
        body: All of the body that belongs to it.
        headers: What is sent beside type, length, request id and checksum.
        checksum: The CRC32 to send; None sends the right one, and "absent" none.
        sent: How many bytes of the body go out before the connection is reset; None sends all.
        seconds: Time over which the body is spread, in ten pieces.
    """

    status: int
    body: bytes
    headers: Mapping[str, str] = field(default_factory=dict)
    checksum: int | Literal["absent"] | None = None
    sent: int | None = None
    seconds: float = 0

    def json(self) -> JSON:
        """The body, decoded."""
        decoded: JSON = json.loads(self.body)
        return decoded


@dataclass(frozen=True)
class Dropped:
    """No answer: the connection is closed, or torn down with a reset."""

    reset: bool = False


class Exchange(Protocol):
    """One request on its way; what a fault has to work with."""

    request: Request

    def forward(self, body: JSON | None = None) -> Answer:
        """Let the engine answer the request, or the request with this body in its place."""

    def wait(self, seconds: float) -> None:
        """Let time pass; the end of the proxy cuts it short."""


def crc32(body: bytes) -> int:
    """The checksum as DynamoDB sends it."""
    return zlib.crc32(body)


def to_answer(document: JSON, status: int = 200, **headers: str) -> Answer:
    """An answer with this document."""
    return Answer(status, json.dumps(document, separators=(",", ":")).encode(), headers)


def error(
    code: str, message: str, *, status: int = 400, namespace: str = SERVICE, key: str = "message", **more: Any
) -> Answer:
    """An error as the service words it; `key` is where the model of this error keeps its message."""
    return to_answer({"__type": f"{namespace}#{code}", key: message, **more}, status)


def request_id() -> str:
    """A request id in the service's style."""
    return (uuid.uuid4().hex + uuid.uuid4().hex).upper()[:52]
