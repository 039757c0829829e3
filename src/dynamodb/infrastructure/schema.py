"""The tables for those who deploy them with something other than the Terraform module in `infra/`."""

import json
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime
from typing import Any

from dynamodb._config import SIX_TABLE
from dynamodb.infrastructure.shapes import BILLING_MODE, IndexShape, Key, TableShape, layout_models, model_shapes
from models.tables import Bound


def render(
    form: str,
    *,
    table_names: Mapping[str, str] | None = None,
    layout: str = SIX_TABLE,
    at: datetime | None = None,
) -> str:
    """Write the tables in a deployer's language.

    Args:
        form: one of `FORMATS`:
            `terraform-json`: a `.tf.json` file of `aws_dynamodb_table` resources, for any Terraform root;
            `cloudformation`: a template of `AWS::DynamoDB::Table` resources with their names and ARNs as outputs;
            `create-table`: an array of CreateTable requests, each as `aws dynamodb create-table --cli-input-json` and
            boto3's `create_table(**request)` take it;
            `workbench`: a data model for NoSQL Workbench (Amazon DynamoDB, Import data model).
        table_names: the name of each table by its key in `TABLE_NAMES`; those left out have the one that is configured.
        layout: whose tables: `six-table` or `single-table`.
        at: the moment that `workbench` writes as the model's date. Default: now.

    Returns:
        JSON text that ends with a line feed. The tables are protected as the module's are by default: continuous
        backups, deletion protection and KMS encryption, as far as the language can say so.

    Raises:
        ValueError: if there is no such format or layout.
    """
    shapes = model_shapes(table_names, layout)
    if form == "workbench":
        document: Any = _workbench(layout_models(layout), shapes, at or datetime.now(UTC))
    elif form in _RENDERERS:
        document = _RENDERERS[form](shapes)
    else:
        raise ValueError(f"no format {form!r}: choose one of {', '.join(FORMATS)}")
    return json.dumps(document, indent=2) + "\n"


def create_table_request(shape: TableShape) -> dict[str, Any]:
    """Build the CreateTable request of a table.

    Continuous backups are missing: CreateTable has no word for them, UpdateContinuousBackups turns them on afterwards.
    """
    request: dict[str, Any] = {
        "TableName": shape.name,
        "AttributeDefinitions": [
            {"AttributeName": name, "AttributeType": kind} for name, kind in shape.attribute_types.items()
        ],
        "KeySchema": _key_schema(shape.key),
        "BillingMode": shape.settings[BILLING_MODE],
        "SSESpecification": {"Enabled": True},
        "DeletionProtectionEnabled": True,
    }
    if shape.indexes:
        request["GlobalSecondaryIndexes"] = [
            {"IndexName": name, "KeySchema": _key_schema(index.key), "Projection": _projection(index)}
            for name, index in shape.indexes.items()
        ]
    return request


def _key_schema(key: Key) -> list[dict[str, str]]:
    return [
        {"AttributeName": name, "KeyType": kind} for name, kind in zip(key.attributes, ("HASH", "RANGE"), strict=False)
    ]


def _projection(index: IndexShape) -> dict[str, Any]:
    included = {"NonKeyAttributes": list(index.non_key_attributes)} if index.non_key_attributes else {}
    return {"ProjectionType": index.projection, **included}


def _create_table(shapes: Mapping[str, TableShape]) -> list[dict[str, Any]]:
    return [create_table_request(shape) for shape in shapes.values()]


def _terraform_json(shapes: Mapping[str, TableShape]) -> dict[str, Any]:
    return {"resource": {"aws_dynamodb_table": {key: _terraform_table(shape) for key, shape in shapes.items()}}}


def _terraform_table(shape: TableShape) -> dict[str, Any]:
    return {
        "name": shape.name,
        "billing_mode": shape.settings[BILLING_MODE],
        **_terraform_key(shape.key),
        "attribute": [{"name": name, "type": kind} for name, kind in shape.attribute_types.items()],
        "global_secondary_index": [
            {"name": name, **_terraform_key(index.key), **_terraform_projection(index)}
            for name, index in shape.indexes.items()
        ],
        "deletion_protection_enabled": True,
        "point_in_time_recovery": {"enabled": True},
        "server_side_encryption": {"enabled": True},
    }


def _terraform_key(key: Key) -> dict[str, Any]:
    return dict(zip(("hash_key", "range_key"), key.attributes, strict=False))


def _terraform_projection(index: IndexShape) -> dict[str, Any]:
    included = {"non_key_attributes": list(index.non_key_attributes)} if index.non_key_attributes else {}
    return {"projection_type": index.projection, **included}


