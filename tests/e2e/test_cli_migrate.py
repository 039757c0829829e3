"""`migrate`, `verify` and `rollback` as they are typed."""

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from dynamodb.cli import _statuses as status
from support.cli import Cli
from support.migrating import fill, fill_with_bad_rows, insert, make_schema, owners_file
from support.postgres import empty_database, postgres_server

pytestmark = pytest.mark.engine


@pytest.fixture(scope="module")
def server() -> Iterator[str]:
    with postgres_server() as url:
        yield url


@pytest.fixture
def database(server: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """A database without constraints, and a folder to work in."""
    monkeypatch.chdir(tmp_path)
    with empty_database(server) as url:
        make_schema(url, strict=False)
        yield url


def test_a_dry_run_tells_everything_and_writes_nothing(cli: Cli, database: str, tmp_path: Path) -> None:
    """Counts, reasons and cost; exit status 1 while something would be left out."""
    fill(database, projects=2, entries=1)
    said = cli("migrate", "postgres", database, "--owner", "ada", "--dry-run")
    assert said.exit_code == status.OK, said.output
    assert "nothing was written" in said.stdout
    fill_with_bad_rows(database)
    owners = str(owners_file(tmp_path, projects=range(1, 9000)))
    said = cli("migrate", "postgres", database, "--owners", owners, "--dry-run")
    assert said.exit_code == status.NO
    assert "no_owner" in said.stdout
    told = cli("migrate", "postgres", database, "--owners", owners, "--dry-run", "--json")
    assert json.loads(told.stdout)["tables"]["user_flows"]["quarantined"]["orphan"] == 2
    assert cli.json("waitlist", "stats")["total_count"] == 0
    assert not (tmp_path / "vishmaker-migration").exists()


def test_a_migration_ends_with_its_counts(cli: Cli, database: str) -> None:
    """Once more is refused: the state says that it is complete."""
    fill(database, projects=2, entries=3)
    done = cli.json("migrate", "postgres", database, "--owner", "ada", "--max-write-units", "5000")
    assert done["tables"]["test_cases"]["written"] == 32
    again = cli("migrate", "postgres", database, "--owner", "ada")
    assert again.exit_code == status.USAGE
    assert "complete" in again.stderr
    other = cli("migrate", "postgres", database, "--owner", "ada", "--state", "other")
    assert other.exit_code == status.REFUSED
    assert "--merge" in other.stderr


def test_what_is_left_out_is_told(cli: Cli, database: str) -> None:
    """The exit status and the last line say so."""
    insert(database, "projects", {"name": ""})
    done = cli("migrate", "postgres", database, "--owner", "ada")
    assert done.exit_code == status.NO
    assert "empty_name" in done.stdout
    assert "vishmaker-migration/quarantine.ndjson" in done.stderr


@pytest.mark.parametrize(
    ("args", "said", "exit_status"),
    [
        ((), "which database", status.USAGE),
        (("mysql://x",), "PostgreSQL", status.USAGE),
        (("postgresql://nobody@127.0.0.1:1/x",), "PostgreSQL", status.UNAVAILABLE),
        (("{database}", "--namespace", "x"), "no UUID", status.USAGE),
        (("{database}", "--owner", ""), "owner", status.USAGE),
    ],
)
def test_wrong_arguments_get_a_line(
    cli: Cli, database: str, args: tuple[str, ...], said: str, exit_status: int
) -> None:
    """Nothing is written, and no password is repeated."""
    result = cli("migrate", "postgres", *(arg.format(database=database) for arg in args))
    assert result.exit_code == exit_status, result.output
    assert said in result.stderr


def test_the_command_line_starts_without_psycopg(cli: Cli) -> None:
    """It is an extra of its own; the command says how to get it."""
    code = "import sys; sys.modules['psycopg'] = None; from dynamodb.cli import run; sys.exit(run())"
    command = [sys.executable, "-c", code, "migrate", "postgres", "postgresql://x", *cli.where]
    done = subprocess.run(command, capture_output=True, text=True, check=False)  # noqa: S603 - our own code
    assert done.returncode == status.USAGE
    assert "vishmaker-dynamodb[migrate]" in done.stderr
