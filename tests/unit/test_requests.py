"""Requests are built without anything being sent: their parts, and the limits that are checked before."""

from datetime import UTC, datetime
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dynamodb import _layout, _requests
from dynamodb._transactions import action_size, transact
from dynamodb._writing import NewRow, _transactions
from dynamodb.errors import InvalidInputError, ItemTooLargeError
from models._kinds import HIGH_LEVEL_REQUIREMENT, KINDS, LOW_LEVEL_REQUIREMENT, PROJECT, TEST_CASE, USER_FLOW, WAITLIST
from support.attribute_values import botocore_serialize, service_model

ROW = {
    "id": "p",
    "user_id": "u",
    "uiid": "x",
    "project_id": "p",
    "parent_uiid": "y",
    "email": "a@example.org",
    "name": "n",
    "status": "pending",
    "created_at": datetime(2025, 1, 1, tzinfo=UTC),
    "version": 1,
}


def fields(kind, **more):
    wanted = {name: value for name, value in ROW.items() if name in kind.schema.model_fields}
    return wanted | more


def row(kind, **more):
    return kind.schema(**fields(kind, **more))


def names_in(params):
    return params.get("ExpressionAttributeNames", {})


def spelled_out(params, parameter):
    """An expression with its placeholders replaced by names and values."""
    text = params[parameter]
    for placeholder, name in names_in(params).items():
        text = text.replace(placeholder, name)
    for placeholder, value in params.get("ExpressionAttributeValues", {}).items():
        text = text.replace(placeholder, next(iter(value.values())))
    return text


every_kind = pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.key)


@every_kind
def test_a_put_is_for_a_new_key_only_and_tells_what_is_there(kind):
    params = _requests.put(kind, _requests.item_of(kind, fields(kind)))
    assert spelled_out(params, "ConditionExpression") == f"attribute_not_exists ({kind.id_field})"
    assert params["ReturnValuesOnConditionCheckFailure"] == "ALL_OLD"
    assert params["TableName"] == _layout.current().table(kind)


@every_kind
def test_a_change_never_makes_a_row(kind):
    """UpdateItem upserts: without the condition it would bring a deleted row back."""
    actions = _requests.set_or_remove(kind, {"created_at": ROW["created_at"], "version": 2})
    params = _requests.update(kind, row(kind), actions, _requests.is_there(kind) & _requests.has_version(kind, 1))
    condition = spelled_out(params, "ConditionExpression")
    assert f"attribute_exists ({kind.id_field})" in condition
    assert "version = 1" in condition
    assert ("attribute_not_exists (tree_state)" in condition) == (kind is not WAITLIST)
    assert params["Key"] == _layout.current().key(kind, row(kind))
    assert set(params["Key"]) == set(_layout.name_fields(kind))


@every_kind
def test_a_row_without_a_version_has_version_0(kind):
    params = _requests.expression("ConditionExpression", _requests.has_version(kind, 0))
    assert spelled_out(params, "ConditionExpression") == "(version = 0 OR (NOT attribute_type (version, N)))"


def test_what_is_none_is_removed_and_not_written_as_null():
    actions = _requests.set_or_remove(USER_FLOW, {"name": "n", "description": None})
    params = _requests.update(USER_FLOW, row(USER_FLOW), actions, _requests.is_there(USER_FLOW))
    assert spelled_out(params, "UpdateExpression") == "SET name = n REMOVE description"
    assert "NULL" not in str(params)


def test_expressions_of_one_request_share_their_placeholders():
    """Two expressions with placeholders of their own would overwrite each other's."""
    place = _layout.current().by_parent(HIGH_LEVEL_REQUIREMENT, "flow")
    params = _requests.query(place, only=_requests.is_shown(HIGH_LEVEL_REQUIREMENT))
    assert spelled_out(params, "KeyConditionExpression") == "parent_uiid = flow"
    assert spelled_out(params, "FilterExpression") == "attribute_not_exists (tree_state)"
    assert sorted(names_in(params).values()) == ["parent_uiid", "tree_state"]


