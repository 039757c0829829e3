"""The doctor's conditional writes: what they compare, and what their refusal means."""

from collections.abc import Callable
from typing import Any

import pytest

from dynamodb._translation import ConditionFailedError, TransactionCanceledError
from dynamodb.doctor import _stored
from dynamodb.doctor._attempts import holds
from dynamodb.doctor._stored import Row
from dynamodb.errors import ThrottledError, UnexpectedResponseError
from models._kinds import TEST_CASE

ITEM = {
    "uiid": {"S": "t"},
    "parent_uiid": {"S": "l"},
    "name": {"S": "name"},
    "version": {"N": "7"},
    "unknown": {"M": {"deep": {"BOOL": True}}},
}


def compared(params: dict[str, Any]) -> dict[str, Any]:
    """What a condition compares: each field with its value, `None` where it must be absent."""
    names, values = params["ExpressionAttributeNames"], params["ExpressionAttributeValues"]
    found = {}
    for part in params["ConditionExpression"].split(" AND "):
        if part.startswith("attribute_not_exists("):
            found[names[part.removeprefix("attribute_not_exists(")[:-1]]] = None
        else:
            name, value = part.split(" = ")
            found[names[name]] = values[value]
    return found


def test_a_delete_compares_all_that_was_read_and_what_may_have_come() -> None:
    """Attributes of the model that were absent must be so still; others cannot be known."""
    wanted = _stored.delete(Row(TEST_CASE, ITEM))
    absent = dict.fromkeys(["created_at", "updated_at", "tree_state", "tree_token", "project_id", "description"])
    assert compared(wanted) == {**ITEM, **absent}
    assert wanted["Key"] == {"uiid": {"S": "t"}, "parent_uiid": {"S": "l"}}


def test_a_change_compares_only_what_it_changes() -> None:
    """So that it does not undo, or fail for, what others write elsewhere in the row."""
    params = _stored.change(Row(TEST_CASE, ITEM), {"version": {"N": "8"}, "tree_state": None}, also=["project_id"])
    assert compared(params) == {"uiid": {"S": "t"}, "version": {"N": "7"}, "tree_state": None, "project_id": None}
    text = params["UpdateExpression"]
    for short, name in {**params["ExpressionAttributeNames"], **params["ExpressionAttributeValues"]}.items():
        text = text.replace(short, str(name))
    assert text == "SET version = {'N': '8'} REMOVE tree_state"


def test_a_condition_stays_within_its_limits() -> None:
    """DynamoDB takes 300 operators and 4 KB of expression: of a row with more attributes some are not compared."""
    row = Row(TEST_CASE, ITEM | {f"attribute {number}": {"N": "1"} for number in range(1000)})
    condition = _stored.unchanged(row)
    assert len(compared(condition)) == 200
    assert compared(condition)["version"] == {"N": "7"}
    assert len(condition["ConditionExpression"]) <= 4096


@pytest.mark.parametrize(
    ("version", "is_"), [({"N": "7"}, 7), ({"N": "-1"}, 0), ({"N": "1.5"}, 0), ({"S": "7"}, 0), ({"NULL": True}, 0)]
)
def test_a_version_that_is_no_whole_number_is_none(version: dict[str, Any], is_: int) -> None:
    """Earlier writers may have left anything."""
    assert Row(TEST_CASE, {**ITEM, "version": version}).version == is_


def raising(error: Exception) -> Callable[[], None]:
    def write() -> None:
        raise error

    return write


def cancelled(*codes: str) -> TransactionCanceledError:
    return TransactionCanceledError("cancelled", reasons=[{"Code": code} for code in codes])


@pytest.mark.parametrize(
    "error",
    [
        ConditionFailedError("no", item=None, repeated=False),
        cancelled("None", "ConditionalCheckFailed"),
        cancelled("TransactionConflict", "ConditionalCheckFailed"),
        ThrottledError("busy", dynamodb_code="TransactionConflictException"),
    ],
)
def test_a_write_that_somebody_else_was_faster_than_does_not_hold(error: Exception) -> None:
    """The finding is left for the next run."""
    assert holds(raising(error)) is False


@pytest.mark.parametrize(
    ("error", "raised"),
    [
        (cancelled("ValidationError", "None"), UnexpectedResponseError),
        (cancelled(), UnexpectedResponseError),
        (ThrottledError("too much", dynamodb_code="ThrottlingException"), ThrottledError),
    ],
)
def test_other_failures_end_the_repair(error: Exception, raised: type[Exception]) -> None:
    """They are not mistaken for a change by somebody else, and are errors that callers know."""
    with pytest.raises(raised):
        holds(raising(error))


def test_a_write_that_is_done_holds() -> None:
    """Nothing was raised."""
    assert holds(lambda: None) is True
