"""A repair that is killed at any of its requests and run again ends where an undisturbed one does."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from dynamodb import doctor
from dynamodb.errors import DataLayerError
from models._kinds import HIGH_LEVEL_REQUIREMENT, LOW_LEVEL_REQUIREMENT, TEST_CASE, USER_FLOW
from support.doctoring import HLRS, LLRS, TESTS, row_in
from support.interruptions import crash, watched
from support.layouts import only_six_tables
from support.stored import Tables, branch, key_of, node, project
from support.world import Item, World, to_item

pytestmark = pytest.mark.engine

Items = dict[str, list[Item]]


@pytest.fixture
def tables(world: World, reconfigure: Callable[..., None]) -> Tables:
    """The tables of a doctor that does not try again what was lost: it is dead."""
    reconfigure(max_attempts=1)
    return Tables(world)


def orphans() -> Items:
    items = branch("p")
    del items["user_flows"]
    items[TESTS].append(node(TEST_CASE, "high", f"p-{HLRS}", "p"))
    return items


def doubles() -> Items:
    items = branch("p")
    items["user_flows"].append(node(USER_FLOW, "second", "p", "p"))
    items[HLRS].append(node(HIGH_LEVEL_REQUIREMENT, f"p-{HLRS}", "second", "p", created_at="2024-02-02"))
    return items


def double_project() -> Items:
    items = doubles()
    items["projects"].append(project("p", "bob", created_at="2024-02-02"))
    return items


def project_ids() -> Items:
    items = branch("p", tree_format=None)
    del items[HLRS][0]["project_id"], items[TESTS][0]["project_id"], items[TESTS][0]["version"]
    items[LLRS][0]["project_id"] = {"S": "elsewhere"}
    return items


def half_deleted() -> Items:
    items = branch("p", tree_state="deleting")
    del items[TESTS][0]["project_id"]
    return items


def half_created() -> Items:
    items = branch("p")
    items[HLRS].append(node(HIGH_LEVEL_REQUIREMENT, "begun", "p-user_flows", "p", tree_state="creating"))
    items[LLRS] += [node(LOW_LEVEL_REQUIREMENT, f"begun {number}", "begun", "p") for number in range(2)]
    items[TESTS].append(node(TEST_CASE, "begun", "begun 0", "p"))
    return items


def half_created_project() -> Items:
    return branch("p", tree_state="creating")


def unreadable() -> Items:
    items = branch("p")
    del items[LLRS][0]["name"]
    return items


def addresses() -> Items:
    spelled = ["a@example.org", "A@example.org", "a@EXAMPLE.org", "Lone@example.org"]
    return {
        "waitlist": [
            to_item({"email": email, "created_at": f"2024-01-{10 + day}", "status": "pending", "notes": email})
            for day, email in enumerate(spelled)
        ]
        + [to_item({"email": "broken@example.org"})]
    }


DAMAGES = [
    orphans, doubles, project_ids, half_deleted, half_created, half_created_project, unreadable, addresses,
    pytest.param(double_project, marks=only_six_tables("the id alone is a project's key in the other")),
]  # fmt: skip

READS = ("BatchGetItem", "DescribeTable", "GetItem", "Query", "Scan")


@pytest.mark.parametrize("damage", DAMAGES)
def test_killed_at_any_write(tables: Tables, tmp_path: Path, damage: Callable[[], Items]) -> None:
    """Before each write and after it was applied: run again, the tables are as they should be."""
    kill(tables, tmp_path, damage, lambda what: () if what in READS else (False, True))


@pytest.mark.slow
@pytest.mark.parametrize("damage", DAMAGES)
def test_killed_at_any_read(tables: Tables, tmp_path: Path, damage: Callable[[], Items]) -> None:
    """The same at each read: what the file holds then is in the tables still, and the other way round."""
    kill(tables, tmp_path, damage, lambda what: (True,) if what in READS else ())


def kill(tables: Tables, tmp_path: Path, damage: Callable[[], Items], ends: Callable[[str], tuple[bool, ...]]) -> None:
    items = damage()
    tables.put_all(items)
    with watched() as whole:
        doctor.repair(quarantine=tmp_path / "whole", quarantine_unreadable=True)
    wanted, kept = tables.everything(), quarantined(tmp_path / "whole")
    assert doctor.examine().findings == []
    places = [(place, applied) for place, what in enumerate(whole.requests) for applied in ends(what)]
    assert places
    for place, applied in places:
        file = tmp_path / f"{place}-{applied}"
        tables.restore(items)
        with watched(crash(place, applied=applied)), pytest.raises(DataLayerError):
            doctor.repair(quarantine=file, quarantine_unreadable=True)
        if damage is not half_deleted:
            assert lost(items, tables.everything(), quarantined(file)) == []
        doctor.repair(quarantine=file, quarantine_unreadable=True)
        assert tables.everything() == wanted, (place, applied)
        assert quarantined(file) == kept, (place, applied)


def lost(before: Items, after: Items, kept: set[str]) -> list[str]:
    """What is neither in the tables, whatever its address is now, nor in the file."""
    there = {key for table, items in after.items() for item in items for key in [name(table, item)]}
    return [
        name(table, item)
        for table, items in before.items()
        for item in items
        if name(table, item) not in there and as_text(table, item) not in kept
    ]


def name(table: str, item: Item) -> str:
    """What tells an item from others: its key; of an entry, which may get another address, the notes."""
    return as_text(table, item["notes"] if "notes" in item else key_of(table, item))


def as_text(table: str, item: Item) -> str:
    return json.dumps([table, item], sort_keys=True)


def quarantined(file: Path) -> set[str]:
    """What the file holds, each item once."""
    if not file.exists():
        return set()
    return {as_text(line["table"], row_in(line)) for line in map(json.loads, file.read_text().splitlines())}
