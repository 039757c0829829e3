"""The doctor's repair, from rows that have everything wrong with them that it knows how to mend."""

import json
import tempfile
from datetime import timedelta
from pathlib import Path
from typing import Any

from dynamodb import doctor
from reliability import world
from reliability.operations import Operation

_LONG_AGO = "2025-01-01T00:00:00.000000+00:00"


def damaged() -> world.Rows:
    """Sound rows, and beside them orphans, doubles, wrong projects, half trees and addresses that differ in case."""
    return [*world.small(), *_orphans(), *_doubles(), *_half_trees(), *_addresses()]


def _node(table: str, uiid: str, parent: str, project_id: str | None = "p", **more: Any) -> tuple[str, Any]:
    key = {"project_id": parent} if table == "user_flows" else {"parent_uiid": parent, "project_id": project_id}
    times = {"created_at": _LONG_AGO, "updated_at": _LONG_AGO}
    return table, world.item(uiid=uiid, **key, name=f"node {uiid}", version=1, **{**times, **more})


def _orphans() -> world.Rows:
    return [
        _node("user_flows", "lost-f", "gone"),
        _node("high_level_requirements", "lost-h", "lost-f"),
        _node("low_level_requirements", "lost-l", "lost-h"),
        *(_node("test_cases", f"lost-t{number}", "lost-l") for number in range(3)),
        _node("test_cases", "wrong level", "h1"),
    ]


def _doubles() -> world.Rows:
    return [
        _node("high_level_requirements", "h1", "f2", created_at="2026-01-01T00:00:00.000000+00:00"),
        _node("low_level_requirements", "strayed", "h2", "elsewhere"),
        _node("low_level_requirements", "unnamed", "h2", None),
    ]


def _half_trees() -> world.Rows:
    going = [("user_flows", "gf", "going"), *(("high_level_requirements", f"gh{n}", "gf") for n in range(3))]
    (_, root), *below = world.project("going", "ada", going)
    begun = [("user_flows", "bf", "begun"), ("high_level_requirements", "bh", "bf")]
    (_, other), *half = world.project("begun", "ada", begun)
    return [
        ("projects", {**root, "tree_state": {"S": "deleting"}}),
        *below,
        ("projects", {**other, "tree_state": {"S": "creating"}}),
        *half,
        _node("low_level_requirements", "bl", "h2", tree_state="creating"),
        _node("test_cases", "bt", "bl"),
    ]


def _addresses() -> world.Rows:
    return [
        ("waitlist", world.item(email=email, status="pending", created_at=at, updated_at=at, version=1))
        for email, at in (("A@example.org", "2025-02-01T00:00:00.000000+00:00"), ("Lone@example.org", _LONG_AGO))
    ]


def _repair(file: str) -> list[str]:
    """Repair, and tell what the file holds then, each row once."""
    report = doctor.repair(quarantine=file, grace=timedelta(0))
    kept = (json.loads(line) for line in Path(file).read_text("utf-8").splitlines())
    return [
        *sorted({json.dumps([line["table"], line["item"]], sort_keys=True) for line in kept}),
        *map(str, report.left),
    ]


def _file() -> str:
    return str(Path(tempfile.mkdtemp(prefix="reliability-"), "quarantine.ndjson"))


MENDING = [Operation("doctor --fix", _repair, damaged, atomic=False, mends=True, one_layout_only=True, given=_file)]
