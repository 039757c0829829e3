"""The tables in other deployers' languages; tests/integration makes tables of them."""

import json
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from dynamodb.infrastructure import FORMATS, IndexShape, Key, create_table_request, model_shapes, render
from models.tables import MODELS

AT = datetime(2025, 8, 25, 14, 7, tzinfo=UTC)


@pytest.mark.parametrize("form", FORMATS)
def test_every_format_is_json_with_the_given_names(form: str):
    """Each format is one JSON document, the same every time, in which a table has the name that was asked for."""
    text = render(form, table_names={"waitlist": "staging-waitlist"}, at=AT)

    json.loads(text)
    assert text.endswith("\n")
    assert text == render(form, table_names={"waitlist": "staging-waitlist"}, at=AT)
    assert "staging-waitlist" in text
    assert "prod-vishmaker-waitlist" not in text
    assert "prod-vishmaker-projects" in text


def test_unknown_format():
    """A wrong format is answered with the right ones."""
    with pytest.raises(ValueError, match="terraform-json, cloudformation, create-table, workbench"):
        render("pulumi")


def test_projected_attributes_are_kept():
    """An index that includes some attributes only is requested with them."""
    shape = model_shapes()["waitlist"]
    narrow = replace(shape, indexes={"i": IndexShape(Key("status"), "INCLUDE", ("notes",))})

    (index,) = create_table_request(narrow)["GlobalSecondaryIndexes"]

    assert index == {
        "IndexName": "i",
        "KeySchema": [{"AttributeName": "status", "KeyType": "HASH"}],
        "Projection": {"ProjectionType": "INCLUDE", "NonKeyAttributes": ["notes"]},
    }


def test_table_without_indexes_has_no_empty_list():
    """CreateTable refuses an empty list of indexes."""
    shape = replace(model_shapes()["waitlist"], indexes={})

    assert "GlobalSecondaryIndexes" not in create_table_request(shape)


def test_workbench_model_is_what_the_tool_exports():
    """The waitlist is written field by field as NoSQL Workbench's version 3 writes a table."""
    model = json.loads(render("workbench", at=AT))

    waitlist = next(table for table in model["DataModel"] if table["TableName"] == "prod-vishmaker-waitlist")
    assert model["ModelName"] == "VishMaker"
    assert (
        model["ModelMetadata"]["DateCreated"] == model["ModelMetadata"]["DateLastModified"] == "Aug 25, 2025, 02:07 PM"
    )
    assert (model["ModelMetadata"]["AWSService"], model["ModelMetadata"]["Version"]) == ("Amazon DynamoDB", "3.0")
    assert {"AttributeName": "status", "AttributeType": "S"} in waitlist.pop("NonKeyAttributes")
    assert waitlist == {
        "TableName": "prod-vishmaker-waitlist",
        "KeyAttributes": {"PartitionKey": {"AttributeName": "email", "AttributeType": "S"}},
        "GlobalSecondaryIndexes": [
            {
                "IndexName": "status-index",
                "KeyAttributes": {
                    "PartitionKey": {"AttributeName": "status", "AttributeType": "S"},
                    "SortKey": {"AttributeName": "created_at", "AttributeType": "S"},
                },
                "Projection": {"ProjectionType": "ALL"},
            }
        ],
        "TableData": [],
        "DataAccess": {"MySql": {}},
        "BillingMode": "PAY_PER_REQUEST",
    }


@pytest.mark.parametrize("form", FORMATS)
def test_the_one_table_in_every_format(form: str):
    """The single-table layout is written as the six are: one table of the name that was asked for, and no other."""
    text = render(form, table_names={"vishmaker": "staging"}, layout="single-table", at=AT)

    assert '"staging"' in text
    assert "prod-vishmaker" not in text
    assert all(f'"{index}"' in text for index in ("name-index", "status-index", "user_id-index"))


def test_workbench_model_shows_types_of_item_as_facets():
    """Each type of item in the one table is a facet with its own attributes; every index key is an attribute."""
    (table,) = json.loads(render("workbench", layout="single-table", at=AT))["DataModel"]

    facets = {facet["FacetName"]: facet for facet in table["TableFacets"]}
    assert set(facets) == {
        "Id",
        "Project",
        "UserFlow",
        "HighLevelRequirement",
        "LowLevelRequirement",
        "TestCase",
        "Waitlist",
    }
    assert facets["Waitlist"]["KeyAttributeAlias"] == {"PartitionKeyAlias": "pk", "SortKeyAlias": "sk"}
    assert "email" in facets["Waitlist"]["NonKeyAttributes"]
    assert "email" not in facets["Project"]["NonKeyAttributes"]
    known = {attribute["AttributeName"]: attribute["AttributeType"] for attribute in table["NonKeyAttributes"]}
    assert {name for facet in facets.values() for name in facet["NonKeyAttributes"]} == known.keys()
    assert (known["project_name"], known["version"]) == ("S", "N")


def test_unknown_layout():
    """A wrong layout is answered with the right ones."""
    with pytest.raises(ValueError, match="six-table, single-table"):
        render("create-table", layout="two-table")


def test_workbench_model_has_every_attribute_once():
    """Each attribute of a model is either a key of the table or among the others, with its type."""
    model = json.loads(render("workbench", at=AT))

    for table, declared in zip(model["DataModel"], MODELS.values(), strict=True):
        written = [*table["KeyAttributes"].values(), *table["NonKeyAttributes"]]
        pairs = sorted((attribute["AttributeName"], attribute["AttributeType"]) for attribute in written)
        assert pairs == sorted((a.attr_name, a.attr_type) for a in declared.get_attributes().values())
