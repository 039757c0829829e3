"""Trees whose deletion or creation was interrupted."""

from datetime import timedelta
from pathlib import Path

import pytest

from dynamodb import doctor
from models._kinds import HIERARCHY, HIGH_LEVEL_REQUIREMENT, LOW_LEVEL_REQUIREMENT
from models._values import format_timestamp
from support.doctoring import HLRS, LLRS, TESTS, before_first, found, quarantined, repair
from support.stored import Tables, branch, names_of, node

pytestmark = pytest.mark.engine


@pytest.mark.parametrize("root", [kind.key for kind in HIERARCHY])
def test_a_half_deleted_tree_is_deleted(tables: Tables, file: Path, root: str) -> None:
    """A cascade that was interrupted is finished, on whatever level it was begun; what is beside it stays."""
    tree, other = branch("p"), branch("q")
    tree[root][0]["tree_state"] = {"S": "deleting"}
    for table in (HLRS, TESTS):
        del tree[table][0]["project_id"]
    tables.put_all(tree, other)
    report = doctor.repair(quarantine=file)
    levels = [kind.key for kind in HIERARCHY]
    below = levels[levels.index(root) :]
    assert ("half_deleted", root, names_of(root, tree[root][0])[0]) in found(report)
    for table in levels:
        assert (tables.get(table, *names_of(table, tree[table][0])) is None) is (table in below)
    assert len(tables.all(TESTS)) == 1
    assert doctor.examine().findings == []


def test_a_creation_that_was_given_up_is_quarantined_whole(tables: Tables, file: Path) -> None:
    """A tree that was begun long ago and never finished is in the file, every row of it, before it goes."""
    tree, other = branch("p", tree_state="creating", tree_token="t"), branch("q")
    tables.put_all(tree, other)
    report = repair(file)
    assert found(report) == [("half_created", "projects", "p")]
    assert quarantined(file) == tree
    assert tables.everything() == {**other, "waitlist": []}


def test_nodes_that_were_given_up_are_quarantined_with_what_is_under_them(tables: Tables, file: Path) -> None:
    """The same for an append; the project it was meant for stays, and so do its other rows."""
    tree = branch("p")
    begun = node(HIGH_LEVEL_REQUIREMENT, "begun", "p-user_flows", "p", tree_state="creating", tree_token="t")
    below = node(LOW_LEVEL_REQUIREMENT, "below", "begun", "p")
    tables.put_all(tree)
    tables.put(HLRS, begun)
    tables.put(LLRS, below)
    repair(file)
    assert quarantined(file) == {HLRS: [begun], LLRS: [below]}
    assert tables.everything() == {**tree, "waitlist": []}


def test_a_tree_that_is_just_being_created_is_left_alone(tables: Tables, file: Path) -> None:
    """Within the grace period nothing of it is reported, also not rows whose parents are still to come to light."""
    now = format_timestamp()
    tree = branch("p", tree_state="creating", tree_token="t", created_at=now, updated_at=now)
    tables.put_all(tree)
    assert doctor.repair(quarantine=file).findings == []
    assert tables.everything() == {**tree, "waitlist": []}
    report = doctor.examine(grace=timedelta(0))
    assert found(report) == [("half_created", "projects", "p")]
    # It is the moment of the repair that counts.
    after = doctor.repair(report, quarantine=file)
    assert [finding.outcome for finding in after.findings] == ["gone"]
    assert tables.everything() == {**tree, "waitlist": []}


def test_a_tree_that_is_finished_at_the_last_moment_stays(tables: Tables, file: Path) -> None:
    """The mark that gives a tree up holds only while it is still being created."""
    tree = branch("p", tree_state="creating", tree_token="t")
    shown = {name: value for name, value in tree["projects"][0].items() if name != "tree_state"}
    tables.put_all(tree)
    with before_first("UpdateItem", lambda: tables.put("projects", shown)):
        report = doctor.repair(quarantine=file)
    assert [finding.outcome for finding in report.findings] == ["left"]
    assert tables.everything() == {**tree, "projects": [shown], "waitlist": []}


def test_an_unknown_state_is_left_for_a_person(tables: Tables, file: Path) -> None:
    """Nobody can say what a state means that this layer does not write."""
    tree = branch("p", tree_state="frozen")
    tables.put_all(tree)
    report = repair(file)
    assert [(finding.kind, finding.repair, finding.outcome) for finding in report.findings] == [
        ("unknown_tree_state", None, "left")
    ]
    assert tables.everything() == {**tree, "waitlist": []}
