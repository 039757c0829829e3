"""Faults on order happen where they are ordered, as DynamoDB's own would, and nobody waits for them."""

import time
from collections.abc import Callable
from typing import Any

import pytest

from dynamodb import _connection as connection
from dynamodb import capacity, check_all_tables_exist, configure, create_all_tables, delete_all_tables
from dynamodb.errors import ConnectionFailedError, ThrottledError
from dynamodb.repositories import HierarchyRepository, ProjectRepository, UserFlowRepository
from dynamodb.testing import engines
from dynamodb.testing.faults import Faults, UnusedFaultError, injected_faults
from models.requirement import ProjectTree

Order = Callable[..., Any]

KINDS = ("throttle", "server_error", "time_out", "break_connection")
NEW = {"name": "Aware", "user_id": "u-1", "id": "p-1"}
TRIES = 4


def is_stored() -> bool:
    return ProjectRepository().find("p-1") is not None


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.usefixtures("vishmaker_tables")
def test_what_happens_less_often_than_is_tried_is_not_seen(kind: str, dynamodb_faults: Faults) -> None:
    """Three faults of each kind are repeated away, and counted."""
    fault = getattr(dynamodb_faults, kind)(TRIES - 1, operation="PutItem")

    with capacity() as used:
        ProjectRepository().create(NEW)

    assert fault.happened == used.retries == TRIES - 1
    assert is_stored()


@pytest.mark.parametrize(
    ("kind", "error"),
    [
        ("throttle", ThrottledError),
        ("server_error", ConnectionFailedError),
        ("time_out", ConnectionFailedError),
        ("break_connection", ConnectionFailedError),
    ],
)
@pytest.mark.usefixtures("vishmaker_tables")
def test_what_happens_as_often_is_reported(kind: str, error: type[Exception], dynamodb_faults: Faults) -> None:
    """The error is the one that the data layer has for it, and nothing was written."""
    getattr(dynamodb_faults, kind)(TRIES, operation="PutItem")

    with pytest.raises(error):
        ProjectRepository().create(NEW)

    assert not is_stored()


@pytest.mark.parametrize("kind", ["time_out", "break_connection"])
@pytest.mark.usefixtures("vishmaker_tables")
def test_an_applied_request_is_carried_out_though_its_answer_is_lost(kind: str, dynamodb_faults: Faults) -> None:
    """The caller sees an error, the row is there: the case that retries have to be safe for."""
    fault = getattr(dynamodb_faults, kind)(TRIES, applied=True)
    version = {"UpdateExpression": "ADD version :one", "ExpressionAttributeValues": {":one": {"N": "1"}}}
    key = {"id": {"S": "p-1"}, "user_id": {"S": "u-1"}}

    with pytest.raises(Exception, match=r"timeout|Connection was closed"):
        connection.client().update_item(TableName="prod-vishmaker-projects", Key=key, **version)

    row = connection.client().get_item(TableName="prod-vishmaker-projects", Key=key)["Item"]
    assert row["version"] == {"N": str(TRIES)}
    assert fault.happened == TRIES


@pytest.mark.parametrize("kind", ["throttle", "server_error", "conflict"])
@pytest.mark.usefixtures("vishmaker_tables")
def test_a_refused_request_is_not_carried_out(kind: str, dynamodb_faults: Faults) -> None:
    """moto does not get what was refused: the first try that passes is the only one that writes."""
    fault = getattr(dynamodb_faults, kind)(1, operation="UpdateItem")
    adding = {"UpdateExpression": "ADD version :one", "ExpressionAttributeValues": {":one": {"N": "1"}}}
    request = {"TableName": "prod-vishmaker-projects", "Key": {"id": {"S": "p-1"}, "user_id": {"S": "u-1"}}, **adding}
    client = connection.client()

    try:
        client.update_item(**request)
    except client.exceptions.TransactionConflictException:
        client.update_item(**request)

    row = client.get_item(TableName=request["TableName"], Key=request["Key"])["Item"]
    assert (row["version"], fault.happened) == ({"N": "1"}, 1)


