"""What `render` writes makes the tables that the models declare."""

import json

import pytest
from cfnlint.api import lint_all

from dynamodb._config import LAYOUTS
from dynamodb.infrastructure import compare, model_shapes, render
from support.terraform import Endpoint, names_in

pytestmark = pytest.mark.parametrize("layout", LAYOUTS)


def test_create_table_requests_make_the_tables(endpoint: Endpoint, layout: str):
    """Each request is taken as it is, and the tables are the models', encrypted and protected from deletion."""
    names = names_in("requests", layout)
    client = endpoint.client("dynamodb")

    for request in json.loads(render("create-table", table_names=names, layout=layout)):
        client.create_table(**request)

    live = endpoint.live(names)
    assert compare(model_shapes(names, layout), live) == []
    for shape in live.values():
        assert shape.settings["encryption"] == "KMS"
        assert shape.settings["deletion protection"] == "on"


def test_cloudformation_makes_the_tables(endpoint: Endpoint, layout: str):
    """A stack of the template has the models' tables, and names them in its outputs."""
    names = names_in("stack", layout)
    stacks = endpoint.client("cloudformation")
    stacks.create_stack(StackName=layout, TemplateBody=render("cloudformation", table_names=names, layout=layout))

    (stack,) = stacks.describe_stacks(StackName=layout)["Stacks"]
    outputs = {output["OutputKey"]: output["OutputValue"] for output in stack["Outputs"]}
    live = endpoint.live(names)
    assert compare(model_shapes(names, layout), live) == []
    assert {value for key, value in outputs.items() if key.endswith("Name")} == live.keys()
    assert {value.split(":table/")[1] for key, value in outputs.items() if key.endswith("Arn")} == live.keys()
    for shape in live.values():
        assert shape.settings["deletion protection"] == "on"


def test_cloudformation_template_is_valid(layout: str):
    """cfn-lint, which knows AWS's resource specification, finds no error and nothing to warn of."""
    # Rules that start with I only inform.
    found = [match for match in lint_all(render("cloudformation", layout=layout)) if not match.rule.id.startswith("I")]

    assert [str(match) for match in found] == []
