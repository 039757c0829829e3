"""The faults of the proxy, each against an engine that only counts."""

import json
import zlib

import pytest

from support import faults
from support.wire import Answer, Dropped, Request, to_answer


class Exchange:
    """A request whose engine gives one canned answer and remembers what it was asked."""

    def __init__(self, operation="PutItem", body=None, answer=None):
        self.request = Request(0, operation, body or {})
        self.answer = answer or to_answer({"Item": {"name": {"S": "a name"}}})
        self.forwarded = []
        self.waited = []

    def forward(self, body=None):
        self.forwarded.append(self.request.body if body is None else body)
        return self.answer

    def wait(self, seconds):
        self.waited.append((seconds, len(self.forwarded)))


def transaction(actions):
    return {"TransactItems": [{"Delete": {"TableName": "t", "Key": {"id": {"S": str(i)}}}} for i in range(actions)]}


@pytest.mark.parametrize(
    ("fault", "applied"),
    [
        (faults.drop_before(), False),
        (faults.drop_after(), True),
        (faults.server_error(applied=False), False),
        (faults.server_error(applied=True), True),
        (faults.gateway_error(), False),
        (faults.throttled(), False),
        (faults.request_limit_exceeded(), False),
        (faults.expired_credentials(), False),
        (faults.transaction_in_progress(), False),
        (faults.transaction_in_progress(applied=True), True),
        (faults.reset_mid_body(), True),
        (faults.wrong_crc32(), True),
        (faults.truncated_json(), True),
        (faults.slow(1), True),
        (faults.trickle(1), True),
    ],
    ids=str,
)
def test_the_engine_sees_the_request_exactly_when_the_fault_says_so(fault, applied):
    exchange = Exchange()
    fault.strike(exchange)
    assert len(exchange.forwarded) == applied


@pytest.mark.parametrize("reset", [False, True])
def test_a_dropped_request_has_no_answer(reset):
    assert faults.drop_before(reset=reset).strike(Exchange()) == Dropped(reset)


@pytest.mark.parametrize(
    ("fault", "status", "code"),
    [
        (faults.server_error(applied=False), 500, "InternalServerError"),
        (faults.server_error(applied=False, status=503), 503, "ServiceUnavailable"),
        (faults.throttled(), 400, "ProvisionedThroughputExceededException"),
        (faults.throttled("ThrottlingException"), 400, "ThrottlingException"),
        (faults.request_limit_exceeded(), 400, "RequestLimitExceeded"),
        (faults.transaction_in_progress(), 400, "TransactionInProgressException"),
        (faults.expired_credentials(), 400, "ExpiredTokenException"),
        (faults.transaction_conflict(), 400, "TransactionConflictException"),
    ],
    ids=str,
)
def test_an_error_has_the_status_and_the_type_of_the_service(fault, status, code):
    answer = fault.strike(Exchange())
    assert (answer.status, answer.json()["__type"].partition("#")[2]) == (status, code)


def test_retry_after_is_sent_only_when_asked_for():
    assert not faults.throttled().strike(Exchange()).headers
    hinted = faults.throttled(retry_after=1.5).strike(Exchange())
    assert hinted.headers == {"Retry-After": "1.5", "x-amz-retry-after": "1500"}


def test_a_conflict_cancels_the_transaction_with_a_reason_for_each_action():
    answer = faults.transaction_conflict(1).strike(Exchange("TransactWriteItems", transaction(3)))
    assert answer.json() == {
        "__type": "com.amazonaws.dynamodb.v20120810#TransactionCanceledException",
        "Message": "Transaction cancelled, please refer cancellation reasons for specific reasons "
        "[None, TransactionConflict, None]",
        "CancellationReasons": [
            {"Code": "None"},
            {"Code": "TransactionConflict", "Message": "Transaction is ongoing for the item"},
            {"Code": "None"},
        ],
    }


def test_a_throttled_transaction_names_its_last_action():
    answer = faults.transaction_throttled().strike(Exchange("TransactWriteItems", transaction(2)))
    assert [reason["Code"] for reason in answer.json()["CancellationReasons"]] == ["None", "ThrottlingError"]


def test_a_cancellation_needs_a_reason_for_every_action():
    with pytest.raises(ValueError, match="1 reasons for 2 actions"):
        faults.cancelled(lambda n: ["None"]).strike(Exchange("TransactWriteItems", transaction(2)))


def puts(*names):
    return [{"PutRequest": {"Item": {"id": {"S": name}}}} for name in names]


def keys(*names):
    return [{"id": {"S": name}} for name in names]


def test_an_unprocessed_rest_of_writes_spans_tables_and_keeps_what_the_engine_left_over():
    body = {"RequestItems": {"a": puts("1", "2"), "b": puts("3")}, "ReturnConsumedCapacity": "INDEXES"}
    exchange = Exchange("BatchWriteItem", body, to_answer({"UnprocessedItems": {"a": puts("1")}}))
    answer = faults.unprocessed(1).strike(exchange)
    assert exchange.forwarded == [{"RequestItems": {"a": puts("1")}, "ReturnConsumedCapacity": "INDEXES"}]
    assert answer.json() == {"UnprocessedItems": {"a": puts("1", "2"), "b": puts("3")}}


