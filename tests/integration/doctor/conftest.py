"""The tables of the doctor's tests, and its file."""

from pathlib import Path

import pytest

from dynamodb._config import SIX_TABLE
from support.stored import Tables
from support.world import World


@pytest.fixture(autouse=True)
def _six_tables(layout: str) -> None:
    if layout != SIX_TABLE:
        pytest.skip("the doctor knows six tables only, and says so: tests/unit/test_single_table.py")


@pytest.fixture
def tables(world: World) -> Tables:
    """Six empty tables, looked at item by item."""
    return Tables(world)


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """Where the quarantine file is to be."""
    return tmp_path / "quarantine.ndjson"
