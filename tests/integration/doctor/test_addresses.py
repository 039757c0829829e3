"""Waitlist entries whose address is not lower-case."""

import logging
from pathlib import Path

import pytest

from dynamodb import doctor
from support.doctoring import before_first, entry, found, lines, quarantined, repair
from support.stored import Tables
from support.world import Item, to_item

pytestmark = pytest.mark.engine


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


def test_an_entry_that_changes_meanwhile_is_left(tables: Tables, file: Path) -> None:
    """What is moved or deleted is exactly what was read; the next run goes by what is there then."""
    lone, first, second = (
        entry(email, f"2024-01-0{day}") for day, email in enumerate(["Ada@x.org", "bob@x.org", "Bob@x.org"], start=1)
    )
    later = {**first, "updated_at": {"S": "2025-01-01"}, "status": {"S": "converted"}}
    tables.put("waitlist", lone, first, second)
    with before_first("TransactWriteItems", lambda: tables.put("waitlist", later)):
        report = doctor.repair(quarantine=file)
    assert {finding.names[0]: finding.outcome for finding in report.findings} == {
        "Ada@x.org": "repaired",
        "Bob@x.org": "left",
    }
    assert tables.get("waitlist", "bob@x.org") == later
    repair(file)
    assert [item["email"]["S"] for item in tables.all("waitlist")] == ["ada@x.org", "bob@x.org"]
    assert tables.get("waitlist", "bob@x.org") == later
    assert second in quarantined(file)["waitlist"]
