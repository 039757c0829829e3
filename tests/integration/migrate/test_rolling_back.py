"""Rollback takes away what a run wrote, and nothing else."""

import pytest

from dynamodb.errors import ConnectionFailedError, InvalidInputError, NotFoundError, PartialWriteError
from dynamodb.migrate import _loading, project_id, rollback
from dynamodb.repositories import HierarchyRepository, ProjectRepository, TestCaseRepository, UserFlowRepository
from models.requirement import TestCaseCreate, UserFlowCreate
from support.interruptions import crash, watched
from support.invariants import problems
from support.migrating import TABLES, execute, fill, insert
from support.world import World

pytestmark = pytest.mark.engine


def contents(world: World):
    return {key: world.rows(key) for key in TABLES}


def test_everything_of_a_run_goes(world: World, database, run, tmp_path):
    """The tables are empty again; a second time there is nothing to do."""
    total = fill(database, projects=2, entries=3)
    run()
    told = rollback(tmp_path / "state", dry_run=True)
    assert sum(table.removed for table in told.values()) == total
    done = rollback(tmp_path / "state")
    assert sum(table.removed for table in done.values()) == total
    assert not any(contents(world).values())
    again = rollback(tmp_path / "state")
    assert sum(table.gone for table in again.values()) == total
    with pytest.raises(InvalidInputError, match="rolled back"):
        run()


def test_rows_that_were_there_before_stay(world: World, database, run, tmp_path):
    """After a merge: what was added goes, what was replaced is put back, the rest is not touched."""
    fill(database, projects=2, entries=2)
    run()
    before = contents(world)
    insert(database, "user_flows", {"uiid": "new", "name": "new", "project_id": 2})
    execute(database, "UPDATE projects SET name = 'renamed', updated_at = now() WHERE id = 1")
    run(state=tmp_path / "merged", merge=True)
    done = rollback(tmp_path / "merged")
    assert (done["projects"].restored, done["user_flows"].removed) == (1, 1)
    assert contents(world) == before


def test_what_was_changed_since_stays_with_all_above_it(world: World, database, run, tmp_path):
    """No orphan is left: neither a changed row nor one that somebody added loses the rows above."""
    fill(database, projects=3, widths=(1, 1, 1, 1))
    run()
    tree = HierarchyRepository().load(project_id(1))
    low = tree.flows[0].high_level_requirement_list[0].low_level_requirement_list[0]
    TestCaseRepository().create(TestCaseCreate(parent_uiid=low.uiid, name="mine"))
    UserFlowRepository().create(UserFlowCreate(uiid="mine", project_id=project_id(2), name="mine"))
    ProjectRepository().update(project_id(3), {"name": "changed"})
    done = rollback(tmp_path / "state")
    assert problems(world) == []
    assert {key: table.kept for key, table in done.items() if table.kept} == {
        "projects": 3,
        "user_flows": 1,
        "high_level_requirements": 1,
        "low_level_requirements": 1,
    }
    assert [row["uiid"]["S"] for row in world.rows("user_flows") if row["uiid"]["S"] == "mine"] == ["mine"]


def test_an_interrupted_run_can_be_rolled_back(world: World, database, run, tmp_path, monkeypatch, impatient):
    """Also rows of which nobody knows whether they arrived."""
    monkeypatch.setattr(_loading, "_ROWS", 5)
    fill(database, projects=2, entries=3)
    with watched(crash(25, applied=True)), pytest.raises((ConnectionFailedError, PartialWriteError)):
        run()
    assert any(contents(world).values())
    done = rollback(tmp_path / "state")
    assert sum(table.gone for table in done.values()) == 0
    assert not any(contents(world).values())


def test_another_target_or_folder_is_refused(world: World, database, run, tmp_path):
    """It would find nothing there, or delete what it should not."""
    run()
    with pytest.raises(NotFoundError, match="no migration"):
        rollback(tmp_path / "nowhere")
    world.drop_tables()
    world.make_tables()
    with pytest.raises(InvalidInputError, match="other tables"):
        rollback(tmp_path / "state")
