"""Indexes behind the proxy show the tables as they were N writes ago, on an engine that has no such delay itself."""

import pytest
from botocore.exceptions import ClientError

from support.clients import make_client, make_table
from support.fault_proxy import FaultProxy

pytestmark = pytest.mark.engine


@pytest.fixture
def engine(engine_endpoint):
    return make_client(engine_endpoint)


@pytest.fixture
def table(engine, table_prefix):
    make_table(engine, table_prefix + "rows")
    yield table_prefix + "rows"
    engine.delete_table(TableName=table_prefix + "rows")


@pytest.fixture
def proxy(engine_endpoint):
    with FaultProxy(engine_endpoint) as running:
        yield running


@pytest.fixture
def client(proxy):
    return make_client(proxy.endpoint)


def item(name, at=None, **more):
    return {"id": {"S": name}, "parent": {"S": "p"}, "at": {"S": at or name}, **{k: {"S": v} for k, v in more.items()}}


def key(name):
    return {"id": {"S": name}, "parent": {"S": "p"}}


def put(client, table, *names):
    for name in names:
        client.put_item(TableName=table, Item=item(name))


def query(client, table, **more):
    return client.query(
        TableName=table,
        IndexName="parent-index",
        KeyConditionExpression="parent = :p",
        ExpressionAttributeValues={":p": {"S": "p"}, **more.pop("values", {})},
        **more,
    )


def listed(client, table, **more):
    return [row["id"]["S"] for row in query(client, table, **more)["Items"]]


def test_the_last_writes_are_missing_until_newer_ones_push_them_in(client, proxy, table):
    proxy.lag_indexes(2)
    put(client, table, "a", "b")
    assert listed(client, table) == []
    put(client, table, "c")
    assert listed(client, table) == ["a"]
    put(client, table, "d", "e")
    assert listed(client, table) == ["a", "b", "c"]


def test_what_was_there_before_the_lag_began_is_there(client, proxy, engine, table):
    put(engine, table, *(str(n) for n in range(30)))
    proxy.lag_indexes(1)
    put(client, table, "new")
    assert len(listed(client, table)) == 30


def test_a_deleted_item_is_still_shown_as_it_was(client, proxy, engine, table):
    engine.put_item(TableName=table, Item=item("a", text="as it was"))
    proxy.lag_indexes(1)
    client.delete_item(TableName=table, Key=key("a"))
    assert query(client, table)["Items"] == [item("a", text="as it was")]
    put(client, table, "b")
    assert listed(client, table) == []


def test_a_changed_item_is_shown_with_each_of_its_states_in_turn(client, proxy, engine, table):
    engine.put_item(TableName=table, Item=item("a", text="0"))
    proxy.lag_indexes(2)
    shown = []
    for text in "1234":
        client.update_item(
            TableName=table,
            Key=key("a"),
            UpdateExpression="SET #t = :t",
            ExpressionAttributeNames={"#t": "text"},
            ExpressionAttributeValues={":t": {"S": text}},
        )
        shown.append(query(client, table)["Items"][0]["text"]["S"])
    assert shown == ["0", "0", "1", "2"]


def test_an_item_whose_index_key_changes_moves_late(client, proxy, engine, table):
    engine.put_item(TableName=table, Item=item("a", "1"))
    engine.put_item(TableName=table, Item=item("b", "2"))
    proxy.lag_indexes(1)
    client.put_item(TableName=table, Item=item("a", "3"))
    assert listed(client, table) == ["a", "b"]
    proxy.catch_up()
    assert listed(client, table) == ["b", "a"]


def test_reads_of_the_table_are_never_late(client, proxy, table):
    proxy.lag_indexes(5)
    put(client, table, "a")
    assert client.get_item(TableName=table, Key=key("a"))["Item"] == item("a")
    condition = {"KeyConditionExpression": "id = :i", "ExpressionAttributeValues": {":i": {"S": "a"}}}
    assert client.query(TableName=table, **condition)["Count"] == 1


def test_writes_of_batches_and_transactions_come_to_the_index_one_by_one(client, proxy, table):
    proxy.lag_indexes(2)
    client.batch_write_item(RequestItems={table: [{"PutRequest": {"Item": item(name)}} for name in "abc"]})
    assert listed(client, table) == ["a"]
    client.transact_write_items(
        TransactItems=[
            {"Delete": {"TableName": table, "Key": key("a")}},
            {"Put": {"TableName": table, "Item": item("d")}},
            {"ConditionCheck": {"TableName": table, "Key": key("b"), "ConditionExpression": "attribute_exists(id)"}},
        ]
    )
    assert listed(client, table) == ["a", "b", "c"]
    put(client, table, "e")
    assert listed(client, table) == ["b", "c"]


def test_a_refused_write_does_not_count(client, proxy, table):
    proxy.lag_indexes(1)
    put(client, table, "a")
    for _ in range(2):
        with pytest.raises(ClientError):
            client.put_item(TableName=table, Item=item("a"), ConditionExpression="attribute_not_exists(id)")
    assert listed(client, table) == []


def test_order_filter_pages_and_projection_are_the_engines(client, proxy, engine, table):
    put(engine, table, "a", "b", "c", "d")
    proxy.lag_indexes(1)
    client.delete_item(TableName=table, Key=key("d"))
    assert listed(client, table, ScanIndexForward=False) == ["d", "c", "b", "a"]
    assert listed(client, table, FilterExpression="id > :b", values={":b": {"S": "b"}}) == ["c", "d"]
    first = query(client, table, Limit=3, ProjectionExpression="id")
    second = query(client, table, Limit=3, ProjectionExpression="id", ExclusiveStartKey=first["LastEvaluatedKey"])
    assert first["Items"] + second["Items"] == [{"id": {"S": name}} for name in "abcd"]


def test_nobody_sees_the_shadow(client, proxy, table):
    proxy.lag_indexes(1)
    put(client, table, "a")
    names = [name for page in client.get_paginator("list_tables").paginate() for name in page["TableNames"]]
    assert [name for name in names if name.startswith(table)] == [table]
    assert query(client, table, ReturnConsumedCapacity="INDEXES")["ConsumedCapacity"]["TableName"] == table
    with pytest.raises(ClientError) as error:
        client.query(TableName=table, IndexName="none", KeyConditionExpression="parent = :p")
    assert ".lag-" not in str(error.value)


def test_after_enough_reads_the_index_has_caught_up(client, proxy, table):
    proxy.lag_indexes(10, settle_after=2)
    put(client, table, "a")
    assert [listed(client, table) for _ in range(3)] == [[], [], ["a"]]


def test_a_table_may_come_and_go_under_the_lag(client, proxy, engine, table_prefix):
    proxy.lag_indexes(1)
    for _ in range(2):
        make_table(client, table_prefix + "late")
        put(client, table_prefix + "late", "a", "b")
        assert listed(client, table_prefix + "late") == ["a"]
        client.delete_table(TableName=table_prefix + "late")
    with pytest.raises(client.exceptions.ResourceNotFoundException):
        listed(client, table_prefix + "late")


def test_the_end_of_the_lag_removes_its_tables_and_shows_the_truth(client, proxy, engine, table):
    proxy.lag_indexes(1)
    put(client, table, "a")
    assert listed(client, table) == []
    proxy.reset()
    assert listed(client, table) == ["a"]
    names = [name for page in engine.get_paginator("list_tables").paginate() for name in page["TableNames"]]
    assert [name for name in names if name.startswith(table)] == [table]
