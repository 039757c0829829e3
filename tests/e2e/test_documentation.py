"""The documentation's code runs, as a reader would run it, and what can be used is written of."""

import re
import subprocess
import sys
from pathlib import Path

import pytest
import typer.main

import dynamodb
import models
from dynamodb import _environment, errors, repositories
from dynamodb.cli import app
from models import requirement, waitlist
from support import documents
from support.documents import PAGES, README, ROOT, blocks, code_of
from support.required import cannot_run

#: Commands of the command line that are documented with it: until that page is there, they cannot be looked for.
CLI_PAGE = documents.DOCS / "cli.md"
#: The page on testing is tests for pytest: test_sample_project.py runs them.
RUN_HERE = [page for page in PAGES if page.name != "testing.md"]


@pytest.mark.engine
def test_the_readme_runs(engine_endpoint: str, table_prefix: str) -> None:
    """The README's Python, one block after the other in a fresh process, prints what its comments say."""
    code = "\n".join(blocks(README.read_text(encoding="utf-8"), "python"))
    setup = f"import dynamodb\ndynamodb.configure(endpoint={engine_endpoint!r}, table_prefix={table_prefix!r})\n"
    printed = documents.run(setup + code)
    promised = [
        line.rsplit("# ", 1)[1].strip() for line in code.splitlines() if line.startswith("print") and "  # " in line
    ]
    assert len(promised) > 8
    for promise in promised:
        beginning = (
            promise.split("…")[0].split("code ")[-1].split(",")[0] if "…" in promise or "code " in promise else promise
        )
        assert beginning in printed, promise


@pytest.mark.engine
@pytest.mark.parametrize("page", RUN_HERE, ids=lambda page: page.name)
def test_the_code_of_a_page_runs(page: Path, engine_endpoint: str, table_prefix: str) -> None:
    """Every Python block of a page, in its order, in one fresh process with the six tables, prints what it promises."""
    text = page.read_text(encoding="utf-8")
    assert len(re.findall(r"```\s*(?:python|py)\b", text)) == len(blocks(text, "python")), "a block that is not run"
    if not blocks(text, "python"):
        return
    code, promises = code_of(text)
    tables = {name: f"{table_prefix}{key}" for key, name in _environment.TABLES.items()}
    printed = documents.run(
        f"import dynamodb\nassert dynamodb.create_all_tables()['status'] == 'success'\n{code}",
        DYNAMODB_ENDPOINT_URL=engine_endpoint,
        **tables,
    )
    for promise, output in zip(promises, documents.outputs(printed), strict=True):
        assert documents.kept(promise, output), f"promised {promise!r}, printed {output!r}"


def test_every_make_target_of_the_readme_exists() -> None:
    """Each `make` command of the documentation is a target of the Makefile."""
    targets = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(encoding="utf-8"), flags=re.MULTILINE))
    text = documents.written_by_hand() + (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
    named = set(re.findall(r"`make ([a-z-]+)", text))
    named |= {line.split()[1] for line in documents.shell_lines(text) if re.match(r"make [a-z]", line)}
    assert named <= targets, named - targets
    assert {"demo", "test"} <= named


@pytest.mark.parametrize(
    "module", [dynamodb, errors, repositories, models, requirement, waitlist], ids=lambda module: module.__name__
)
def test_every_name_of_the_core_is_written_of(module) -> None:
    """What the README and the pages do not mention, nobody finds. (The reference has the names of all modules.)"""
    text = documents.written_by_hand()
    names = set(module.__all__) - {"__version__"}
    assert not {name for name in names if not re.search(rf"\b{name}\b", text)}


def test_every_environment_variable_is_written_of() -> None:
    """Each variable that is read is in the README."""
    values = [value for name, value in vars(_environment).items() if name.isupper()]
    names = {name for value in values for name in ([value] if isinstance(value, str) else list(value))}
    names = {name for name in names if name.isupper()} | set(_environment.TABLES.values())
    assert "AWS_REGION" in names
    assert "WAITLIST_TABLE_NAME" in names
    text = README.read_text(encoding="utf-8")
    assert not {name for name in names if name not in text}


def commands(group=None, path: tuple[str, ...] = ()):
    """Give each command of the command line with the words that call it."""
    group = group or typer.main.get_command(app)
    for name, command in group.commands.items():
        if hasattr(command, "commands"):
            yield from commands(command, (*path, name))
        else:
            yield (*path, name), command


def test_every_command_is_written_of() -> None:
    """Each command is in the README or on a page, with the words that call it."""
    if not CLI_PAGE.is_file():
        cannot_run("docs/cli.md is not there")
    text = documents.written_by_hand()
    missing = [" ".join(words) for words, _ in commands() if not re.search(rf"\b{' '.join(words)}\b", text)]
    assert not missing


def test_every_command_in_the_documentation_exists() -> None:
    """Each call of the command line in a shell block names a command that is there, and options that it has."""
    known = dict(commands())
    calls = [line.split() for line in documents.shell_lines(documents.written_by_hand())]
    calls = [words[1:] for words in calls if words and words[0] == "vishmaker-dynamodb"]
    assert calls
    for words in calls:
        found = next((known[tuple(words[:length])] for length in (2, 1) if tuple(words[:length]) in known), None)
        assert found is not None or words[0].startswith("--"), words
        options = {option for parameter in found.params for option in parameter.opts} if found else {"--version"}
        given = {word.split("=")[0] for word in words if word.startswith("--")}
        assert given <= options | {"--help"}, words


def test_generated_parts_are_up_to_date() -> None:
    """The list of public names and the diagram are what the code gives (`make docs-generate` writes them)."""
    tool = [sys.executable, str(ROOT / "tools" / "docs"), "--check", "names", "diagram", "figures"]
    result = subprocess.run(tool, capture_output=True, text=True, check=False)  # noqa: S603 - our own script
    assert result.returncode == 0, result.stdout + result.stderr


DOCTESTED = [
    "dynamodb._capacity",
    "dynamodb._config",
    "dynamodb._facade",
    "dynamodb._observing",
    "dynamodb._warming",
    "dynamodb.streams",
    "models._hierarchy",
]


@pytest.mark.parametrize("module", [*DOCTESTED, "models.requirement", "models.waitlist"])
def test_docstring_examples(engine_endpoint: str, module: str) -> None:
    """The examples in the docstrings run, against tables of the default names."""
    if "127.0.0.1" not in engine_endpoint:
        cannot_run("the examples use the default table names, which are only free on an engine of this machine")
    code = (
        f"import doctest, importlib, os\nos.environ['DYNAMODB_ENDPOINT_URL'] = {engine_endpoint!r}\n"
        "from dynamodb import create_all_tables, delete_all_tables\ncreate_all_tables()\n"
        f"result = doctest.testmod(importlib.import_module({module!r}))\ndelete_all_tables()\n"
        "assert result.attempted and not result.failed, result"
    )
    result = subprocess.run([sys.executable, "-P", "-c", code], capture_output=True, text=True, check=False)  # noqa: S603
    assert result.returncode == 0, result.stdout + result.stderr
