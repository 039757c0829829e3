"""The Terraform files against the models, read with python-hcl2: no Terraform, no provider, no network.

The applied module is compared in tests/e2e; this is what still runs where Terraform is missing. Expressions come as
text (`${...}`), so derived values are compared with the expression that makes them.
"""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from dynamodb._config import LAYOUTS
from dynamodb._environment import SINGLE_TABLE, TABLES
from dynamodb.infrastructure import compare, model_shapes, terraform_shapes
from support.documented_metrics import DIMENSIONS, INDEX, OPERATION, OPERATIONS, TABLE
from support.hcl import read_blocks

INFRA = Path(__file__).resolve().parents[2] / "infra"


@pytest.fixture(scope="module")
def module() -> dict[str, list[Any]]:
    """The blocks of all files of the module by their kind."""
    return read_blocks(INFRA)


def local(module: dict[str, list[Any]], name: str) -> Any:
    (value,) = [block[name] for block in module["locals"] if name in block]
    return value


def unquoted(table: dict[str, Any]) -> dict[str, Any]:
    """Quoted keys of objects keep their quotes in python-hcl2."""
    return {name.strip('"'): value for name, value in table.items()}


def resources(module: dict[str, list[Any]], kind: str) -> dict[str, Any]:
    return {name: body for block in module["resource"] if kind in block for name, body in block[kind].items()}


def variables(module: dict[str, list[Any]]) -> dict[str, Any]:
    return {name: body for block in module["variable"] for name, body in block.items()}


def outputs(module: dict[str, list[Any]]) -> dict[str, Any]:
    return {name: body["value"] for block in module["output"] for name, body in block.items()}


def tables(module: dict[str, list[Any]], layout: str) -> Iterator[tuple[str, dict[str, Any]]]:
    """What the module would make: a layout's tables, put into aws_dynamodb_table.this as its expressions say."""
    resource = resources(module, "aws_dynamodb_table")["this"]
    dynamic = {kind: body for block in resource["dynamic"] for kind, body in block.items()}
    defaults = {name: body.get("default") for name, body in variables(module).items()}
    assert resource["for_each"] == "${local.tables}"
    assert resource["name"] == "${local.table_names[each.key]}"
    assert (resource["hash_key"], resource["range_key"]) == ("${each.value.hash_key}", "${each.value.range_key}")
    assert dynamic["attribute"]["for_each"] == "${local.key_attributes[each.key]}"
    assert dynamic["attribute"]["content"] == [{"name": "${attribute.value}", "type": "S"}]
    (index_content,) = dynamic["global_secondary_index"]["content"]
    assert index_content["hash_key"] == "${global_secondary_index.value.hash_key}"
    assert index_content["range_key"] == "${global_secondary_index.value.range_key}"
    assert resource["point_in_time_recovery"] == [{"enabled": "${var.point_in_time_recovery_enabled}"}]
    assert resource["deletion_protection_enabled"] == "${var.deletion_protection_enabled}"
    assert _without_spaces(local(module, "tables")) == (
        "${merge([forlayout,tablesinlocal.layouts:tablesiflayout==var.layout||var.keep_other_layout]...)}"
    )
    prefix = f"{defaults['environment']}-{defaults['project_name']}"
    for key, table in unquoted(local(module, "layouts"))[layout].items():
        indexes = unquoted(table["indexes"])
        keys = [table, *indexes.values()]
        attributes = {part[name] for part in keys for name in ("hash_key", "range_key")} - {None, "null", "${null}"}
        yield (
            key,
            {
                "name": prefix if key == "vishmaker" else f"{prefix}-{key.replace('_', '-')}",
                "billing_mode": resource["billing_mode"],
                "hash_key": table["hash_key"],
                "range_key": None if table["range_key"] in {None, "null", "${null}"} else table["range_key"],
                "attribute": [{"name": name, "type": "S"} for name in attributes],
                "global_secondary_index": [
                    {"name": name, **index, "projection_type": index_content["projection_type"]}
                    for name, index in indexes.items()
                ],
                "deletion_protection_enabled": defaults["deletion_protection_enabled"],
                "point_in_time_recovery": [{"enabled": defaults["point_in_time_recovery_enabled"]}],
                "server_side_encryption": resource["server_side_encryption"],
            },
        )


def _without_spaces(text: str) -> str:
    return re.sub(r"\s", "", text)


every_layout = pytest.mark.parametrize("layout", LAYOUTS)


def test_layouts_are_those_that_can_be_configured(module: dict[str, list[Any]]):
    """The variable takes the values of DYNAMODB_LAYOUT, six tables without being asked, and no other's tables."""
    assert tuple(unquoted(local(module, "layouts"))) == LAYOUTS
    assert variables(module)["layout"]["default"] == LAYOUTS[0]
    assert variables(module)["keep_other_layout"]["default"] in {False, "false", "${false}"}


@every_layout
def test_tables_are_those_of_the_models(module: dict[str, list[Any]], layout: str):
    """Keys, key attributes, indexes, projection, billing and default names are the models', and the tables' keys."""
    written = dict(tables(module, layout))
    found = [{"mode": "managed", "type": "aws_dynamodb_table", "values": table} for table in written.values()]
    shapes = terraform_shapes({"format_version": "1.0", "planned_values": {"root_module": {"resources": found}}})

    assert list(written) == list(model_shapes(layout=layout))
    assert compare(model_shapes(layout=layout), terraform=shapes) == []
    for shape in shapes.values():
        assert shape.attribute_types.keys() == {
            name for key in (shape.key, *(index.key for index in shape.indexes.values())) for name in key.attributes
        }


