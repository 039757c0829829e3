"""Rows whose parent is missing or on another level: quarantined, if that is still so at the last moment."""

from pathlib import Path

import pytest

from dynamodb import doctor
from dynamodb.repositories import HierarchyRepository
from models._kinds import HIERARCHY, LOW_LEVEL_REQUIREMENT, TEST_CASE
from models.requirement import ProjectTreeCreate
from support.doctoring import HLRS, LLRS, TESTS, before_first, found, lines, quarantined, repair
from support.stored import Tables, branch, names_of, node

pytestmark = pytest.mark.engine


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
            key=lambda item: names_of(kind.key, item),
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


def test_a_row_that_changes_while_it_is_taken_out_stays(tables: Tables, file: Path) -> None:
    """A row is deleted only as it was written to the file; the next run takes its newer content out."""
    old = node(TEST_CASE, "t", "nowhere", "p")
    new = {**old, "came_later": {"S": "and must not be lost"}, "description": {"S": "new"}}
    tables.put(TESTS, old)
    with before_first(tables.world.delete_operation, lambda: tables.put(TESTS, new)):
        report = doctor.repair(quarantine=file)
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
