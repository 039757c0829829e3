"""From a real PostgreSQL into real tables: nothing lost, nothing doubled, nothing out of order."""

import json
from datetime import UTC, datetime, timedelta

import psycopg
import pytest

from dynamodb.errors import AlreadyExistsError, InvalidInputError, TableNotFoundError
from dynamodb.migrate import Owners, migrate, project_id, summarize
from dynamodb.migrate._postgres import snapshot
from dynamodb.repositories import HierarchyRepository, ProjectRepository, WaitlistRepository
from support.invariants import problems
from support.migrating import LEVELS, TABLES, execute, fill, fill_with_bad_rows, insert
from support.world import World

pytestmark = pytest.mark.engine


def quarantine(state):
    return [json.loads(line) for line in (state / "quarantine.ndjson").read_text(encoding="utf-8").splitlines()]


def test_a_database_becomes_the_trees_it_was(world: World, database, run):
    """Ids, texts, times and the order of siblings are those of the source; every level has its project's id."""
    fill(database, projects=3, entries=4)
    done = run()
    assert {key: (table.rows, table.written) for key, table in done.tables.items()} == {
        "projects": (3, 3),
        "user_flows": (6, 6),
        "high_level_requirements": (12, 12),
        "low_level_requirements": (24, 24),
        "test_cases": (48, 48),
        "waitlist": (4, 4),
    }
    assert done.quarantined == 0
    assert problems(world) == []
    tree = HierarchyRepository().load(project_id(2))
    assert (tree.name, tree.user_id, tree.initial_prompt, tree.version) == ("Project 2", "ada", "Idea 2", 1)
    expected = execute(database, "SELECT uiid FROM user_flows WHERE project_id = 2 ORDER BY id")
    assert [flow.uiid for flow in tree.flows] == [uiid for (uiid,) in expected]
    for requirement in (one for flow in tree.flows for one in flow.high_level_requirement_list):
        query = "SELECT uiid, name, description FROM low_level_requirements WHERE parent_uiid = %s ORDER BY id"
        found = [(one.uiid, one.name, one.description) for one in requirement.low_level_requirement_list]
        assert found == execute(database, query, requirement.uiid)
    assert {row["project_id"]["S"] for key in LEVELS for row in world.rows(key)} == {project_id(n) for n in (1, 2, 3)}
    assert WaitlistRepository().get("person1@example.org").status == "contacted"


def test_siblings_of_one_transaction_get_a_microsecond_each(world: World, database, run):
    """Their time in PostgreSQL is the same; readers of DynamoDB order by time."""
    fill(database, projects=1, widths=(5, 0, 0, 0))
    [(made,)] = execute(database, "SELECT DISTINCT created_at FROM user_flows")
    run()
    flows = HierarchyRepository().load(project_id(1)).flows
    assert [flow.created_at for flow in flows] == [made + timedelta(microseconds=number) for number in range(5)]
    assert all(flow.updated_at == flow.created_at for flow in flows)


def test_times_are_utc_and_missing_ones_get_the_documented_value(world: World, database, run):
    """An offset is taken into account; NULL is the time of the row above, of a project its change, else 1970."""
    local = "2025-06-01T12:00:00.5+05:30"
    insert(
        database,
        "projects",
        {"name": "offset", "created_at": local},
        {"name": "changed", "created_at": None, "updated_at": "2025-06-02T00:00:00Z"},
        {"name": "timeless", "created_at": None, "updated_at": None},
    )
    insert(database, "user_flows", {"uiid": "f", "name": "f", "project_id": 1, "created_at": None})
    run()
    moment = datetime(2025, 6, 1, 6, 30, 0, 500_000, tzinfo=UTC)
    times = {row.name: row.created_at for row in ProjectRepository().iter_by_user("ada")}
    assert times == {
        "offset": moment,
        "changed": datetime(2025, 6, 2, tzinfo=UTC),
        "timeless": datetime(1970, 1, 1, tzinfo=UTC),
    }
    assert HierarchyRepository().load(project_id(1)).flows[0].created_at == moment


