"""From the bytes of an answer into schemas: the fast way, and the slow way behind botocore's own parser."""

import json
from datetime import UTC

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from dynamodb import _layout, _rows
from dynamodb._decoding import decoder
from dynamodb.errors import UnexpectedResponseError
from models._kinds import HIERARCHY, KINDS, PROJECT, WAITLIST
from support.attribute_values import body_of, botocore_parse, items, names, response, spellings, text, values

SCHEMAS = [
    *((kind, kind.schema) for kind in KINDS),
    *((kind, kind.tree) for kind in HIERARCHY),
    *((kind, _rows.row_schema(kind)) for kind in HIERARCHY),
    *((kind, _layout.current().key_schema(kind)) for kind in KINDS),
]
every_schema = pytest.mark.parametrize(("kind", "schema"), SCHEMAS, ids=lambda one: getattr(one, "__name__", one))

times = st.sampled_from(
    [
        "2025-08-25T02:07:57.123456+00:00",
        "2025-08-25T02:07:57.123456",
        "2025-08-25T02:07:57Z",
        "2025-08-25T02:08:02.5",
        "2025-08-25T04:07:57+0200",
        "2025-08-25 02:07:57",
        "2025-08-25",
        "1756087677",
        "yesterday",
        "",
    ]
)
versions = st.sampled_from(["0", "1", "42", "9" * 38, "1.0", "1.5", "-1", "1E+2", "x"])


@st.composite
def stored(draw, kind):
    """A row as somebody may have left it: what is optional absent, NULL or odd, other attributes beside it."""
    item = {name: value for name, value in draw(items).items() if name not in kind.model.get_attributes()}
    for name, attribute in kind.model.get_attributes().items():
        is_key = name in _layout.name_fields(kind)
        good = times if name.endswith("_at") else versions if attribute.attr_type == "N" else text
        choices = [st.fixed_dictionaries({attribute.attr_type: good})]
        if not is_key:
            choices += [st.just({"NULL": True}), st.none(), values]
        value = draw(st.one_of(choices))
        if value is not None:
            item[name] = value
    return item


def both_ways(schema, operation, answer, spelling):
    """What each way makes of the same bytes: the answer, or `None` where it refuses them."""
    body = body_of(answer, spelling)
    into = decoder(schema)
    try:
        fast = into.from_bytes(body)
    except ValidationError:
        fast = None
    try:
        slow = into.from_parsed(botocore_parse(operation, response(body)))
    except UnexpectedResponseError:
        slow = None
    if fast is not None:
        fast.pop("Decoded")
    return fast, slow


@every_schema
@settings(max_examples=20)
@given(st.data(), spellings)
def test_both_ways_give_the_same_rows(kind, schema, data, spelling):
    rows = data.draw(st.lists(stored(kind), max_size=2))
    answer = {"Items": rows, "Count": len(rows), "ScannedCount": 9}
    if data.draw(st.booleans()):
        answer["LastEvaluatedKey"] = {"id": {"S": "x"}}
    fast, slow = both_ways(schema, "Query", answer, spelling)
    assert fast == slow


@pytest.mark.parametrize("operation", ["GetItem", "UpdateItem", "BatchGetItem"])
@settings(max_examples=20)
@given(st.data(), spellings)
def test_both_ways_give_the_same_row_of_other_operations(operation, data, spelling):
    kind = data.draw(st.sampled_from(KINDS))
    row = data.draw(stored(kind))
    answers = {
        "GetItem": {"Item": row},
        "UpdateItem": {"Attributes": row, "ConsumedCapacity": {"TableName": "t", "CapacityUnits": 1.0}},
        "BatchGetItem": {"Responses": {"t-1": [row]}, "UnprocessedKeys": {}},
    }
    fast, slow = both_ways(kind.schema, operation, answers[operation], spelling)
    assert fast == slow


@pytest.mark.parametrize("answer", [{}, {"Items": []}, {"Items": [], "Count": 0, "ScannedCount": 5}])
def test_what_does_not_apply_is_missing_from_the_answer(answer):
    """No item, no LastEvaluatedKey: neither becomes a row or another page."""
    fast, slow = both_ways(PROJECT.schema, "Query", answer, ((",", ":"), False))
    assert fast == {name: value for name, value in answer.items() if name != "ScannedCount"}
    assert fast == {name: value for name, value in slow.items() if name != "ResponseMetadata"}