@given(st.text(st.characters(codec="utf-8"), min_size=1))
def test_values_never_get_into_an_expression(value):
    """Whatever a name holds, the expression text stays the same."""
    place = _layout.current().by_field(PROJECT, "name", value)
    params = _requests.query(place)
    assert params["KeyConditionExpression"] == "#0 = :0"
    assert params["ExpressionAttributeValues"] == {":0": {"S": value}}


def test_a_query_of_a_table_is_consistent_and_one_of_an_index_is_not():
    assert _requests.query(_layout.current().by_id(PROJECT, "p"))["ConsistentRead"] is True
    assert "ConsistentRead" not in _requests.query(_layout.current().by_parent(PROJECT, "u"))


def test_a_query_says_only_what_it_must():
    """No limit, no direction, no start: DynamoDB's defaults."""
    params = _requests.query(_layout.current().by_parent(PROJECT, "u"))
    assert set(params) == {
        "TableName",
        "IndexName",
        "KeyConditionExpression",
        "ExpressionAttributeNames",
        "ExpressionAttributeValues",
    }
    more = _requests.query(
        _layout.current().by_parent(PROJECT, "u"), limit=5, start={"id": {"S": "p"}}, newest_first=True, count=True
    )
    assert {name: more[name] for name in set(more) - set(params)} == {
        "Limit": 5,
        "ExclusiveStartKey": {"id": {"S": "p"}},
        "ScanIndexForward": False,
        "Select": "COUNT",
    }


@every_kind
def test_every_builder_makes_what_the_service_model_knows(kind):
    """botocore's own serializer refuses a parameter that the operation does not have."""
    one = row(kind)
    item = _requests.item_of(kind, fields(kind))
    change = _requests.update(kind, one, _requests.set_or_remove(kind, {"version": 2}), _requests.is_there(kind))
    botocore_serialize("PutItem", _requests.put(kind, item))
    botocore_serialize("UpdateItem", change)
    botocore_serialize("DeleteItem", _requests.delete(kind, one, _requests.is_there(kind)))
    botocore_serialize("Query", _requests.query(_layout.current().by_id(kind, "x"), only=_requests.is_shown(kind)))
    actions = [
        {"Put": _requests.put(kind, item)},
        {"Update": change},
        {"Delete": _requests.delete(kind, one)},
        {"ConditionCheck": _requests.check(kind, one)},
    ]
    botocore_serialize("TransactWriteItems", {"TransactItems": actions, "ClientRequestToken": "t"})
    members = service_model().operation_model("TransactWriteItems").input_shape.members["TransactItems"].member.members
    assert set(members) == {"Put", "Update", "Delete", "ConditionCheck"}


def sized(kind, size, text="description"):
    """The fields of a row whose item has exactly this size."""
    base = _requests.item_size(_requests.item_of(kind, fields(kind, **{text: ""})))
    return fields(kind, **{text: "x" * (size - base)})


@pytest.mark.parametrize("kind", [USER_FLOW, HIGH_LEVEL_REQUIREMENT, TEST_CASE], ids=lambda kind: kind.key)
def test_an_item_has_at_most_400_kb(kind):
    assert _requests.item_size(_requests.item_of(kind, sized(kind, 409_600))) == 409_600
    with pytest.raises(ItemTooLargeError, match=r"409601 bytes.*description") as caught:
        _requests.item_of(kind, sized(kind, 409_601))
    assert (caught.value.size, caught.value.limit, caught.value.table) == (
        409_601,
        409_600,
        _layout.current().table(kind),
    )
    assert "xxxx" not in str(caught.value)


@given(st.dictionaries(st.text(st.characters(codec="utf-8")), st.text(st.characters(codec="utf-8")), max_size=4))
def test_text_is_counted_in_bytes_of_utf_8_names_included(texts):
    item = {name: {"S": text} for name, text in texts.items()}
    assert _requests.item_size(item) == sum(len(part.encode()) for pair in texts.items() for part in pair)


