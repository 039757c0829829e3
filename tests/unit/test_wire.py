"""The short way over the wire gives and sends what botocore's own way does, on the same bytes."""

import base64
import json
import zlib

import orjson
import pytest
from botocore.parsers import ResponseParserError
from hypothesis import example, given, settings
from hypothesis import strategies as st

from dynamodb import _wire
from support.attribute_values import (
    ANSWERS,
    body_of,
    botocore_parse,
    botocore_serialize,
    items,
    response,
    service_model,
    spellings,
    tables,
    values,
)

HEADERS = {"X-Amzn-RequestId": "R1", "Content-Type": "application/x-amz-json-1.0"}

every_operation = pytest.mark.parametrize("operation", sorted(_wire.ITEM_OPERATIONS))


def our_parse(operation, answer):
    parser = _wire.ItemParserFactory().create_parser("json")
    return parser.parse(answer, service_model().operation_model(operation).output_shape)


def test_every_item_operation_has_its_answers_here():
    assert set(ANSWERS) == _wire.ITEM_OPERATIONS


@every_operation
@settings(max_examples=25)
@given(st.data(), spellings)
def test_an_answer_is_read_as_botocore_reads_it(operation, data, spelling):
    answer = data.draw(st.fixed_dictionaries({}, optional=ANSWERS[operation]))
    raw = response(body_of(answer, spelling), **HEADERS)
    assert our_parse(operation, raw) == botocore_parse(operation, raw)


@pytest.mark.parametrize(
    "value",
    [
        {"B": base64.b64encode(b"\x00\xff" * 5).decode()},
        {"BS": ["AA==", ""]},
        {"M": {"B": {"B": "AA=="}, "BS": {"L": [{"BS": ["AA=="]}]}}},
        {"L": [{"S": '"B":'}, {"B": "AA=="}]},
        {"N": "9" * 38},
        {"N": "-1E-130"},
        {"S": ""},
        {"NULL": True},
        {"L": []},
        {"M": {}},
    ],
)
@pytest.mark.parametrize("name", ["plain", "B", "BS", "Item"])
def test_odd_values_are_read_as_botocore_reads_them(value, name):
    raw = response(body_of({"Item": {name: value}}), **HEADERS)
    assert our_parse("GetItem", raw) == botocore_parse("GetItem", raw)


ERRORS = [
    (400, {"__type": "com.amazonaws.dynamodb.v20120810#ResourceNotFoundException", "message": "no table"}),
    (
        400,
        {"__type": "ConditionalCheckFailedException", "message": "m", "Item": {"id": {"S": "x"}, "b": {"B": "AA=="}}},
    ),
    (
        400,
        {
            "__type": "com.amazonaws.dynamodb.v20120810#TransactionCanceledException",
            "Message": "cancelled",
            "CancellationReasons": [{"Code": "None"}, {"Code": "ConditionalCheckFailed", "Item": {"n": {"N": "1"}}}],
        },
    ),
    (500, {"__type": "InternalServerError", "message": "try again"}),
    (503, {}),
]


@every_operation
@pytest.mark.parametrize(("status", "body"), ERRORS)
def test_an_error_answer_is_read_by_botocore(operation, status, body):
    raw = response(body_of(body), status, **HEADERS)
    assert our_parse(operation, raw) == botocore_parse(operation, raw)


@every_operation
@pytest.mark.parametrize("body", [b"<html><body>502</body></html>", b"", b"not json"])
def test_an_error_in_html_is_read_by_botocore(operation, body):
    raw = response(body, 502, **HEADERS)
    try:
        theirs = botocore_parse(operation, raw)
    except ResponseParserError:
        with pytest.raises(ResponseParserError):
            our_parse(operation, raw)
    else:
        assert our_parse(operation, raw) == theirs


@pytest.mark.parametrize("operation", ["DescribeTable", "ListTables", "CreateTable", "DescribeEndpoints"])
def test_other_operations_are_botocores(operation):
    body = {"Table": {"TableName": "t", "CreationDateTime": 1.5}, "TableNames": ["t"], "more": 1}
    raw = response(body_of(body), **HEADERS)
    assert our_parse(operation, raw) == botocore_parse(operation, raw)


@pytest.mark.parametrize("operation", ["GetItem", "DescribeTable"])
def test_the_checksum_is_compared(operation):
    """An answer with another CRC32 than it says is damaged, whatever its JSON; with the right one it is read."""
    body = b"{}"
    right = response(body, **HEADERS, **{"X-Amz-Crc32": str(zlib.crc32(body))})
    parsed = our_parse(operation, right)
    assert _wire.UNDECODABLE not in parsed
    assert parsed["ResponseMetadata"]["HTTPHeaders"]["x-amz-crc32"] == str(zlib.crc32(body))
    wrong = response(body, **HEADERS, **{"X-Amz-Crc32": "1"})
    assert our_parse(operation, wrong)[_wire.UNDECODABLE] == body
    # botocore computes what it finds here; it has to find what differs, and not what was right.
    assert "x-amz-crc32" not in right["headers"]
    assert wrong["headers"]["x-amz-crc32"] == "1"


@every_operation
@pytest.mark.parametrize("body", [b"", b"{", b"null", b"[]", b'"text"', b"5", b'{"Item": {"a": {"B": "A"}}}', b"\xff"])
def test_damage_is_kept_for_the_sender_and_does_not_stop_botocore(operation, body):
    """It has yet to compare the checksum, and asks again where it differs."""
    parsed = our_parse(operation, response(body))
    assert parsed[_wire.UNDECODABLE] == body
    assert parsed["ResponseMetadata"]["HTTPStatusCode"] == 200


