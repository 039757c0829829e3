"""Into tables that have rows: what is there and newer stays."""

import pytest

from dynamodb.migrate import project_id
from dynamodb.repositories import HierarchyRepository, ProjectRepository, UserFlowRepository
from models.requirement import UserFlowCreate
from support.interruptions import watched
from support.invariants import problems
from support.migrating import TABLES, execute, fill, insert
from support.world import World

pytestmark = pytest.mark.engine


def contents(world: World):
    return {key: world.rows(key) for key in TABLES}


def test_the_same_rows_again_change_nothing(world: World, database, run, tmp_path):
    """Every row is found as it should be: nothing is written."""
    total = fill(database, projects=2, entries=3)
    run()
    before = contents(world)
    with watched() as seen:
        done = run(state=tmp_path / "again", merge=True)
    assert not {"PutItem", "BatchWriteItem"} & set(seen.requests)
    assert sum(table.unchanged for table in done.tables.values()) == total
    assert sum(table.written for table in done.tables.values()) == 0
    assert contents(world) == before


def test_what_is_missing_is_added_and_what_is_older_is_replaced(world: World, database, run, tmp_path):
    """A second run after the first one brings what has come into the source, and what has changed there."""
    fill(database, projects=2, entries=3)
    run()
    insert(database, "user_flows", {"uiid": "new", "name": "new", "project_id": 2})
    execute(database, "UPDATE projects SET name = 'renamed', updated_at = now() WHERE id = 1")
    done = run(state=tmp_path / "again", merge=True)
    assert {key: table.written for key, table in done.tables.items() if table.written} == {
        "projects": 1,
        "user_flows": 1,
    }
    assert ProjectRepository().get(project_id(1)).name == "renamed"
    assert UserFlowRepository().get("new").project_id == project_id(2)
    assert problems(world) == []


def test_what_users_have_written_since_stays_and_is_reported(world: World, database, run, tmp_path):
    """A row that this layer has changed, or one elsewhere under the same id, is not touched."""
    fill(database, projects=2)
    run()
    ProjectRepository().update(project_id(1), {"name": "changed by its owner"})
    UserFlowRepository().create(UserFlowCreate(uiid="mine", project_id=project_id(1), name="mine"))
    insert(database, "user_flows", {"uiid": "mine", "name": "theirs", "project_id": 2})
    execute(database, "UPDATE projects SET name = 'changed in the old system', updated_at = now() WHERE id = 1")
    before = contents(world)
    done = run(state=tmp_path / "again", merge=True)
    assert done.reasons == {"projects": {"target_newer": 1}, "user_flows": {"target_elsewhere": 1}}
    assert contents(world) == before
    assert HierarchyRepository().load(project_id(1)).name == "changed by its owner"


def test_an_address_that_an_earlier_writer_spelled_otherwise_is_known(world: World, database, run):
    """The target's entry under the old spelling is not doubled."""
    world.put("waitlist", email="Ada@Example.org", status="pending")
    insert(database, "waitlist", {"email": "Ada@Example.org"})
    done = run(merge=True)
    assert done.reasons == {"waitlist": {"target_elsewhere": 1}}
    assert [row["email"]["S"] for row in world.rows("waitlist")] == ["Ada@Example.org"]
