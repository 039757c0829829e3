"""Every fault as a plain client meets it, with the SDK's own retries off."""

import http.client
import json
import socket
import threading
from concurrent.futures import ThreadPoolExecutor
from urllib.parse import urlsplit

import pytest
from botocore.exceptions import (
    BotoCoreError,
    ClientError,
    ConnectionClosedError,
    HTTPClientError,
    ReadTimeoutError,
)

from reliability.watched_proxy import WatchedProxy
from support import faults
from support.clients import make_client, make_table
from support.fault_proxy import FaultProxy
from support.wire import Dropped

pytestmark = pytest.mark.engine


@pytest.fixture
def table(engine_endpoint, table_prefix):
    client = make_client(engine_endpoint)
    make_table(client, table_prefix + "rows")
    yield table_prefix + "rows"
    client.delete_table(TableName=table_prefix + "rows")


@pytest.fixture
def engine(engine_endpoint):
    """The engine without the proxy, to see what really happened."""
    return make_client(engine_endpoint)


@pytest.fixture
def proxy(engine_endpoint):
    with FaultProxy(engine_endpoint) as running:
        yield running


@pytest.fixture
def client(proxy):
    return make_client(proxy.endpoint)


def key(name):
    return {"id": {"S": name}, "parent": {"S": "p"}}


def item(name):
    return {**key(name), "at": {"S": "2025"}, "text": {"S": "x" * 200}}


def put(client, table, name="a"):
    return client.put_item(TableName=table, Item=item(name))


def get(client, table, name="a"):
    return client.get_item(TableName=table, Key=key(name), ConsistentRead=True).get("Item")


def code_of(error):
    return error.value.response["Error"]["Code"]


def test_without_a_fault_requests_pass_and_are_recorded(client, proxy, table):
    put(client, table)
    assert get(client, table) == item("a")
    client.query(
        TableName=table,
        IndexName="parent-index",
        KeyConditionExpression="parent = :p",
        ExpressionAttributeValues={":p": {"S": "p"}},
    )
    assert [(r.number, r.operation, r.table, r.index, r.status, r.fault) for r in proxy.requests] == [
        (0, "PutItem", table, None, 200, None),
        (1, "GetItem", table, None, 200, None),
        (2, "Query", table, "parent-index", 200, None),
    ]
    assert proxy.requests[0].body["Item"] == item("a")


@pytest.mark.parametrize("reset", [False, True], ids=["closed", "reset"])
@pytest.mark.parametrize(("fault", "applied"), [(faults.drop_before, False), (faults.drop_after, True)])
def test_a_dropped_write_is_applied_or_not_and_never_answered(client, proxy, engine, table, fault, applied, reset):
    proxy.inject(fault(reset=reset))
    with pytest.raises(ConnectionClosedError):
        put(client, table)
    assert (get(engine, table) is not None) == applied
    assert proxy.requests[0].status is None
    put(client, table)


@pytest.mark.parametrize("applied", [False, True])
def test_a_500_is_sent_before_or_after_the_write(client, proxy, engine, table, applied):
    proxy.inject(faults.server_error(applied=applied))
    with pytest.raises(ClientError) as error:
        put(client, table)
    assert code_of(error) == "InternalServerError"
    assert (get(engine, table) is not None) == applied


def test_an_html_error_of_a_gateway_is_an_error(client, proxy, table):
    proxy.inject(faults.gateway_error())
    with pytest.raises(ClientError) as error:
        put(client, table)
    assert error.value.response["ResponseMetadata"]["HTTPStatusCode"] == 502


@pytest.mark.parametrize(
    ("fault", "code"),
    [
        (faults.throttled(), "ProvisionedThroughputExceededException"),
        (faults.throttled("ThrottlingException"), "ThrottlingException"),
        (faults.request_limit_exceeded(), "RequestLimitExceeded"),
        (faults.transaction_conflict(), "TransactionConflictException"),
    ],
    ids=str,
)
def test_a_refused_write_is_not_applied(client, proxy, engine, table, fault, code):
    proxy.inject(fault)
    with pytest.raises(ClientError) as error:
        put(client, table)
    assert code_of(error) == code
    assert get(engine, table) is None


def test_retry_after_reaches_the_client(client, proxy, table):
    proxy.inject(faults.throttled(retry_after=2))
    with pytest.raises(ClientError) as error:
        put(client, table)
    headers = error.value.response["ResponseMetadata"]["HTTPHeaders"]
    assert (headers["retry-after"], headers["x-amz-retry-after"]) == ("2", "2000")


