"""Verification names every difference, and nothing else."""

import pytest

from dynamodb.migrate import Owners, project_id, verify
from dynamodb.migrate._postgres import snapshot
from dynamodb.repositories import ProjectRepository, UserFlowRepository
from models.requirement import UserFlowCreate
from support.fault_proxy import FaultProxy
from support.interruptions import watched
from support.layouts import only_six_tables
from support.migrating import execute, fill, fill_with_bad_rows, insert
from support.tables import SIX, without_index
from support.world import World

pytestmark = pytest.mark.engine


@pytest.fixture
def compare(database):
    """Verify the database against the tables."""

    def compare(url=database, owners=None, **options):
        with snapshot(url) as source:
            return verify(source, owners or Owners("ada"), **options)

    return compare


def told(found):
    return {(one.table, one.problem, one.key[0]) for one in found.differences}


def test_after_a_migration_all_is_the_same(world: World, loose, run, owners, compare):
    """Every row, every parent and every index; rows in quarantine are not looked for."""
    fill(loose, projects=3, entries=5)
    bad = fill_with_bad_rows(loose)
    run(loose, owners)
    found = compare(loose, owners)
    assert found.wrong == 0, found.differences
    assert sum(table.quarantined for table in found.tables.values()) == sum(bad.values())
    assert all(table.source == table.target > 0 for table in found.tables.values())


@only_six_tables("in one table children are found by their key, and asked for")
def test_an_index_that_has_all_rows_is_read_in_pages(world: World, database, run, compare):
    """However many parents, projects and names there are."""
    fill(database, projects=2, entries=5)
    run()
    with watched() as seen:
        assert compare().wrong == 0
    assert set(seen.requests) == {"DescribeTable", "Scan"}
    assert seen.requests.count("Scan") == 6 + 10


def test_what_changed_in_the_source_since_is_named(world: World, database, run, compare):
    """A row that came, one that went, one that changed: each by its key, with the attributes that differ."""
    fill(database, projects=2, widths=(2, 1, 1, 1), entries=2)
    run()
    insert(database, "waitlist", {"email": "late@example.org"})
    [(gone,)] = execute(database, "SELECT uiid FROM test_cases ORDER BY id LIMIT 1")
    [(other,)] = execute(database, "SELECT uiid FROM test_cases ORDER BY id DESC LIMIT 1")
    execute(database, "DELETE FROM test_cases WHERE uiid = %s", gone)
    execute(database, "UPDATE test_cases SET name = 'other' WHERE uiid = %s", other)
    execute(database, "UPDATE projects SET initial_prompt = NULL, updated_at = now() WHERE id = 2")
    found = compare()
    assert told(found) == {
        ("waitlist", "missing", "late@example.org"),
        ("test_cases", "extra", gone),
        ("test_cases", "different", other),
        ("projects", "different", project_id(2)),
    }
    assert {one.detail for one in found.differences if one.problem == "different"} == {
        "differs in name",
        "differs in initial_prompt, updated_at",
    }


def test_what_changed_in_the_target_since_is_named(world: World, database, run, compare):
    """Writes of this layer are newer, rows of its own are extra; both are no fault once the target is in use."""
    fill(database, projects=2, widths=(2, 1, 1, 1))
    run()
    ProjectRepository().update(project_id(1), {"name": "renamed"})
    UserFlowRepository().create(UserFlowCreate(uiid="mine", project_id=project_id(1), name="mine"))
    found = compare()
    assert told(found) == {("projects", "newer", project_id(1)), ("user_flows", "extra", "mine")}
    assert found.wrong == 2
    assert compare(merged=True).wrong == 0


def test_a_row_that_went_takes_the_ground_from_those_below(world: World, database, run, compare):
    """A parent that is missing makes its children unreachable; a project's id that is not the parent's, too."""
    fill(database, projects=1, widths=(1, 2, 0, 0))
    run()
    [flow] = world.rows("user_flows")
    world.delete("user_flows", flow)
    found = compare()
    problems = [(one.table, one.problem) for one in found.differences]
    assert problems.count(("high_level_requirements", "unreachable")) == 2
    assert ("user_flows", "missing") in problems


@only_six_tables("earlier deployments had six tables")
def test_rows_that_an_index_lacks_are_named(open_world, database, run, compare):
    """A table that was deployed without an index is told once."""
    open_world(without_index(SIX, "project_id-index", "test_cases"))
    fill(database, projects=1, widths=(1, 1, 1, 1))
    run()
    found = compare()
    assert [(one.table, one.problem) for one in found.differences] == [("test_cases", "not_indexed")]


def test_an_index_that_is_late_is_waited_for(
    world: World, engine_endpoint, database, run, compare, reconfigure, monkeypatch
):
    """It is asked again before its rows count as missing; what it never shows is named."""
    monkeypatch.setattr("dynamodb.migrate._verifying._WAITS", (0.0,) * 4)
    fill(database, projects=1, widths=(1, 1, 1, 1), entries=3)
    with FaultProxy(engine_endpoint) as proxy:
        reconfigure(endpoint=proxy.endpoint)
        proxy.lag_indexes(2)
        run()
        found = compare()
        assert [(one.table, one.problem) for one in found.differences] == [("waitlist", "not_indexed")] * 2
        proxy.catch_up()
        assert compare().wrong == 0
        reconfigure()


def test_many_rows_under_one_value_are_read_page_by_page(world: World, database, run, compare, monkeypatch):
    """Where they would be too many to hold; the result is the same."""
    monkeypatch.setattr("dynamodb.migrate._verifying._WHOLE", 1)
    monkeypatch.setattr("dynamodb.migrate._verifying._read_through", lambda *_: None)
    fill(database, projects=2, entries=6)
    run()
    assert compare().wrong == 0
