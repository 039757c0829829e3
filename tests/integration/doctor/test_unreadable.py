"""Rows that their schema refuses."""

from pathlib import Path

import pytest

from dynamodb.repositories import HierarchyRepository
from support.doctoring import HLRS, LLRS, TESTS, entry, lines, quarantined, repair
from support.stored import Tables, branch
from support.world import to_item

pytestmark = pytest.mark.engine


def test_an_unreadable_row_is_left_for_a_person(tables: Tables, file: Path) -> None:
    """It is named with the fields that are wrong, and stays, with all that is under it."""
    tree = branch("p")
    del tree[HLRS][0]["name"]
    tree[HLRS][0]["created_at"] = {"S": "soon"}
    tables.put_all(tree)
    broken = to_item({"email": "a@example.org", "created_at": "yesterday"})
    tables.put("waitlist", broken)
    report = repair(file)
    by_table = {finding.table: finding for finding in report.findings}
    assert {finding.kind for finding in report.findings} == {"unreadable_row"}
    assert "(created_at: Input should be a valid datetime" in by_table[HLRS].message
    assert "; name: Field required)" in by_table[HLRS].message
    assert "soon" not in by_table[HLRS].message
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
