"""What can be wrong in one table only: keys that say something else than their rows, and items that lead to rows."""

from pathlib import Path
from typing import Any

import pytest

from dynamodb import doctor
from dynamodb.repositories import HierarchyRepository, ProjectRepository, TestCaseRepository, WaitlistRepository
from models._kinds import HIERARCHY, HIGH_LEVEL_REQUIREMENT, TEST_CASE
from models._values import format_timestamp
from support.doctoring import HLRS, LLRS, TESTS, entry, found, lines, quarantined, repair
from support.interruptions import watched
from support.layouts import only_single_table
from support.one_table import SingleTableWorld
from support.stored import Tables, branch, node
from support.world import Item, to_item

pytestmark = [pytest.mark.engine, only_single_table]

NODES = [kind.key for kind in HIERARCHY[1:]]


class Items:
    """The items of the one table as they are."""

    def __init__(self, tables: Tables) -> None:
        assert isinstance(tables.world, SingleTableWorld)
        self.client, self.name = tables.world.client, tables.world.name

    def row(self, uiid: str) -> Item:
        [row] = [one for one in self.all() if one.get("uiid") == {"S": uiid}]
        return row

    def all(self) -> list[Item]:
        pages = self.client.get_paginator("scan").paginate(TableName=self.name, ConsistentRead=True)
        return [item for page in pages for item in page["Items"]]

    def put(self, item: Item) -> None:
        self.client.put_item(TableName=self.name, Item=item)

    def delete(self, item: Item) -> None:
        self.client.delete_item(TableName=self.name, Key={part: item[part] for part in ("pk", "sk")})

    def replace(self, item: Item, **fields: Any) -> None:
        self.delete(item)
        self.put({**item, **to_item(fields)})

    def lead(self, uiid: str) -> Item:
        [lead] = [one for one in self.all() if one["pk"] == {"S": f"ID#{uiid}"}]
        return lead


@pytest.fixture
def there(tables: Tables) -> Items:
    """One whole branch, sound."""
    tables.put_all(branch("p"))
    return Items(tables)


def sound(tables: Tables, there: Items, before: dict[str, list[Item]]) -> None:
    """The rows are what they were, everything leads to where it should, and nothing more is found."""
    assert tables.everything() == before
    assert tables.world.loose_ends() == []
    assert doctor.examine().findings == []
    assert [TestCaseRepository().get(f"p-{TESTS}").project_id] == ["p"]


@pytest.mark.parametrize("table", NODES)
def test_what_leads_nowhere_is_removed(tables: Tables, there: Items, file: Path, table: str) -> None:
    """A row was deleted and what led to it was not: its id would be taken for ever."""
    tables.put(table, node(HIERARCHY[NODES.index(table) + 1], "gone", "p", "p"))
    before = there.row("gone")
    there.delete(before)
    rows = tables.everything()
    report = repair(file)
    assert found(report) == [("lost_lead", table, "gone")]
    assert report.findings[0].key == {"uiid": "gone"}
    sound(tables, there, rows)
    assert lines(file) == []


@pytest.mark.parametrize("damage", [{"row_sk": None}, {"row_pk": {"N": "1"}}, {"row_sk": f"TC#x#y#p-{TESTS}"}])
def test_what_leads_elsewhere_leads_to_the_row_again(
    tables: Tables, there: Items, file: Path, damage: dict[str, Any]
) -> None:
    """The row is in the scan: it is found, though no reader finds it by its id."""
    rows, lead = tables.everything(), there.lead(f"p-{TESTS}")
    kept = {name: value for name, value in lead.items() if name not in damage}
    there.put({**kept, **to_item(damage)})
    report = repair(file)
    assert found(report) == [("missing_lead", TESTS, f"p-{TESTS}")]
    assert there.lead(f"p-{TESTS}") == lead
    sound(tables, there, rows)


def test_rows_to_which_nothing_leads_are_no_orphans_makers(tables: Tables, there: Items, file: Path) -> None:
    """On all levels at once: what hangs under a row that is not found by its id is not called an orphan."""
    rows = tables.everything()
    for table in NODES:
        there.delete(there.lead(f"p-{table}"))
    report = repair(file)
    assert found(report) == sorted(("missing_lead", table, f"p-{table}") for table in NODES)
    sound(tables, there, rows)
    assert lines(file) == []


@pytest.mark.parametrize(
    "fields",
    [
        {"sk": f"TC#elsewhere#2024-01-01T00:00:00.000000+00:00#p-{TESTS}"},
        {"sk": f"TC#p-{LLRS}#2020-01-01T00:00:00.000000+00:00#p-{TESTS}"},
        {"pk": "P#other"},
        {"item_type": LLRS},
    ],
    ids=["parent", "time", "partition", "type"],
)
def test_a_row_whose_key_says_something_else_is_put_where_it_belongs(
    tables: Tables, there: Items, file: Path, fields: dict[str, str]
) -> None:
    """Its fields are what counts; it is moved whole, and is found by its id at every moment after."""
    rows, row = tables.everything(), there.row(f"p-{TESTS}")
    there.replace({**row, "unknown": {"S": "kept"}}, **fields)
    report = repair(file)
    assert {finding.kind for finding in report.findings} <= {"misplaced", "missing_lead"}
    assert "misplaced" in report.counts
    assert there.row(f"p-{TESTS}") == {**row, "unknown": {"S": "kept"}}
    there.put(row)
    sound(tables, there, rows)
    assert lines(file) == []


