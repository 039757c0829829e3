"""The alarms and the dashboard as CloudWatch has them after an apply, against the documented metrics."""

import json
from typing import Any

import pytest

from support.documented_metrics import DIMENSIONS, INDEX, NAMESPACE, OPERATION, OPERATIONS, TABLE
from support.terraform import ACCOUNT, Applied, Endpoint

pytestmark = pytest.mark.slow

Metric = tuple[str, tuple[tuple[str, str], ...]]


def metric(name: str, **dimensions: str) -> Metric:
    return name, tuple(sorted(dimensions.items()))


def watched_metrics(alarm: dict[str, Any]) -> list[Metric]:
    stats = [query["MetricStat"]["Metric"] for query in alarm.get("Metrics") or () if "MetricStat" in query]
    found = stats or [alarm]
    assert {item["Namespace"] for item in found} == {NAMESPACE}
    return [metric(item["MetricName"], **{d["Name"]: d["Value"] for d in item["Dimensions"]}) for item in found]


def by_table_or_index(applied: Applied, *names: str) -> set[Metric]:
    return {
        metric(name, TableName=shape.name, **({"GlobalSecondaryIndexName": index} if index else {}))
        for shape in applied.shapes.values()
        for index in (None, *shape.indexes)
        for name in names
    }


def by_table(applied: Applied, *names: str) -> set[Metric]:
    return {metric(name, TableName=shape.name) for shape in applied.shapes.values() for name in names}


def by_operation(applied: Applied, *names: str) -> set[Metric]:
    return {
        metric(name, TableName=shape.name, Operation=operation)
        for shape in applied.shapes.values()
        for operation in OPERATIONS
        for name in names
    }


@pytest.fixture(scope="module")
def alarms(endpoint: Endpoint, applied: Applied) -> list[dict[str, Any]]:
    pages = (
        endpoint.client("cloudwatch")
        .get_paginator("describe_alarms")
        .paginate(AlarmNamePrefix=f"{applied.environment}-vishmaker-")
    )
    return [alarm for page in pages for alarm in page["MetricAlarms"]]


def test_alarms_watch_every_table_and_index(alarms: list[dict[str, Any]], applied: Applied):
    """Each metric is watched under each table and index that has it, once, and no other metric is."""
    watched = [found for alarm in alarms for found in watched_metrics(alarm)]

    assert len(watched) == len(set(watched))
    assert set(watched) == (
        by_operation(applied, "SystemErrors")
        | by_table(applied, "TransactionConflict")
        | by_table_or_index(applied, "ReadThrottleEvents", "WriteThrottleEvents")
        | by_table_or_index(applied, "ConsumedReadCapacityUnits", "ConsumedWriteCapacityUnits")
    )


def test_watched_metrics_exist(alarms: list[dict[str, Any]]):
    """No alarm is silent for ever: each metric is documented with exactly the alarm's set of dimensions."""
    for alarm in alarms:
        for name, dimensions in watched_metrics(alarm):
            assert frozenset(dict(dimensions)) in DIMENSIONS[name], alarm["AlarmName"]


def test_alarms_report_and_stay_calm_without_data(alarms: list[dict[str, Any]], applied: Applied):
    """Each alarm reports both ways to the topic, quiet tables are no alarm, no expression holds over ten metrics."""
    topic = applied.root.outputs()["alarm_topic_arn"]

    for alarm in alarms:
        assert alarm["AlarmActions"] == alarm["OKActions"] == [topic]
        assert alarm["TreatMissingData"] == "notBreaching"
        assert len(watched_metrics(alarm)) <= 10
        returned = [query for query in alarm.get("Metrics") or () if query.get("ReturnData", True)]
        if alarm.get("ThresholdMetricId"):
            assert sorted(query["Id"] for query in returned) == ["band", "consumed"]
            assert alarm["ThresholdMetricId"] == "band"
        elif returned:
            assert [query["Expression"] for query in returned] == ["SUM(FILL(METRICS(), 0))"]


def test_topic_takes_messages_of_this_accounts_alarms_only(endpoint: Endpoint, applied: Applied):
    """CloudWatch may publish to the topic for this account, and nobody else is named."""
    topic = applied.root.outputs()["alarm_topic_arn"]
    attributes = endpoint.client("sns").get_topic_attributes(TopicArn=topic)["Attributes"]

    (statement,) = json.loads(attributes["Policy"])["Statement"]

    assert statement["Principal"] == {"Service": "cloudwatch.amazonaws.com"}
    assert (statement["Action"], statement["Resource"]) == ("sns:Publish", topic)
    assert statement["Condition"] == {"StringEquals": {"aws:SourceAccount": ACCOUNT}}


def test_dashboard_shows_every_table(endpoint: Endpoint, applied: Applied):
    """Consumption, throttling, latency and errors of all tables and their indexes, under documented dimensions."""
    name = applied.root.outputs()["dashboard_name"]
    body = endpoint.client("cloudwatch").get_dashboard(DashboardName=name)["DashboardBody"]

    widgets = json.loads(body)["widgets"]

    shown = set()
    for namespace, metric_name, *pairs in (line for widget in widgets for line in widget["properties"]["metrics"]):
        dimensions = dict(zip(pairs[::2], pairs[1::2], strict=True))
        assert namespace == NAMESPACE
        assert frozenset(dimensions) in DIMENSIONS[metric_name]
        shown.add(metric(metric_name, **dimensions))
    assert shown == (
        by_table_or_index(
            applied,
            "ConsumedReadCapacityUnits",
            "ConsumedWriteCapacityUnits",
            "ReadThrottleEvents",
            "WriteThrottleEvents",
        )
        | by_table(applied, "ConditionalCheckFailedRequests", "TransactionConflict")
        | by_operation(applied, "SystemErrors", "SuccessfulRequestLatency")
    )
    assert {frozenset(dict(dimensions)) for _, dimensions in shown} == {TABLE, INDEX, OPERATION}


def test_dashboard_widgets_do_not_overlap(endpoint: Endpoint, applied: Applied):
    """Every graph has its own place on CloudWatch's grid, which is 24 wide."""
    name = applied.root.outputs()["dashboard_name"]
    body = endpoint.client("cloudwatch").get_dashboard(DashboardName=name)["DashboardBody"]

    cells = [
        (widget["x"] + x, widget["y"] + y)
        for widget in json.loads(body)["widgets"]
        for x in range(widget["width"])
        for y in range(widget["height"])
    ]

    assert len(cells) == len(set(cells))
    assert max(x for x, _ in cells) == 23
