"""The models, the schemas, the layout and the table definitions say the same."""

import itertools
import subprocess
import sys
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dynamodb import TABLE_NAMES, _layout, _requests, _tables
from dynamodb._connection import connection_for
from dynamodb._decoding import decoder
from dynamodb._environment import TABLES
from models import single_table, tables
from models._fields import Stored
from models._kinds import HIERARCHY, KINDS, PROJECT, TEST_CASE, USER_FLOW, WAITLIST, child_kind, parent_kind
from support.tables import SINGLE, SIX

every_kind = pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.key)

text = st.text(st.characters(codec="utf-8", exclude_categories=["Cc", "Cs"]), min_size=1, max_size=20)
moment = st.datetimes(min_value=datetime(1900, 1, 1), max_value=datetime(2200, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001


def attributes(kind):
    return kind.model.get_attributes()


def optional_of(kind):
    return {name for name, attribute in attributes(kind).items() if attribute.null}


@pytest.mark.parametrize(("key", "shape"), [*SIX.items(), *SINGLE.items()])
def test_a_model_has_the_keys_and_indexes_of_the_design(key, shape):
    made = _tables.definition(key)
    assert [part["AttributeName"] for part in made["KeySchema"]] == list(shape.key)
    indexes = {
        index["IndexName"]: tuple(part["AttributeName"] for part in index["KeySchema"])
        for index in made["GlobalSecondaryIndexes"]
    }
    assert indexes == shape.indexes
    keys = {*shape.key, *itertools.chain.from_iterable(shape.indexes.values())}
    assert {one["AttributeName"]: one["AttributeType"] for one in made["AttributeDefinitions"]} == dict.fromkeys(
        keys, "S"
    )
    assert all(index["Projection"] == {"ProjectionType": "ALL"} for index in made["GlobalSecondaryIndexes"])
    assert made["BillingMode"] == "PAY_PER_REQUEST"


@pytest.mark.parametrize("key", [*SIX, *SINGLE])
def test_hash_keys_come_first_in_the_request(key):
    made = _tables.definition(key)
    for part in [made, *made["GlobalSecondaryIndexes"]]:
        assert [key["KeyType"] for key in part["KeySchema"]] in (["HASH"], ["HASH", "RANGE"])


@every_kind
def test_an_item_of_the_one_table_has_the_attributes_of_its_row(kind):
    """With the same types, and those that the layout needs."""
    model = single_table.Item.get_attributes()["item_type"].deserialize(kind.key)
    ours, theirs = attributes(kind), model.get_attributes()
    added = {"pk", "sk", "item_type", *(["project_name"] if kind is PROJECT else [])}
    assert set(theirs) - set(ours) == added
    assert {name: one.attr_type for name, one in theirs.items() if name not in added} == {
        name: one.attr_type for name, one in ours.items()
    }


@every_kind
def test_a_schema_has_the_fields_that_the_model_has_attributes_for(kind):
    """All but the bookkeeping, which no reader sees."""
    bookkeeping = {"tree_state", "tree_token", "tree_format"}
    assert set(kind.schema.model_fields) == set(attributes(kind)) - bookkeeping


@every_kind
def test_what_the_model_may_leave_out_the_schema_does_without(kind):
    needed = {name for name, field in kind.schema.model_fields.items() if field.is_required()}
    assert needed <= set(attributes(kind)) - optional_of(kind)


@every_kind
def test_what_can_be_given_or_changed_is_stored(kind):
    assert set(kind.create.model_fields) <= set(attributes(kind))
    assert set(kind.update.model_fields) <= set(attributes(kind)) - set(_layout.name_fields(kind))


@every_kind
def test_a_tree_schema_is_the_schema_with_the_children(kind):
    extra = {kind.children_field} if kind.children_field else set()
    assert set(kind.tree.model_fields) - set(kind.schema.model_fields) == extra
    assert issubclass(kind.tree, kind.schema)


@every_kind
def test_the_layout_has_the_models_keys(kind):
    model = kind.model
    declared = [name for name, attribute in attributes(kind).items() if attribute.is_hash_key]
    declared += [name for name, attribute in attributes(kind).items() if attribute.is_range_key]
    assert list(_layout.name_fields(kind)) == declared
    assert _layout.current().table(kind) == TABLE_NAMES[kind.key] == connection_for(model).table_name


def test_the_models_declare_the_default_names():
    """In a process of its own: a model keeps the name of its last use."""
    code = "from models.tables import MODELS; print(*(model.Meta.table_name for model in MODELS.values()))"
    command = [sys.executable, "-P", "-c", code]
    printed = subprocess.run(command, capture_output=True, text=True, check=True).stdout  # noqa: S603 - our own code
    assert printed.split() == [TABLE_NAMES[key] for key in tables.MODELS]


def lookups():
    yield from ((kind, _layout.current().by_parent(kind, "x")) for kind in HIERARCHY)
    yield from ((kind, _layout.current().by_project(kind, "x")) for kind in HIERARCHY[1:])
    yield PROJECT, _layout.current().by_field(PROJECT, "name", "x")
    yield WAITLIST, _layout.current().by_field(WAITLIST, "status", "x")


@pytest.mark.parametrize(("kind", "place"), list(lookups()), ids=lambda one: getattr(one, "index", None) or one.key)
def test_every_place_that_is_asked_is_an_index_of_the_table(kind, place):
    assert SIX[kind.key].indexes[place.index][0] == place.hash_key
    assert not place.consistent


def test_a_lookup_by_id_asks_the_table_itself():
    assert all(_layout.current().by_id(kind, "x").consistent for kind in KINDS)


def test_the_levels_hang_together():
    assert [parent_kind(kind) for kind in HIERARCHY] == [None, *HIERARCHY[:-1]]
    assert [child_kind(kind) for kind in HIERARCHY] == [*HIERARCHY[1:], None]
    assert (parent_kind(WAITLIST), child_kind(WAITLIST)) == (None, None)
    assert (parent_kind(USER_FLOW), child_kind(TEST_CASE)) == (PROJECT, None)


def test_every_list_of_the_six_has_the_same_keys():
    assert list(TABLE_NAMES) == list(TABLES) == list(tables.MODELS) == [kind.key for kind in KINDS] == list(SIX)


@st.composite
def rows(draw, kind):
    """The fields of a row: what may be missing is missing now and then."""
    fields = {}
    for name, field in kind.schema.model_fields.items():
        if name in {"created_at", "updated_at"}:
            fields[name] = draw(moment)
        elif name == "version":
            fields[name] = draw(st.integers(1, 10**37))
        elif field.is_required() or draw(st.booleans()):
            fields[name] = draw(text)
    return fields


@given(st.data(), st.sampled_from(KINDS))
def test_an_item_of_ours_is_read_alike_by_schema_and_by_pynamodb(data, kind):
    fields = data.draw(rows(kind))
    item = _requests.item_of(kind, fields)
    ours = decoder(kind.schema).item(item)
    theirs = kind.model.from_raw_data(item)
    for name in fields:
        if name == "version":
            assert ours.version == fields["version"]  # PynamoDB's number goes through a float
        else:
            assert getattr(ours, name) == getattr(theirs, name) == fields[name]


@given(st.data(), st.sampled_from(KINDS))
def test_an_item_that_pynamodb_writes_is_read_by_the_schema(data, kind):
    fields = data.draw(rows(kind)) | {"version": 7}
    ours = decoder(kind.schema).item(kind.model(**fields).to_dynamodb_dict())
    assert {name: getattr(ours, name) for name in fields} == fields


@given(st.data(), st.sampled_from(KINDS))
def test_a_stored_row_goes_through_json_unchanged(data, kind):
    row = kind.schema(**data.draw(rows(kind)))
    assert kind.schema.model_validate_json(row.model_dump_json()) == row


@every_kind
def test_what_is_none_is_left_out_of_the_item(kind):
    fields = dict.fromkeys(kind.schema.model_fields, None) | {"created_at": datetime(2025, 1, 1, tzinfo=UTC)}
    assert _requests.item_of(kind, fields) == {"created_at": {"S": "2025-01-01T00:00:00.000000+00:00"}}


@pytest.mark.parametrize("model", tables.MODELS.values(), ids=lambda model: model.__name__)
def test_a_new_model_object_has_its_defaults_once(model):
    """An id and two times are made for new objects only, not for loaded ones."""
    new = model()
    assert new.version == 1
    assert new.created_at.tzinfo is not None
    loaded = model.from_raw_data({"created_at": {"S": "2025-08-25T02:07:57Z"}})
    assert (loaded.version, loaded.updated_at) == (None, None)


def test_a_public_constructor_goes_by_field_names_only():
    """The wire aliases are the decoder's alone."""
    for kind in KINDS:
        assert issubclass(kind.schema, Stored)
        fields = dict.fromkeys(_layout.name_fields(kind), "x") | {"name": "n", "created_at": "2025-01-01T00:00:00Z"}
        made = kind.schema(**{name: value for name, value in fields.items() if name in kind.schema.model_fields})
        assert made.version == 0
        assert made.updated_at == made.created_at
