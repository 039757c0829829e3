"""What `render` writes makes, in moto, the tables that the models declare."""

import json
from collections.abc import Iterator
from typing import Any

import boto3
import pytest
from cfnlint.api import lint_all
from moto import mock_aws

from dynamodb.infrastructure import TableShape, compare, live_shape, model_shapes, render

REGION = "eu-west-1"


@pytest.fixture
def client(monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "testing")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "testing")
    with mock_aws():
        yield boto3.client("dynamodb", region_name=REGION)


def live(client: Any) -> dict[str, TableShape]:
    return {
        name: live_shape(client.describe_table(TableName=name), client.describe_continuous_backups(TableName=name))
        for name in client.list_tables()["TableNames"]
    }


def test_create_table_requests_make_the_tables(client: Any):
    """Each request is taken as it is, and the tables are the models', encrypted and protected from deletion."""
    for request in json.loads(render("create-table")):
        client.create_table(**request)

    shapes = live(client)
    assert compare(model_shapes(), shapes) == []
    assert len(shapes) == 6
    for shape in shapes.values():
        assert shape.settings["encryption"] == "KMS"
        assert shape.settings["deletion protection"] == "on"


def test_cloudformation_makes_the_tables(client: Any):
    """A stack of the template has the models' tables, and names them in its outputs."""
    stacks = boto3.client("cloudformation", region_name=REGION)
    stacks.create_stack(StackName="tables", TemplateBody=render("cloudformation"))

    (stack,) = stacks.describe_stacks(StackName="tables")["Stacks"]
    outputs = {output["OutputKey"]: output["OutputValue"] for output in stack["Outputs"]}
    shapes = live(client)
    assert compare(model_shapes(), shapes) == []
    assert {value for key, value in outputs.items() if key.endswith("Name")} == shapes.keys()
    assert outputs["UserFlowsTableArn"].endswith(":table/prod-vishmaker-user-flows")
    for shape in shapes.values():
        assert shape.settings["deletion protection"] == "on"


def test_cloudformation_template_is_valid():
    """cfn-lint, which knows AWS's resource specification, finds no error and nothing to warn of."""
    # Rules that start with I only inform.
    found = [match for match in lint_all(render("cloudformation")) if not match.rule.id.startswith("I")]

    assert [str(match) for match in found] == []
