"""What all commands have in common: options, errors, exit statuses, output for people and for machines."""

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import typer.main
from typer.testing import CliRunner

import dynamodb
from dynamodb import configure, errors
from dynamodb.cli import _statuses as status
from dynamodb.cli import app
from dynamodb.cli._output import clean
from dynamodb.errors import DataLayerError
from support.cli import Cli

COMMON = {"--endpoint", "--region", "--prefix", "--layout", "--env-file", "--json", "--no-color", "--debug"}


def commands(command: Any, path: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], Any]]:
    """All commands that do something, with the words they are called by."""
    inner = getattr(command, "commands", None)
    if inner is None:
        yield path, command
        return
    for name, one in inner.items():
        yield from commands(one, (*path, name))


ALL = dict(commands(typer.main.get_command(app)))


def test_every_command_that_is_promised_is_there() -> None:
    """The command list is complete."""
    words = {" ".join(path) for path in ALL}
    tables = {f"tables {name}" for name in ("create", "delete", "describe", "list")}
    project = {
        f"project {name}" for name in ("list", "show", "tree", "create", "import", "export", "copy", "move", "delete")
    }
    waitlist = {f"waitlist {name}" for name in ("list", "add", "update", "stats", "export")}
    others = {"check", "doctor", "iam-policy", "schema", "demo", "local", "completion"}
    assert tables | project | waitlist | others <= words


@pytest.mark.parametrize("path", ALL, ids=" ".join)
def test_every_command_has_the_common_options_and_a_help(path: tuple[str, ...]) -> None:
    """Options that all commands share are on each of them, and each says what it does."""
    options = {option for parameter in ALL[path].params for option in parameter.opts}
    assert options >= COMMON
    result = CliRunner().invoke(app, [*path, "--help"])
    assert result.exit_code == 0
    assert ALL[path].help.split()[0] in result.stdout


@pytest.mark.parametrize("path", [("tables", "delete"), ("project", "delete")], ids=" ".join)
def test_what_destroys_asks_and_can_be_tried(path: tuple[str, ...]) -> None:
    """Destructive commands have --yes and --dry-run."""
    options = {option for parameter in ALL[path].params for option in parameter.opts}
    assert options >= {"--yes", "--dry-run"}


def test_version() -> None:
    """--version prints the version and nothing else."""
    result = CliRunner().invoke(app, ["--version"])
    assert (result.exit_code, result.stdout) == (0, f"vishmaker-dynamodb {dynamodb.__version__}\n")


@pytest.mark.parametrize(
    "args",
    [
        ["nonsense"],
        ["project", "nonsense"],
        ["project", "show"],
        ["check", "--nonsense"],
        ["tables", "list", "--json=x"],
    ],
    ids=" ".join,
)
def test_wrong_usage_is_one_line_and_status_2(args: list[str]) -> None:
    """A command line that cannot be understood gets one line that says why, on standard error."""
    result = CliRunner().invoke(app, args)
    assert result.exit_code == status.USAGE
    assert result.stdout == ""
    assert re.fullmatch(r"error usage: .+\n", result.stderr)


def test_a_group_without_command_prints_its_help() -> None:
    """`project` alone says what there is."""
    result = CliRunner().invoke(app, ["project"])
    assert result.exit_code == status.USAGE
    assert "tree" in result.stdout
    assert result.stderr.strip() == ""


@pytest.mark.parametrize("endpoint", ["localhost:8000", "ftp://localhost", "http://"])
def test_an_endpoint_that_is_no_url_is_refused(endpoint: str) -> None:
    """Before anything is sent, and with an example."""
    result = CliRunner().invoke(app, ["tables", "list", "--endpoint", endpoint])
    assert result.exit_code == status.USAGE
    assert "http://127.0.0.1:8000" in result.stderr


def test_an_error_is_one_line_on_standard_error(cli: Cli) -> None:
    """What went wrong is said with its code, without a traceback."""
    result = cli("project", "show", "nobody")
    assert (result.exit_code, result.stdout) == (status.NOT_FOUND, "")
    assert result.stderr == "error not_found: there is no project 'nobody'\n"


def test_an_error_for_machines_is_one_json_object(cli: Cli) -> None:
    """With --json the error is JSON, too."""
    result = cli("project", "show", "nobody", "--json")
    assert (result.exit_code, result.stdout) == (status.NOT_FOUND, "")
    assert json.loads(result.stderr) == {"code": "not_found", "message": "there is no project 'nobody'"}