def test_bad_rows_are_in_quarantine_with_all_they_held_and_what_is_under_them(world: World, loose, run, owners):
    """Every kind of bad row is found by the dry run and kept out by the run, which tells the same."""
    fill(loose, projects=2, entries=2)
    expected = fill_with_bad_rows(loose)
    with snapshot(loose) as source:
        summary = summarize(source, owners)
    assert world.counts() == (0,) * len(world.counts())
    told = {(key, reason): n for key, table in summary.tables.items() for reason, n in table.quarantined.items()}
    assert told == expected
    done = run(loose, owners)
    assert {(key, reason): n for key, reasons in done.reasons.items() for reason, n in reasons.items()} == expected
    lines = quarantine(done.quarantine.parent)
    assert len(lines) == sum(expected.values()) == done.quarantined
    [huge] = [line for line in lines if line["row"].get("uiid") == "huge"]
    assert huge["row"]["description"] == "é" * 210_000
    assert (huge["kind"], huge["table"]) == ("item_too_large", "user_flows")
    assert WaitlistRepository().get("ada@case.org").notes == "newer"
    assert problems(world) == []
    total = sum(len(world.rows(key)) for key in TABLES)
    assert total == sum(table.rows - table.quarantined for table in done.tables.values())


def test_the_dry_run_tells_what_it_will_cost(world: World, database, layout):
    """Each KB begun of an item is a unit, in the table and in each of its indexes; so are the items beside the rows."""
    fill(database, projects=1, entries=1)
    with snapshot(database) as source:
        summary = summarize(source, Owners("ada"), max_write_units=10)
    units = {key: table.write_units for key, table in summary.tables.items()}
    a_node = 3 if layout == "six-table" else 2
    assert units == {
        "projects": 3,
        "user_flows": 4,
        "high_level_requirements": 4 * a_node,
        "low_level_requirements": 8 * a_node,
        "test_cases": 16 * a_node,
        "waitlist": 2,
    }
    assert summary.seconds == sum(units.values()) / 10


def test_columns_that_have_no_place_are_told(world: World, database, run):
    """Somebody may have added a column: it is not migrated, and that is said."""
    execute(database, "ALTER TABLE projects ADD COLUMN colour TEXT")
    insert(database, "projects", {"name": "", "colour": "red"})
    done = run()
    assert done.unknown_columns == {"projects": ["colour"]}
    assert quarantine(done.quarantine.parent)[0]["row"]["colour"] == "red"


def test_a_target_with_rows_is_refused(world: World, database, run):
    """Without `merge` nothing is written into tables that are not empty."""
    fill(database, projects=1)
    world.put("waitlist", email="a@b.org", status="pending")
    with pytest.raises(AlreadyExistsError, match="not empty"):
        run()
    assert world.rows("projects") == []


def test_another_source_or_target_is_refused(world: World, postgres, database, loose, run, tmp_path, monkeypatch):
    """A state folder belongs to one source and one target."""
    fill(database, projects=1)
    monkeypatch.setattr("dynamodb.migrate._loading.Loader.run", stop)
    with pytest.raises(KeyboardInterrupt):
        run()
    monkeypatch.undo()
    with pytest.raises(InvalidInputError, match="another source"):
        run(loose)
    with pytest.raises(InvalidInputError, match="with other owners"):
        run(owners=Owners("eve"))
    world.drop_tables()
    with pytest.raises(TableNotFoundError):
        run()
    world.make_tables()
    with pytest.raises(InvalidInputError, match="another target"):
        run()


def stop(*_):
    raise KeyboardInterrupt


def test_a_complete_run_is_not_begun_again(world: World, database, run):
    """What it wrote may have been changed since."""
    run()
    with pytest.raises(InvalidInputError, match="is complete"):
        run()


def test_two_processes_do_not_share_a_state_folder(world: World, database, run):
    """The second one is refused."""

    def second(_):
        with pytest.raises(InvalidInputError, match="another process"):
            run()

    insert(database, "projects", {"name": "p"})
    run(tell=second)


def test_the_source_does_not_change_under_a_run(world: World, database, tmp_path):
    """What is inserted while it runs is not in its snapshot."""
    fill(database, projects=1)
    with snapshot(database) as source:
        insert(database, "projects", {"name": "too late"})
        done = migrate(source, Owners("ada"), state=tmp_path / "state")
    assert done.tables["projects"].rows == len(world.rows("projects")) == 1


def test_a_database_of_another_schema_is_refused(postgres, database):
    """The table or the column that is missing is named."""
    with pytest.raises(InvalidInputError, match="projects: there is no such table"), snapshot(postgres):
        pass
    execute(database, "ALTER TABLE waitlist RENAME COLUMN notes TO remarks")
    with pytest.raises(InvalidInputError, match="waitlist: has no column notes"), snapshot(database):
        pass


def test_the_snapshot_writes_nothing(database):
    """It is a read-only transaction."""
    with snapshot(database) as source, pytest.raises(psycopg.errors.ReadOnlySqlTransaction):
        source._connection.execute("DELETE FROM projects")
