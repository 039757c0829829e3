"""The capacity that the plugin's tables report is what DynamoDB Local reports for the same requests."""

from collections.abc import Callable
from typing import Any

import pytest

from dynamodb import TABLE_NAMES, Capacity, capacity, configure, create_all_tables
from dynamodb import _connection as connection
from dynamodb._capacity import Line
from dynamodb.repositories import (
    HierarchyRepository,
    ProjectRepository,
    TestCaseRepository,
    UserFlowRepository,
    WaitlistRepository,
)
from dynamodb.testing import engines
from dynamodb.testing._metering import item_bytes
from dynamodb.testing.samples import sample_project
from dynamodb.testing.tables import mocked_tables
from support.required import cannot_run

KEY = {"uiid": {"S": "a"}, "parent_uiid": {"S": "p"}}
OTHER = {"uiid": {"S": "absent"}, "parent_uiid": {"S": "p"}}


def test_case(**more: Any) -> dict[str, Any]:
    return {**KEY, "name": {"S": "x"}, "created_at": {"S": "2025"}, "project_id": {"S": "pr"}, **more}


test_case.__test__ = False  # type: ignore[attr-defined]


def bare_requests() -> None:
    """What the data layer itself never sends: every operation, on rows small, large and absent."""
    client, table = connection.client(), TABLE_NAMES["test_cases"]
    big = {
        "name": {"S": "ä" * 1500},
        "more": {"M": {"n": {"N": "-12.50"}, "l": {"L": [{"BOOL": True}, {"NULL": True}]}}},
    }
    client.put_item(TableName=table, Item=test_case())
    client.put_item(TableName=table, Item=test_case())
    client.put_item(TableName=table, Item=test_case(**big))
    client.put_item(TableName=table, Item=test_case(data={"B": b"\x00" * 1030}, tags={"SS": ["a", "b"]}))
    set_text = {"UpdateExpression": "SET created_at = :v", "ExpressionAttributeValues": {":v": {"S": "2026"}}}
    client.update_item(TableName=table, Key=KEY, **set_text)
    client.update_item(TableName=table, Key=KEY, UpdateExpression="REMOVE project_id")
    client.get_item(TableName=table, Key=KEY)
    client.get_item(TableName=table, Key=OTHER, ConsistentRead=True)
    client.get_item(TableName=table, Key=KEY, ProjectionExpression="uiid")
    client.batch_get_item(RequestItems={table: {"Keys": [KEY, OTHER], "ConsistentRead": True}})
    client.transact_get_items(TransactItems=[{"Get": {"TableName": table, "Key": key}} for key in (KEY, OTHER)])
    check = {"TableName": table, "Key": KEY, "ConditionExpression": "attribute_exists(uiid)"}
    client.transact_write_items(
        TransactItems=[{"ConditionCheck": check}, {"Put": {"TableName": table, "Item": {**test_case(), **OTHER}}}]
    )
    client.transact_write_items(TransactItems=[{"Delete": {"TableName": table, "Key": OTHER}}])
    client.batch_write_item(
        RequestItems={table: [{"PutRequest": {"Item": {**test_case(**big), **OTHER}}}, {"DeleteRequest": {"Key": KEY}}]}
    )
    found = {"KeyConditionExpression": "parent_uiid = :p", "ExpressionAttributeValues": {":p": {"S": "p"}}}
    client.query(TableName=table, IndexName="parent_uiid-index", **found)
    client.query(TableName=table, IndexName="parent_uiid-index", Select="COUNT", **found)
    none = {**found["ExpressionAttributeValues"], ":n": {"S": "nobody"}}  # type: ignore[dict-item]
    client.query(
        TableName=table,
        IndexName="parent_uiid-index",
        KeyConditionExpression="parent_uiid = :p",
        FilterExpression="#n = :n",
        ExpressionAttributeNames={"#n": "name"},
        ExpressionAttributeValues=none,
    )
    client.scan(TableName=table)
    client.delete_item(TableName=table, Key=OTHER)
    client.delete_item(TableName=table, Key=OTHER)


