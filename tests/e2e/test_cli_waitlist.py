"""`waitlist`: list, add, update, stats, export."""

import csv
import json
from pathlib import Path

import pytest

from dynamodb.cli import _statuses as status
from support.cli import Cli


@pytest.fixture
def filled(cli: Cli) -> Cli:
    """Three entries in a known order."""
    cli.ok("waitlist", "add", "Ada@Example.org", "--notes", "met at a fair")
    cli.ok("waitlist", "add", "bob@example.org", "--status", "contacted")
    cli.ok("waitlist", "add", "eve@example.org", "--notes", "=1+1")
    return cli


def emails(cli: Cli, *args: str) -> list[str]:
    return [row["email"] for row in cli.json("waitlist", "list", *args)]


def test_list_is_in_the_order_of_signing_up(filled: Cli) -> None:
    """All, those of a status, the newest first, the first few."""
    assert emails(filled) == ["ada@example.org", "bob@example.org", "eve@example.org"]
    assert emails(filled, "--newest-first", "--limit", "2") == ["eve@example.org", "bob@example.org"]
    assert emails(filled, "--status", "pending") == ["ada@example.org", "eve@example.org"]
    assert "met at a fair" in filled.ok("waitlist", "list")


def test_an_address_is_added_once(filled: Cli) -> None:
    """In another case it is the same one."""
    result = filled("waitlist", "add", "ADA@example.org")
    assert result.exit_code == status.REFUSED
    assert result.stderr.startswith("error already_exists: ")
    assert filled("waitlist", "add", "no address").exit_code == status.USAGE
    assert filled("waitlist", "add", "x@example.org", "--status", "nonsense").exit_code == status.USAGE


def test_update_reports_each_address(filled: Cli) -> None:
    """What is not there is said, and is the exit status; the others are changed."""
    result = filled("waitlist", "update", "Ada@example.org", "nobody@example.org", "--status", "converted", "--json")
    assert result.exit_code == status.NOT_FOUND
    assert json.loads(result.stdout) == [
        {"email": "ada@example.org", "ok": True, "status": "converted"},
        {"email": "nobody@example.org", "ok": False, "code": "not_found"},
    ]
    assert emails(filled, "--status", "converted") == ["ada@example.org"]


def test_update_takes_addresses_from_a_pipe(filled: Cli) -> None:
    """One a line."""
    filled.ok("waitlist", "update", "-", "--status", "contacted", said="ada@example.org\n\neve@example.org\n")
    assert filled.json("waitlist", "stats")["contacted_count"] == 3


def test_update_changes_and_removes_notes(filled: Cli) -> None:
    """Of one entry; an empty text removes them."""
    filled.ok("waitlist", "update", "bob@example.org", "--notes", "called", "--status", "converted")
    entry = next(row for row in filled.json("waitlist", "list") if row["email"] == "bob@example.org")
    assert (entry["notes"], entry["status"]) == ("called", "converted")
    filled.ok("waitlist", "update", "bob@example.org", "--notes", "")
    assert filled.json("waitlist", "list")[1]["notes"] is None
    assert filled("waitlist", "update", "a@example.org", "b@example.org", "--notes", "x").exit_code == status.USAGE
    assert filled("waitlist", "update", "bob@example.org").exit_code == status.USAGE


def test_a_dry_run_updates_nothing(filled: Cli) -> None:
    """It says which addresses are there."""
    result = filled("waitlist", "update", "bob@example.org", "nobody@example.org", "--status", "converted", "--dry-run")
    assert result.exit_code == status.NOT_FOUND
    assert "would be changed" in result.stdout
    assert emails(filled, "--status", "converted") == []


def test_stats_count_by_status(filled: Cli) -> None:
    """Statuses without an entry are there, too."""
    data = filled.json("waitlist", "stats")
    assert (data["total_count"], data["pending_count"], data["contacted_count"], data["converted_count"]) == (
        3,
        2,
        1,
        0,
    )
    assert filled.ok("waitlist", "stats").split() == [
        *("status", "entries", "pending", "2", "contacted", "1", "converted", "0", "all", "3")
    ]


def test_export_in_three_formats(filled: Cli, tmp_path: Path) -> None:
    """By the file's name or --format; in CSV nothing begins a formula."""
    for name in ("out.csv", "out.json", "out.ndjson"):
        assert filled.json("waitlist", "export", str(tmp_path / name))["rows"] == 3
    with (tmp_path / "out.csv").open(encoding="utf-8", newline="") as file:
        rows = {row["email"]: row for row in csv.DictReader(file)}
    assert rows["eve@example.org"]["notes"] == "'=1+1"
    assert rows["bob@example.org"]["status"] == "contacted"
    listed = {row["email"]: row for row in json.loads((tmp_path / "out.json").read_text(encoding="utf-8"))}
    lines = (tmp_path / "out.ndjson").read_text(encoding="utf-8").splitlines()
    assert listed == {row["email"]: row for row in map(json.loads, lines)}
    assert listed["eve@example.org"]["notes"] == "=1+1"
    assert filled.ok("waitlist", "export", "-", "--status", "contacted", "--format", "ndjson").count("\n") == 1


def test_export_asks_before_it_replaces_a_file(filled: Cli, tmp_path: Path) -> None:
    """The file stays until it is confirmed."""
    file = tmp_path / "out.csv"
    file.write_text("mine", encoding="utf-8")
    assert filled("waitlist", "export", str(file), said="\n").exit_code == status.REFUSED
    assert file.read_text(encoding="utf-8") == "mine"
