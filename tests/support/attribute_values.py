"""Attribute values, items and answers in DynamoDB's JSON, for hypothesis; and botocore's own parser and serializer."""

import base64
import json
from functools import cache
from typing import Any

import botocore.session
from botocore.awsrequest import HeadersDict
from botocore.parsers import ResponseParserFactory
from botocore.serialize import create_serializer
from hypothesis import strategies as st

text = st.text(st.characters(codec="utf-8"), max_size=12)
names = st.text(st.characters(codec="utf-8"), min_size=1, max_size=8) | st.sampled_from(
    ["S", "N", "B", "BS", "M", "L", "NULL", "Item", "Items", 'a"B":b', "LastEvaluatedKey", "id", "name", "created_at"]
)
#: Up to 38 digits, an exponent of any size that DynamoDB has.
numbers = st.one_of(
    st.integers(-(10**38) + 1, 10**38 - 1).map(str),
    st.decimals(allow_nan=False, allow_infinity=False, places=18, min_value=-(10**18), max_value=10**18).map(str),
    st.sampled_from(["0", "1E-130", "9.9999999999999999999999999999999999999E+125", "-0.1", "1.0", "007"]),
)
binary = st.binary(max_size=9).map(lambda raw: base64.b64encode(raw).decode())
scalars = st.one_of(
    st.fixed_dictionaries({"S": text}),
    st.fixed_dictionaries({"N": numbers}),
    st.fixed_dictionaries({"B": binary}),
    st.fixed_dictionaries({"BOOL": st.booleans()}),
    st.just({"NULL": True}),
    st.fixed_dictionaries({"SS": st.lists(text, min_size=1, max_size=3)}),
    st.fixed_dictionaries({"NS": st.lists(numbers, min_size=1, max_size=3)}),
    st.fixed_dictionaries({"BS": st.lists(binary, min_size=1, max_size=3)}),
)
values = st.recursive(
    scalars,
    lambda inner: (
        st.fixed_dictionaries({"L": st.lists(inner, max_size=3)})
        | st.fixed_dictionaries({"M": st.dictionaries(names, inner, max_size=3)})
    ),
    max_leaves=6,
)
items = st.dictionaries(names, values, max_size=5)
tables = st.text("abcdefghijklmnop-_.0123456789", min_size=3, max_size=12)
capacity = st.fixed_dictionaries(
    {"TableName": tables, "CapacityUnits": st.sampled_from([0.5, 1.0, 12.5])},
    optional={
        "Table": st.just({"CapacityUnits": 0.5}),
        "GlobalSecondaryIndexes": st.dictionaries(tables, st.just({"CapacityUnits": 1.0}), max_size=2),
    },
)
_puts = st.fixed_dictionaries({"PutRequest": st.fixed_dictionaries({"Item": items})})
_deletes = st.fixed_dictionaries({"DeleteRequest": st.fixed_dictionaries({"Key": items})})
_keys = st.fixed_dictionaries({"Keys": st.lists(items, min_size=1, max_size=2)})

#: What each item operation may answer.
ANSWERS: dict[str, dict[str, st.SearchStrategy[Any]]] = {
    "GetItem": {"Item": items, "ConsumedCapacity": capacity},
    "PutItem": {"Attributes": items, "ConsumedCapacity": capacity},
    "UpdateItem": {"Attributes": items, "ConsumedCapacity": capacity},
    "DeleteItem": {"Attributes": items, "ConsumedCapacity": capacity},
    "Query": {
        "Items": st.lists(items, max_size=3),
        "Count": st.integers(0, 3),
        "ScannedCount": st.integers(0, 9),
        "LastEvaluatedKey": items,
        "ConsumedCapacity": capacity,
    },
    "BatchGetItem": {
        "Responses": st.dictionaries(tables, st.lists(items, max_size=2), max_size=2),
        "UnprocessedKeys": st.dictionaries(tables, _keys, max_size=2),
        "ConsumedCapacity": st.lists(capacity, max_size=2),
    },
    "BatchWriteItem": {
        "UnprocessedItems": st.dictionaries(tables, st.lists(_puts | _deletes, min_size=1, max_size=2), max_size=2),
        "ConsumedCapacity": st.lists(capacity, max_size=2),
    },
    "TransactGetItems": {"Responses": st.lists(st.fixed_dictionaries({}, optional={"Item": items}), max_size=2)},
    "TransactWriteItems": {"ConsumedCapacity": st.lists(capacity, max_size=2)},
}
ANSWERS["Scan"] = ANSWERS["Query"]

#: How a body may be written: separators, and whether other characters than ASCII are escaped.
spellings = st.tuples(st.sampled_from([(",", ":"), (", ", ": ")]), st.booleans())


def body_of(document: Any, spelling: tuple[tuple[str, str], bool] = ((",", ":"), False)) -> bytes:
    """A document as a server might write it."""
    separators, escaped = spelling
    return json.dumps(document, separators=separators, ensure_ascii=escaped).encode()


@cache
def service_model() -> Any:
    return botocore.session.Session().get_service_model("dynamodb")


def response(body: bytes, status: int = 200, **headers: str) -> dict[str, Any]:
    """An answer as botocore hands it to a parser."""
    return {"body": body, "headers": HeadersDict(headers), "status_code": status, "context": {}}


def botocore_parse(operation: str, answer: dict[str, Any]) -> dict[str, Any]:
    """What botocore makes of an answer."""
    parser = ResponseParserFactory().create_parser("json")
    parsed: dict[str, Any] = parser.parse(answer, service_model().operation_model(operation).output_shape)
    return parsed


def botocore_serialize(operation: str, params: dict[str, Any]) -> dict[str, Any]:
    """What botocore makes of a request."""
    serializer = create_serializer("json", include_validation=False)
    request: dict[str, Any] = serializer.serialize_to_request(params, service_model().operation_model(operation))
    return request
