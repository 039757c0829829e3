"""Several rows of one id: one stays, for a reason."""

from pathlib import Path

import pytest

from dynamodb import doctor
from dynamodb.errors import NotFoundError
from dynamodb.repositories import HierarchyRepository
from models._kinds import HIERARCHY, HIGH_LEVEL_REQUIREMENT, LOW_LEVEL_REQUIREMENT, TEST_CASE, USER_FLOW
from support.doctoring import HLRS, LLRS, TESTS, before_first, quarantined, repair
from support.layouts import only_six_tables
from support.stored import Tables, branch, node, project

pytestmark = pytest.mark.engine


def test_of_two_rows_of_one_id_the_one_that_readers_see_stays(tables: Tables, file: Path) -> None:
    """The oldest stays, with what is under the id; the other is quarantined alone."""
    tree = branch("p")
    other = node(HIGH_LEVEL_REQUIREMENT, "other", "p-user_flows", "p")
    double = node(LOW_LEVEL_REQUIREMENT, f"p-{LLRS}", "other", "p", created_at="2024-02-01T00:00:00Z", note="keep me")
    tables.put_all(tree)
    tables.put(HLRS, other)
    tables.put(LLRS, double)
    report = repair(file)
    assert [(finding.kind, finding.key) for finding in report.findings] == [
        ("duplicate_id", {"uiid": f"p-{LLRS}", "parent_uiid": "other"})
    ]
    assert quarantined(file) == {LLRS: [double]}
    assert tables.all(LLRS) == tree[LLRS]
    assert tables.all(TESTS) == tree[TESTS]


def test_a_double_without_a_parent_yields_to_one_that_has_it(tables: Tables, file: Path) -> None:
    """That its parent is missing makes clear which of two is wrong, however old it is."""
    tree = branch("p")
    older = node(LOW_LEVEL_REQUIREMENT, f"p-{LLRS}", "nowhere", "p", created_at="2001-01-01T00:00:00Z")
    tables.put_all(tree)
    tables.put(LLRS, older)
    report = repair(file)
    assert [(finding.kind, finding.names) for finding in report.findings] == [("orphan", (f"p-{LLRS}", "nowhere"))]
    assert quarantined(file) == {LLRS: [older]}
    assert tables.all(TESTS) == tree[TESTS]


def test_children_decide_between_doubles_in_two_projects(tables: Tables, file: Path) -> None:
    """Where all children say the same project, the row in that project stays, though it is younger."""
    tree, other = branch("p"), project("q")
    younger = tree["user_flows"][0] | {"created_at": {"S": "2024-05-01T00:00:00Z"}}
    older = node(USER_FLOW, "p-user_flows", "q", "q")
    tables.put_all({**tree, "user_flows": [younger]})
    tables.put("projects", other)
    tables.put("user_flows", older)
    report = repair(file)
    assert [(finding.kind, finding.names) for finding in report.findings] == [("duplicate_id", ("p-user_flows", "q"))]
    assert quarantined(file) == {"user_flows": [older]}
    assert tables.all("user_flows") == [younger]


@only_six_tables("the id alone is a project's key in the other")
def test_a_project_of_two_owners_goes_to_the_older_row(tables: Tables, file: Path) -> None:
    """The double of a project would show one user's tree to another."""
    tree = branch("p")
    other = project("p", "bob", created_at="2024-02-01T00:00:00Z")
    tables.put_all(tree)
    tables.put("projects", other)
    repair(file)
    assert quarantined(file) == {"projects": [other]}
    assert tables.all("projects") == tree["projects"]
    assert HierarchyRepository(user_id="ann").load("p").flows
    with pytest.raises(NotFoundError):
        HierarchyRepository(user_id="bob").load("p")


