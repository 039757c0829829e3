"""Rows that say no project or the wrong one, and what earlier writers left."""

import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest

import dynamodb
from dynamodb import doctor
from dynamodb.doctor import Report
from dynamodb.repositories import HierarchyRepository, TestCaseRepository
from support.doctoring import HLRS, LLRS, TESTS, before_first, found, lines, repair
from support.layouts import only_six_tables
from support.stored import Tables, branch
from support.tables import SIX, Shape, hash_only, without_index
from support.world import World

pytestmark = pytest.mark.engine


LEGACY = Path(__file__).parents[2] / "data" / "legacy-items.json"


def test_missing_project_ids_are_set_and_the_project_is_marked(tables: Tables, file: Path) -> None:
    """Rows get the project they hang under, and a higher version, nothing else; the project counts as complete."""
    tree = branch("p", tree_format=None)
    for table in (HLRS, LLRS, TESTS):
        del tree[table][0]["project_id"]
    tree[LLRS][0]["unknown"] = {"SS": ["kept"]}
    del tree[TESTS][0]["version"]
    tables.put_all(tree)
    before = HierarchyRepository().load("p")
    report = repair(file)
    assert report.counts == {"missing_project_id": 3, "missing_tree_format": 1}
    assert tables.all(LLRS) == [{**tree[LLRS][0], "project_id": {"S": "p"}, "version": {"N": "2"}}]
    assert tables.all(TESTS) == [{**tree[TESTS][0], "project_id": {"S": "p"}, "version": {"N": "1"}}]
    assert tables.all("projects") == [{**tree["projects"][0], "tree_format": {"N": "1"}}]
    assert lines(file) == []
    with dynamodb.capacity() as used:
        after = HierarchyRepository().load("p")
    assert used.requests == tables.world.reads_of_a_tree
    ignored = {"version", "project_id"}
    assert _without(after.model_dump(), ignored) == _without(before.model_dump(), ignored)


@only_six_tables("earlier deployments had six tables")
def test_tables_of_an_earlier_deployment_are_repaired(
    open_world: Callable[[Mapping[str, Shape]], World], file: Path
) -> None:
    """Without `project_id-index`, with hash-only indexes, and with project ids that are NULL or empty."""
    tables = Tables(open_world(without_index(hash_only(SIX), "project_id-index", LLRS, TESTS)))
    tree = branch("p", tree_format=None)
    tree[LLRS][0]["project_id"] = {"NULL": True}
    tree[TESTS][0]["project_id"] = {"S": ""}
    tables.put_all(tree)
    report = repair(file)
    assert report.counts == {"missing_project_id": 2, "missing_tree_format": 1}
    assert report.left == []
    assert [table for table in (LLRS, TESTS) if tables.all(table)[0]["project_id"] != {"S": "p"}] == []


def _without(value: Any, names: set[str]) -> Any:
    if isinstance(value, dict):
        return {name: _without(part, names) for name, part in value.items() if name not in names}
    return [_without(part, names) for part in value] if isinstance(value, list) else value


def test_a_wrong_project_id_is_set_right(tables: Tables, file: Path) -> None:
    """A row that says another project than it hangs under is missing from its own, and would go with the other."""
    tree = branch("p")
    tree[HLRS][0]["project_id"] = {"S": "q"}
    tree[TESTS][0]["project_id"] = {"S": "nowhere"}
    tables.put_all(tree, branch("q"))
    report = repair(file)
    assert found(report) == [("wrong_project_id", HLRS, f"p-{HLRS}"), ("wrong_project_id", TESTS, f"p-{TESTS}")]
    (flow,) = HierarchyRepository().load("p").flows
    assert flow.high_level_requirement_list[0].low_level_requirement_list[0].test_case_list[0].project_id == "p"
    assert tables.get(HLRS, f"p-{HLRS}", "p-user_flows") == {
        **tree[HLRS][0],
        "project_id": {"S": "p"},
        "version": {"N": "2"},
    }


def test_deleting_a_project_does_not_take_rows_that_wrongly_name_it(tables: Tables, file: Path) -> None:
    """Wrong project ids are set right before a half-deleted project is finished."""
    tree, going = branch("p"), branch("q", tree_state="deleting")
    tree[LLRS][0]["project_id"] = {"S": "q"}
    tables.put_all(tree, going)
    repair(file)
    assert tables.all(LLRS) == [{**tree[LLRS][0], "project_id": {"S": "p"}, "version": {"N": "2"}}]
    assert tables.all(TESTS) == tree[TESTS]
    assert tables.all("projects") == tree["projects"]


def test_a_project_is_not_marked_while_a_row_lacks_its_id(tables: Tables, file: Path) -> None:
    """What a report does not know of is looked for before a project counts as complete."""
    tree = branch("p", tree_format=None)
    del tree[TESTS][0]["project_id"]
    tables.put_all(tree)
    only = [finding for finding in doctor.examine().findings if finding.kind == "missing_tree_format"]
    report = doctor.repair(Report(only), quarantine=file)
    assert [(finding.outcome, finding.detail) for finding in report.findings] == [
        ("left", "1 rows under it do not carry its id; run again")
    ]
    assert tables.all("projects") == tree["projects"]


def test_an_update_at_the_same_moment_is_not_lost(tables: Tables, file: Path) -> None:
    """Another writer's change between the doctor's read and its write stays, whichever field it was."""
    tree = branch("p", tree_format=None)
    del tree[TESTS][0]["project_id"]
    tables.put_all(tree)
    newer = {**tree[TESTS][0], "description": {"S": "newer"}, "version": {"N": "2"}}
    with before_first("UpdateItem", lambda: tables.put(TESTS, newer)):
        report = doctor.repair(quarantine=file)
    assert {finding.kind: finding.outcome for finding in report.findings} == {
        "missing_project_id": "left",
        "missing_tree_format": "left",
    }
    repair(file)
    row = TestCaseRepository().get(f"p-{TESTS}")
    assert (row.description, row.project_id, row.version) == ("newer", "p", 3)


@only_six_tables("earlier writers had six tables")
def test_the_items_of_earlier_writers(tables: Tables, file: Path) -> None:
    """They get project ids, marks and a lower-case address, and lose nothing."""
    legacy = json.loads(LEGACY.read_text())
    items = {table: legacy[table] for table in dynamodb.TABLE_NAMES}
    tables.put_all(items)
    report = repair(file)
    assert report.counts == {"missing_tree_format": 2, "missing_project_id": 3, "email_not_lower_case": 1}
    assert report.left == []
    assert lines(file) == []
    added = {"project_id": {"S": items["projects"][0]["id"]["S"]}, "version": {"N": "1"}}
    for table in (HLRS, LLRS, TESTS):
        assert tables.all(table) == [{**items[table][0], **added}]
    assert tables.all("projects") == [{**item, "tree_format": {"N": "1"}} for item in items["projects"]]
    assert tables.all("user_flows") == items["user_flows"]
    moved = {**items["waitlist"][0], "email": {"S": "user@example.com"}, "version": {"N": "1"}}
    assert tables.all("waitlist") == [moved]
