"""A PostgreSQL server for the tests of the migration; each test has a database of its own."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from dynamodb.migrate import Owners, _loading, migrate, read_owners
from dynamodb.migrate._postgres import snapshot
from support.migrating import make_schema, owners_file
from support.postgres import empty_database, postgres_server


@pytest.fixture(scope="session")
def postgres() -> Iterator[str]:
    """A server."""
    with postgres_server() as url:
        yield url


@pytest.fixture
def database(postgres: str) -> Iterator[str]:
    """A database with the tables as they were declared."""
    with empty_database(postgres) as url:
        make_schema(url)
        yield url


@pytest.fixture
def loose(postgres: str) -> Iterator[str]:
    """A database whose constraints somebody has taken away."""
    with empty_database(postgres) as url:
        make_schema(url, strict=False)
        yield url


@pytest.fixture
def owners(tmp_path: Path):
    """Three users who own all projects but 9003."""
    return read_owners(None, owners_file(tmp_path, projects=[*range(1, 1000), 9001, 9002, 9004, 9005]))


@pytest.fixture
def run(database, tmp_path):
    """Migrate the database."""

    def run(url=database, owners=None, state=tmp_path / "state", **options):
        with snapshot(url) as source:
            return migrate(source, owners or Owners("ada"), state=state, **options)

    return run


@pytest.fixture
def impatient(monkeypatch):
    """What is not answered, or throttled for longer than the time limit, ends a run."""
    monkeypatch.setattr(_loading, "PATIENCE", 0.0)
    monkeypatch.setattr(_loading.Pace, "slower", lambda _: None)
