"""What the tests of the doctor share."""

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from dynamodb import doctor
from dynamodb.doctor import Report
from support.interruptions import watched
from support.one_table import OWN
from support.world import Item, to_item

HLRS, LLRS, TESTS = "high_level_requirements", "low_level_requirements", "test_cases"


def found(report: Report) -> list[tuple[str, str, str]]:
    """The findings, each as its kind, table and id."""
    return sorted((finding.kind, finding.table, finding.names[0]) for finding in report.findings)


def lines(file: Path) -> list[dict[str, Any]]:
    """The lines of a quarantine file."""
    return [json.loads(line) for line in file.read_text().splitlines()]


def quarantined(file: Path) -> dict[str, list[Item]]:
    """The rows in a quarantine file, by table, each once, without what a layout adds to them."""
    items: dict[str, list[Item]] = {}
    for line in lines(file):
        there = items.setdefault(line["table"], [])
        if (row := row_in(line)) not in there:
            there.append(row)
    return items


def row_in(line: dict[str, Any]) -> Item:
    """The row that a line of a quarantine file holds, without what a layout adds to it."""
    return {name: value for name, value in line["item"].items() if name not in OWN}


def repair(file: Path, **options: Any) -> Report:
    """Repair; everything that has one right answer is repaired, and a second run finds nothing more of it."""
    report = doctor.repair(quarantine=file, **options)
    assert {finding.outcome for finding in report.findings} <= {"repaired", "left"}
    assert found(doctor.examine()) == found(Report(report.left))
    return report


def entry(email: str, written: str, **fields: Any) -> Item:
    """A waitlist entry that was last written then."""
    times = {"created_at": "2024-01-01T00:00:00Z", "updated_at": written}
    return to_item({"email": email, "status": "pending", **times, **fields})


@contextmanager
def before_first(operation: str, act: Callable[[], object]) -> Iterator[None]:
    """Do something, as another writer would, just before the first request of an operation is sent."""
    left = [act]

    def before(number: int, sent: str) -> None:
        if sent == operation and left:
            left.pop()()

    with watched(before=before):
        yield