def project(**change):
    item = {"id": {"S": "p"}, "user_id": {"S": "u"}, "name": {"S": "n"}, "created_at": {"S": "2025-08-25T02:07:57Z"}}
    return {name: value for name, value in (item | change).items() if value is not None}


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"name": None}, "name"),
        ({"name": {"NULL": True}}, "name"),
        ({"name": {"N": "5"}}, "name"),
        ({"created_at": None}, "created_at"),
        ({"created_at": {"S": "yesterday"}}, "created_at"),
        ({"created_at": None, "updated_at": {"S": "2025-08-25T02:07:57Z"}}, "created_at"),
        ({"updated_at": {"S": "tomorrow"}}, "updated_at"),
        ({"version": {"N": "1.5"}}, "version"),
    ],
)
@pytest.mark.parametrize("shape", ["Item", "Items", "Attributes", "Responses"])
def test_a_row_that_the_schema_refuses_is_named_with_its_field(change, field, shape):
    """Both ways, whatever the answer's shape; the text that is wrong is not in the message."""
    row = project(**change)
    answer = {shape: {"t-1": [row]} if shape == "Responses" else [project(), row] if shape == "Items" else row}
    body = body_of(answer)
    into = decoder(PROJECT.schema)
    with pytest.raises(ValidationError):
        into.from_bytes(body)
    explained = into.explain(body)
    with pytest.raises(UnexpectedResponseError) as refused:
        into.from_parsed(answer)
    for error in (explained, refused.value):
        assert error.key == "p"
        assert f"{field}:" in str(error)
        assert "doctor" in str(error)
        assert "yesterday" not in str(error)


@given(st.dictionaries(names, values, max_size=4))
def test_whatever_an_item_is_its_refusal_is_ours(row):
    """Nothing else comes out, not even where the item has no key that could be named."""
    into = decoder(PROJECT.schema)
    with pytest.raises(UnexpectedResponseError):
        into.item(row)
    assert isinstance(into.explain(body_of({"Item": row})), UnexpectedResponseError)


@pytest.mark.parametrize(
    "body", [b"", b"{", b"null", b"[]", b'"text"', b"\xff", b'{"Items": 5}', b'{"Items":[{"a":{"B":"A"}}]}']
)
def test_a_damaged_body_is_explained_and_not_repeated(body):
    error = decoder(PROJECT.schema).explain(body)
    assert isinstance(error, UnexpectedResponseError)
    assert str(error)


def test_a_waitlist_row_is_refused_without_its_address():
    """Addresses are personal data: they are in no message."""
    row = {"email": {"S": "ada@example.org"}, "created_at": {"S": "never"}}
    with pytest.raises(UnexpectedResponseError) as refused:
        decoder(WAITLIST.schema).item(row)
    assert "ada@" not in str(refused.value)


def test_every_legacy_item_is_read_both_ways(legacy_items):
    for kind in KINDS:
        fast, slow = both_ways(kind.schema, "Query", {"Items": legacy_items[kind.key]}, ((",", ":"), False))
        assert fast == slow
        assert len(fast["Items"]) == len(legacy_items[kind.key])


def test_a_number_of_38_digits_stays_exact():
    number = 10**38 - 1
    assert decoder(PROJECT.schema).item(project(version={"N": str(number)})).version == number


def test_moments_of_this_layer_share_one_time_zone():
    """Comparing moments of different time zone objects asks both for their offset."""
    row = decoder(PROJECT.schema).item(project(updated_at={"S": "2025-08-25T04:07:57.123456+02:00"}))
    assert row.created_at.tzinfo is UTC
    assert row.updated_at.tzinfo is UTC
    assert row.updated_at.hour == 2


def test_what_is_no_moment_is_said_so():
    with pytest.raises(UnexpectedResponseError, match="created_at: is no timestamp in ISO 8601;"):
        decoder(PROJECT.schema).item(project(created_at={"S": "25.08.2025+00:00"}))


def test_the_project_of_many_rows_is_held_once():
    items = [
        {"uiid": f"c{number}", "parent_uiid": "a parent", "project_id": "a project", "name": "n"} for number in (1, 2)
    ]
    wire = [{name: {"S": value} for name, value in item.items()} for item in items]
    for row in wire:
        row["created_at"] = project()["created_at"]
    first, second = decoder(HIERARCHY[-1].schema).from_bytes(json.dumps({"Items": wire}).encode())["Items"]
    assert first.project_id is second.project_id


def test_a_decoder_is_built_once():
    assert decoder(PROJECT.schema) is decoder(PROJECT.schema)


def test_rows_go_into_json_as_the_entities_give_them():
    row = decoder(PROJECT.schema).item(project())
    assert json.loads(row.model_dump_json())["created_at"] == "2025-08-25T02:07:57Z"