def test_leftover_writes_can_be_sent_again_as_they_come_back(client, proxy, engine, table):
    proxy.inject(faults.unprocessed(2))
    names = ["a", "b", "c"]
    asked = {table: [{"PutRequest": {"Item": item(name)}} for name in names]}
    answer = client.batch_write_item(RequestItems=asked)
    assert answer["UnprocessedItems"] == {table: asked[table][2:]}
    assert [get(engine, table, name) is not None for name in names] == [True, True, False]
    assert client.batch_write_item(RequestItems=answer["UnprocessedItems"])["UnprocessedItems"] == {}
    assert get(engine, table, "c") == item("c")


def test_leftover_reads_can_be_sent_again_as_they_come_back(client, proxy, engine, table):
    for name in "abc":
        put(engine, table, name)
    proxy.inject(faults.unprocessed())
    asked = {"Keys": [key(name) for name in "abc"], "ConsistentRead": True, "ProjectionExpression": "id"}
    answer = client.batch_get_item(RequestItems={table: asked})
    assert answer["Responses"] == {table: [{"id": {"S": "a"}}]}
    assert answer["UnprocessedKeys"] == {table: {**asked, "Keys": [key("b"), key("c")]}}
    again = client.batch_get_item(RequestItems=answer["UnprocessedKeys"])
    assert sorted(row["id"]["S"] for row in again["Responses"][table]) == ["b", "c"]


def transact(client, table):
    """The same transaction with the same token each time; the engine remembers tokens across tests."""
    actions = [{"Put": {"TableName": table, "Item": item(name)}} for name in "ab"]
    return client.transact_write_items(TransactItems=actions, ClientRequestToken=table)


@pytest.mark.parametrize(
    ("fault", "reasons"),
    [
        (faults.transaction_conflict(), ["TransactionConflict", "None"]),
        (faults.transaction_throttled(), ["None", "ThrottlingError"]),
    ],
    ids=str,
)
def test_a_cancelled_transaction_tells_its_reasons_and_writes_nothing(client, proxy, engine, table, fault, reasons):
    proxy.inject(fault)
    with pytest.raises(client.exceptions.TransactionCanceledException) as error:
        transact(client, table)
    assert [reason["Code"] for reason in error.value.response["CancellationReasons"]] == reasons
    assert str(error.value).endswith(f"please refer cancellation reasons for specific reasons [{', '.join(reasons)}]")
    assert get(engine, table) is None


def test_an_injected_cancellation_looks_like_the_engines_own(client, proxy, table):
    put(client, table)
    actions = [
        {"ConditionCheck": {"TableName": table, "Key": key("b"), "ConditionExpression": "attribute_not_exists(id)"}},
        {"Put": {"TableName": table, "Item": item("a"), "ConditionExpression": "attribute_not_exists(id)"}},
    ]
    with pytest.raises(client.exceptions.TransactionCanceledException) as own:
        client.transact_write_items(TransactItems=actions)
    proxy.inject(faults.cancelled(lambda n: ["None", "ConditionalCheckFailed"]))
    with pytest.raises(client.exceptions.TransactionCanceledException) as injected:
        client.transact_write_items(TransactItems=actions)
    own, injected = own.value.response, injected.value.response
    assert injected["Error"] == own["Error"]
    assert injected.keys() == own.keys()
    assert [r["Code"] for r in injected["CancellationReasons"]] == [r["Code"] for r in own["CancellationReasons"]]


@pytest.mark.parametrize("applied", [False, True])
def test_a_transaction_in_progress_may_be_applied_meanwhile(client, proxy, engine, table, applied):
    proxy.inject(faults.transaction_in_progress(applied=applied))
    with pytest.raises(client.exceptions.TransactionInProgressException):
        transact(client, table)
    assert (get(engine, table) is not None) == applied
    transact(client, table)


def test_a_reset_in_mid_body_is_a_broken_connection_after_the_write(client, proxy, engine, table):
    proxy.inject(faults.reset_mid_body())
    with pytest.raises(HTTPClientError):
        put(client, table)
    assert get(engine, table) == item("a")


def raw_get(proxy, table):
    """The answer as it is on the wire; the SDK hides most of it."""
    target = {"X-Amz-Target": "DynamoDB_20120810.GetItem", "Content-Type": "application/x-amz-json-1.0"}
    credential = "Credential=testing/20250101/us-east-1/dynamodb/aws4_request"
    signed = {**target, "Authorization": f"AWS4-HMAC-SHA256 {credential}, SignedHeaders=host, Signature=0"}
    connection = http.client.HTTPConnection(urlsplit(proxy.endpoint).netloc, timeout=5)
    connection.request("POST", "/", json.dumps({"TableName": table, "Key": key("a")}), signed)
    answer = connection.getresponse()
    body = answer.read()
    connection.close()
    return answer.headers, body


