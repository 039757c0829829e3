"""The normal form of a table, read from the models, from DescribeTable and from Terraform."""

import json
from typing import Any

import pytest

from dynamodb import configure
from dynamodb._connection import connection_for
from dynamodb.infrastructure import (
    IndexShape,
    Key,
    TableShape,
    UnreadableTerraformError,
    live_shape,
    model_shapes,
    terraform_shapes,
)
from models.tables import MODELS

# Cut from `terraform show -json` of an applied state; provider 5.100.
STATE_TABLE = {
    "name": "t",
    "billing_mode": "PAY_PER_REQUEST",
    "hash_key": "id",
    "range_key": "user_id",
    "attribute": [
        {"name": "name", "type": "S"},
        {"name": "id", "type": "S"},
        {"name": "user_id", "type": "S"},
        {"name": "at", "type": "N"},
    ],
    "global_secondary_index": [
        {
            "name": "name-index",
            "hash_key": "name",
            "range_key": "at",
            "projection_type": "INCLUDE",
            "non_key_attributes": ["z", "a"],
        },
        {
            "name": "at-index",
            "hash_key": "at",
            "range_key": "",
            "projection_type": "ALL",
            "non_key_attributes": [],
        },
    ],
    "deletion_protection_enabled": True,
    "point_in_time_recovery": [{"enabled": True, "recovery_period_in_days": 35}],
    "server_side_encryption": [{"enabled": True, "kms_key_arn": "arn:key"}],
    "stream_enabled": True,
    "stream_view_type": "KEYS_ONLY",
}

# What DescribeTable and DescribeContinuousBackups answer for the same table.
DESCRIPTION = {
    "Table": {
        "TableName": "t",
        "KeySchema": [
            {"AttributeName": "user_id", "KeyType": "RANGE"},
            {"AttributeName": "id", "KeyType": "HASH"},
        ],
        "AttributeDefinitions": [
            {"AttributeName": "user_id", "AttributeType": "S"},
            {"AttributeName": "id", "AttributeType": "S"},
            {"AttributeName": "at", "AttributeType": "N"},
            {"AttributeName": "name", "AttributeType": "S"},
        ],
        "BillingModeSummary": {"BillingMode": "PAY_PER_REQUEST"},
        "GlobalSecondaryIndexes": [
            {
                "IndexName": "name-index",
                "KeySchema": [
                    {"AttributeName": "name", "KeyType": "HASH"},
                    {"AttributeName": "at", "KeyType": "RANGE"},
                ],
                "Projection": {"ProjectionType": "INCLUDE", "NonKeyAttributes": ["a", "z"]},
            },
            {
                "IndexName": "at-index",
                "KeySchema": [{"AttributeName": "at", "KeyType": "HASH"}],
                "Projection": {"ProjectionType": "ALL"},
            },
        ],
        "DeletionProtectionEnabled": True,
        "SSEDescription": {"Status": "ENABLED", "SSEType": "KMS", "KMSMasterKeyArn": "arn:key"},
        "StreamSpecification": {"StreamEnabled": True, "StreamViewType": "KEYS_ONLY"},
    }
}
BACKUPS = {
    "ContinuousBackupsDescription": {
        "ContinuousBackupsStatus": "ENABLED",
        "PointInTimeRecoveryDescription": {"PointInTimeRecoveryStatus": "ENABLED"},
    }
}

SHAPE = TableShape(
    name="t",
    key=Key("id", "user_id"),
    attribute_types={"at": "N", "id": "S", "name": "S", "user_id": "S"},
    indexes={
        "at-index": IndexShape(Key("at")),
        "name-index": IndexShape(Key("name", "at"), "INCLUDE", ("a", "z")),
    },
    settings={
        "billing mode": "PAY_PER_REQUEST",
        "deletion protection": "on",
        "encryption": "KMS",
        "KMS key": "arn:key",
        "stream": "KEYS_ONLY",
        "point-in-time recovery": "on",
    },
)


def state(table: dict[str, Any]) -> dict[str, Any]:
    resource = {"mode": "managed", "type": "aws_dynamodb_table", "values": table}
    return {"format_version": "1.0", "values": {"root_module": {"resources": [resource]}}}


# --- Models -----------------------------------------------------------------------------------------------------------


def test_models_have_the_designed_keys_and_indexes():
    """The six tables are read with the keys and indexes of the design, all strings, projecting all, on demand."""
    shapes = model_shapes()

    assert {key: (shape.name, str(shape.key)) for key, shape in shapes.items()} == {
        "projects": ("prod-vishmaker-projects", "hash id, range user_id"),
        "user_flows": ("prod-vishmaker-user-flows", "hash uiid, range project_id"),
        "high_level_requirements": ("prod-vishmaker-high-level-requirements", "hash uiid, range parent_uiid"),
        "low_level_requirements": ("prod-vishmaker-low-level-requirements", "hash uiid, range parent_uiid"),
        "test_cases": ("prod-vishmaker-test-cases", "hash uiid, range parent_uiid"),
        "waitlist": ("prod-vishmaker-waitlist", "hash email"),
    }
    assert {key: sorted(shape.indexes) for key, shape in shapes.items()} == {
        "projects": ["name-index", "user_id-index"],
        "user_flows": ["project_id-index"],
        "high_level_requirements": ["parent_uiid-index", "project_id-index"],
        "low_level_requirements": ["parent_uiid-index", "project_id-index"],
        "test_cases": ["parent_uiid-index", "project_id-index"],
        "waitlist": ["status-index"],
    }
    for shape in shapes.values():
        keys = [shape.key, *(index.key for index in shape.indexes.values())]
        assert shape.attribute_types == {name: "S" for key in keys for name in key.attributes}
        assert shape.settings == {"billing mode": "PAY_PER_REQUEST"}
        for name, index in shape.indexes.items():
            assert index == IndexShape(Key(name.removesuffix("-index"), "created_at"), "ALL")


