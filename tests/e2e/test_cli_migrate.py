"""`migrate`, `verify` and `rollback` as they are typed."""

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from dynamodb.cli import _statuses as status
from support.cli import Cli
from support.migrating import TABLES, fill, fill_with_bad_rows, insert, make_schema, owners_file
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
    assert done["verification"]["wrong"] == 0
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


def test_verify_names_what_differs(cli: Cli, database: str, tmp_path: Path) -> None:
    """Status 1 and the rows; all of them in a file that only its owner can read."""
    fill(database, projects=2, entries=3)
    cli.ok("migrate", "postgres", database, "--owner", "ada")
    assert "has what the source says" in cli.ok("verify", "postgres", database, "--owner", "ada")
    cli.ok("waitlist", "add", "new@example.org")
    found = cli("verify", "postgres", database, "--owner", "ada", "--differences", "all.ndjson")
    assert found.exit_code == status.NO
    assert "new@example.org" in found.stdout
    [line] = (tmp_path / "all.ndjson").read_text(encoding="utf-8").splitlines()
    assert json.loads(line) | {"detail": ""} == {
        "table": "waitlist",
        "problem": "extra",
        "key": ["new@example.org"],
        "detail": "",
    }
    assert (tmp_path / "all.ndjson").stat().st_mode & 0o077 == 0
    assert cli.json("verify", "postgres", database, "--owner", "ada", "--merged")["wrong"] == 0


def test_rollback_asks_and_takes_away(cli: Cli, database: str) -> None:
    """What was changed since stays, and the status says so."""
    fill(database, projects=1, entries=2)
    cli.ok("migrate", "postgres", database, "--owner", "ada")
    refused = cli("rollback", said="n\n")
    assert refused.exit_code == status.REFUSED
    assert "33 rows" in refused.stderr
    assert cli.json("rollback", "--dry-run")["tables"]["waitlist"]["removed"] == 2
    cli.ok("waitlist", "update", "person1@example.org", "--status", "pending")
    done = cli("rollback", "--yes", "--json")
    assert done.exit_code == status.NO
    assert json.loads(done.stdout)["kept"] == 1
    assert cli.json("waitlist", "stats")["total_count"] == 1
    assert cli("rollback", "--state", "nowhere").exit_code == status.NOT_FOUND


def test_files_come_in_and_go_out(cli: Cli, database: str, tmp_path: Path) -> None:
    """From a dump to files for S3, without a database or tables."""
    fill(database, projects=2, entries=3)
    (tmp_path / "dump").mkdir()
    with psycopg.connect(database) as connection:
        for table in TABLES:
            copy = f"COPY {table} TO STDOUT WITH (FORMAT csv, HEADER)"
            with connection.cursor().copy(copy) as data, (tmp_path / "dump" / f"{table}.csv").open("wb") as file:
                file.writelines(data)
    made = cli.json("migrate", "postgres", "--from-dump", "dump", "--owner", "ada", "--to-files", "files")
    assert sum(table["items"] for table in made["manifest"]["tables"].values()) == 65
    assert (tmp_path / "files" / "manifest.json").is_file()
    assert cli("migrate", "postgres", "--from-dump", "dump", "--owner", "ada").exit_code == status.OK
    both = cli("verify", "postgres", database, "--from-dump", "dump")
    assert both.exit_code == status.USAGE


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
