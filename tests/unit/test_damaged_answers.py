"""Bytes that arrive damaged become an error of ours or a right answer: nothing else is raised, nothing is made up.

The checksum tells damage; an endpoint that sends none, or a proxy that answers in its place, is what is tried here.
"""

import os
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from dynamodb import _connection, _items, configure
from dynamodb._attribute_values import from_item
from dynamodb._decoding import decoder
from dynamodb._sending import send
from dynamodb.errors import DataLayerError
from models._kinds import KINDS, PROJECT
from support.attribute_values import body_of

#: `DAMAGE_EXAMPLES=100000` looks for hours.
EXAMPLES = int(os.environ.get("DAMAGE_EXAMPLES", "20"))

ROWS = [
    {
        "id": {"S": "p"},
        "uiid": {"S": "u"},
        "user_id": {"S": "ada"},
        "email": {"S": "ada@example.org"},
        "project_id": {"S": "p"},
        "parent_uiid": {"S": "f"},
        "name": {"S": "n\u00e4me"},
        "created_at": {"S": "2025-08-25T02:07:57.123456+00:00"},
        "version": {"N": "7"},
        "more": {"M": {"raw": {"B": "AAE="}, "set": {"NS": ["1", "2"]}, "list": {"L": [{"NULL": True}]}}},
    }
]
ANSWERS = {
    "Query": {"Items": ROWS, "Count": 1, "LastEvaluatedKey": {"id": {"S": "p"}}},
    "GetItem": {"Item": ROWS[0], "ConsumedCapacity": {"TableName": "t", "CapacityUnits": 0.5}},
    "UpdateItem": {"Attributes": ROWS[0]},
    "BatchGetItem": {"Responses": {"t": ROWS}, "UnprocessedKeys": {}},
    "DescribeTable": {"Table": {"TableName": "t", "TableStatus": "ACTIVE", "CreationDateTime": 1.5}},
}
ERROR = {
    "__type": "com.amazonaws.dynamodb.v20120810#TransactionCanceledException",
    "Message": "m",
    "CancellationReasons": [{"Code": "ConditionalCheckFailed", "Item": ROWS[0]}],
}

#: What a load balancer, a proxy or nobody says in DynamoDB's place.
FOREIGN = [
    b"",
    b"null",
    b"[]",
    b"5",
    b'"Bad gateway"',
    b"<html>502</html>",
    b"{}",
    b'{"__type":5,"message":[]}',
    b'{"Item":null}',
    b'{"Items":{}}',
    b'{"Responses":[]}',
    b'{"CancellationReasons":5,"__type":"TransactionCanceledException"}',
    b'{"Error":"x"}',
    b"\xff\xfe",
    b"[" * 5000,
]


@st.composite
def damaged(draw: st.DrawFn, body: bytes) -> bytes:
    """The body with bytes changed, lost, doubled or put in, or cut off."""
    made = bytearray(body)
    for _ in range(draw(st.integers(1, 4))):
        start = draw(st.integers(0, len(made)))
        match draw(st.sampled_from(["change", "lose", "insert", "cut"])):
            case "change" if start < len(made):
                made[start] = draw(st.integers(0, 255))
            case "lose":
                del made[start : start + draw(st.integers(1, 9))]
            case "insert":
                made[start:start] = draw(st.binary(min_size=1, max_size=4) | st.sampled_from([b'"', b"}", b"null,"]))
            case "cut":
                del made[start:]
    return bytes(made)


class Canned:
    """An endpoint that answers every request with the same bytes, in the place of botocore's HTTP session."""

    def __init__(self) -> None:
        self.status, self.body = 200, b"{}"

    def answer(self, **_: Any) -> Any:
        from botocore.awsrequest import AWSResponse  # noqa: PLC0415

        made = AWSResponse("http://canned", self.status, {"content-type": "application/x-amz-json-1.0"}, None)
        made._content = self.body
        return made


