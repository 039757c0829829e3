"""The engines as functions: an operation and its body go in, an answer comes out."""

import json
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager

from dynamodb.testing.engines import dynamodb_local
from support.fault_proxy import over_http
from support.index_lag import Send
from support.wire import JSON, Answer

_URL = "https://dynamodb.us-east-1.amazonaws.com/"
#: As the proxy spells it.
_TARGET = "x-amz-target"
_VERSION = "DynamoDB_20120810"
#: What an engine wants to see of a request of the tests' own; none of them checks the signature.
_HEADERS = {
    "Content-Type": "application/x-amz-json-1.0",
    "Authorization": "AWS4-HMAC-SHA256 Credential=testing/20200101/us-east-1/dynamodb/aws4_request, "
    "SignedHeaders=host, Signature=0",
}

MOTO, LOCAL = "moto", "dynamodb-local"


def call(engine: Send, operation: str, body: JSON) -> JSON:
    """Have an engine do something, with nothing between.

    Raises:
        RuntimeError: if it refuses.
    """
    answer = engine(operation, body, {**_HEADERS, _TARGET: f"{_VERSION}.{operation}"})
    if answer.status != 200:
        raise RuntimeError(f"{operation}: {answer.body!r}")
    return answer.json()


@contextmanager
def running(name: str) -> Iterator[Send]:
    """Run an engine.

    Args:
        name: `MOTO` or `LOCAL`.

    Raises:
        EngineNotInstalledError: if DynamoDB Local has not been fetched.
    """
    if name == MOTO:
        yield _moto()
    else:
        with dynamodb_local() as endpoint:
            yield over_http(endpoint)


def _moto() -> Send:
    """moto without its web server, which takes four times as long, and one request at a time: it isolates none."""
    # Half a second that a run without moto need not spend.
    from moto.core.request import Request  # noqa: PLC0415
    from moto.dynamodb.responses import DynamoHandler  # noqa: PLC0415

    lock = threading.Lock()

    def send(operation: str, body: JSON, headers: Mapping[str, str]) -> Answer:
        passed = {**headers, _TARGET: f"{_VERSION}.{operation}"}
        passed.pop("content-length", None)
        request = Request.from_primitives("POST", _URL, passed, json.dumps(body).encode())
        with lock:
            status, _, answer = DynamoHandler.dispatch(request, _URL, request.headers)
        return Answer(status, answer.encode() if isinstance(answer, str) else answer)

    return send