def test_every_answer_has_the_right_checksum_unless_a_fault_spoils_it(client, proxy, table):
    put(client, table)
    headers, body = raw_get(proxy, table)
    assert int(headers["x-amz-crc32"]) == faults.crc32(body)
    proxy.inject(faults.wrong_crc32())
    headers, body = raw_get(proxy, table)
    assert int(headers["x-amz-crc32"]) != faults.crc32(body)
    assert json.loads(body)["Item"] == item("a")


def test_the_sdk_sends_again_after_a_wrong_checksum_and_believes_it_when_no_attempt_is_left(client, proxy, table):
    put(client, table)
    proxy.reset()
    proxy.inject(faults.wrong_crc32(), times=None)
    assert get(make_client(proxy.endpoint, attempts=2), table) == item("a")
    assert len(proxy.requests) == 2


@pytest.mark.parametrize("checksum", ["of what is sent", "absent"])
def test_truncated_json_has_the_length_of_what_is_sent(client, proxy, table, checksum):
    put(client, table)
    proxy.inject(faults.truncated_json(checksum))
    headers, body = raw_get(proxy, table)
    assert int(headers["Content-Length"]) == len(body)
    assert headers["x-amz-crc32"] == (None if checksum == "absent" else str(faults.crc32(body)))
    with pytest.raises(json.JSONDecodeError):
        json.loads(body)


def test_the_sdk_takes_a_truncated_answer_for_an_empty_one(client, proxy, table):
    put(client, table)
    proxy.inject(faults.truncated_json())
    assert "Item" not in client.get_item(TableName=table, Key=key("a"))


def test_a_slow_answer_outlasts_the_clients_patience_and_the_write_stays(proxy, engine, table):
    proxy.inject(faults.slow(1))
    with pytest.raises(ReadTimeoutError):
        put(make_client(proxy.endpoint, read_timeout=0.2), table)
    assert get(engine, table) == item("a")


def test_a_trickling_answer_arrives_although_it_takes_longer_than_the_read_timeout(client, proxy, table):
    put(client, table)
    proxy.inject(faults.trickle(1))
    assert get(make_client(proxy.endpoint, read_timeout=0.7), table) == item("a")


def test_credentials_that_expire_stay_expired(client, proxy, table):
    proxy.inject(faults.expired_credentials(), at=1, times=None)
    put(client, table)
    for _ in range(2):
        with pytest.raises(ClientError) as error:
            put(client, table)
        assert code_of(error) == "ExpiredTokenException"


def test_places_are_counted_per_operation_from_the_injection(client, proxy, table):
    put(client, table)
    proxy.inject(faults.throttled(), at=1, operation="PutItem")
    get(client, table)
    put(client, table)
    get(client, table)
    with pytest.raises(ClientError):
        put(client, table)
    put(client, table)
    hit = [request.number for request in proxy.requests if request.fault]
    assert hit == [4]


def test_a_sequence_of_faults_is_played_one_for_each_request(client, proxy, table):
    proxy.play(iter([None, faults.throttled(), faults.drop_before(), None]))
    put(make_client(proxy.endpoint, attempts=5), table, "a")
    put(make_client(proxy.endpoint, attempts=5), table, "b")
    assert [request.fault for request in proxy.requests] == [
        None,
        "throttled (ProvisionedThroughputExceededException)",
        "drop before",
        None,
    ]


def test_a_reset_forgets_requests_and_faults(client, proxy, table):
    proxy.inject(faults.throttled(), at=1, times=None)
    put(client, table)
    proxy.reset()
    put(client, table)
    put(client, table)
    assert [request.number for request in proxy.requests] == [0, 1]


@pytest.mark.parametrize(
    "operation", ["PutItem", "GetItem", "Query", "BatchWriteItem", "BatchGetItem", "TransactWriteItems"]
)
def test_after_any_fault_the_next_request_of_the_same_client_succeeds(client, proxy, table, operation):
    calls = {
        "PutItem": lambda: put(client, table),
        "GetItem": lambda: client.get_item(TableName=table, Key=key("a")),
        "Query": lambda: client.query(
            TableName=table, KeyConditionExpression="id = :i", ExpressionAttributeValues={":i": {"S": "a"}}
        ),
        "BatchWriteItem": lambda: client.batch_write_item(RequestItems={table: [{"PutRequest": {"Item": item("a")}}]}),
        "BatchGetItem": lambda: client.batch_get_item(RequestItems={table: {"Keys": [key("a")]}}),
        "TransactWriteItems": lambda: transact(client, table),
    }
    refused = 0
    for fault in faults.faults_for(operation, seconds=0.01):
        proxy.reset()
        proxy.inject(fault)
        try:
            calls[operation]()
        except (BotoCoreError, ClientError):
            refused += 1
        assert proxy.requests[0].fault == fault.name
        assert calls[operation]()["ResponseMetadata"]["HTTPStatusCode"] == 200, fault
    assert refused >= 14


