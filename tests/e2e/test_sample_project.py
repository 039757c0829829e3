"""`docs/testing.md` and a part of the README are a reader's project, whose tests use the pytest plugin: they pass."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from dynamodb.testing.engines import find_engine, find_java
from support.documents import DOCS, README, ROOT, blocks
from support.required import cannot_run

TEXT = (DOCS / "testing.md").read_text(encoding="utf-8")
README_TEST = next(block for block in blocks(README.read_text(encoding="utf-8"), "python") if "# test_" in block)
UNREACHABLE = re.compile(r"NewConnectionError|Temporary failure in name resolution|ConnectTimeoutError|ProxyError")
#: Set for our own tests, and nothing a reader has.
OWN = ("PYTEST_", "COVERAGE_", "COV_CORE_", "AWS_ACCESS", "AWS_SECRET", "DYNAMODB_", "PYTHONPATH")


def write_project(folder: Path) -> int:
    """Write the page's blocks, and the README's, into the files that they name; one without a name goes on.

    Returns:
        How many tests the page has, each case of a parametrised one counted.
    """
    files: dict[str, list[str]] = {}
    name = ""
    for block in [README_TEST, *blocks(TEXT, "python")]:
        named = re.match(r"# (\w+\.py)\n", block)
        name = named[1] if named else name
        files.setdefault(name, []).append(block)
    for name, parts in files.items():
        (folder / name).write_text("\n\n".join(parts), encoding="utf-8")
    assert set(files) == {"gaps.py", "test_gaps.py", "test_mine.py"}
    cases = sum(len(found.split(",")) - 1 for found in re.findall(r"parametrize\(\"\w+\", \[(.*?)\]", TEXT))
    return len(re.findall(r"^def test_", README_TEST + TEXT, flags=re.MULTILINE)) + cases


def run(python: str, folder: Path, *arguments: str, **environment: str) -> str:
    """Run pytest in the project; every warning is an error."""
    clean = {name: value for name, value in os.environ.items() if not name.startswith(OWN)}
    command = [python, "-m", "pytest", "-q", "-W", "error", "-p", "no:cacheprovider", *arguments]
    result = subprocess.run(  # noqa: S603 - our own code
        command, cwd=folder, env=clean | environment, capture_output=True, text=True, check=False
    )
    assert result.returncode == 0, result.stdout + result.stderr
    return result.stdout


def test_the_pages_tests_pass(tmp_path: Path) -> None:
    """All of them pass, but for the one that says that AWS's engine is not there.

    With a budget of four requests in place of five, the failure is the one that the page shows.
    """
    count = write_project(tmp_path)
    text = (tmp_path / "test_gaps.py").read_text(encoding="utf-8")
    over_budget = text.replace("(requests=5, read=5)", "(requests=4)")
    (tmp_path / "test_over_budget.py").write_text(over_budget, encoding="utf-8")
    others = [part for name in ("cov", "randomly", "socket", "xdist") for part in ("-p", f"no:{name}")]
    chosen = ["-k", "not test_over_budget or is_five_requests"]
    with pytest.raises(AssertionError) as failure:
        run(sys.executable, tmp_path, *others, *chosen, XDG_CACHE_HOME=str(tmp_path))
    printed = str(failure.value)
    assert f"1 failed, {count - 1} passed, 1 skipped" in printed
    assert "FAILED test_over_budget.py::" in printed
    (shown,) = blocks(TEXT, "text")
    for line in shown.splitlines():
        assert line == "…" or line in printed, line


@pytest.mark.slow
def test_it_works_where_only_the_wheel_is(tmp_path: Path) -> None:
    """In an environment of its own, with the wheel and what its extra `testing` brings, in two processes at once."""
    wheels, python = tmp_path / "wheels", str(tmp_path / "venv" / "bin" / "python")
    project = tmp_path / "project"
    project.mkdir()
    count = write_project(project)
    build = [sys.executable, "-m", "build", "--quiet", "--wheel", "--no-isolation", "--outdir", str(wheels), str(ROOT)]
    subprocess.run(build, check=True, capture_output=True)  # noqa: S603 - our own build
    subprocess.run([sys.executable, "-m", "venv", str(tmp_path / "venv")], check=True)  # noqa: S603 - of the library
    (wheel,) = wheels.glob("*.whl")
    install = [
        python,
        "-m",
        "pip",
        "install",
        "--quiet",
        "--disable-pip-version-check",
        f"{wheel}[testing]",
        "pytest-xdist",
    ]
    result = subprocess.run(install, capture_output=True, text=True, check=False)  # noqa: S603 - what a reader types
    if result.returncode and UNREACHABLE.search(result.stderr):
        cannot_run("the package index cannot be reached")
    assert result.returncode == 0, result.stderr

    with_engine = find_engine() is not None and find_java() is not None
    expected = f"{count} passed" if with_engine else f"{count - 1} passed, 1 skipped"
    assert expected in run(python, project, "-n", "2")
    bare = subprocess.run(  # noqa: S603 - our own command
        [python, "-m", "dynamodb", "tables", "list"], cwd=project, capture_output=True, text=True, check=False
    )
    assert (bare.returncode, bare.stdout) == (2, "")
    assert bare.stderr == "the command line needs typer: pip install 'vishmaker-dynamodb[cli]'\n"