def test_debug_shows_the_traceback_and_the_line(cli: Cli) -> None:
    """--debug is for whoever looks for the cause."""
    result = cli("project", "show", "nobody", "--debug")
    assert "Traceback (most recent call last)" in result.stderr
    assert result.stderr.endswith("error not_found: there is no project 'nobody'\n")


def test_an_unexpected_error_is_a_line_too(cli: Cli, monkeypatch: pytest.MonkeyPatch) -> None:
    """A defect of this layer does not spill a traceback either, and names its class."""

    def fail(*_: object) -> None:
        raise ZeroDivisionError("by zero\nand more")

    monkeypatch.setattr("dynamodb.repositories.ProjectRepository.get", fail)
    result = cli("project", "show", "p")
    assert result.exit_code == status.NO
    assert result.stderr == "error unexpected: ZeroDivisionError: by zero and more; --debug shows where\n"


def test_a_missing_table_says_what_to_do(bare_cli: Cli) -> None:
    """Without tables the message names the table and the remedy."""
    result = bare_cli("project", "show", "p")
    assert result.exit_code == status.NOT_FOUND
    assert re.fullmatch(r"error table_not_found: \S+-projects: .*create.*\n", result.stderr)


def test_a_refused_connection_is_status_5() -> None:
    """An endpoint that nobody listens at ends the command within its time limits."""
    result = Cli("http://127.0.0.1:9", "x-")("tables", "list")
    assert result.exit_code == status.UNAVAILABLE
    assert result.stderr.startswith("error connection_failed: ")
    assert result.stderr.count("\n") == 1


def test_no_credentials_is_status_6(cli: Cli, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing is sent without credentials."""
    monkeypatch.delenv("AWS_ACCESS_KEY_ID")
    monkeypatch.delenv("AWS_SECRET_ACCESS_KEY")
    result = Cli("http://127.0.0.1:9", "x-")("tables", "list")
    assert result.exit_code == status.DENIED
    assert result.stderr.startswith("error access_denied: ")


def test_every_error_class_has_its_exit_status() -> None:
    """No error of the data layer ends in the status of a defect."""
    unexpected = {"error", "unexpected_response"}
    codes = {
        value.code for value in vars(errors).values() if isinstance(value, type) and issubclass(value, DataLayerError)
    }
    assert {code for code in codes if status.status_of_code(code) == status.NO} == unexpected


def test_the_help_lists_every_exit_status() -> None:
    """The epilog and the module's table name the same statuses as the constants."""
    numbers = {value for name, value in vars(status).items() if name.isupper() and isinstance(value, int)}
    assert {int(number) for number in re.findall(r"\b(\d+) [a-zA-Z]", status.EPILOG)} == numbers
    assert {int(number) for number in re.findall(r"^\| (\d+) \|", status.__doc__ or "", re.MULTILINE)} == numbers


def test_an_env_file_goes_before_the_environment(cli: Cli, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Names, quotes, comments and `export` are read; an option still beats the file."""
    monkeypatch.setenv("AWS_ENDPOINT_URL_DYNAMODB", "http://127.0.0.1:9")
    file = tmp_path / "env"
    file.write_text(
        f'# for tests\nexport AWS_ENDPOINT_URL_DYNAMODB="{cli.endpoint}"\nPROJECTS_TABLE_NAME={cli.prefix}projects\n',
        encoding="utf-8",
    )
    result = CliRunner().invoke(app, ["tables", "describe", "projects", "--env-file", str(file), "--json"])
    assert result.exit_code == 0, result.stderr
    assert json.loads(result.stdout)["table_name"] == f"{cli.prefix}projects"
    result = CliRunner().invoke(app, ["tables", "list", "--env-file", str(file), "--endpoint", "http://127.0.0.1:9"])
    assert result.exit_code == status.UNAVAILABLE


def test_a_missing_env_file_is_wrong_usage(tmp_path: Path) -> None:
    """It is not passed over in silence."""
    result = CliRunner().invoke(app, ["tables", "list", "--env-file", str(tmp_path / "none")])
    assert result.exit_code == status.USAGE


def test_a_command_leaves_no_configuration_behind(cli: Cli) -> None:
    """Its options are gone when it ends: the next one in the same process begins anew."""
    configure()
    cli.ok("tables", "list")
    assert dynamodb.TABLE_NAMES["projects"] == "prod-vishmaker-projects"


def test_nothing_in_a_row_can_move_the_cursor() -> None:
    """Escape sequences in a name do nothing to the terminal."""
    assert clean("a\x1b[2Jb\x07c\x9bd") == "a\ufffd[2Jb\ufffdc\ufffdd"
    assert clean("a\tb\nc") == "a\tb\nc"
