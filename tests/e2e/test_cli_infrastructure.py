"""`check`, `iam-policy` and `schema`."""

import json
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from dynamodb.cli import _statuses as status
from dynamodb.cli import app
from dynamodb.infrastructure import FORMATS, ROLES
from support.cli import Cli
from support.clients import make_client
from support.tables import SIX, definition, hash_only, without_index


def terraform_state(cli: Cli, **changes: Any) -> dict[str, Any]:
    """What `terraform show -json` prints where the tables are as `schema` writes them; a change is by table key."""
    written = cli.json("schema", "--format", "terraform-json")["resource"]["aws_dynamodb_table"]
    resources = []
    for key, table in written.items():
        blocks = {name: [table[name]] for name in ("point_in_time_recovery", "server_side_encryption")}
        # As the tables that `tables create` makes.
        blocks["point_in_time_recovery"] = [{"enabled": False}]
        blocks["server_side_encryption"] = []
        values = {**table, **blocks, "deletion_protection_enabled": False, **changes.get(key, {})}
        resources.append({"type": "aws_dynamodb_table", "mode": "managed", "name": key, "values": values})
    return {"format_version": "1.0", "values": {"root_module": {"resources": resources}}}


def test_tables_made_from_the_models_are_the_same(cli: Cli) -> None:
    """Status 0 and one line."""
    assert cli.ok("check") == "models and live agree on all six tables\n"
    assert cli.json("check") == {"same": True, "sides": ["models", "live"], "differences": []}


def test_missing_tables_differ(bare_cli: Cli) -> None:
    """Status 1, and what to do about each."""
    result = bare_cli("check")
    assert result.exit_code == status.NO
    assert result.stdout.count("missing") == 6
    assert "tables create" in result.stdout
    assert result.stdout.endswith("6 differences\n")


def test_indexes_without_their_sort_key_are_usable(bare_cli: Cli) -> None:
    """They are named as unsorted, not as broken; --allow-unsorted makes them no difference."""
    client = make_client(bare_cli.endpoint)
    for key, shape in hash_only(SIX).items():
        client.create_table(**definition(bare_cli.prefix + key.replace("_", "-"), shape))
    result = bare_cli("check")
    assert result.exit_code == status.NO
    assert "usable, unsorted" in result.stdout
    assert "differs" not in result.stdout
    answer = bare_cli.json("check", "--allow-unsorted")
    assert answer["same"]
    assert {one["severity"] for one in answer["differences"]} == {"unsorted"}
    bare_cli.ok("tables", "delete", "--yes")


def test_a_missing_index_is_a_difference_whatever_is_allowed(bare_cli: Cli) -> None:
    """`check` names the table and the index."""
    client = make_client(bare_cli.endpoint)
    for key, shape in without_index(SIX, "name-index").items():
        client.create_table(**definition(bare_cli.prefix + key.replace("_", "-"), shape))
    result = bare_cli("check", "--allow-unsorted", "--json")
    assert result.exit_code == status.NO
    [difference] = json.loads(result.stdout)["differences"]
    assert difference["table"] == f"{bare_cli.prefix}projects"
    assert difference["what"] == "index name-index"
    bare_cli.ok("tables", "delete", "--yes")


def test_three_sides_agree(cli: Cli, tmp_path: Path) -> None:
    """With Terraform's JSON it is one more side, backups included."""
    file = tmp_path / "state.json"
    file.write_text(json.dumps(terraform_state(cli)), encoding="utf-8")
    answer = cli.json("check", "--terraform", str(file))
    assert answer == {"same": True, "sides": ["models", "live", "terraform"], "differences": []}


def test_terraform_that_would_move_a_table_away_is_named(cli: Cli, tmp_path: Path) -> None:
    """Side by side, with what to do."""
    changed = terraform_state(cli, waitlist={"hash_key": "id"})
    file = tmp_path / "plan.json"
    file.write_text(json.dumps(changed), encoding="utf-8")
    result = cli("check", "--terraform", str(file))
    assert result.exit_code == status.NO
    assert f"{cli.prefix}waitlist  key  differs" in result.stdout
    assert "Correct Terraform" in result.stdout


