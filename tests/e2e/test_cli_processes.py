"""The command line as a process of its own: pipes, Ctrl-C, no terminal, a terminal, and engines it starts."""

import json
import os
import pty
import re
import select
import shlex
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from typer.testing import CliRunner, Result

from dynamodb.cli import _statuses as status
from dynamodb.cli import app
from support.cli import COMMAND, Cli, finish, sample_file, start
from support.clients import make_client
from support.fault_proxy import FaultProxy
from support.faults import run_before
from support.required import cannot_run
from support.trees import sample

#: What must not matter to a command that promises to stay on this machine.
HOSTILE = {
    "AWS_ENDPOINT_URL_DYNAMODB": "http://192.0.2.1",
    "AWS_ENDPOINT_URL": "http://192.0.2.1",
    "AWS_PROFILE": "nobody",
    "AWS_USE_FIPS_ENDPOINT": "true",
    "HTTP_PROXY": "http://192.0.2.1:1",
    "http_proxy": "http://192.0.2.1:1",
    "PROJECTS_TABLE_NAME": "somebody-elses",
}


def without_aws() -> dict[str, str]:
    return {name: value for name, value in os.environ.items() if not name.startswith("AWS_")}


def test_demo_needs_no_configuration_and_reaches_nothing_else() -> None:
    """Without credentials, and with an environment that leads elsewhere, the sample is written, read and counted."""
    code, out, err = finish(start("demo", env=without_aws() | HOSTILE))
    assert code == 0, err
    assert out.startswith("Neighbourhood tool library  4 user flows\n")
    assert "all of it was read back in the order of the file" in out
    assert "TransactWriteItems" in out
    assert re.search(r"^sum +5 +\d+ read, 0 write$", out, re.MULTILINE)
    assert re.search(r"moto's server at http://127\.0\.0\.1:\d+, in this process", err)


def test_demo_of_a_file_in_json(tmp_path: Path) -> None:
    """Any tree, and for machines the counts and the cost."""
    file = tmp_path / "tree.json"
    file.write_text(json.dumps(sample(1, 1, 1, 101)), encoding="utf-8")
    code, out, err = finish(start("demo", str(file), "--json", env=without_aws()))
    assert code == 0, err
    answer = json.loads(out)
    assert list(answer["counts"].values()) == [1, 1, 1, 101]
    assert answer["cost"]["read"]["requests"] == 5
    assert answer["cost"]["write"]["requests"] == 1 + 1 + 1 + 1 + 5 + 1


def test_demo_of_a_bad_file_is_a_line(tmp_path: Path) -> None:
    """The engine is not even started."""
    code, out, err = finish(start("demo", str(tmp_path / "none.json")))
    assert (code, out) == (status.NOT_FOUND, "")
    assert err.count("\n") == 1


