"""How fast rows are written, and what happens when DynamoDB is slow, throttles, or does not answer."""

import os
from functools import partial

import pytest

from dynamodb import _connection
from dynamodb.errors import DataLayerError
from dynamodb.migrate import Owners, rollback, verify
from dynamodb.migrate._pace import Pace
from dynamodb.migrate._postgres import snapshot
from dynamodb.testing._metering import Meter
from support.clock import Clock
from support.fault_proxy import FaultProxy
from support.faults import Fault, drop_after, drop_before, gateway_error, server_error, slow, throttled, unprocessed
from support.migrating import TABLES, execute, fill
from support.wire import Dropped
from support.world import World

pytestmark = pytest.mark.engine

ENDPOINT = "DYNAMODB_TEST_ENDPOINT"
_WRITES = ("BatchWriteItem", "PutItem", "TransactWriteItems")


def contents(world: World):
    return {key: world.rows(key) for key in TABLES}


@pytest.fixture
def clock(monkeypatch):
    """The pace's time passes only while it waits."""
    made = Clock()
    monkeypatch.setattr("dynamodb.migrate._running.Pace", partial(Pace, clock=made, sleep=made.sleep))
    return made


@pytest.fixture
def proxy(world: World, engine_endpoint, reconfigure, clock):
    """Between a client that does not repeat anything by itself, and the engine."""
    with FaultProxy(engine_endpoint) as made:
        reconfigure(endpoint=made.endpoint, time_limit=0.3, max_attempts=1)
        yield made
        reconfigure()


class Readings:
    """What the engine says that was written, and when."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self.all: list[tuple[float, float]] = []

    def __call__(self, parsed, **_):
        consumed = parsed.get("ConsumedCapacity") or []
        units = sum(one["CapacityUnits"] for one in (consumed if isinstance(consumed, list) else [consumed]))
        self.all.append((self._clock.now, units))

    def __enter__(self):
        for operation in _WRITES:
            _connection.client().meta.events.register(f"after-call.dynamodb.{operation}", self)
        return self

    def __exit__(self, *_):
        for operation in _WRITES:
            _connection.client().meta.events.unregister(f"after-call.dynamodb.{operation}", self)


@pytest.fixture
def exact_units(engine_endpoint):
    """moto reports one unit for whatever it does: with this it reports what DynamoDB does."""
    if ENDPOINT in os.environ:
        yield
        return
    meter = Meter("us-east-1", engine_endpoint)
    _connection.equip(meter.register)
    yield
    _connection.unequip(meter.register, meter.unregister)


def test_the_limit_is_held(world: World, database, run, clock, exact_units):
    """At no moment has more been written than the limit gives until then, and a second's worth; nor much less."""
    limit = 40
    fill(database, projects=1, entries=30)
    with Readings(clock) as meter:
        done = run(max_write_units=limit)
    total = 0.0
    for moment, units in meter.all:
        total += units
        assert total <= limit * moment + limit
    assert total == done.write_units > 2 * limit
    assert total / limit - 1 <= clock.now <= total / limit + 1


def test_throttling_slows_it_down_and_fails_nothing(world: World, database, run, proxy, clock):
    """Refused batches and leftovers are sent again, at half the rate, until everything is there."""
    total = fill(database, projects=3, entries=30)
    proxy.inject(throttled(), operation="BatchWriteItem", times=6)
    proxy.inject(throttled(), operation="PutItem", times=2)
    proxy.play([unprocessed()] * 3, operation="BatchWriteItem")
    with Readings(clock) as meter:
        done = run(max_write_units=400)
    assert clock.now > sum(units for _, units in meter.all) / 400
    assert "throttled" in (done.quarantine.parent / "migration.log").read_text(encoding="utf-8")
    assert sum(table.written for table in done.tables.values()) == total
    assert sum(map(len, contents(world).values())) == total


