"""The doctor: each thing that can be wrong is found, repaired or left for a person, and nothing is ever dropped."""

import json
import logging
import stat
from collections.abc import Callable, Mapping
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

import dynamodb
from dynamodb import _connection, doctor
from dynamodb.doctor import Report
from dynamodb.errors import InvalidInputError, NotFoundError, TableNotFoundError
from dynamodb.repositories import HierarchyRepository, TestCaseRepository, WaitlistRepository
from models._kinds import HIERARCHY, HIGH_LEVEL_REQUIREMENT, LOW_LEVEL_REQUIREMENT, TEST_CASE, USER_FLOW
from models._values import format_timestamp
from models.requirement import ProjectTreeCreate
from support.stored import Tables, branch, key_of, node, project
from support.tables import SIX, Shape, hash_only, without_index
from support.world import Item, World, to_item

pytestmark = pytest.mark.engine

LEGACY = Path(__file__).parents[1] / "data" / "legacy-items.json"

HLRS, LLRS, TESTS = "high_level_requirements", "low_level_requirements", "test_cases"


@pytest.fixture
def tables(world: World) -> Tables:
    return Tables(world)


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "quarantine.ndjson"


def found(report: Report) -> list[tuple[str, str, str]]:
    """The findings, each as its kind, table and id."""
    return sorted((finding.kind, finding.table, finding.names[0]) for finding in report.findings)


def lines(file: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in file.read_text().splitlines()]


def quarantined(file: Path) -> dict[str, list[Item]]:
    """What is in the file, by table, each item once."""
    items: dict[str, list[Item]] = {}
    for line in lines(file):
        there = items.setdefault(line["table"], [])
        if line["item"] not in there:
            there.append(line["item"])
    return items


def repair(file: Path, **options: Any) -> Report:
    """Repair; everything that has one right answer is repaired, and a second run finds nothing more of it."""
    report = doctor.repair(quarantine=file, **options)
    assert {finding.outcome for finding in report.findings} <= {"repaired", "left"}
    assert found(doctor.examine()) == sorted((finding.kind, finding.table, finding.names[0]) for finding in report.left)
    return report


# --- nothing wrong


def test_sound_tables_have_no_findings_and_are_not_touched(tables: Tables, file: Path) -> None:
    """What this layer itself writes is never called wrong."""
    tree = ProjectTreeCreate.model_validate(
        {
            "name": "sound",
            "user_id": "ann",
            "flows": [
                {
                    "name": f"flow {number}",
                    "high_level_requirement_list": [
                        {"name": "h", "low_level_requirement_list": [{"name": "l", "test_case_list": [{"name": "t"}]}]}
                    ],
                }
                for number in range(3)
            ],
        }
    )
    HierarchyRepository().create(tree)
    WaitlistRepository().create({"email": "Ada@Example.org"})
    before = tables.everything()
    report = doctor.examine()
    assert report.findings == []
    assert report.rows == {
        "projects": 1, "user_flows": 3, HLRS: 3, LLRS: 3, TESTS: 3, "waitlist": 1,
    }  # fmt: skip
    assert doctor.repair(quarantine=file).quarantined == 0
    assert tables.everything() == before


def test_a_missing_table_is_named_before_anything_is_read(tables: Tables, file: Path) -> None:
    """Without one of the six tables there is an error that names it, and no half a report."""
    name = dynamodb.TABLE_NAMES[TESTS]
    tables.world.client.delete_table(TableName=name)
    tables.world.client.get_waiter("table_not_exists").wait(TableName=name, WaiterConfig={"Delay": 1})
    with pytest.raises(TableNotFoundError, match=name):
        doctor.examine()
    with pytest.raises(TableNotFoundError, match=name):
        doctor.repair(quarantine=file)
    assert not file.exists()


# --- orphans


