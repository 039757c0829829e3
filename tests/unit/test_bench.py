"""The benchmark's own arithmetic: what its tables say must follow from its figures."""

import json
import zlib

import pytest

from bench import dataset, goals, meter, server
from bench.contenders.base import rows_to_write
from bench.results import Results, add, ratio


def test_a_page_of_the_data_set_is_the_megabyte_that_dynamodb_would_cut_it_at() -> None:
    rows = dataset.make_rows(dataset.PAGE_ID, dataset.PAGE_ROWS)
    size = sum(map(dataset.stored_size, rows))
    assert 0.98 * 2**20 < size <= 2**20


@pytest.mark.parametrize("size", [10, 100, 1_000])
def test_a_tree_has_exactly_its_size_stored_and_to_be_created(size: int) -> None:
    stored = dataset.make_tree(size)
    created = rows_to_write(dataset.tree_to_create(size))
    assert 1 + sum(map(len, stored.levels)) == size
    assert [len(rows) for rows in created.values()] == dataset.level_counts(size)


def test_every_row_of_a_tree_has_its_parent_on_the_level_above() -> None:
    tree = dataset.make_tree(1_000)
    above = {row["uiid"] for row in tree.levels[0]}
    assert {row["project_id"] for row in tree.levels[0]} == {tree.project["id"]}
    for level in tree.levels[1:]:
        assert {row["parent_uiid"] for row in level} <= above
        above = {row["uiid"] for row in level}


def test_the_canned_server_pages_through_a_level_and_ends() -> None:
    answers = server.Answers()
    project = dataset.tree_id(10_000)
    request = {
        "TableName": dataset.TEST_CASES,
        "IndexName": dataset.PROJECT_INDEX,
        "ExpressionAttributeValues": {":p": {"S": project}},
    }
    rows, pages = [], 0
    while True:
        head, _, body = answers.find("Query", json.dumps(request).encode()).partition(b"\r\n\r\n")
        assert f"x-amz-crc32: {zlib.crc32(body)}".encode() in head
        page = json.loads(body)
        rows += page["Items"]
        pages += 1
        if "LastEvaluatedKey" not in page:
            break
        request["ExclusiveStartKey"] = page["LastEvaluatedKey"]
    assert pages == 3
    assert rows == [dataset.to_wire(row) for row in dataset.make_tree(10_000).levels[-1]]


def _results(**cpu: list[float]) -> Results:
    results = Results("now", {}, 3)
    for contender, figures in cpu.items():
        for figure in figures:
            add(results.cpu, "page", contender, figure)
    return results


def test_a_ratio_is_made_within_each_round() -> None:
    """A round that was slow for both does not move it, whichever rounds the two medians come from."""
    samples = _results(ours=[1, 10, 2], pydynox=[4, 50, 8]).cpu
    found = ratio(samples, "page", "pydynox", "ours")
    assert found is not None
    assert (found.median, found.lowest, found.highest, found.best) == (4, 4, 5, 4)
    assert ratio(samples, "page", "floor", "ours") is None


@pytest.mark.parametrize(("peer", "reached"), [(4.4, False), (4.5, True)])
def test_a_goal_is_reached_from_its_limit_on(peer: float, *, reached: bool) -> None:
    found = {(goal.work, goal.text): goal for goal in goals.evaluate(_results(ours=[1.0], pydynox=[peer]))}
    goal = found["1 MB page (2000)", "CPU of pydynox models ÷ ours"]
    assert goal.reached is reached
    assert found["1 MB page (2000)", "our CPU ÷ the floor's"].reached is None


def test_capacity_is_charged_for_every_action_of_a_transaction_and_for_finding_nothing() -> None:
    """DynamoDB Local reports one action a table, and nothing for an empty answer; only a table's units are doubled."""
    put = {"Put": {"TableName": dataset.HIGH_LEVEL}}
    check = {"ConditionCheck": {"TableName": dataset.USER_FLOWS}}
    assert meter.units("TransactWriteItems", {"TransactItems": [put, put, check]}, [{"CapacityUnits": 6.0}]) == 10
    assert meter.units("Query", {"ConsistentRead": True}, {"CapacityUnits": 0.0}) == 1
    assert meter.units("Query", {}, {"CapacityUnits": 0.0}) == 0.5
