"""`tables`: create, list, describe, delete."""

import pytest
from typer.testing import CliRunner

from dynamodb.cli import _statuses as status
from dynamodb.cli import app
from support.cli import Cli
from support.tables import SIX


def test_tables_are_created_once(bare_cli: Cli) -> None:
    """The first time all six are made, the second time none."""
    names = [f"{bare_cli.prefix}{key.replace('_', '-')}" for key in SIX]
    first = bare_cli.json("tables", "create")
    assert first == {"dry_run": False, "created": names, "existing": []}
    assert bare_cli.json("tables", "create") == {"dry_run": False, "created": [], "existing": names}
    bare_cli.ok("tables", "delete", "--yes")


def test_a_dry_run_creates_and_deletes_nothing(bare_cli: Cli) -> None:
    """It says what would be done, and nothing is done."""
    assert len(bare_cli.json("tables", "create", "--dry-run")["created"]) == 6
    assert not any(row["exists"] for row in bare_cli.json("tables", "list"))
    bare_cli.ok("tables", "create")
    assert len(bare_cli.json("tables", "delete", "--dry-run")["deleted"]) == 6
    assert all(row["exists"] for row in bare_cli.json("tables", "list"))
    bare_cli.ok("tables", "delete", "--yes")


def test_list_tells_what_is_missing(bare_cli: Cli) -> None:
    """A missing table is a line, not an error."""
    text = bare_cli.ok("tables", "list")
    assert text.count("missing") == 6
    assert [row["key"] for row in bare_cli.json("tables", "list")] == list(SIX)


def test_list_all_names_other_tables_too(cli: Cli) -> None:
    """--all asks DynamoDB for every table."""
    assert {f"{cli.prefix}projects", f"{cli.prefix}waitlist"} <= set(cli.json("tables", "list", "--all"))


def test_describe_shows_keys_and_indexes(cli: Cli) -> None:
    """By its own name or by its key, one table is one object."""
    by_key = cli.json("tables", "describe", "user_flows")
    assert by_key == cli.json("tables", "describe", f"{cli.prefix}user-flows")
    assert by_key["table_status"] == "ACTIVE"
    text = cli.ok("tables", "describe")
    assert "uiid / parent_uiid" in text
    assert "status / created_at" in text
    assert cli("tables", "describe", "nonsense").exit_code == status.NOT_FOUND


@pytest.mark.parametrize("answer", ["n\n", "\n", "nonsense\n", None])
def test_delete_asks_and_takes_only_yes(cli: Cli, answer: str | None) -> None:
    """Anything but y or yes, the end of the input too, deletes nothing."""
    result = cli("tables", "delete", said=answer)
    assert result.exit_code == status.REFUSED
    assert "nothing was changed" in result.stderr
    assert all(row["exists"] for row in cli.json("tables", "list"))


def test_delete_after_yes(cli: Cli) -> None:
    """The question names the endpoint and goes to standard error, so that standard output is the result's alone."""
    result = cli("tables", "delete", "--json", said="y\n")
    assert result.exit_code == 0
    assert cli.endpoint in result.stderr
    assert result.stdout.startswith("{")
    assert cli.json("tables", "delete", "--yes")["deleted"] == []


def test_delete_elsewhere_needs_the_prefix_before_anything_is_asked() -> None:
    """Away from this machine nothing is deleted, and nothing even looked for, without --prefix."""
    result = CliRunner().invoke(app, ["tables", "delete", "--yes", "--endpoint", "http://192.0.2.1"])
    assert result.exit_code == status.REFUSED
    assert "--prefix" in result.stderr
