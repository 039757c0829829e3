"""Callbacks are told about requests, and where there are none nothing is added to the client."""

import logging
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest

import dynamodb
from dynamodb import Request, on_request
from dynamodb import _connection as connection
from dynamodb.repositories import ProjectRepository, UserFlowRepository
from dynamodb.testing.faults import Faults


@pytest.fixture
def seen(vishmaker_tables: dict[str, str]) -> Iterator[list[Request]]:
    """What a callback is told in this test."""
    requests: list[Request] = []
    stop = on_request(requests.append)
    yield requests
    stop()


def handlers() -> int:
    """How many of this module's handlers the client has."""
    events = connection.client().meta.events
    emitter = events._emitter
    return sum(
        handler.__module__ == "dynamodb._observing"
        for event in ("provide-client-params", "after-call", "after-call-error")
        for handler in emitter._handlers.prefix_search(f"{event}.dynamodb.Query")
    )


def test_each_request_is_told_once(seen: list[Request], vishmaker_tables: dict[str, str]) -> None:
    """A request is told with its operation, its tables, its time and DynamoDB's id of it."""
    project = ProjectRepository().create({"name": "Aware", "user_id": "u-1"})
    UserFlowRepository().create({"name": "Flow", "project_id": project.id})

    operations = [request.operation for request in seen]
    assert operations == ["PutItem", "Query", "TransactWriteItems"]
    assert set(seen[2].tables) == {vishmaker_tables["projects"], vishmaker_tables["user_flows"]}
    assert all(request.error is None and request.retries == 0 and request.request_id for request in seen)
    assert all(request.seconds > 0 for request in seen)
    assert [request.started_ns for request in seen] == sorted(request.started_ns for request in seen)


def test_a_refusal_is_told_with_its_code(seen: list[Request]) -> None:
    """A request that DynamoDB refuses carries DynamoDB's code."""
    dynamodb.get_table_info("no-such-table")

    assert [(request.operation, request.error) for request in seen] == [("DescribeTable", "ResourceNotFoundException")]


def test_what_has_no_answer_is_told_with_the_exception(seen: list[Request], dynamodb_faults: Faults) -> None:
    """Where no answer came the exception's name stands for the code, and the retries are counted."""
    dynamodb_faults.time_out(4)

    assert dynamodb.test_connection()["code"] == "connection_failed"

    (request,) = seen
    assert (request.error, request.request_id, request.retries) == ("ReadTimeoutError", "", 3)


def test_retries_are_counted(seen: list[Request], dynamodb_faults: Faults) -> None:
    """A request that botocore repeats is told once, with how often."""
    dynamodb_faults.throttle(2)

    assert dynamodb.test_connection()["status"] == "success"

    assert [(request.retries, request.error) for request in seen] == [(2, None)]


def test_nothing_is_registered_without_a_callback(vishmaker_tables: dict[str, str]) -> None:
    """The client gets its handlers with the first callback and loses them with the last."""
    assert handlers() == 0
    first, second = on_request(lambda _: None), on_request(lambda _: None)
    assert handlers() == 3
    first()
    assert handlers() == 3
    second()
    second()
    assert handlers() == 0


def test_a_client_made_later_is_observed_too(seen: list[Request]) -> None:
    """A callback stays when the configuration changes and another client is made."""
    dynamodb.configure(read_timeout=7)
    try:
        dynamodb.test_connection()
    finally:
        dynamodb.configure()

    assert [request.operation for request in seen] == ["DescribeTable"]


def test_a_callback_given_twice_ends_once_each(vishmaker_tables: dict[str, str]) -> None:
    """Each call of on_request stands for itself."""
    seen: list[Request] = []
    first, second = on_request(seen.append), on_request(seen.append)
    dynamodb.test_connection()
    first()
    dynamodb.test_connection()
    second()
    dynamodb.test_connection()

    assert len(seen) == 3


def test_a_callback_that_fails_harms_nothing(seen: list[Request], caplog: pytest.LogCaptureFixture) -> None:
    """The request's outcome stays, the other callbacks are called, and the log says what is broken."""

    def broken(request: Request) -> None:
        raise RuntimeError("broken logger")

    stop = on_request(broken)
    try:
        with caplog.at_level(logging.ERROR, logger="dynamodb"):
            assert dynamodb.test_connection()["status"] == "success"
    finally:
        stop()

    assert len(seen) == 1
    assert "broken logger" in caplog.text


def test_it_runs_in_the_thread_of_the_request(vishmaker_tables: dict[str, str]) -> None:
    """A tracer that keeps its state by thread or context finds the request's own."""
    threads: list[int] = []
    stop = on_request(lambda _: threads.append(threading.get_ident()))

    def ask() -> int:
        dynamodb.test_connection()
        return threading.get_ident()

    try:
        with ThreadPoolExecutor(1) as pool:
            asked = pool.submit(ask).result()
    finally:
        stop()

    assert threads == [asked]