def repositories() -> None:
    """A project's life through the repositories, without what DynamoDB Local counts wrongly.

    Of several actions of one sort on one table in a transaction it reports only one.
    """
    project = ProjectRepository().create({"name": "Aware", "user_id": "u-1"})
    ProjectRepository().update(project.id, {"initial_prompt": "long " * 600})
    flow = UserFlowRepository().create({"name": "Flow", "project_id": project.id, "description": "text " * 300})
    below = {"name": "LLR", "test_case_list": [{"name": "Test case"}]}
    hierarchy = HierarchyRepository(user_id="u-1")
    hierarchy.append(flow.uiid, [{"name": "HLR", "low_level_requirement_list": [below]}])
    tree = hierarchy.load(project.id)
    llr = tree.flows[0].high_level_requirement_list[0].low_level_requirement_list[0]
    TestCaseRepository().delete(llr.test_case_list[0].uiid)
    list(ProjectRepository().iter_by_user("u-1"))
    hierarchy.delete_project(project.id)
    WaitlistRepository().create({"email": "ada@example.org"})
    WaitlistRepository().update("ada@example.org", {"status": "contacted"})
    list(WaitlistRepository().iter_all())


def cost(work: Callable[[], None]) -> Capacity:
    with capacity() as used:
        work()
    return used


@pytest.mark.parametrize("work", [bare_requests, repositories])
def test_the_figures_are_those_of_dynamodb_local(work: Callable[[], None]) -> None:
    """The same work costs the same in moto with the plugin's meter and in AWS's engine, line by line."""
    if engines.find_engine() is None or engines.find_java() is None:
        cannot_run("DynamoDB Local or Java is missing: `make engine`")
    with mocked_tables():
        metered = cost(work)
    with engines.dynamodb_local() as endpoint:
        configure(endpoint=endpoint)
        try:
            assert create_all_tables()["status"] == "success"
            real = cost(work)
        finally:
            configure()

    assert metered.requests_by == real.requests_by
    assert metered.units_by == real.units_by
    assert (metered.read_units, metered.write_units) == (real.read_units, real.write_units)
    assert metered.write_units > 20


def test_every_action_of_a_transaction_counts(vishmaker_tables: dict[str, str]) -> None:
    """A tree of thirteen small rows in one transaction: two units a row, and as much for each of its indexes."""
    with capacity() as used:
        HierarchyRepository().create(sample_project())

    rows = {"projects": (1, 2), "user_flows": (2, 1), "high_level_requirements": (3, 2)}
    rows |= {"low_level_requirements": (4, 2), "test_cases": (3, 2)}
    assert used.requests_by[Line("TransactWriteItems", vishmaker_tables["projects"], "")] == 1
    assert used.write_units == sum(2 * count * (1 + indexes) for count, indexes in rows.values())


def test_nothing_is_measured_where_nobody_asks(vishmaker_tables: dict[str, str]) -> None:
    """Outside of `capacity()` an answer is as moto gives it."""
    answer = connection.client().put_item(TableName=vishmaker_tables["test_cases"], Item=test_case())

    assert "ConsumedCapacity" not in answer


@pytest.mark.parametrize(
    ("value", "size"),
    [
        ({"S": "äb"}, 3),
        ({"N": "-12.50"}, 3),
        ({"B": b"1234"}, 4),
        ({"BOOL": True}, 1),
        ({"NULL": True}, 1),
        ({"SS": ["ab", "c"]}, 3),
        ({"L": [{"S": "ab"}]}, 3 + 1 + 2),
        ({"M": {"k": {"S": "ab"}}}, 3 + 1 + 1 + 2),
    ],
)
def test_a_value_has_the_size_that_the_developer_guide_gives(value: dict[str, Any], size: int) -> None:
    """Text counts its UTF-8 bytes, a number a byte for two digits and one more, a container three and one a member."""
    assert item_bytes({"name": value}) == 4 + size