def test_a_decoder_reads_answers_only_in_its_context():
    raw = response(b'{"Items":[]}')
    with _wire.decoding(lambda body: {"seen": body}):
        assert our_parse("Query", raw)["seen"] == raw["body"]
        with _wire.decoding(None):
            assert our_parse("Query", raw)["Items"] == []
    assert "seen" not in our_parse("Query", raw)


@given(st.binary() | st.text().map(str.encode))
@example(b'{"a":{"B":{"B":"AA=="}}}')
def test_plain_reads_any_bytes_or_says_they_are_damaged(body):
    try:
        answer = _wire.plain(body)
    except ValueError:
        return
    assert isinstance(answer, dict)


def as_bytes(node):
    """The parameters as a caller gives them: binary as bytes."""
    if isinstance(node, dict):
        if set(node) == {"B"} and isinstance(node["B"], str):
            return {"B": base64.b64decode(node["B"])}
        if set(node) == {"BS"} and isinstance(node["BS"], list):
            return {"BS": [base64.b64decode(one) for one in node["BS"]]}
        return {name: as_bytes(value) for name, value in node.items()}
    return [as_bytes(one) for one in node] if isinstance(node, list) else node


_key = {"TableName": tables, "Key": items}
_expressions = {
    "ConditionExpression": st.text(max_size=20),
    "ExpressionAttributeNames": st.dictionaries(st.just("#0"), st.text(max_size=5)),
    "ExpressionAttributeValues": st.dictionaries(st.sampled_from([":0", ":1"]), values),
    "ReturnConsumedCapacity": st.just("INDEXES"),
}
_query = {
    "TableName": tables,
    "Limit": st.integers(1, 100),
    "ConsistentRead": st.booleans(),
    "ExclusiveStartKey": items,
    "FilterExpression": st.text(max_size=20),
    **{name: value for name, value in _expressions.items() if name != "ConditionExpression"},
}
_actions = st.lists(
    st.one_of(
        st.fixed_dictionaries({"Put": st.fixed_dictionaries({"TableName": tables, "Item": items})}),
        st.fixed_dictionaries({"Delete": st.fixed_dictionaries(_key)}),
        st.fixed_dictionaries({"ConditionCheck": st.fixed_dictionaries(_key)}),
    ),
    max_size=3,
)
REQUESTS = {
    "GetItem": _key | {"ConsistentRead": st.booleans()},
    "PutItem": {"TableName": tables, "Item": items, **_expressions},
    "UpdateItem": {**_key, "UpdateExpression": st.text(max_size=20), **_expressions},
    "DeleteItem": _key | _expressions,
    "Query": {**_query, "IndexName": tables, "ScanIndexForward": st.booleans()},
    "Scan": _query,
    "BatchGetItem": {
        "RequestItems": st.dictionaries(
            tables, st.fixed_dictionaries({"Keys": st.lists(items, max_size=2)}), max_size=2
        )
    },
    "BatchWriteItem": {
        "RequestItems": st.dictionaries(
            tables,
            st.lists(st.fixed_dictionaries({"PutRequest": st.fixed_dictionaries({"Item": items})}), max_size=2),
            max_size=2,
        )
    },
    "TransactGetItems": {
        "TransactItems": st.lists(st.fixed_dictionaries({"Get": st.fixed_dictionaries(_key)}), max_size=2)
    },
    "TransactWriteItems": {"TransactItems": _actions, "ClientRequestToken": st.uuids().map(str)},
}


@every_operation
@settings(max_examples=25)
@given(st.data())
def test_a_request_is_written_as_botocore_writes_it(operation, data):
    params = as_bytes(data.draw(st.fixed_dictionaries({}, optional=REQUESTS[operation])))
    model = service_model().operation_model(operation)
    ours = _wire.ItemSerializer(None).serialize_to_request(params, model)
    theirs = botocore_serialize(operation, params)
    assert json.loads(ours.pop("body")) == json.loads(theirs.pop("body"))
    assert {name: value for name, value in ours.items() if value} == {
        name: value for name, value in theirs.items() if value
    }


@given(values)
def test_what_is_written_is_read_back(value):
    params = as_bytes({"Item": {"a": value}})
    body = _wire.ItemSerializer(None).serialize_to_request(params, service_model().operation_model("PutItem"))["body"]
    assert _wire.plain(body) == params


@pytest.mark.parametrize("value", [object(), "\ud800", 2**70, {1: "x"}, {"S": "a\udfff"}, 1j])
def test_what_cannot_be_written_is_a_type_error(value):
    model = service_model().operation_model("PutItem")
    with pytest.raises(TypeError):
        _wire.ItemSerializer(None).serialize_to_request({"Item": {"a": value}}, model)


@pytest.mark.parametrize("value", [{"a", "b"}, frozenset("ab"), ("a", "b")])
def test_sets_and_tuples_are_written_as_lists(value):
    body = _wire.ItemSerializer(None).serialize_to_request(
        {"Item": {"a": {"SS": value}}}, service_model().operation_model("PutItem")
    )["body"]
    assert sorted(orjson.loads(body)["Item"]["a"]["SS"]) == ["a", "b"]


def test_other_requests_are_botocores():
    asked = []

    class Botocores:
        def serialize_to_request(self, parameters, operation_model):
            asked.append((parameters, operation_model.name))
            return {"theirs": True}

    model = service_model().operation_model("DescribeTable")
    assert _wire.ItemSerializer(Botocores()).serialize_to_request({"TableName": "t"}, model) == {"theirs": True}
    assert asked == [({"TableName": "t"}, "DescribeTable")]