def test_a_closed_pipe_ends_quietly(cli: Cli, tmp_path: Path) -> None:
    """`… | head -1` prints one line and no complaint."""
    file = tmp_path / "tree.json"
    file.write_text(json.dumps(sample(20, 10, 2, 0)), encoding="utf-8")
    project_id = cli.ok("project", "import", str(file)).strip()
    for args in (["project", "tree", project_id], ["project", "tree", project_id, "--json"]):
        line = shlex.join([*COMMAND, *args, *cli.where])
        # Three times what a pipe holds follows the first line.
        done = subprocess.run(  # noqa: S603 - our own command
            ["bash", "-c", f"{line} | head -1; echo status ${{PIPESTATUS[0]}}"],  # noqa: S607 - bash of the path
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.stderr == ""
        assert done.stdout.splitlines()[1] in {"status 0", f"status {status.CLOSED_PIPE}"}


def test_output_in_another_encoding_does_not_end_the_command(cli: Cli) -> None:
    """What a pipe's encoding cannot hold is written as an escape."""
    name = "\U0001f600 \N{HEBREW LETTER ALEF}"
    cli.ok("project", "create", "--name", name, "--user", "u")
    process = cli.start("project", "list", "--all", env=os.environ | {"PYTHONIOENCODING": "ascii", "PYTHONUTF8": "0"})
    code, out, err = finish(process)
    assert (code, err) == (0, "")
    assert "\\U0001f600 \\u05d0" in out


def test_without_an_answer_nothing_is_deleted(cli: Cli) -> None:
    """No terminal and no --yes: refused, with what to do."""
    cli.ok("project", "create", "--name", "n", "--user", "u")
    project_id = cli.json("project", "list", "--all")["items"][0]["id"]
    code, out, err = finish(cli.start("project", "delete", project_id))
    assert (code, out) == (status.REFUSED, "")
    assert "give --yes" in err
    cli.ok("project", "show", project_id)


def test_ctrl_c_in_the_middle_of_an_import(engine_endpoint: str, cli: Cli, tmp_path: Path) -> None:
    """The signal comes with the fifth batch: the rest is not written, the line says how to go on, and that works."""
    file = tmp_path / "tree.json"
    file.write_text(json.dumps(sample(1, 1, 1200, 0)), encoding="utf-8")
    with FaultProxy(engine_endpoint) as proxy:
        through = Cli(proxy.endpoint, cli.prefix)
        process = through.start("project", "import", str(file))
        interrupt = run_before(lambda: process.send_signal(signal.SIGINT))
        proxy.inject(interrupt, at=4, operation="BatchWriteItem")
        code, out, err = finish(process)
        batches = sum(request.operation == "BatchWriteItem" for request in proxy.requests)
    assert (code, out) == (status.INTERRUPTED, ""), err
    assert batches < 48
    assert "Traceback" not in err
    project_id = err.split("--id ")[1].split()[0]
    assert cli("project", "show", project_id).exit_code == status.NOT_FOUND
    cli.ok("project", "import", str(file), "--id", project_id)
    counts = cli.json("project", "tree", project_id)["coverage"]["counts"]
    assert list(counts.values()) == [1, 1, 1200, 0]


class Terminal:
    """A command on a terminal of its own."""

    def __init__(self, *args: str) -> None:
        self.text = ""
        self.pid, self.handle = pty.fork()
        if self.pid == 0:
            environment = os.environ | {"TERM": "xterm-256color", "COLUMNS": "100", "LINES": "40"}
            os.execve(sys.executable, [*COMMAND, *args], environment)  # noqa: S606 - our own command

    def read_until(self, wanted: str, seconds: float = 60) -> str:
        """Read until the text appears, or all until the end where it is empty."""
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            if wanted and wanted in self.text:
                return self.text
            ready, _, _ = select.select([self.handle], [], [], 0.2)
            if not ready:
                continue
            try:
                read = os.read(self.handle, 65536)
            except OSError:  # Linux: the other side is closed
                read = b""
            if not read:
                break
            self.text += read.decode(errors="replace")
        assert not wanted, f"{wanted!r} is not in {self.text!r}"
        return self.text

    def write(self, text: str) -> None:
        os.write(self.handle, text.encode())

    def end(self) -> int:
        """Wait for the end. Returns the exit status."""
        self.read_until("")
        _, code = os.waitpid(self.pid, 0)
        os.close(self.handle)
        return os.waitstatus_to_exitcode(code)


# pty.fork in a process with threads: the child runs nothing but exec.
@pytest.mark.filterwarnings("ignore:This process:DeprecationWarning")
def test_on_a_terminal_there_are_colours_and_a_question(cli: Cli) -> None:
    """A person sees colours and is asked; Ctrl-C at the question changes nothing, y deletes."""
    cli.ok("project", "import", str(sample_file()), "--id", "library")
    shown = Terminal("project", "tree", "library", *cli.where)
    assert shown.end() == 0
    assert "\x1b[1m" in shown.text
    plain = Terminal("project", "tree", "library", "--no-color", *cli.where)
    assert plain.end() == 0
    assert "\x1b[" not in plain.text
    asked = Terminal("project", "delete", "library", *cli.where)
    asked.read_until("[y/N]")
    asked.write("\x03")
    assert asked.end() == status.INTERRUPTED
    assert "nothing was changed" in asked.text
    assert "Traceback" not in asked.text
    cli.ok("project", "show", "library")
    asked = Terminal("project", "delete", "library", *cli.where)
    asked.read_until("[y/N]")
    asked.write("y\n")
    assert asked.end() == 0
    assert cli("project", "show", "library").exit_code == status.NOT_FOUND


@pytest.mark.filterwarnings("ignore:This process:DeprecationWarning")
def test_on_a_terminal_there_is_a_bar(cli: Cli, tmp_path: Path) -> None:
    """A long import shows how far it is, how fast, and how long it will still take."""
    file = tmp_path / "tree.json"
    file.write_text(json.dumps(sample(1, 1, 1000, 0)), encoding="utf-8")
    importing = Terminal("project", "import", str(file), *cli.where)
    assert importing.end() == 0
    assert "importing" in importing.text
    assert re.search(r"\d+/1003", importing.text)
    assert re.search(r"\d/s", importing.text)
    assert re.search(r"\d:\d\d:\d\d", importing.text)


def exports(out: str) -> dict[str, str]:
    """What a shell has after it ran the printed lines."""
    shell = subprocess.run(  # noqa: S603 - what the command printed
        ["bash", "-c", f"{out}\nenv -0"],  # noqa: S607 - bash of the path
        capture_output=True,
        text=True,
        check=True,
        env={"PATH": os.environ["PATH"]},
    )
    return dict(line.split("=", 1) for line in shell.stdout.split("\0") if "=" in line)


def in_this_process(environment: dict[str, str], *args: str) -> Result:
    """Run a command with what a shell has: a process less to start."""
    return CliRunner(env=environment).invoke(app, args, catch_exceptions=False)


def read_lines(process: subprocess.Popen[str], count: int) -> str:
    assert process.stdout is not None
    return "".join(process.stdout.readline() for _ in range(count))


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_local_runs_until_it_is_ended(number: signal.Signals) -> None:
    """The two lines it prints make this layer use its tables; Ctrl-C is how it is meant to end."""
    process = start("local", env=without_aws() | HOSTILE | {"PROJECTS_TABLE_NAME": ""})
    environment = exports(read_lines(process, 2))
    assert in_this_process(environment, "check").stdout == "models and live agree on all six tables\n"
    process.send_signal(number)
    code, out, err = finish(process)
    assert (code, out) == (0, ""), err
    assert "Ctrl-C ends it" in err
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection(("127.0.0.1", urlsplit(environment["AWS_ENDPOINT_URL_DYNAMODB"]).port or 0))


def test_local_keeps_the_table_names_that_are_set() -> None:
    """Other names need a third line."""
    process = start("local", "--prefix", "dev-", env=without_aws())
    environment = exports(read_lines(process, 3))
    assert environment["HIGH_LEVEL_REQUIREMENTS_TABLE_NAME"] == "dev-high-level-requirements"
    assert in_this_process(environment, "check").exit_code == 0
    process.send_signal(signal.SIGINT)
    assert finish(process)[0] == 0


def test_local_on_awss_engine_keeps_its_data(tmp_path: Path) -> None:
    """What one run wrote into --data is there in the next."""
    from dynamodb.testing.engines import find_engine, find_java  # noqa: PLC0415

    if not (find_engine() and find_java()):
        cannot_run("DynamoDB Local or Java is missing: `make engine`")
    for is_there in (False, True):
        process = start("local", "--engine", "dynamodb-local", "--data", str(tmp_path / "data"), env=dict(os.environ))
        environment = exports(read_lines(process, 2))
        found = in_this_process(environment, "project", "show", "library").exit_code
        assert found == (0 if is_there else status.NOT_FOUND)
        if not is_there:
            imported = in_this_process(environment, "project", "import", str(sample_file()), "--id", "library")
            assert imported.exit_code == 0, imported.output
        process.send_signal(signal.SIGINT)
        assert finish(process)[0] == 0


def test_local_says_how_to_get_an_engine_that_is_missing(tmp_path: Path) -> None:
    """Without the engine or Java there is a line, not a traceback."""
    environment = os.environ | {"XDG_CACHE_HOME": str(tmp_path)}
    code, out, err = finish(start("local", "--engine", "dynamodb-local", env=environment))
    assert (code, out) == (status.USAGE, "")
    assert "make engine" in err
    assert err.count("\n") == 1
    assert finish(start("local", "--data", str(tmp_path)))[0] == status.USAGE


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish", "powershell"])
def test_completion_scripts(shell: str) -> None:
    """There is a script for each shell, alone on standard output."""
    made = in_this_process({}, "completion", shell)
    assert (made.exit_code, made.stderr) == (0, "")
    assert "_VISHMAKER_DYNAMODB_COMPLETE" in made.stdout


def test_completion_in_bash() -> None:
    """A shell that asks with the script's variable gets the commands, although there is no argument."""
    asking = {
        "_VISHMAKER_DYNAMODB_COMPLETE": "complete_bash",
        "COMP_WORDS": "vishmaker-dynamodb project ",
        "COMP_CWORD": "2",
    }
    code, out, err = finish(start(env=os.environ | asking))
    assert code == 0, err
    assert {"copy", "create", "delete", "export", "import", "list", "move", "show", "tree"} <= set(out.split())


def test_without_arguments_the_state_is_printed(cli: Cli) -> None:
    """`python -m dynamodb` verifies: connection, tables, and each one's state."""
    names: Any = {
        "AWS_ENDPOINT_URL_DYNAMODB": cli.endpoint,
        **{f"{key.upper()}_TABLE_NAME": name for key, name in _names(cli).items()},
    }
    code, out, err = finish(start(env=os.environ | names))
    assert (code, err) == (0, "")
    assert out.count("ACTIVE") == 6
    make_client(cli.endpoint).delete_table(TableName=_names(cli)["waitlist"])
    code, out, err = finish(start(env=os.environ | names))
    assert code == 1
    assert f"{cli.prefix}waitlist: missing" in out


def test_without_arguments_and_without_dynamodb_help_is_named() -> None:
    """Whoever tries the command first, with no endpoint and no credentials, is told where to go on."""
    bare = {name: value for name, value in os.environ.items() if not name.startswith(("AWS_", "DYNAMODB_"))}
    code, out, err = finish(start(env=bare | {"AWS_EC2_METADATA_DISABLED": "true"}))
    assert code == 1
    assert out.startswith("FAIL prod-vishmaker-projects: Unable to locate credentials")
    assert "vishmaker-dynamodb local" in err
    assert "vishmaker-dynamodb --help" in err


def _names(cli: Cli) -> dict[str, str]:
    keys = ("projects", "user_flows", "high_level_requirements", "low_level_requirements", "test_cases", "waitlist")
    return {key: f"{cli.prefix}{key.replace('_', '-')}" for key in keys}