def test_the_deletion_of_a_double_does_not_reach_the_children(tables: Tables, file: Path) -> None:
    """A half-deleted row whose id a sound one has too is taken out alone: what is below belongs to the other."""
    tree = branch("p")
    going = node(HIGH_LEVEL_REQUIREMENT, f"p-{HLRS}", "second", "p", created_at="2001-01-01T00:00:00Z")
    going["tree_state"] = {"S": "deleting"}
    second = node(USER_FLOW, "second", "p", "p")
    tables.put_all(tree)
    tables.put("user_flows", second)
    tables.put(HLRS, going)
    report = repair(file)
    assert [(finding.kind, finding.names) for finding in report.findings] == [("duplicate_id", (f"p-{HLRS}", "second"))]
    assert quarantined(file) == {HLRS: [going]}
    for table in (HLRS, LLRS, TESTS):
        assert tables.all(table) == tree[table]


def test_doubles_are_found_pages_apart(tables: Tables, file: Path) -> None:
    """Rows of 390 KB: the doubles of one id are on different pages of the scan."""
    tree = branch("p")
    big = "x" * 390_000
    parents = [node(HIGH_LEVEL_REQUIREMENT, f"h{number}", "p-user_flows", "p") for number in range(5)]
    doubles = [
        node(LOW_LEVEL_REQUIREMENT, "double", f"h{number}", "p", description=big, created_at=f"2024-0{number + 1}-01")
        for number in range(5)
    ]
    tables.put_all(tree)
    tables.put(HLRS, *parents)
    tables.put(LLRS, *doubles)
    pages: list[doctor.Progress] = []
    report = doctor.repair(quarantine=file, progress=pages.append)
    assert len([page for page in pages if page.table == LLRS and page.step == "examine"]) > 1
    assert report.counts == {"duplicate_id": 4}
    assert tables.get(LLRS, "double", "h0") == doubles[0]
    assert len(tables.all(LLRS)) == 2
    assert doctor.examine().findings == []


def test_a_double_stays_when_the_other_row_goes(tables: Tables, file: Path) -> None:
    """The row that was to stay is deleted at the same moment: the double is not taken out as well."""
    tree = branch("p")
    double = node(TEST_CASE, f"p-{TESTS}", "other", "p", created_at="2024-02-01T00:00:00Z")
    tables.put_all(tree)
    tables.put(LLRS, node(LOW_LEVEL_REQUIREMENT, "other", f"p-{HLRS}", "p"))
    tables.put(TESTS, double)
    with before_first("TransactWriteItems", lambda: tables.delete(TESTS, tree[TESTS][0])):
        report = doctor.repair(quarantine=file)
    assert [(finding.kind, finding.outcome) for finding in report.findings] == [("duplicate_id", "left")]
    assert tables.all(TESTS) == [double]
    assert doctor.examine().findings == []


def test_doubles_that_are_all_half_done_go_together(tables: Tables, file: Path) -> None:
    """A tree that was given up and one that is being deleted have one id: all is in the file that was not deleted."""
    tree, second = branch("p"), node(USER_FLOW, "second", "p", "p")
    begun = tree[HLRS][0] | {"tree_state": {"S": "creating"}}
    going = node(HIGH_LEVEL_REQUIREMENT, f"p-{HLRS}", "second", "p", tree_state="deleting")
    tables.put_all(tree)
    tables.put("user_flows", second)
    tables.put(HLRS, begun, going)
    report = repair(file)
    assert sorted((finding.kind, finding.names[1]) for finding in report.findings) == [
        ("duplicate_id", "second"),
        ("half_created", "p-user_flows"),
    ]
    assert quarantined(file) == {HLRS: [going, begun], LLRS: tree[LLRS], TESTS: tree[TESTS]}
    assert [len(tables.all(kind.key)) for kind in HIERARCHY] == [1, 2, 0, 0, 0]


def test_of_doubles_one_that_can_be_read_stays(tables: Tables, file: Path) -> None:
    """Readers fail on the other, so that it was shown to nobody, however old it is."""
    tree, second = branch("p"), node(USER_FLOW, "second", "p", "p")
    broken = node(HIGH_LEVEL_REQUIREMENT, f"p-{HLRS}", "second", "p", name=None, created_at="2001-01-01")
    tables.put_all(tree)
    tables.put("user_flows", second)
    tables.put(HLRS, broken)
    repair(file)
    assert quarantined(file) == {HLRS: [broken]}
    assert tables.all(HLRS) == tree[HLRS]