@pytest.mark.parametrize("content", ["{", "[]", "{}", '{"version": 4}', '{"format_version": "1.0", "values": 5}'])
def test_an_unreadable_side_is_status_2(cli: Cli, tmp_path: Path, content: str) -> None:
    """A file that is no `terraform show -json` cannot tell."""
    file = tmp_path / "state.json"
    file.write_text(content, encoding="utf-8")
    result = cli("check", "--terraform", str(file))
    assert result.exit_code == status.USAGE
    assert "cannot tell: " in result.stderr
    assert "terraform show -json" in result.stderr


def test_unreachable_tables_are_status_2(tmp_path: Path) -> None:
    """Not 5, as elsewhere: `check` has three answers."""
    assert Cli("http://127.0.0.1:9", "x-")("check").exit_code == status.USAGE
    assert Cli("http://127.0.0.1:9", "x-")("check", "--terraform", str(tmp_path / "none")).exit_code == status.USAGE


@pytest.mark.parametrize("role", ROLES)
def test_iam_policy_needs_no_connection(role: str) -> None:
    """It has the region, account and names that are asked for."""
    result = CliRunner().invoke(
        app,
        ["iam-policy", "--role", role, "--region", "eu-central-1", "--account", "123456789012", "--prefix", "dev-"],
    )
    assert result.exit_code == 0
    document = json.loads(result.stdout)
    assert document["Version"] == "2012-10-17"
    assert "arn:aws:dynamodb:eu-central-1:123456789012:table/dev-projects" in result.stdout


@pytest.mark.parametrize("form", FORMATS)
def test_schema_needs_no_connection(form: str) -> None:
    """Every format is JSON with the names that are asked for, ready for a file."""
    result = CliRunner().invoke(app, ["schema", "--format", form, "--prefix", "dev-"])
    assert result.exit_code == 0
    assert "dev-high-level-requirements" in json.dumps(json.loads(result.stdout))


def test_an_unknown_role_or_format_names_the_known_ones() -> None:
    """Nobody has to guess."""
    for args, known in ((["iam-policy", "--role"], ROLES), (["schema", "--format"], FORMATS)):
        result = CliRunner().invoke(app, [*args, "nonsense"])
        assert result.exit_code == status.USAGE
        assert all(name in result.stderr for name in known)


def test_the_requests_of_schema_make_the_tables(bare_cli: Cli) -> None:
    """What `schema --format create-table` prints is taken by CreateTable, and `check` finds nothing."""
    client = make_client(bare_cli.endpoint)
    for request in bare_cli.json("schema", "--format", "create-table"):
        client.create_table(**{**request, "DeletionProtectionEnabled": False})
    bare_cli.ok("check")
    bare_cli.ok("tables", "delete", "--yes")


def test_the_one_table_is_compared_and_written(bare_cli: Cli, monkeypatch: pytest.MonkeyPatch) -> None:
    """With DYNAMODB_LAYOUT the three commands are about that layout's table, and an index that is missing is named."""
    monkeypatch.setenv("DYNAMODB_LAYOUT", "single-table")
    [request] = bare_cli.json("schema", "--format", "create-table")
    name = request["TableName"]
    client = make_client(bare_cli.endpoint)
    client.create_table(**{**request, "DeletionProtectionEnabled": False})
    assert bare_cli.ok("check") == f"models and live agree on the table {name}\n"
    assert f"table/{name}/index/status-index" in bare_cli.ok("iam-policy", "--role", "waitlist_admin")

    client.update_table(TableName=name, GlobalSecondaryIndexUpdates=[{"Delete": {"IndexName": "status-index"}}])
    result = bare_cli("check", "--json")
    assert result.exit_code == status.NO
    assert [one["what"] for one in json.loads(result.stdout)["differences"]] == ["index status-index"]
    client.delete_table(TableName=name)
