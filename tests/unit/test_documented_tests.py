"""Each threat and each promise in the documentation names tests, and they are there."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


@pytest.mark.parametrize(("page", "least"), [("docs/threat-model.md", 15), ("docs/reliability.md", 10)])
def test_every_row_names_tests_that_are_there(page: str, least: int) -> None:
    rows = [
        line.strip("|").split("|")
        for line in (ROOT / page).read_text(encoding="utf-8").splitlines()
        if line.startswith("|") and "`tests/" in line
    ]
    assert len(rows) >= least
    for row in rows:
        named = re.findall(r"`(tests/[\w/.]+)`", row[-1])
        assert named, row[0]
        assert [name for name in named if not (ROOT / name).exists()] == [], row[0]
