"""The command line as the tests run it: in this process, which is fast, or as a process of its own."""

import json
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from typer.testing import CliRunner, Result

from dynamodb.cli import app

#: Without the current folder on the path: the installed package is what runs.
COMMAND = [sys.executable, "-P", "-m", "dynamodb"]


@dataclass(frozen=True)
class Cli:
    """Runs commands against one engine and one prefix of table names."""

    endpoint: str
    prefix: str

    @property
    def where(self) -> list[str]:
        return ["--endpoint", self.endpoint, "--prefix", self.prefix]

    def __call__(self, *args: str, said: str | None = None) -> Result:
        """Run a command in this process; `said` is its standard input."""
        return CliRunner().invoke(app, [*args, *self.where], input=said, catch_exceptions=False)

    def ok(self, *args: str, said: str | None = None) -> str:
        """Run a command that succeeds, and return what it printed."""
        result = self(*args, said=said)
        assert result.exit_code == 0, result.output
        return result.stdout

    def json(self, *args: str, said: str | None = None) -> Any:
        """Run a command that succeeds with --json, and return its result."""
        return json.loads(self.ok(*args, "--json", said=said))

    def start(self, *args: str, env: Mapping[str, str] | None = None, **more: Any) -> subprocess.Popen[str]:
        """Start a process of its own."""
        return start(*args, *self.where, env=env, **more)


def start(*args: str, env: Mapping[str, str] | None = None, **more: Any) -> subprocess.Popen[str]:
    """Start the command line in a process of its own, its output in pipes."""
    pipes: dict[str, Any] = {"stdin": subprocess.DEVNULL, "stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
    return subprocess.Popen([*COMMAND, *args], env=env, text=True, **(pipes | more))  # noqa: S603 - our own command


def finish(process: subprocess.Popen[str], said: str | None = None) -> tuple[int, str, str]:
    """Wait for a process. Returns its exit status, standard output and standard error."""
    try:
        out, err = process.communicate(said, timeout=120)
    except subprocess.TimeoutExpired:
        process.kill()
        raise
    finally:
        process.wait()
    return process.returncode, out or "", err or ""


def sample_file() -> Path:
    """The sample tree that ships with the package."""
    import dynamodb.cli  # noqa: PLC0415 - where the installed package is

    return Path(dynamodb.cli.__file__).with_name("sample.json")
