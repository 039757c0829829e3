"""The documentation's code runs, as a reader would run it."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

from support.required import cannot_run

ROOT = Path(__file__).parents[2]
README = (ROOT / "README.md").read_text(encoding="utf-8")


def blocks(text: str, language: str) -> list[str]:
    """Return the code blocks of a language."""
    return re.findall(rf"^```{language}\n(.*?)^```$", text, flags=re.MULTILINE | re.DOTALL)


def test_the_readme_runs(engine_endpoint: str, table_prefix: str) -> None:
    """The README's Python, one block after the other in a fresh process, prints what its comments say."""
    code = "\n".join(blocks(README, "python"))
    setup = f"import dynamodb\ndynamodb.configure(endpoint={engine_endpoint!r}, table_prefix={table_prefix!r})\n"
    result = subprocess.run(  # noqa: S603 - our own code
        [sys.executable, "-P", "-W", "error", "-c", setup + code], capture_output=True, text=True, check=False
    )
    assert result.returncode == 0, result.stderr
    printed = result.stdout
    promised = [
        line.rsplit("# ", 1)[1].strip() for line in code.splitlines() if line.startswith("print") and "  # " in line
    ]
    assert len(promised) > 8
    for promise in promised:
        beginning = (
            promise.split("…")[0].split("code ")[-1].split(",")[0] if "…" in promise or "code " in promise else promise
        )
        assert beginning in printed, promise


def test_every_make_target_of_the_readme_exists() -> None:
    """Each `make` command of the documentation is a target of the Makefile."""
    targets = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(encoding="utf-8"), flags=re.MULTILINE))
    pages = [README, (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")]
    named = {name for page in pages for name in re.findall(r"\bmake ([a-z-]+)", page)}
    assert named <= targets, named - targets
    assert {"demo", "test"} <= named


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