@every_layout
def test_tables_are_protected_by_default(module: dict[str, list[Any]], layout: str):
    """Without any variable: recovery, deletion protection and KMS are on, streams and limits are off."""
    for _, table in tables(module, layout):
        (shape,) = terraform_shapes(
            {
                "format_version": "1.0",
                "values": {
                    "root_module": {
                        "resources": [{"mode": "managed", "type": "aws_dynamodb_table", "values": table}],
                    }
                },
            }
        ).values()
        assert shape.settings["point-in-time recovery"] == "on"
        assert shape.settings["deletion protection"] == "on"
        assert shape.settings["encryption"] == "KMS"
    for name in ("stream_view_type", "max_read_request_units", "max_write_request_units", "kms_key_arn"):
        assert variables(module)[name]["default"] in {None, "null", "${null}"}


def test_names_are_made_of_environment_and_project(module: dict[str, list[Any]]):
    """A table is called <environment>-<project_name>-<name>, with hyphens; the one table has no name of its own."""
    assert local(module, "name_prefix") == "${var.environment}-${var.project_name}"
    assert _without_spaces(local(module, "table_names")) == (
        '${{forkeyinkeys(local.tables):key=>key=="vishmaker"?local.name_prefix:'
        '"${local.name_prefix}-${replace(key,"_","-")}"}}'
    )


def test_outputs_cover_every_table(module: dict[str, list[Any]]):
    """Each table's name and ARN, the maps, and the variables of a Lambda function."""
    found = outputs(module)

    for key in (*TABLES, *SINGLE_TABLE):
        assert found[f"{key}_table_name"] == f'${{try(aws_dynamodb_table.this["{key}"].name, null)}}'
        assert found[f"{key}_table_arn"] == f'${{try(aws_dynamodb_table.this["{key}"].arn, null)}}'
    assert {"table_names", "table_arns", "index_arns", "stream_arns", "policy_documents"} <= found.keys()
    assert '"${upper(key)}_TABLE_NAME" => table.name' in found["lambda_environment"]
    variables_of_names = TABLES | SINGLE_TABLE
    assert {key: f"{key.upper()}_TABLE_NAME" for key in variables_of_names} == variables_of_names


def test_providers_5_and_6_are_spanned(module: dict[str, list[Any]]):
    """Both major versions are allowed, and nothing is used that only one of them has."""
    (terraform,) = module["terraform"]
    (providers,) = terraform["required_providers"]
    text = "\n".join(path.read_text() for path in INFRA.glob("*.tf"))
    code = "\n".join(line for line in text.splitlines() if not line.lstrip().startswith("#"))

    assert providers["aws"]["version"] == ">= 5.80, < 7.0"
    assert "key_schema" not in code
    assert "aws_region.current.name" not in code
    assert "aws_region.current.region" not in code


def test_module_has_no_provider_of_its_own(module: dict[str, list[Any]]):
    """A module with a provider block could not be used with count, for_each or depends_on."""
    assert "provider" not in module


def test_operations_are_the_documented_ones(module: dict[str, list[Any]]):
    """The values of the dimension Operation are spelled as CloudWatch spells them."""
    assert sorted(local(module, "operations")) == sorted(OPERATIONS)


def test_alarms_dimensions_are_the_documented_ones(module: dict[str, list[Any]]):
    """Each alarm's metric has, in CloudWatch, exactly the dimensions that the alarm gives."""
    alarms = resources(module, "aws_cloudwatch_metric_alarm")
    queries = {
        name: next(block["metric_query"] for block in alarm["dynamic"])["content"][0]["metric"][0]
        for name, alarm in alarms.items()
        if "dynamic" in alarm
    }
    targets = [set(re.findall(r"(\w+) = ", text)) for text in _dimension_texts(local(module, "capacity_targets"))]

    assert sorted(alarms) == ["consumption_anomaly", "system_errors", "throttle_events", "transaction_conflict"]
    assert queries["system_errors"]["metric_name"] == "SystemErrors"
    assert frozenset(queries["system_errors"]["dimensions"]) in DIMENSIONS["SystemErrors"]
    assert alarms["transaction_conflict"]["metric_name"] == "TransactionConflict"
    assert frozenset(alarms["transaction_conflict"]["dimensions"]) in DIMENSIONS["TransactionConflict"]
    assert targets == [TABLE, INDEX]
    for name in ("throttle_alarms", "anomaly_alarms"):
        for metric in re.findall(r'"([A-Z]\w+)"', re.search(r"for metric in \[(.*?)]", local(module, name))[1]):
            assert {TABLE, INDEX} <= DIMENSIONS[metric]
    assert alarms["throttle_events"]["dimensions"] == "${each.value.dimensions}"
    (anomaly,) = [query for query in alarms["consumption_anomaly"]["metric_query"] if "metric" in query]
    assert anomaly["metric"][0]["dimensions"] == "${each.value.dimensions}"


def _dimension_texts(expression: str) -> list[str]:
    return re.findall(r"dimensions\s*=\s*\{(.*?)\}", expression.replace("\n", " "))


def test_no_undocumented_metric_is_named():
    """Whatever in monitoring.tf looks like a DynamoDB metric is one."""
    text = (INFRA / "monitoring.tf").read_text()

    named = set(re.findall(r'"([A-Z][A-Za-z]+(?:Events|Errors|Units|Conflict|Latency|Requests))"', text))

    assert named == DIMENSIONS.keys()
    assert OPERATION in DIMENSIONS["SystemErrors"]
