"""The tables of both layouts side by side, under one prefix."""

from collections.abc import Callable, Iterator
from contextlib import suppress
from functools import cache, partial
from pathlib import Path

import pytest

from dynamodb import configure
from dynamodb.migrate import _verifying, migrate_layout, verify_layout
from support.both_layouts import Both
from support.clients import make_client

plain_client = cache(partial(make_client, read_timeout=60))


@pytest.fixture(autouse=True)
def _quick_look(monkeypatch: pytest.MonkeyPatch) -> None:
    """Wait for no index: those of the engines do not lag, and what they do not show they never will."""
    monkeypatch.setattr(_verifying, "_WAITS", (0.25,))


@pytest.fixture
def both(engine_endpoint: str, table_prefix: str) -> Iterator[Both]:
    """Six tables and one, empty; the data layer is pointed at the six."""
    both = Both(plain_client(engine_endpoint), engine_endpoint, table_prefix)
    both.make_tables()
    both.use("six-table")
    yield both
    with suppress(Exception):
        configure()
    both.drop_tables()


@pytest.fixture
def move(tmp_path: Path) -> Callable[..., object]:
    """Migrate from one layout to the other, each time in a folder of its own, and compare."""
    count = iter(range(100))

    def run(source: str, target: str, *, state: Path | None = None, wrong: int = 0, **options: object):
        done = migrate_layout(source, target, state=state or tmp_path / f"state-{next(count)}", **options)
        assert verify_layout(source, target).wrong == wrong
        return done

    return run