def test_a_conflict_cancels_a_transaction(vishmaker_project: ProjectTree, dynamodb_faults: Faults) -> None:
    """Reads pass, the transaction is cancelled and sent again by the data layer, which reports nothing."""
    fault = dynamodb_faults.conflict(3)

    with capacity() as used:
        UserFlowRepository().create({"name": "Third", "project_id": vishmaker_project.id})

    transactions = [line for line in used.requests_by.elements() if line.operation == "TransactWriteItems"]
    assert fault.happened == 3
    assert len({line.table_name for line in transactions}) * 4 == len(transactions)
    assert len(HierarchyRepository().load(vishmaker_project.id).flows) == 3


def test_conflicts_without_end_are_reported_at_the_time_limit(
    vishmaker_project: ProjectTree, dynamodb_faults: Faults, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The data layer gives up after its twenty seconds, of which nobody has slept one."""
    monkeypatch.setattr(time, "sleep", lambda seconds: pytest.fail(f"slept {seconds} s"))
    fault = dynamodb_faults.conflict(None)

    with pytest.raises(ThrottledError):
        UserFlowRepository().create({"name": "Third", "project_id": vishmaker_project.id})

    assert fault.happened > 10


def test_an_order_is_for_one_operation_and_one_table(
    vishmaker_tables: dict[str, str], vishmaker_project: ProjectTree, dynamodb_faults: Faults
) -> None:
    """Of the five reads of a tree only the one of the table meets the fault; a table's name does as well as its key."""
    by_key = dynamodb_faults.throttle(1, operation="Query", table="test_cases")
    by_name = dynamodb_faults.throttle(1, table=vishmaker_tables["user_flows"])
    other = dynamodb_faults.throttle(1, operation="Scan")

    with capacity() as used:
        assert HierarchyRepository().load(vishmaker_project.id) == vishmaker_project

    assert (by_key.happened, by_name.happened, other.happened, used.retries) == (1, 1, 0, 2)
    with pytest.raises(UnusedFaultError, match="throttle in Scan: 0 of 1"):
        dynamodb_faults.check()
    connection.client().scan(TableName=vishmaker_tables["waitlist"])


def test_orders_are_met_in_their_order(vishmaker_tables: dict[str, str], dynamodb_faults: Faults) -> None:
    """The first order that is for a request is used up before the next one."""
    first = dynamodb_faults.throttle(2)
    second = dynamodb_faults.server_error(1)

    assert check_all_tables_exist()["status"] == "success"

    assert (first.happened, second.happened) == (2, 1)


@pytest.mark.usefixtures("vishmaker_tables")
def test_what_cannot_happen_cannot_be_ordered(dynamodb_faults: Faults) -> None:
    """No times at all, or a conflict in a plain read, would be a test that proves nothing."""
    with pytest.raises(ValueError, match="times: 0"):
        dynamodb_faults.throttle(0)
    with pytest.raises(ValueError, match="a Query meets no conflict"):
        dynamodb_faults.conflict(operation="Query")


def test_they_end_with_the_block(vishmaker_tables: dict[str, str]) -> None:
    """After the block neither the client nor the clock is another than before."""
    pause = time.sleep
    with injected_faults() as faults:
        faults.throttle(None)
        assert check_all_tables_exist()["code"] == "throttled"

    assert check_all_tables_exist()["status"] == "success"
    assert faults._register not in connection._equipment
    assert time.sleep is pause


@pytest.mark.parametrize("applied", [False, True])
def test_they_work_at_any_endpoint(applied: bool) -> None:  # noqa: FBT001 - a parameter of the test
    """At an engine behind a real connection a fault happens as in moto, the applied one after the request was sent."""
    with engines.moto_server() as endpoint:
        configure(endpoint=endpoint, table_prefix="t-")
        try:
            assert create_all_tables()["status"] == "success"
            with injected_faults() as faults:
                faults.break_connection(TRIES, operation="PutItem", applied=applied)
                with pytest.raises(ConnectionFailedError):
                    ProjectRepository().create(NEW)
            assert is_stored() is applied
            assert delete_all_tables()["status"] == "success"
        finally:
            configure()