def test_a_project_under_a_wrong_name_is_listed_by_its_own(tables: Tables, there: Items, file: Path) -> None:
    """The attribute of the index follows the name."""
    rows = tables.everything()
    [project] = [one for one in there.all() if one["item_type"] == {"S": "projects"}]
    there.put({**project, "project_name": {"S": "old"}})
    assert found(repair(file)) == [("misplaced", "projects", "p")]
    assert [one.id for one in ProjectRepository().iter_by_name("p")] == ["p"]
    sound(tables, there, rows)


def test_a_sign_up_under_another_address_is_put_where_it_belongs(tables: Tables, there: Items, file: Path) -> None:
    tables.put("waitlist", entry("ada@example.org", "2024-01-01"))
    [item] = [one for one in there.all() if one["item_type"] == {"S": "waitlist"}]
    there.replace(item, pk="W#bob@example.org")
    assert found(repair(file)) == [("misplaced", "waitlist", "ada@example.org")]
    assert WaitlistRepository().get("ada@example.org").email == "ada@example.org"


def test_a_row_that_lies_in_another_project_goes_with_its_own(tables: Tables, there: Items, file: Path) -> None:
    """A deletion reads one partition: a row elsewhere is put into it first."""
    other = branch("q", tree_state="deleting")
    tables.put_all(other)
    for table in (HLRS, TESTS):
        there.replace(there.row(f"q-{table}"), pk="P#p")
    repair(file)
    assert [len(tables.all(kind.key)) for kind in HIERARCHY] == [1, 1, 1, 1, 1]
    assert tables.world.loose_ends() == []
    assert lines(file) == []


def test_when_a_double_goes_the_id_leads_to_the_one_that_stays(tables: Tables, there: Items, file: Path) -> None:
    """It led to the younger one."""
    double = node(TEST_CASE, f"p-{TESTS}", "other", "p", created_at="2024-02-01T00:00:00.000000+00:00")
    tables.put(LLRS, node(HIERARCHY[3], "other", f"p-{HLRS}", "p"))
    rows = tables.everything()
    tables.put(TESTS, double)
    assert TestCaseRepository().get(f"p-{TESTS}").parent_uiid == "other"
    repair(file)
    assert quarantined(file) == {TESTS: [double]}
    sound(tables, there, rows)


def test_a_tree_in_the_making_may_lack_what_leads_to_its_rows(tables: Tables, there: Items, file: Path) -> None:
    """Batches write it after the rows: nothing is reported and nothing done."""
    now = format_timestamp()
    coming = {"tree_state": "creating", "tree_token": "t", "created_at": now, "updated_at": now}
    tables.put(HLRS, node(HIGH_LEVEL_REQUIREMENT, "begun", "p-user_flows", "p", **coming))
    tables.put(LLRS, node(HIERARCHY[3], "below", "begun", "p"))
    there.delete(there.lead("below"))
    before = there.all()
    assert doctor.repair(quarantine=file).findings == []
    assert there.all() == before


def test_what_is_no_row_of_ours_is_left_alone(tables: Tables, there: Items, file: Path) -> None:
    """Items of other programs, also such as look a little like ours."""
    keys = [("X#1", "anything"), ("ID#x", "unknown"), ("P#p", "NOTE#1"), ("P#p", "TC#short"), ("W#a", "#PROJECT")]
    for pk, sk in keys:
        there.put(to_item({"pk": pk, "sk": sk, "item_type": "note"}))
    assert doctor.repair(quarantine=file).findings == []
    assert len(there.all()) == 9 + len(keys)


def test_a_row_that_moves_while_it_is_looked_at_is_not_called_wrong(tables: Tables, there: Items) -> None:
    """What leads to it and the row are two reads: what does not fit is read again."""
    tables.put(LLRS, node(HIERARCHY[3], "other", f"p-{HLRS}", "p"))
    there.put({**there.row(f"p-{TESTS}"), "item_type": {"S": LLRS}})
    gets: list[None] = []

    def before(_: int, operation: str) -> None:
        gets.extend([None] * (operation == "GetItem"))
        if len(gets) == 2:  # between what leads to the row and the row
            gets.append(None)
            HierarchyRepository().move(f"p-{TESTS}", "other")

    with watched(before=before):
        report = doctor.examine()
    assert len(gets) > 2
    assert found(report) == []
    assert TestCaseRepository().get(f"p-{TESTS}").parent_uiid == "other"
    assert tables.world.loose_ends() == []


def test_a_sound_table_costs_its_scan_alone(tables: Tables, there: Items) -> None:
    """One scan for all kinds, and no read of a single row."""
    with watched() as seen:
        report = doctor.examine()
    assert report.rows == {**{kind.key: 1 for kind in HIERARCHY}, "waitlist": 0}
    assert sorted(seen.requests) == ["DescribeTable", "Scan"]