@pytest.fixture
def canned() -> Any:
    configure(endpoint="http://canned.invalid", max_attempts=1, time_limit=0.01)
    _connection.forget_client()
    endpoint = Canned()
    _connection.client().meta.events.register("before-send.dynamodb.*", endpoint.answer)
    yield endpoint
    configure()
    _connection.forget_client()


REQUESTS: dict[str, dict[str, Any]] = {
    "Query": {"TableName": "t"},
    "GetItem": {"TableName": "t", "Key": {}},
    "UpdateItem": {"TableName": "t", "Key": {}},
    "BatchGetItem": {"RequestItems": {"t": {"Keys": []}}},
    "DescribeTable": {"TableName": "t"},
}


def can_be_printed(error: DataLayerError) -> None:
    assert str(error).encode()


def answered(operation: str, kind: Any) -> Any:
    try:
        return send(operation, REQUESTS[operation], None if kind is None else decoder(kind.schema))
    except DataLayerError as error:
        can_be_printed(error)
        return None


@pytest.mark.parametrize("operation", ANSWERS)
def test_a_damaged_answer_is_our_error_or_an_answer(operation: str, canned: Canned) -> None:
    """Whatever comes instead, decoded into a schema or left as it is."""

    @settings(max_examples=EXAMPLES)
    @given(damaged(body_of(ANSWERS[operation])) | st.sampled_from(FOREIGN), st.sampled_from([None, *KINDS]))
    def tried(body: bytes, kind: Any) -> None:
        canned.status, canned.body = 200, body
        answered(operation, kind if operation != "DescribeTable" else None)

    tried()


@pytest.mark.parametrize("status", [301, 400, 403, 413, 500, 503])
def test_a_damaged_refusal_is_our_error(status: int, canned: Canned) -> None:
    @settings(max_examples=EXAMPLES // 2)
    @given(damaged(body_of(ERROR)) | st.sampled_from(FOREIGN))
    def tried(body: bytes) -> None:
        canned.status, canned.body = status, body
        with pytest.raises(DataLayerError) as refused:
            send("GetItem", REQUESTS["GetItem"])
        assert str(refused.value).encode()

    tried()


@pytest.mark.parametrize("operation", ["Query", "Scan", "GetItem", "UpdateItem", "DeleteItem"])
def test_items_without_a_schema_are_our_error_or_an_answer(operation: str, canned: Canned) -> None:
    """The facade's generic access reads what it asked for, or says that it is not there."""
    calls: dict[str, Any] = {
        "Query": lambda: list(_items.query("t", {"id": {"S": "p"}}, index_name=None, newest_first=False)),
        "Scan": lambda: list(_items.scan("t")),
        "GetItem": lambda: [_items.get("t", {"id": {"S": "p"}})],
        "UpdateItem": lambda: [_items.update("t", {"id": {"S": "p"}}, {"a": None})],
        "DeleteItem": lambda: [_items.delete("t", {"id": {"S": "p"}}) or {}],
    }
    whole = {"Query": {"Items": ROWS}, "Scan": {"Items": ROWS}, "GetItem": {"Item": ROWS[0]}}

    @settings(max_examples=EXAMPLES)
    @given(damaged(body_of(whole.get(operation, {"Attributes": ROWS[0]}))) | st.sampled_from(FOREIGN))
    @example(b'{"Items":[{"a":5}]}')
    @example(b'{"Item":{"a":{"N":"x"}},"Attributes":{"a":{"NS":5}}}')
    def tried(body: bytes) -> None:
        canned.status, canned.body = 200, body
        try:
            for item in calls[operation]():
                from_item(item)
        except DataLayerError as error:
            can_be_printed(error)

    tried()


def test_what_is_intact_is_read(canned: Canned) -> None:
    """The tests above could fail: undamaged, the same bytes are rows."""
    canned.body = body_of(ANSWERS["Query"] | {"LastEvaluatedKey": None})
    [row] = answered("Query", PROJECT)["Items"]
    assert (row.id, row.version) == ("p", 7)