def test_what_is_not_answered_is_sent_again(world: World, database, run, proxy):
    """Lost requests, lost answers, errors on the way, answers that come too late: one run, and all is there once."""
    total = fill(database, projects=3, entries=30)
    lost = [drop_before(), drop_after(), server_error(applied=True), gateway_error(503), None, drop_after(reset=True)]
    for operation in ("BatchWriteItem", "PutItem"):
        proxy.play(lost, operation=operation)
    proxy.play([None, drop_before(), gateway_error(503)] * 3, operation="Query")
    done = run()
    assert not done.resumed
    assert [(table.written, table.quarantined) for table in done.tables.values()] == [
        (len(rows), 0) for rows in contents(world).values()
    ]
    assert sum(map(len, contents(world).values())) == total
    assert world.loose_ends() == []


def test_slow_answers_are_waited_for(world: World, database, run, proxy, reconfigure):
    """Each batch of the first lot is answered later than anybody listens; it is written all the same, and counted."""
    total = fill(database, projects=1, entries=60)
    reconfigure(endpoint=proxy.endpoint, time_limit=0.3, max_attempts=1, read_timeout=0.5)
    proxy.inject(slow(1.5), operation="BatchWriteItem", times=2)
    done = run()
    assert sum(table.written for table in done.tables.values()) == total
    assert sum(map(len, contents(world).values())) == total


def test_a_row_that_changed_while_nothing_was_answered_stays(world: World, database, run, proxy):
    """Rows whose batch was not answered are looked for, and not written over what a user has made of them since."""
    fill(database, projects=1, widths=(5, 0, 0, 0))

    def written_lost_and_changed(exchange) -> Dropped:
        exchange.forward()
        [flow, *_] = world.rows("user_flows")
        world.put_items("user_flows", [flow | {"name": {"S": "changed by a user"}, "version": {"N": "2"}}])
        return Dropped(reset=False)

    proxy.play([Fault("written, lost and changed", written_lost_and_changed)], operation="BatchWriteItem")
    done = run()
    assert "changed by a user" in {row["name"]["S"] for row in world.rows("user_flows")}
    assert done.reasons == {"user_flows": {"target_newer": 1}}
    assert len(world.rows("user_flows")) == 5
    assert world.loose_ends() == []


def test_it_gives_up_when_nothing_goes_through(world: World, database, run, proxy, impatient):
    """It does not wait for ever; the state is kept, and a later run goes on."""
    fill(database, projects=1)
    for fault in (throttled(), drop_before()):
        proxy.inject(fault, operation="BatchWriteItem", times=None)
        with pytest.raises(DataLayerError, match="goes on"):
            run()
        proxy.reset()
    assert run().resumed
    assert len(world.rows("test_cases")) == 16


def test_reading_for_a_verification_and_a_rollback_is_not_stopped_by_a_lost_answer(
    world: World, database, run, proxy, tmp_path, monkeypatch
):
    """They take as long as the migration; each request may fail, and none ends them."""
    # One row after the other: a transaction that fails in moto undoes what others did at the same time.
    monkeypatch.setattr("dynamodb.migrate._rolling_back._AT_ONCE", 1)
    total = fill(database, projects=1, entries=5)
    run()
    for operation in ("Scan", "Query"):
        proxy.play([None, drop_before(), throttled()], operation=operation)
    with snapshot(database) as source:
        assert verify(source, Owners("ada")).wrong == 0
    for operation in ("BatchGetItem", "Query", "DeleteItem", "TransactWriteItems"):
        proxy.play([drop_before(), None, drop_after(), throttled()], operation=operation)
    done = rollback(tmp_path / "state")
    assert sum(table.removed for table in done.values()) == total
    assert not any(contents(world).values())


def test_a_row_is_put_back_although_the_answer_was_lost(world: World, database, run, proxy, tmp_path):
    """What a merge had replaced is as it was, and is told to be."""
    fill(database, projects=1)
    run()
    before = contents(world)
    execute(database, "UPDATE projects SET name = 'renamed', updated_at = now() WHERE id = 1")
    run(state=tmp_path / "merged", merge=True)
    proxy.play([drop_after()], operation="PutItem")
    assert rollback(tmp_path / "merged")["projects"].restored == 1
    assert contents(world) == before