@pytest.mark.parametrize("lost", [kind.key for kind in HIERARCHY[:-1]])
def test_rows_below_a_missing_row_are_orphans_on_all_levels(tables: Tables, file: Path, lost: str) -> None:
    """Whatever level is missing, all that was under it is quarantined whole, and what is beside it stays."""
    broken, sound = branch("broken"), branch("sound")
    broken[TESTS][0]["what_is_this"] = {"M": {"deep": {"L": [{"N": "1.5"}, {"BOOL": True}]}}}
    (gone,) = broken.pop(lost)
    tables.put_all(broken, sound)
    below = [kind.key for kind in HIERARCHY[[kind.key for kind in HIERARCHY].index(lost) + 1 :]]
    report = repair(file)
    assert found(report) == sorted(("orphan", table, broken[table][0]["uiid"]["S"]) for table in below)
    assert quarantined(file) == {table: broken[table] for table in reversed(below)}
    assert report.quarantined == len(below)
    kept = {table: broken[table] for table in broken if table not in below}
    for kind in HIERARCHY:
        assert tables.all(kind.key) == sorted(
            [*kept.get(kind.key, []), *sound[kind.key]],
            key=lambda item: next(iter(key_of(kind.key, item).values()))["S"],
        )
    assert gone not in tables.all(lost)


def test_a_node_on_the_wrong_level_is_quarantined_with_what_is_under_it(tables: Tables, file: Path) -> None:
    """A test case under a high-level requirement, and a low-level one under a low-level one, hang nowhere."""
    tree = branch("p")
    tables.put_all(tree)
    wrong = node(LOW_LEVEL_REQUIREMENT, "deep", f"p-{LLRS}", "p")
    below = node(TEST_CASE, "deeper", "deep", "p")
    high = node(TEST_CASE, "high", f"p-{HLRS}", "p")
    tables.put(LLRS, wrong)
    tables.put(TESTS, below, high)
    report = repair(file)
    assert found(report) == [
        ("orphan", TESTS, "deeper"),
        ("wrong_level", LLRS, "deep"),
        ("wrong_level", TESTS, "high"),
    ]
    assert quarantined(file) == {TESTS: [high, below], LLRS: [wrong]} or quarantined(file) == {
        TESTS: [below, high],
        LLRS: [wrong],
    }
    assert tables.all(TESTS) == tree[TESTS]
    assert tables.all(LLRS) == tree[LLRS]


def test_what_looked_like_an_orphan_is_read_again(tables: Tables, file: Path) -> None:
    """Trees that are made, moved and deleted between two pages of the scan are not called wrong."""
    repository = HierarchyRepository()

    def tree(number: int) -> ProjectTreeCreate:
        return ProjectTreeCreate.model_validate(
            {
                "name": "made meanwhile",
                "user_id": "ann",
                "flows": [
                    {"name": "f", "high_level_requirement_list": [
                        {"name": "a", "low_level_requirement_list": [
                            {"uiid": f"moving-{number}", "name": "l", "test_case_list": [{"name": "t"}]}]},
                        {"uiid": f"there-{number}", "name": "b"},
                    ]}
                ],
            }
        )  # fmt: skip

    made = [repository.create(tree(-1))]

    def meanwhile(progress: doctor.Progress) -> None:
        if progress.step == "examine":
            number = len(made)
            repository.move(f"moving-{number - 2}", f"there-{number - 2}")
            made.append(repository.create(tree(number - 1)))
            if number > 1:
                repository.delete_project(made[number - 2].id)

    report = doctor.examine(progress=meanwhile)
    assert len(made) == 7
    assert report.findings == []


def test_a_row_that_was_mended_since_the_report_is_left_alone(tables: Tables, file: Path) -> None:
    """A report is only a list of what to look at: what is right by now is neither quarantined nor changed."""
    tree = branch("p")
    parents = tree.pop("projects")
    tables.put_all(tree)
    report = doctor.examine()
    assert report.counts == {"orphan": 4}
    tables.put("projects", *parents)
    after = doctor.repair(report, quarantine=file)
    assert {finding.outcome for finding in after.findings} == {"gone"}
    assert after.left == []
    assert lines(file) == []
    assert tables.all(TESTS) == tree[TESTS]


