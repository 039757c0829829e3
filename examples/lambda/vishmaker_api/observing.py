"""Logs and traces of the requests to DynamoDB. Whatever is not switched on adds nothing to a request."""

import json
import logging
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

from dynamodb import Request, on_request

log = logging.getLogger("vishmaker_api.dynamodb")

_invocation: ContextVar[str] = ContextVar("invocation", default="")


@contextmanager
def invocation(context: Any) -> Iterator[None]:
    """Remember Lambda's id of this invocation; the data layer's own threads see it, too."""
    token = _invocation.set(getattr(context, "aws_request_id", ""))
    try:
        yield
    finally:
        _invocation.reset(token)


def log_requests() -> None:
    """Write a line of JSON for each request to DynamoDB: nothing of an item is in it."""
    log.setLevel(logging.INFO)
    on_request(_log)


def _log(request: Request) -> None:
    line = {
        "invocation": _invocation.get(),
        "operation": request.operation,
        "tables": request.tables,
        "milliseconds": round(request.seconds * 1000, 1),
        "retries": request.retries,
        "request_id": request.request_id,
        "error": request.error,
    }
    log.log(logging.WARNING if request.error else logging.INFO, json.dumps(line))


def trace_requests(tracer: Any = None) -> None:
    """Record a span for each request to DynamoDB; with the ADOT layer they go to X-Ray.

    Args:
        tracer: OpenTelemetry's; default: that of the provider that is configured.
    """
    from opentelemetry import trace  # noqa: PLC0415 - only a function that traces has it
    from opentelemetry.trace import SpanKind, Status, StatusCode  # noqa: PLC0415

    recorder = tracer or trace.get_tracer("vishmaker_api")

    def record(request: Request) -> None:
        # The callback runs in the request's context, so that the span's parent is that of the caller.
        span = recorder.start_span(
            f"DynamoDB.{request.operation}",
            kind=SpanKind.CLIENT,
            start_time=request.started_ns,
            attributes={
                "db.system.name": "aws.dynamodb",
                "db.operation.name": request.operation,
                "aws.dynamodb.table_names": request.tables,
                "aws.request_id": request.request_id,
            },
        )
        if request.error:
            span.set_status(Status(StatusCode.ERROR, request.error))
        span.end(request.started_ns + int(request.seconds * 1e9))

    on_request(record)
