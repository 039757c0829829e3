"""`doctor`: what it finds, what it repairs, and that it asks."""

import json
import stat
from pathlib import Path

import pytest

from dynamodb.cli import _statuses as status
from support.cli import Cli, sample_file
from support.clients import make_client


@pytest.fixture
def orphaned(cli: Cli) -> Cli:
    """A whole project, and a test case whose parent is gone."""
    cli.ok("project", "import", str(sample_file()), "--id", "library")
    row = {"uiid": "t1", "parent_uiid": "gone", "name": "left\nbehind", "created_at": "2025-08-25T02:07:57Z"}
    item = {name: {"S": value} for name, value in row.items()}
    make_client(cli.endpoint).put_item(TableName=f"{cli.prefix}test-cases", Item=item)
    return cli


def test_all_is_well(cli: Cli) -> None:
    """Status 0 and one line."""
    cli.ok("project", "import", str(sample_file()), "--id", "library")
    assert cli.ok("doctor") == "46 rows, nothing is wrong\n"
    assert cli.json("doctor")["findings"] == []


def test_findings_are_told_and_nothing_is_changed(orphaned: Cli) -> None:
    """Status 1; what is wrong, where, and what would be done about it."""
    result = orphaned("doctor")
    assert result.exit_code == status.NO
    assert "orphan  1 row: the row it belongs to is missing" in result.stdout
    assert "  test_cases  t1 / gone  found" in result.stdout
    assert "→ moved to the quarantine file" in result.stdout
    assert "--fix" in result.stderr
    again = orphaned("doctor", "--json")
    assert (again.exit_code, json.loads(again.stdout)["counts"]) == (status.NO, {"orphan": 1})


def test_fix_asks(orphaned: Cli, tmp_path: Path) -> None:
    """After the findings are shown; no answer, no repair, no file."""
    file = tmp_path / "q.ndjson"
    result = orphaned("doctor", "--fix", "--quarantine", str(file), said="n\n")
    assert result.exit_code == status.REFUSED
    assert "orphan" in result.stdout
    assert str(file) in result.stderr
    assert not file.exists()
    assert orphaned("doctor").exit_code == status.NO


def test_fix_repairs_and_keeps_what_it_takes_out(orphaned: Cli, tmp_path: Path) -> None:
    """The row is in the file, for its owner only; the next look finds nothing."""
    file = tmp_path / "q.ndjson"
    answer = orphaned.json("doctor", "--fix", "--yes", "--quarantine", str(file))
    assert (answer["left"], answer["quarantined"], answer["quarantine"]) == (0, 1, str(file))
    assert [finding["outcome"] for finding in answer["findings"]] == ["repaired"]
    [line] = file.read_text(encoding="utf-8").splitlines()
    assert json.loads(line)["item"]["name"] == {"S": "left\nbehind"}
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert orphaned.ok("doctor", "--fix", "--yes") == "46 rows, nothing is wrong\n"


def test_a_tree_half_created_is_given_up_after_its_grace(cli: Cli, monkeypatch: pytest.MonkeyPatch) -> None:
    """Within the grace it is left alone."""
    item = {"id": "half", "user_id": "u", "name": "n", "tree_state": "creating", "created_at": "2025-08-25T02:07:57Z"}
    row = {name: {"S": value} for name, value in item.items()} | {"version": {"N": "1"}, "tree_format": {"N": "1"}}
    make_client(cli.endpoint).put_item(TableName=f"{cli.prefix}projects", Item=row)
    assert cli("doctor", "--grace", "1e6").exit_code == 0
    assert list(json.loads(cli("doctor", "--json").stdout)["counts"]) == ["half_created"]
    assert cli("doctor", "--grace", "-1").exit_code == status.USAGE


def test_a_quarantine_file_that_cannot_be_written_changes_nothing(orphaned: Cli, tmp_path: Path) -> None:
    """The refusal comes before the first row goes."""
    result = orphaned("doctor", "--fix", "--yes", "--quarantine", str(tmp_path / "no" / "q.ndjson"))
    assert result.exit_code == status.USAGE
    assert orphaned("doctor").exit_code == status.NO


@pytest.mark.parametrize("layout", ["six-table", "single-table"])
def test_commands_work_on_the_layout_they_are_given(cli: Cli, layout: str) -> None:
    """`--layout` stands beside `--prefix`: the same commands, the same answers, other tables."""
    if layout == "single-table":
        cli.ok("tables", "create", "--layout", layout)
    [*names] = cli.json("tables", "list", "--layout", layout)
    assert len(names) == (6 if layout == "six-table" else 1)
    assert all(one["exists"] for one in names)
    cli.ok("project", "import", str(sample_file()), "--id", "library", "--layout", layout)
    assert cli.ok("doctor", "--layout", layout) == "46 rows, nothing is wrong\n"
    assert cli.json("project", "show", "library", "--layout", layout)["id"] == "library"


def test_an_unknown_layout_is_refused(cli: Cli) -> None:
    """Before anything is asked of DynamoDB; the message says which there are."""
    result = cli("doctor", "--layout", "seven")
    assert result.exit_code == status.USAGE
    assert "single-table" in result.stderr
