"""Both layouts' tables under one prefix, and rows of every oddity that both can hold."""

import os
from typing import Any

import pytest

from dynamodb import configure
from dynamodb.repositories import HierarchyRepository
from support.one_table import SingleTableWorld
from support.tables import SIX
from support.world import Hierarchy, World

TABLES = tuple(SIX)

LAYOUTS = ("six-table", "single-table")

ON_MOTO = "DYNAMODB_TEST_ENDPOINT" not in os.environ
#: moto copies its tables for each transaction.
SLOW_ON_MOTO = pytest.mark.slow if ON_MOTO else pytest.mark.engine
WAYS = [pytest.param(LAYOUTS, id="into one"), pytest.param(LAYOUTS[::-1], id="into six", marks=SLOW_ON_MOTO)]


class Both:
    """The two worlds by layout."""

    def __init__(self, client: Any, endpoint: str, prefix: str) -> None:
        self.endpoint, self.prefix = endpoint, prefix
        self.worlds: dict[str, World] = {
            "six-table": World(client, prefix, SIX),
            "single-table": SingleTableWorld(client, prefix),
        }

    def __getitem__(self, layout: str) -> World:
        return self.worlds[layout]

    def make_tables(self) -> None:
        for world in self.worlds.values():
            world.make_tables()

    def drop_tables(self) -> None:
        for world in self.worlds.values():
            world.drop_tables()

    def empty(self, layout: str) -> None:
        self[layout].drop_tables()
        self[layout].make_tables()

    def use(self, layout: str, **settings: Any) -> None:
        """Point the data layer at one."""
        where = {"endpoint": self.endpoint, "table_prefix": self.prefix, "layout": layout}
        configure(**{**where, "time_limit": 30, "read_timeout": 60, **settings})

    def rows(self, layout: str) -> dict[str, Any]:
        """All rows by table, their own attributes only."""
        return {key: self[layout].rows(key) for key in TABLES}

    def export(self, layout: str, *project_ids: str) -> bytes:
        """What `project export` writes."""
        self.use(layout)
        return b"".join(
            line if isinstance(line, bytes) else line.encode() + b"\n"
            for project_id in project_ids
            for line in HierarchyRepository().export_lines(project_id)
        )


#: Of every type, as some other writer may have put them there.
UNKNOWN = {
    "flag": {"BOOL": True},
    "nothing": {"NULL": True},
    "exact": {"N": "12345678901234567890123456789012345678"},
    "bytes": {"B": b"\x00\xff"},
    "words": {"SS": ["b", "a"]},
    "numbers": {"NS": ["3", "1.5"]},
    "blobs": {"BS": [b"2", b"1"]},
    "list": {"L": [{"S": ""}, {"M": {"deep": {"N": "0"}}}]},
    "map": {"M": {"pk": {"S": "not a key"}}},
}


def put_odd_rows(world: World) -> list[str]:
    """Put rows that are hard to carry, and return their projects' ids."""
    one = Hierarchy(world)
    below = {"project_id": one.project}
    world.put("user_flows", uiid="odd flow", name="odd", **below, **UNKNOWN)
    world.put("high_level_requirements", uiid="odd", parent_uiid=one.flow, name="odd", **below, **UNKNOWN)
    world.put("projects", id="a#b%c", user_id="#%", name="P#", initial_prompt="", tree_format=1, **UNKNOWN)
    world.put("user_flows", uiid="FLOW#", project_id="a#b%c", name="sharp")
    below = {"project_id": "a#b%c"}
    long = "\U0001f600" * 62
    world.put("high_level_requirements", uiid=long, parent_uiid="FLOW#", name="long id", **below)
    large = "x" * (20_000 if ON_MOTO else 300_000)
    world.put("low_level_requirements", uiid="%23", parent_uiid=long, name="large", description=large, **below)
    world.put(
        "test_cases", uiid="#", parent_uiid="%23", name="t", version=7, updated_at="2026-01-01T00:00:00Z", **below
    )
    for number, state in enumerate(("creating", "deleting")):
        world.put("projects", id=f"half-{number}", user_id="ada", name="half", tree_state=state, tree_token="t")
        world.put("user_flows", uiid=f"half-flow-{number}", project_id=f"half-{number}", name="f")
    world.put("test_cases", uiid="orphan", parent_uiid="never was", project_id=one.project, name="orphan")
    world.put("waitlist", email="ada@example.org", status="pending", notes="n", **UNKNOWN)
    world.put("waitlist", email="Bob@Example.org", status="contacted", version=None)
    return [one.project, "a#b%c"]
