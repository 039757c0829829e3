"""An interrupted run goes on, and ends in the tables of one that was never interrupted."""

from datetime import timedelta

import pytest

from dynamodb import format_timestamp
from dynamodb.errors import ConnectionFailedError, PartialWriteError
from dynamodb.migrate import _loading, project_id
from support.interruptions import LOST, UNANSWERED, crash, watched
from support.layouts import only_six_tables
from support.migrating import TABLES, execute, fill, fill_with_bad_rows
from support.world import World

pytestmark = pytest.mark.engine


def contents(world: World):
    return {key: world.rows(key) for key in TABLES}


def empty(world: World) -> None:
    world.drop_tables()
    world.make_tables()


@pytest.fixture
def small_groups(monkeypatch, impatient):
    """Seven rows at once, so that a small database has many checkpoints; what is not answered ends the run."""
    monkeypatch.setattr(_loading, "_ROWS", 7)


@pytest.mark.parametrize("step", [6, pytest.param(1, marks=pytest.mark.slow)], ids=["some", "all"])
@pytest.mark.parametrize("applied", [False, True], ids=["before", "after"])
def test_a_crash_at_any_request_is_gone_on_from(
    world: World, loose, run, owners, tmp_path, small_groups, applied, step
):
    """Nothing later is sent; the same call again writes what is missing, and quarantines nothing twice."""
    fill(loose, projects=1, entries=8)
    fill_with_bad_rows(loose)
    with watched() as seen:
        reference = run(loose, owners)
    expected, lines = contents(world), quarantined(reference.quarantine)
    writes = [place for place, operation in enumerate(seen.requests) if operation in {"BatchWriteItem", "PutItem"}]
    assert len(writes) >= 10
    for place in writes[step // 2 + applied :: step]:
        empty(world)
        state = tmp_path / f"crashed-{place}"
        with watched(crash(place, applied=applied)), pytest.raises((ConnectionFailedError, PartialWriteError)):
            run(loose, owners, state=state)
        done = run(loose, owners, state=state)
        assert done.resumed
        assert contents(world) == expected, place
        assert world.loose_ends() == [], place
        assert quarantined(done.quarantine) == lines
        assert {key: table.written for key, table in done.tables.items()} == {
            key: len(rows) for key, rows in expected.items()
        }


def quarantined(path):
    """Its lines without their times, in the order of their content."""
    return sorted(line.partition('"kind"')[2] for line in path.read_text(encoding="utf-8").splitlines())


@only_six_tables("in one table a batch of rows is followed by one of their id items")
def test_acknowledged_rows_are_not_sent_again(world: World, database, run, small_groups):
    """The checkpoint passes a group with its acknowledgement; those in doubt are looked for first."""
    fill(database, projects=2, widths=(10, 0, 0, 0))
    with watched(lose_from_batch(2)), pytest.raises((ConnectionFailedError, PartialWriteError)):
        run()
    assert len(world.rows("user_flows")) == 14
    with watched() as seen:
        run()
    assert seen.requests.count("Query") == 7
    assert seen.requests.count("BatchWriteItem") == 1
    assert len(world.rows("user_flows")) == 20


def test_what_came_into_the_target_meanwhile_is_not_overwritten(world: World, database, run, small_groups):
    """A row in doubt that somebody has changed since the crash stays as they left it, and is reported."""
    fill(database, projects=1, widths=(5, 0, 0, 0))
    with watched(lose_from_batch(1)), pytest.raises((ConnectionFailedError, PartialWriteError)):
        run()
    [flow, *_] = world.rows("user_flows")
    changed = flow | {"name": {"S": "changed by a user"}, "version": {"N": "2"}}
    world.put_items("user_flows", [changed])
    done = run()
    assert changed in world.rows("user_flows")
    assert done.reasons == {"user_flows": {"target_newer": 1}}


def test_rows_that_others_wrote_between_two_runs_are_not_overwritten(world: World, database, run, small_groups):
    """The target was empty when the run began; a resumed one looks again before each batch."""
    fill(database, projects=1, widths=(20, 0, 0, 0))
    with watched(lose_from_batch(1)), pytest.raises((ConnectionFailedError, PartialWriteError)):
        run()
    [(uiid, created)] = execute(database, "SELECT uiid, created_at FROM user_flows ORDER BY id DESC LIMIT 1")
    # The 20th of one moment; in one table a row of another time would have another key.
    moment = format_timestamp(created + timedelta(microseconds=19))
    row = {"uiid": uiid, "project_id": project_id(1), "created_at": moment, "name": "from elsewhere", "version": 2}
    world.put("user_flows", **row)
    done = run()
    assert done.reasons == {"user_flows": {"target_newer": 1}}
    assert "from elsewhere" in {row["name"]["S"] for row in world.rows("user_flows")}
    assert len(world.rows("user_flows")) == 20


def lose_from_batch(number):
    """The answer to this batch is lost, and all that comes later."""
    batches = []

    def decide(_, operation):
        if len(batches) >= number:
            return LOST
        if operation == "BatchWriteItem":
            batches.append(operation)
        return UNANSWERED if len(batches) == number else None

    return decide