def _cloudformation(shapes: Mapping[str, TableShape]) -> dict[str, Any]:
    resources: dict[str, Any] = {}
    outputs: dict[str, Any] = {}
    for key, shape in shapes.items():
        logical_id = key.title().replace("_", "") + "Table"
        request = create_table_request(shape)
        request["SSESpecification"] = {"SSEEnabled": request["SSESpecification"]["Enabled"]}
        request["PointInTimeRecoverySpecification"] = {"PointInTimeRecoveryEnabled": True}
        resources[logical_id] = {
            "Type": "AWS::DynamoDB::Table",
            "DeletionPolicy": "Retain",
            "UpdateReplacePolicy": "Retain",
            "Properties": request,
        }
        outputs[f"{logical_id}Name"] = {"Value": {"Ref": logical_id}}
        outputs[f"{logical_id}Arn"] = {"Value": {"Fn::GetAtt": [logical_id, "Arn"]}}
    return {
        "AWSTemplateFormatVersion": "2010-09-09",
        "Description": "The DynamoDB tables of VishMaker",
        "Resources": resources,
        "Outputs": outputs,
    }


def _workbench(models: Mapping[str, type[Bound]], shapes: Mapping[str, TableShape], at: datetime) -> dict[str, Any]:
    # AWS documents the tool and not the file; this is what its version 3 exports, as in the models that AWS publishes:
    # https://github.com/aws-samples/aws-dynamodb-examples/tree/master/schema_design/SchemaExamples
    moment = at.strftime("%b %d, %Y, %I:%M %p")
    return {
        "ModelName": "VishMaker",
        "ModelMetadata": {
            "Author": "VishMaker",
            "DateCreated": moment,
            "DateLastModified": moment,
            "Description": "A requirement hierarchy and a sign-up waitlist",
            "AWSService": "Amazon DynamoDB",
            "Version": "3.0",
        },
        "DataModel": [_workbench_table(models[key], shape) for key, shape in shapes.items()],
    }


def _workbench_table(model: type[Bound], shape: TableShape) -> dict[str, Any]:
    types = list(_item_types(model))
    kinds = {name: kind for one in (model, *types) for name, kind in _attributes(one).items()}
    table = {
        "TableName": shape.name,
        "KeyAttributes": _workbench_key(shape.key, kinds),
        # Everything that is no key of the table itself, the indexes' keys among them.
        "NonKeyAttributes": [
            {"AttributeName": name, "AttributeType": kind}
            for name, kind in kinds.items()
            if name not in shape.key.attributes
        ],
        "GlobalSecondaryIndexes": [
            {
                "IndexName": name,
                "KeyAttributes": _workbench_key(index.key, kinds),
                "Projection": _projection(index),
            }
            for name, index in shape.indexes.items()
        ],
        "TableData": [],
        "DataAccess": {"MySql": {}},
        "BillingMode": shape.settings[BILLING_MODE],
    }
    # A table with items of several types shows each of them as a facet.
    return table | ({"TableFacets": [_workbench_facet(one, shape) for one in types]} if types else {})


def _workbench_facet(item_type: type[Bound], shape: TableShape) -> dict[str, Any]:
    return {
        "FacetName": item_type.__name__.removesuffix("Item"),
        "KeyAttributeAlias": dict(zip(("PartitionKeyAlias", "SortKeyAlias"), shape.key.attributes, strict=False)),
        "TableData": [],
        "NonKeyAttributes": [name for name in _attributes(item_type) if name not in shape.key.attributes],
        "DataAccess": {"MySql": {}},
    }


def _item_types(model: type[Bound]) -> Iterator[type[Bound]]:
    """Go through the types of item that share a model's table."""
    for subclass in model.__subclasses__():
        if not subclass.__subclasses__():
            yield subclass
        yield from _item_types(subclass)


def _attributes(model: type[Bound]) -> dict[str, str]:
    return {attribute.attr_name: attribute.attr_type for attribute in model.get_attributes().values()}


def _workbench_key(key: Key, kinds: Mapping[str, str]) -> dict[str, dict[str, str]]:
    return {
        part: {"AttributeName": name, "AttributeType": kinds[name]}
        for part, name in zip(("PartitionKey", "SortKey"), key.attributes, strict=False)
    }


_RENDERERS: dict[str, Callable[[Mapping[str, TableShape]], Any]] = {
    "terraform-json": _terraform_json,
    "cloudformation": _cloudformation,
    "create-table": _create_table,
}

#: The languages that `render` knows.
FORMATS = (*_RENDERERS, "workbench")
