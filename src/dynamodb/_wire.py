"""DynamoDB's JSON on the wire, without botocore's walk through the service model.

botocore visits every attribute value of an answer to look its shape up, and every value of a request: of the time that
a 1 MB page takes, nine tenths. Item operations need none of it, since their JSON is the form that callers see, except
that binary values travel as base64. A botocore session accepts another response parser (component
`response_parser_factory`); the serializer is an attribute of the client. Where one of them is gone, botocore's own
does the work.
"""

import base64
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any
from zlib import crc32

import orjson
from botocore.parsers import ResponseParserFactory

#: Operations whose answers hold nothing but JSON, numbers as text and base64: no timestamps, no streams.
ITEM_OPERATIONS = frozenset(
    {
        "BatchGetItem",
        "BatchWriteItem",
        "DeleteItem",
        "GetItem",
        "PutItem",
        "Query",
        "Scan",
        "TransactGetItems",
        "TransactWriteItems",
        "UpdateItem",
    }
)
#: An answer that was decoded into objects has this key.
DECODED = "Decoded"
#: A damaged answer has its body under this key. The parser must not raise: botocore compares the CRC32 after parsing,
#: and asks again where it differs.
UNDECODABLE = "Undecodable"

Decode = Callable[[bytes], dict[str, Any]]

_ITEM_ANSWERS = frozenset(f"{operation}Output" for operation in ITEM_OPERATIONS)
_CHECKSUM = "x-amz-crc32"
_FIRST_ERROR_STATUS = 301  # botocore's own border

_decode: ContextVar[Decode | None] = ContextVar("decode", default=None)


@contextmanager
def decoding(decode: Decode | None) -> Iterator[None]:
    """Decode the answers of item operations with `decode`, in this context."""
    token = _decode.set(decode)
    try:
        yield
    finally:
        _decode.reset(token)


class ItemParserFactory(ResponseParserFactory):  # type: ignore[misc]
    """Gives botocore's parser, with a shorter way for the answers of item operations."""

    def create_parser(self, protocol_name: str) -> Any:
        """Return a parser for a protocol; all but JSON are botocore's."""
        parser = super().create_parser(protocol_name)
        return _ItemParser(parser) if protocol_name == "json" else parser


class _ItemParser:
    def __init__(self, botocores: Any) -> None:
        self._botocores = botocores

    def parse(self, response: dict[str, Any], shape: Any) -> dict[str, Any]:
        if response["status_code"] >= _FIRST_ERROR_STATUS:
            return self._refusal(response, shape)
        if shape is None:
            return self._botocores.parse(response, shape)  # type: ignore[no-any-return]
        headers = {name.lower(): value for name, value in response["headers"].items()}
        is_intact = _is_intact(response["body"], headers)
        if is_intact:
            # botocore, which sends the request again where the checksum differs, need not compute it once more.
            response["headers"].pop(_CHECKSUM, None)
        answer = self._read(response, shape, is_intact=is_intact)
        answer["ResponseMetadata"] = {
            "RequestId": headers.get("x-amzn-requestid", ""),
            "HTTPStatusCode": response["status_code"],
            "HTTPHeaders": headers,
        }
        return answer

    def _refusal(self, response: dict[str, Any], shape: Any) -> dict[str, Any]:
        """Read a refusal; what is none of DynamoDB's, as a proxy's page or a damaged one, is told by its status.

        botocore asks twice: with the answer's shape for code and message, with the error's for what else it has.
        """
        try:
            answer: dict[str, Any] = self._botocores.parse(response, shape)
        except (AttributeError, KeyError, TypeError, ValueError, RecursionError):
            answer = {}
        reasons = answer.get("CancellationReasons", [])
        if not (isinstance(reasons, list) and all(isinstance(reason, dict) for reason in reasons)):
            del answer["CancellationReasons"]
        if shape is not None and shape.metadata.get("exception"):
            return answer
        error = answer.get("Error")
        if not (isinstance(error, dict) and all(isinstance(error.get(part), str) for part in ("Code", "Message"))):
            answer["Error"] = {"Code": str(response["status_code"]), "Message": "the answer is none of DynamoDB's"}
        answer.setdefault("ResponseMetadata", {})["HTTPStatusCode"] = response["status_code"]
        return answer

    def _read(self, response: dict[str, Any], shape: Any, *, is_intact: bool) -> dict[str, Any]:
        body = response["body"]
        decode = _decode.get()
        try:
            if not is_intact:
                return {UNDECODABLE: body}
            if shape.name in _ITEM_ANSWERS:
                return decode(body) if decode else plain(body)
            plain(body)  # botocore's parser takes damaged JSON for an empty answer
        except ValueError:  # orjson's and Pydantic's errors are ValueErrors
            return {UNDECODABLE: body}
        answer: dict[str, Any] = self._botocores.parse(response, shape)
        return answer


def _is_intact(body: bytes, headers: Mapping[str, str]) -> bool:
    """Compare the CRC32. botocore does so, too, but lets the answer of its last attempt pass whatever it is."""
    expected = headers.get(_CHECKSUM)
    return expected is None or str(crc32(body)) == expected


def plain(body: bytes) -> dict[str, Any]:
    """Read an answer into the dictionaries that botocore's own parser gives.

    Raises:
        ValueError: if the body is no JSON object.
    """
    answer = orjson.loads(body)
    if not isinstance(answer, dict):
        raise ValueError("the answer is no JSON object")  # noqa: TRY004 - as orjson reports damage
    # No other text of an answer has these characters: a quotation mark inside a value is escaped.
    if b'"B":' in body or b'"BS":' in body or b'"B" :' in body or b'"BS" :' in body:
        _binary_from_base64(answer)
    return answer


def _binary_from_base64(node: Any) -> None:
    if isinstance(node, dict):
        if isinstance(text := node.get("B"), str):
            node["B"] = base64.b64decode(text)
        elif isinstance(texts := node.get("BS"), list):
            node["BS"] = [base64.b64decode(text) for text in texts]
        else:
            for value in node.values():
                _binary_from_base64(value)
    elif isinstance(node, list):
        for value in node:
            _binary_from_base64(value)


class ItemSerializer:
    """Writes the requests of item operations as they are; botocore's serializer writes the others."""

    def __init__(self, botocores: Any) -> None:
        self._botocores = botocores

    def serialize_to_request(self, parameters: Mapping[str, Any], operation_model: Any) -> dict[str, Any]:
        """Return the request as botocore's endpoint takes it.

        Raises:
            TypeError: if a value is no JSON, or text with a lone surrogate.
        """
        if operation_model.name not in ITEM_OPERATIONS:
            return self._botocores.serialize_to_request(parameters, operation_model)  # type: ignore[no-any-return]
        metadata = operation_model.metadata
        return {
            "url_path": "/",
            "query_string": "",
            "method": "POST",
            "headers": {
                "X-Amz-Target": f"{metadata['targetPrefix']}.{operation_model.name}",
                "Content-Type": f"application/x-amz-json-{metadata['jsonVersion']}",
            },
            "body": orjson.dumps(parameters, default=_base64_from_binary),
        }


def _base64_from_binary(value: Any) -> Any:
    if isinstance(value, bytes | bytearray):
        return base64.b64encode(value).decode("ascii")
    if isinstance(value, set | frozenset | tuple):
        return list(value)
    raise TypeError(f"{type(value).__name__} is no attribute value")