def test_a_row_that_changes_while_it_is_taken_out_stays(
    tables: Tables, file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A row is deleted only as it was written to the file; the next run takes its newer content out."""
    old = node(TEST_CASE, "t", "nowhere", "p")
    new = {**old, "came_later": {"S": "and must not be lost"}, "description": {"S": "new"}}
    tables.put(TESTS, old)
    once = iter([lambda: tables.put(TESTS, new)])

    def before_delete(**_: Any) -> None:
        next(once, lambda: None)()

    events = _connection.client().meta.events
    events.register("before-call.dynamodb.DeleteItem", before_delete)
    report = doctor.repair(quarantine=file)
    events.unregister("before-call.dynamodb.DeleteItem", before_delete)
    assert [(finding.outcome, finding.detail) for finding in report.findings] == [
        ("left", "somebody changed it at the same moment; run again")
    ]
    assert tables.all(TESTS) == [new]
    repair(file)
    assert quarantined(file) == {TESTS: [old, new]}
    assert tables.all(TESTS) == []


def test_binary_attributes_go_to_the_file_as_base64(tables: Tables, file: Path) -> None:
    """An attribute that this layer does not know, of a type that JSON does not have, is kept."""
    tables.put(TESTS, {**node(TEST_CASE, "t", "nowhere"), "blob": {"B": b"\x00\xff"}, "blobs": {"BS": [b"a", b"b"]}})
    repair(file)
    (line,) = lines(file)
    assert line["item"]["blob"] == {"B": "AP8="}
    assert sorted(line["item"]["blobs"]["BS"]) == ["YQ==", "Yg=="]


# --- doubles


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
    tables.put_all(tree)
    tables.put("projects", other)
    tables.put("user_flows", younger, older)
    report = repair(file)
    assert [(finding.kind, finding.names) for finding in report.findings] == [("duplicate_id", ("p-user_flows", "q"))]
    assert quarantined(file) == {"user_flows": [older]}
    assert tables.all("user_flows") == [younger]


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


# --- project ids


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
    assert used.requests == 5
    ignored = {"version", "project_id"}
    assert _without(after.model_dump(), ignored) == _without(before.model_dump(), ignored)


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
    once = iter([lambda: TestCaseRepository().update(f"p-{TESTS}", {"description": "newer"})])

    def before_update(params: dict[str, Any], **_: Any) -> None:
        if b"project_id" in params["body"]:
            next(once, lambda: None)()

    events = _connection.client().meta.events
    events.register("before-call.dynamodb.UpdateItem", before_update)
    report = doctor.repair(quarantine=file)
    events.unregister("before-call.dynamodb.UpdateItem", before_update)
    assert {finding.kind: finding.outcome for finding in report.findings} == {
        "missing_project_id": "left",
        "missing_tree_format": "left",
    }
    repair(file)
    row = TestCaseRepository().get(f"p-{TESTS}")
    assert (row.description, row.project_id, row.version) == ("newer", "p", 3)


# --- half trees


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
    assert ("half_deleted", root, next(iter(tree[root][0].values()))["S"]) in found(report)
    for table in levels:
        ids = {next(iter(item.values()))["S"] for item in tables.all(table)}
        mine = next(iter(key_of(table, tree[table][0]).values()))["S"]
        assert (mine in ids) is (table not in below)
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

    def finish(**_: Any) -> None:
        tables.put("projects", shown)

    events = _connection.client().meta.events
    events.register("before-call.dynamodb.UpdateItem", finish)
    report = doctor.repair(quarantine=file)
    events.unregister("before-call.dynamodb.UpdateItem", finish)
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


# --- the waitlist


def entry(email: str, written: str, **fields: Any) -> Item:
    return to_item(dict(email=email, status="pending", created_at="2024-01-01T00:00:00Z", updated_at=written, **fields))


@pytest.mark.parametrize("newest", ["ada@example.org", "Ada@example.org", "ADA@EXAMPLE.ORG"])
def test_of_one_address_in_several_cases_the_newest_stays_lower_cased(tables: Tables, file: Path, newest: str) -> None:
    """The entry written last is kept with all it holds, under the lower-case address; the others are quarantined."""
    entries = [
        entry(email, f"2024-01-0{9 if email == newest else day}T00:00:00Z", notes=email, unknown={"N": "1.5"})
        for day, email in enumerate(["ada@example.org", "Ada@example.org", "ADA@EXAMPLE.ORG"], start=1)
    ]
    tables.put("waitlist", *entries)
    report = repair(file)
    assert report.counts == {"email_case_duplicate": 2}
    kept = next(item for item in entries if item["email"]["S"] == newest)
    if newest != "ada@example.org":
        kept = {**kept, "email": {"S": "ada@example.org"}, "version": {"N": "1"}}
    assert tables.all("waitlist") == [kept]
    assert _emails(quarantined(file)) == {item["email"]["S"] for item in entries} - {newest}


def _emails(items: dict[str, list[Item]]) -> set[str]:
    return {item["email"]["S"] for item in items.get("waitlist", [])}


@pytest.mark.parametrize(
    ("spelled", "lower"), [("User@Example.com", "user@example.com"), ("ÖL@example.com", "öl@example.com")]
)
def test_a_lone_address_is_moved_to_lower_case(tables: Tables, file: Path, spelled: str, lower: str) -> None:
    """It keeps all its attributes; nothing is quarantined, since nothing goes."""
    item = entry(spelled, "2024-01-01T00:00:00Z", version=4, notes={"NULL": True}, source={"S": "kept"})
    tables.put("waitlist", item)
    report = repair(file)
    assert found(report) == [("email_not_lower_case", "waitlist", spelled)]
    assert tables.all("waitlist") == [{**item, "email": {"S": lower}, "version": {"N": "5"}}]
    assert lines(file) == []


def test_no_address_is_in_a_message_or_in_the_log(tables: Tables, file: Path, caplog: pytest.LogCaptureFixture) -> None:
    """Addresses are in the keys of findings and in the quarantine file, nowhere else."""
    tables.put("waitlist", entry("Eve@example.org", "2024-01-01"), entry("eve@example.org", "2024-01-02"))
    tables.put("waitlist", to_item({"email": "bad@example.org", "status": "pending"}))
    with caplog.at_level(logging.INFO):
        report = doctor.repair(quarantine=file)
    assert len(report.findings) == 2
    assert "examined 3 rows" in caplog.text
    told = caplog.text + "".join(finding.message + str(finding.repair) for finding in report.findings)
    assert "@" not in told


# --- rows that cannot be read


def test_an_unreadable_row_is_left_for_a_person(tables: Tables, file: Path) -> None:
    """It is named with the fields that are wrong, and stays, with all that is under it."""
    tree = branch("p")
    del tree[HLRS][0]["name"]
    tree[HLRS][0]["created_at"] = {"N": "17"}
    tables.put_all(tree)
    broken = to_item({"email": "a@example.org", "created_at": "yesterday"})
    tables.put("waitlist", broken)
    report = repair(file)
    by_table = {finding.table: finding for finding in report.findings}
    assert {finding.kind for finding in report.findings} == {"unreadable_row"}
    assert "created_at: Field required; name: Field required" in by_table[HLRS].message
    assert "created_at: " in by_table["waitlist"].message
    assert by_table[HLRS].repair is None
    assert tables.everything() == {**tree, "waitlist": [broken]}
    assert lines(file) == []


def test_unreadable_rows_are_quarantined_when_asked(tables: Tables, file: Path) -> None:
    """With what is under them, since no reader sees that either; the rest of the project can be read again."""
    tree, second = branch("p"), branch("p", "second")
    broken = to_item({"email": "a@example.org", "created_at": "yesterday"})
    del tree[HLRS][0]["name"]
    tables.put_all(second, tree)
    tables.put("waitlist", broken)
    report = repair(file, quarantine_unreadable=True)
    assert report.left == []
    assert quarantined(file) == {table: tree[table] for table in (HLRS, LLRS, TESTS)} | {"waitlist": [broken]}
    assert [flow.uiid for flow in HierarchyRepository().load("p").flows] == ["p-user_flows", "second-user_flows"]
    assert tables.all("waitlist") == []


def test_an_address_with_an_unreadable_entry_waits_for_it(tables: Tables, file: Path) -> None:
    """Which of two entries is the newer cannot be told while one of them cannot be read."""
    broken = to_item({"email": "a@example.org", "created_at": "yesterday"})
    good = entry("A@example.org", "2024-01-01")
    tables.put("waitlist", broken, good)
    report = repair(file)
    assert report.counts == {"unreadable_row": 1, "email_case_duplicate": 1}
    assert tables.all("waitlist") == [good, broken]
    assert repair(file, quarantine_unreadable=True).left == []
    assert quarantined(file) == {"waitlist": [broken]}
    assert tables.all("waitlist") == [{**good, "email": {"S": "a@example.org"}, "version": {"N": "1"}}]


# --- what earlier writers left


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


# --- the file and the report


def test_the_quarantine_file_is_private_and_grows(tables: Tables, file: Path) -> None:
    """Its owner alone can read it, and a second run adds to it."""
    for number in range(2):
        tables.put(TESTS, node(TEST_CASE, f"t{number}", "nowhere"))
        assert doctor.repair(quarantine=str(file)).quarantined == 1
    assert [line["item"]["uiid"]["S"] for line in lines(file)] == ["t0", "t1"]
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert (
        lines(file)[0].items()
        >= {
            "kind": "orphan",
            "table": TESTS,
            "table_name": dynamodb.TABLE_NAMES[TESTS],
            "message": "the row it belongs to is missing, or one above that",
        }.items()
    )


def test_a_torn_last_line_is_cut_off(tables: Tables, file: Path) -> None:
    """A line that was not written to its end is of a row that was not deleted, so it is written again."""
    tables.put(TESTS, node(TEST_CASE, "t", "nowhere"))
    doctor.repair(quarantine=file)
    whole = file.read_bytes()
    file.write_bytes(whole + whole[:-20])
    tables.put(TESTS, node(TEST_CASE, "u", "nowhere"))
    doctor.repair(quarantine=file)
    assert [line["item"]["uiid"]["S"] for line in lines(file)] == ["t", "u"]


@pytest.mark.parametrize("content", ["somebody's notes\n", "somebody's notes", '{"quarantined_at": 1}\nnotes'])
def test_another_file_is_not_written_to(tables: Tables, file: Path, content: str) -> None:
    """A wrong path costs nobody a file, and no row."""
    item = node(TEST_CASE, "t", "nowhere")
    tables.put(TESTS, item)
    file.write_text(content)
    with pytest.raises(InvalidInputError, match="no quarantine file"):
        doctor.repair(quarantine=file)
    assert file.read_text() == content
    assert tables.all(TESTS) == [item]


def test_a_file_that_cannot_be_written_stops_the_repair(tables: Tables, tmp_path: Path) -> None:
    """Nothing is deleted that could not be written first."""
    item = node(TEST_CASE, "t", "nowhere")
    tables.put(TESTS, item)
    with pytest.raises(InvalidInputError, match="cannot be written: Is a directory"):
        doctor.repair(quarantine=tmp_path)
    assert tables.all(TESTS) == [item]


def test_a_full_disk_stops_the_repair(tables: Tables, file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing is deleted of which the file does not hold all."""
    item = node(TEST_CASE, "t", "nowhere")
    tables.put(TESTS, item)

    def full(*_: Any) -> int:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("dynamodb.doctor._quarantine.os.fsync", full)
    with pytest.raises(InvalidInputError, match="No space left on device"):
        doctor.repair(quarantine=file)
    assert tables.all(TESTS) == [item]


def test_a_report_is_data(tables: Tables) -> None:
    """It is JSON as it stands: kind, table, key, message, repair and outcome of each finding."""
    tables.put(TESTS, node(TEST_CASE, "t", "nowhere"))
    report = json.loads(json.dumps(doctor.examine().as_json()))
    assert report["counts"] == {"orphan": 1}
    assert report["rows"][TESTS] == 1
    assert report["findings"] == [
        {
            "kind": "orphan",
            "table": TESTS,
            "key": {"uiid": "t", "parent_uiid": "nowhere"},
            "message": "the row it belongs to is missing, or one above that",
            "repair": "moved to the quarantine file",
            "outcome": "found",
        }
    ]


def test_a_negative_grace_is_refused(file: Path) -> None:
    """A tree cannot have been given up before it was begun; nothing is sent."""
    with pytest.raises(InvalidInputError, match="grace"):
        doctor.examine(grace=timedelta(seconds=-1))
    with pytest.raises(InvalidInputError, match="grace"):
        doctor.repair(Report([]), quarantine=file, grace=timedelta(seconds=-1))
