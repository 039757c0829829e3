"""`docs/cli.md`: its outputs are those of real runs, and nothing that there is is missing from it.

`UPDATE_DOCS=1 pytest tests/e2e/test_cli_docs.py` writes what the commands print now into the page.
"""

import io
import os
import re
import shlex
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import chdir, redirect_stderr, redirect_stdout
from pathlib import Path

import pytest
import typer.main

from dynamodb.cli import _statuses as status
from dynamodb.cli import app
from support.cli import COMMAND, finish, sample_file, start

PAGE = Path(__file__).parents[2] / "docs" / "cli.md"
TEXT = PAGE.read_text(encoding="utf-8")
BLOCK = re.compile(r"^```console\n(.*?)^```$", re.MULTILINE | re.DOTALL)
#: Stands for any number of lines.
ELLIPSIS = "…"

#: What is different in every run, and what stands for it when outputs are compared.
CHANGING = (
    (r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", "ID"),
    (r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d(\.\d+)?(Z|\+00:00)?", "TIME"),
    (r"127\.0\.0\.1:\d+", "127.0.0.1:PORT"),
    (r"(?<![\w-])[\w-]{60,}", "CURSOR"),
)


def steady(text: str) -> str:
    for pattern, name in CHANGING:
        text = re.sub(pattern, name, text)
    return text


#: A line that this process can run itself, which is a hundred times faster: one command, and no more of a shell.
PLAIN = re.compile(r"vishmaker-dynamodb (?!demo|local)(?P<words>[^|<>;&$`]+?)( \| (?P<end>head|tail) -(?P<lines>\d+))?")


class Shell:
    """Runs lines as a reader would, in a folder with `tools.json` in it."""

    def __init__(self, folder: Path, environment: dict[str, str]) -> None:
        self.folder = folder
        programs = folder / "bin"
        programs.mkdir()
        for name, command in {"vishmaker-dynamodb": COMMAND, "python": [sys.executable, "-P"]}.items():
            (programs / name).write_text(f'#!/bin/sh\nexec {shlex.join(command)} "$@"\n', encoding="utf-8")
            (programs / name).chmod(0o755)
        shutil.copy(sample_file(), folder / "tools.json")
        self.environment = environment | {"PATH": f"{programs}:{os.environ['PATH']}"}

    def run(self, line: str) -> str:
        plain = PLAIN.fullmatch(line)
        if plain is None:
            return self._in_bash(line)
        output = io.StringIO()
        os.environ.update(self.environment)
        with chdir(self.folder), redirect_stdout(output), redirect_stderr(output):
            app(shlex.split(plain["words"]), standalone_mode=False)
        lines = output.getvalue().splitlines(keepends=True)
        if plain["end"] is None:
            return "".join(lines)
        count = int(plain["lines"])
        return "".join(lines[:count] if plain["end"] == "head" else lines[-count:])

    def _in_bash(self, line: str) -> str:
        done = subprocess.run(  # noqa: S603 - what the documentation says
            ["bash", "-c", line],  # noqa: S607 - bash of the path
            cwd=self.folder,
            env=self.environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
        )
        return done.stdout


@pytest.fixture
def shell(tmp_path: Path) -> Iterator[Shell]:
    """With the environment that `local` prints."""
    bare = {name: value for name, value in os.environ.items() if not name.startswith("AWS_")}
    process = start("local", env=bare)
    assert process.stdout is not None
    lines = [process.stdout.readline() for _ in range(2)]
    exported = dict(word.split("=", 1) for line in lines for word in line.split()[1:])
    yield Shell(tmp_path, bare | exported)
    process.send_signal(signal.SIGINT)
    assert finish(process)[0] == 0


def steps(block: str) -> list[tuple[str, str]]:
    """The commands of a block, each with the output that stands below it."""
    parts = re.split(r"^\$ (.*)\n", block, flags=re.MULTILINE)[1:]
    return list(zip(parts[::2], parts[1::2], strict=True))


def test_the_outputs_are_those_of_real_runs(shell: Shell) -> None:
    """Every command of the page, in its order, prints what stands below it."""
    wrong = []

    def run_block(block: re.Match[str]) -> str:
        made = ["```console\n"]
        for line, expected in steps(block[1]):
            printed = shell.run(line)
            same = matches(expected, printed)
            if not same:
                wrong.append(f"$ {line}\n{printed}")
            made.append(f"$ {line}\n{expected if same else printed}")
        return "".join([*made, "```"])

    text = BLOCK.sub(run_block, TEXT)
    if wrong and os.environ.get("UPDATE_DOCS"):
        PAGE.write_text(text, encoding="utf-8")
    assert not wrong, "\n".join(wrong)


def matches(expected: str, printed: str) -> bool:
    parts = [re.escape(part) for part in steady(expected).split(f"{ELLIPSIS}\n")]
    return re.fullmatch("(?:.*\n)*".join(parts), steady(printed)) is not None


def test_every_command_and_option_is_on_the_page() -> None:
    """Nothing is undocumented."""
    missing = []
    root = typer.main.get_command(app)
    for name, command in root.commands.items():  # type: ignore[attr-defined]
        inner = getattr(command, "commands", {"": command})
        for word, one in inner.items():
            path = f"{name} {word}".strip()
            if f"`{path}" not in TEXT and f"vishmaker-dynamodb {path}" not in TEXT:
                missing.append(path)
            options = {option for parameter in one.params for option in parameter.opts if option.startswith("--")}
            missing += [f"{path} {option}" for option in options if option not in TEXT]
    assert not missing


def test_the_page_names_every_exit_status() -> None:
    """The table on the page is the one of the module."""
    table = "\n".join(line for line in (status.__doc__ or "").splitlines() if line.startswith("|"))
    assert table in TEXT