def test_unprocessed_keys_come_back_with_their_projection_and_consistency():
    asked = {"ConsistentRead": True, "ProjectionExpression": "#n", "ExpressionAttributeNames": {"#n": "name"}}
    body = {"RequestItems": {"a": {"Keys": keys("1", "2", "3", "4"), **asked}}}
    exchange = Exchange("BatchGetItem", body, to_answer({"Responses": {"a": keys("1", "2")}, "UnprocessedKeys": {}}))
    answer = faults.unprocessed().strike(exchange)
    assert exchange.forwarded == [{"RequestItems": {"a": {"Keys": keys("1", "2"), **asked}}}]
    assert answer.json() == {
        "Responses": {"a": keys("1", "2")},
        "UnprocessedKeys": {"a": {"Keys": keys("3", "4"), **asked}},
    }


def test_a_batch_of_which_nothing_is_done_is_throttled():
    exchange = Exchange("BatchWriteItem", {"RequestItems": {"a": puts("1")}})
    answer = faults.unprocessed().strike(exchange)
    assert answer.json()["__type"].endswith("#ProvisionedThroughputExceededException")
    assert not exchange.forwarded


def test_an_error_of_the_engine_is_not_taken_for_a_partial_success():
    refused = to_answer({"__type": "x#ValidationException"}, 400)
    exchange = Exchange("BatchWriteItem", {"RequestItems": {"a": puts("1", "2")}}, refused)
    assert faults.unprocessed().strike(exchange) == refused


def test_only_a_batch_can_be_done_in_part():
    with pytest.raises(ValueError, match="not PutItem"):
        faults.unprocessed().strike(Exchange())


def test_a_wrong_checksum_differs_from_the_right_one():
    answer = faults.wrong_crc32().strike(Exchange())
    assert answer.checksum != zlib.crc32(answer.body)


@pytest.mark.parametrize(
    ("checksum", "expected"),
    [("of what is sent", zlib.crc32(b'{"Ite')), ("of the whole", zlib.crc32(b'{"Item":{}}')), ("absent", "absent")],
)
def test_a_truncated_body_is_no_longer_json_and_has_the_checksum_asked_for(checksum, expected):
    answer = faults.truncated_json(checksum).strike(Exchange(answer=Answer(200, b'{"Item":{}}')))
    assert (answer.body, answer.checksum) == (b'{"Ite', expected)
    with pytest.raises(json.JSONDecodeError):
        answer.json()


def test_a_reset_in_mid_body_sends_half_of_it():
    answer = faults.reset_mid_body().strike(Exchange(answer=Answer(200, b"12345678")))
    assert (answer.body, answer.sent) == (b"12345678", 4)


@pytest.mark.parametrize(("applied", "forwarded_before_the_wait"), [(True, 1), (False, 0)])
def test_a_slow_answer_waits_on_the_side_of_the_work_it_says(applied, forwarded_before_the_wait):
    exchange = Exchange()
    assert faults.slow(3, applied=applied).strike(exchange) == exchange.answer
    assert exchange.waited == [(3, forwarded_before_the_wait)]


def test_callbacks_run_before_and_after_the_engine_has_the_request():
    exchange = Exchange()
    seen = []
    faults.run_before(lambda: seen.append(len(exchange.forwarded))).strike(exchange)
    faults.run_after(lambda: seen.append(len(exchange.forwarded))).strike(exchange)
    assert seen == [0, 2]


@pytest.mark.parametrize(
    ("operation", "own"),
    [
        ("Query", set()),
        ("PutItem", {"transaction conflict"}),
        ("BatchGetItem", {"unprocessed (half)", "unprocessed (all but 0)"}),
        (
            "TransactWriteItems",
            {
                "transaction conflict",
                "transaction throttled",
                "transaction in progress",
                "transaction in progress (applied)",
            },
        ),
    ],
)
def test_the_catalogue_gives_each_operation_its_own_faults_once(operation, own):
    names = [fault.name for fault in faults.faults_for(operation)]
    assert len(names) == len(set(names))
    assert set(names) - {fault.name for fault in faults.faults_for("Query")} == own


@pytest.mark.parametrize(
    ("operation", "body", "tables"),
    [
        ("Query", {"TableName": "a", "IndexName": "i"}, ("a",)),
        ("BatchGetItem", {"RequestItems": {"b": {"Keys": []}, "a": {"Keys": []}}}, ("b", "a")),
        (
            "TransactWriteItems",
            {"TransactItems": [{"Put": {"TableName": "a"}}, {"Delete": {"TableName": "a"}}]},
            ("a",),
        ),
        ("ListTables", {}, ()),
    ],
)
def test_a_recorded_request_tells_its_tables(operation, body, tables):
    request = Request(0, operation, body)
    assert (request.tables, request.table) == (tables, tables[0] if tables else None)
    assert request.index == body.get("IndexName")