@pytest.mark.parametrize(
    ("number", "size"),
    [
        ("0", 1),
        ("1", 2),
        ("12", 2),
        ("123", 3),
        ("1234", 3),
        ("99999", 4),
        ("100", 2),
        ("100000", 2),
        ("1000000", 2),
        ("-1", 3),
        ("1.5", 3),
        ("1" * 37, 20),
        ("1" * 38, 20),
    ],
)
def test_a_number_is_counted_as_dynamodb_counts_it(number, size):
    """Found out on AWS's own engine, by putting items of nearly 400 KB."""
    assert _requests.item_size({"n": {"N": number}}) == 1 + size


@given(st.decimals(allow_nan=False, allow_infinity=False, places=5) | st.integers(-(10**37), 10**37))
def test_a_number_is_never_counted_for_too_little(number):
    """Two digits a byte, whatever the sign, the point and the exponent."""
    digits = "".join(str(digit) for digit in Decimal(number).as_tuple().digits).strip("0")
    assert _requests.item_size({"": {"N": str(number)}}) >= 1 + (len(digits) + 1) // 2


@pytest.mark.parametrize(
    ("kind", "field", "limit"),
    [
        (PROJECT, "id", 2048),
        (PROJECT, "user_id", 1024),
        (USER_FLOW, "uiid", 2048),
        (USER_FLOW, "project_id", 1024),
        (TEST_CASE, "parent_uiid", 1024),
        (WAITLIST, "email", 2048),
    ],
)
def test_keys_have_their_own_limits(kind, field, limit):
    assert _requests.item_of(kind, fields(kind, **{field: "x" * limit}))
    with pytest.raises(InvalidInputError, match=f"{field}: {limit + 1} bytes"):
        _requests.item_of(kind, fields(kind, **{field: "x" * (limit + 1)}))


def new_rows(count, *, size=0, above=()):
    return [
        NewRow(
            LOW_LEVEL_REQUIREMENT, {"uiid": {"S": f"{number:05}"}, "text": {"S": "x" * size}}, above=[*above_row(above)]
        )
        for number in range(count)
    ]


def above_row(above):
    return [(HIGH_LEVEL_REQUIREMENT, row(HIGH_LEVEL_REQUIREMENT, uiid=name)) for name in above]


@pytest.mark.parametrize(
    ("count", "above", "groups"),
    [
        (1, (), [1]),
        (100, (), [100]),
        (101, (), [100, 1]),
        (99, ("h",), [99]),
        (100, ("h",), [99, 1]),
        (200, ("a", "b", "c"), [97, 97, 6]),
    ],
)
def test_rows_and_the_checks_above_them_are_split_at_100_actions(count, above, groups):
    assert [len(group) for group in _transactions(new_rows(count, above=above))] == groups


def test_rows_are_split_at_4_mb():
    groups = [len(group) for group in _transactions(new_rows(22, size=400_000))]
    assert groups == [10, 10, 2]


def test_checks_count_for_the_4_mb_too():
    """Keys can have 255 characters of four bytes: a hundred checks of them are not nothing."""
    long = "\U0001f600" * 255
    rows = [
        NewRow(
            LOW_LEVEL_REQUIREMENT,
            {"uiid": {"S": f"{number:05}"}, "text": {"S": "x" * size}},
            above=[
                (HIGH_LEVEL_REQUIREMENT, row(HIGH_LEVEL_REQUIREMENT, uiid=f"{long[:-9]}{number:05}", parent_uiid=long))
            ],
        )
        for number, size in enumerate([400_000] * 10 + [100_000] + [100] * 40)
    ]
    for group in _transactions(rows):
        puts = [{"Put": _requests.put(one.kind, one.item)} for one in group]
        checks = [{"ConditionCheck": _requests.check(kind, above)} for one in group for kind, above in one.above]
        assert sum(map(action_size, [*puts, *checks])) <= _requests.MAX_TRANSACTION_BYTES


def test_a_transaction_over_a_limit_is_refused_before_it_is_sent():
    put = {"Put": {"TableName": "t", "Item": {"id": {"S": "x"}}}}
    with pytest.raises(InvalidInputError, match="101 actions"):
        transact([put] * 101)
    big = {"Put": {"TableName": "t", "Item": {"id": {"S": "x" * 400_000}}}}
    with pytest.raises(InvalidInputError, match="4194304"):
        transact([big] * 11)
