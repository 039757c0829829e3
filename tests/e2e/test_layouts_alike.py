"""The contract is the same on both layouts: as many tests, by name, and none that is skipped for its layout."""

import os
import re
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]
CONTRACT = "engine and not slow and not only_layout"


def collect(layout: str) -> subprocess.Popen[str]:
    command = [sys.executable, "-m", "pytest", "--collect-only", "-q", "-p", "no:randomly", "-m", CONTRACT]
    return subprocess.Popen(  # noqa: S603 - our own command
        [*command, "tests/integration"],
        cwd=ROOT,
        env={**os.environ, "DYNAMODB_TEST_LAYOUT": layout},
        stdout=subprocess.PIPE,
        text=True,
    )


def test_the_contract_has_the_same_tests_on_both_layouts() -> None:
    """What is about one layout says so with `only_layout`; nothing else may tell them apart."""
    collecting = [collect(layout) for layout in ("six-table", "single-table")]
    six, one = (
        {line for line in process.communicate()[0].splitlines() if line.startswith("tests/")} for process in collecting
    )
    assert [process.returncode for process in collecting] == [0, 0]
    assert six == one
    assert len(six) > 1000


def test_no_test_is_skipped_for_its_layout() -> None:
    """A skip would be counted as nothing: such a test is marked, and not collected on the other layout."""
    asks = re.compile(r"layout.*\n\s+pytest\.skip", re.IGNORECASE)
    files = [*(ROOT / "tests" / "integration").rglob("*.py"), *(ROOT / "tests" / "support").glob("*.py")]
    assert [file.name for file in files if asks.search(file.read_text(encoding="utf-8"))] == []
