"""The tables of the doctor's tests, and its file."""

from pathlib import Path

import pytest

from support.stored import Tables
from support.world import World


@pytest.fixture
def tables(world: World) -> Tables:
    """Empty tables, looked at item by item."""
    return Tables(world)


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """Where the quarantine file is to be."""
    return tmp_path / "quarantine.ndjson"