def test_many_threads_share_a_proxy_and_keep_their_connections(client, proxy, engine, table):
    with ThreadPoolExecutor(16) as pool:
        list(pool.map(lambda n: put(client, table, str(n)), range(200)))
    assert engine.scan(TableName=table, Select="COUNT")["Count"] == 200
    assert sorted(request.number for request in proxy.requests) == list(range(200))


def test_what_goes_wrong_in_a_fault_raises_at_the_end(engine_endpoint, table):
    def mistake():
        raise LookupError("a mistake in a test")

    proxy = FaultProxy(engine_endpoint)
    proxy.inject(faults.run_before(mistake))
    with pytest.raises(ClientError) as error:
        put(make_client(proxy.endpoint), table)
    assert error.value.response["ResponseMetadata"]["HTTPStatusCode"] == 502
    with pytest.raises(ExceptionGroup) as raised:
        proxy.__exit__(None, None, None)
    assert raised.group_contains(LookupError, match="a mistake in a test")


@pytest.mark.parametrize("sent", ["X-Amz-T", "Content-Length: 21\r\n\r\n", 'Content-Length: 21\r\n\r\n{"TableName"'])
def test_a_request_that_breaks_off_never_arrived(proxy, sent):
    """As a process leaves it that is killed while it sends: nothing is applied, and nothing went wrong in the proxy."""
    address = urlsplit(proxy.endpoint)
    with socket.create_connection((address.hostname, address.port), timeout=30) as connection:
        connection.sendall(f"POST / HTTP/1.1\r\nX-Amz-Target: DynamoDB_20120810.Query\r\n{sent}".encode())
        connection.shutdown(socket.SHUT_WR)
        assert connection.recv(1) == b""
    assert proxy.requests == []


def test_what_clients_sent_before_they_left_is_waited_for(engine_endpoint, table):
    """Also what lay unread in a socket, or in one that nobody had accepted yet, when the client closed it."""
    body = json.dumps({"TableName": table}).encode()
    headers = {
        "Host": "localhost",
        "Content-Type": "application/x-amz-json-1.0",
        "X-Amz-Target": "DynamoDB_20120810.DescribeTable",
        # DynamoDB Local checks no signature, but wants to see one.
        "Authorization": "AWS4-HMAC-SHA256 Credential=testing/20250825/us-east-1/dynamodb/aws4_request, "
        "SignedHeaders=host, Signature=0",
        "Content-Length": str(len(body)),
    }
    head = "".join(f"{line}\r\n" for line in ["POST / HTTP/1.1", *map(": ".join, headers.items()), ""])
    with WatchedProxy(engine_endpoint) as proxy:
        address = urlsplit(proxy.endpoint)
        for number in range(1, 31):
            with socket.create_connection((address.hostname, address.port), timeout=30) as connection:
                connection.sendall(head.encode() + body)
            proxy.wait_until_left()
            assert [request.status for request in proxy.requests] == [200] * number


def test_an_engine_out_of_reach_is_not_hidden(table):
    proxy = FaultProxy("http://127.0.0.1:1")
    with pytest.raises(ClientError):
        put(make_client(proxy.endpoint), table)
    with pytest.raises(ExceptionGroup) as raised:
        proxy.__exit__(None, None, None)
    assert raised.group_contains(ConnectionRefusedError)


def test_closing_ends_the_waits_the_connections_and_the_threads(engine_endpoint, table):
    before = set(threading.enumerate())
    arrived = threading.Event()

    def wait_long(exchange):
        arrived.set()
        exchange.wait(600)
        return Dropped()

    with FaultProxy(engine_endpoint) as proxy, ThreadPoolExecutor(1) as waiting:
        client = make_client(proxy.endpoint, read_timeout=600)
        put(client, table)
        proxy.inject(faults.Fault("waits", wait_long))
        answer = waiting.submit(put, client, table)
        assert arrived.wait(30)
        proxy.close()
        assert isinstance(answer.exception(timeout=30), BotoCoreError)
    assert set(threading.enumerate()) <= before
    with pytest.raises(BotoCoreError):
        put(client, table)