def test_table_names_are_replaced():
    """A name given for a key is used, the others are those that are configured, whatever a model was used with last."""
    configure(table_prefix="other-")
    connection_for(MODELS["projects"])
    shapes = model_shapes({"waitlist": "mine"})
    assert (shapes["waitlist"].name, shapes["projects"].name) == ("mine", "other-projects")
    configure()
    assert model_shapes()["projects"].name == "prod-vishmaker-projects"


# --- Live tables ------------------------------------------------------------------------------------------------------


def test_description_is_read():
    """Keys come in any order; everything that is described is read."""
    assert live_shape(DESCRIPTION, BACKUPS) == SHAPE


def test_parts_of_the_answers_are_read_as_well():
    """The inner objects of both answers do as well as the answers."""
    assert live_shape(DESCRIPTION["Table"], BACKUPS["ContinuousBackupsDescription"]) == SHAPE


def test_description_without_options_is_read():
    """What DescribeTable leaves out is its default; without the backups' answer nothing is said about recovery."""
    bare = {
        "TableName": "t",
        "KeySchema": [{"AttributeName": "id", "KeyType": "HASH"}],
        "AttributeDefinitions": [{"AttributeName": "id", "AttributeType": "S"}],
    }

    assert live_shape({"Table": bare}) == TableShape(
        name="t",
        key=Key("id"),
        attribute_types={"id": "S"},
        indexes={},
        settings={
            "billing mode": "PROVISIONED",
            "deletion protection": "off",
            "encryption": "AWS owned key",
            "stream": "off",
        },
    )


@pytest.mark.parametrize("status", ["DISABLED", "DISABLING"])
def test_encryption_that_ends_is_not_kms(status: str):
    """A table on its way back to the key that AWS owns is not reported as encrypted with KMS."""
    table = DESCRIPTION["Table"] | {"SSEDescription": {"Status": status}}

    assert live_shape(table).settings["encryption"] == "AWS owned key"


def test_recovery_that_is_off_is_read():
    """Continuous backups are always there; recovery is its own switch."""
    backups = {"PointInTimeRecoveryDescription": {"PointInTimeRecoveryStatus": "DISABLED"}}

    assert live_shape(DESCRIPTION, backups).settings["point-in-time recovery"] == "off"


# --- Terraform --------------------------------------------------------------------------------------------------------


def test_state_is_read():
    """The state of a table gives the same shape as its description."""
    assert terraform_shapes(state(STATE_TABLE)) == {"t": SHAPE}


def test_plan_is_read_for_what_it_leads_to():
    """A plan holds the prior state too; what counts is what it plans."""
    planned = STATE_TABLE | {"name": "planned"}
    plan = {
        "format_version": "1.2",
        "planned_values": state(planned)["values"],
        "prior_state": state(STATE_TABLE),
    }

    assert list(terraform_shapes(plan)) == ["planned"]


def test_tables_in_modules_are_found():
    """A table may be in a module in a module; data sources and other resources are passed over."""
    table = {"mode": "managed", "type": "aws_dynamodb_table", "values": STATE_TABLE}
    data = {"mode": "data", "type": "aws_dynamodb_table", "values": STATE_TABLE | {"name": "elsewhere"}}
    role = {"mode": "managed", "type": "aws_iam_role", "values": {"name": "r"}}
    inner = {"resources": [data, table]}
    document = {
        "format_version": "1.0",
        "values": {"root_module": {"resources": [role], "child_modules": [{"child_modules": [inner]}]}},
    }

    assert terraform_shapes(document) == {"t": SHAPE}


def test_key_schema_of_an_index_is_read():
    """Provider 6.29 and later can hold an index's key as blocks."""
    index = {
        "name": "name-index",
        "hash_key": "",
        "key_schema": [
            {"attribute_name": "at", "key_type": "RANGE"},
            {"attribute_name": "name", "key_type": "HASH"},
        ],
        "projection_type": "ALL",
    }
    shapes = terraform_shapes(state(STATE_TABLE | {"global_secondary_index": [index]}))

    assert shapes["t"].indexes == {"name-index": IndexShape(Key("name", "at"))}


def test_terraform_defaults_are_read():
    """What a configuration leaves out is off, and its billing is provisioned."""
    bare = {"name": "t", "hash_key": "id", "attribute": [{"name": "id", "type": "S"}], "billing_mode": None}

    assert terraform_shapes(state(bare))["t"].settings == {
        "billing mode": "PROVISIONED",
        "deletion protection": "off",
        "encryption": "AWS owned key",
        "stream": "off",
        "point-in-time recovery": "off",
    }


def test_unknown_name_is_left_out():
    """A plan leaves out what is known after the apply only; a table without a name cannot be compared."""
    nameless = {name: value for name, value in STATE_TABLE.items() if name != "name"}

    assert terraform_shapes(state(nameless)) == {}


def test_empty_state_has_no_tables():
    """`terraform show -json` of an empty state has no values."""
    assert terraform_shapes({"format_version": "1.0"}) == {}


@pytest.mark.parametrize("document", ['{"version": 4, "resources": []}', "{}"])
def test_other_documents_are_refused(document: str):
    """A terraform.tfstate file, for example, is refused with the command that makes the right document."""
    with pytest.raises(UnreadableTerraformError, match="terraform show -json"):
        terraform_shapes(json.loads(document))
