"""Two engines, and how much is tried: a sample chosen by a fixed seed, or with RELIABILITY_TIER=full all of it."""

import os
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import botocore.retries.standard
import pytest

from dynamodb import _connection, configure
from dynamodb.testing.engines import EngineNotInstalledError, dynamodb_local, moto_server
from reliability import figures
from reliability.matrix import Bench
from reliability.store import Store
from reliability.watched_proxy import WatchedProxy
from support.clients import make_client
from support.required import cannot_run

TIER = "RELIABILITY_TIER"


def pytest_configure(config: pytest.Config) -> None:
    os.environ.setdefault(figures.FILE, str(Path(tempfile.mkdtemp(prefix="reliability-"), "figures.jsonl")))


def pytest_terminal_summary(terminalreporter: Any) -> None:
    counted = figures.read(Path(os.environ[figures.FILE]))
    if counted:
        terminalreporter.section("reliability")
        for line in figures.lines(figures.summed(counted)):
            terminalreporter.write_line(line)


@pytest.fixture(scope="session")
def tier() -> str:
    """How much is tried: `short` or `full`."""
    return os.environ.get(TIER, "short")


@pytest.fixture(scope="session")
def engines() -> Iterator[Any]:
    """Starts engines on demand, one of each kind."""
    running: dict[str, str] = {}
    with ExitStack() as stack:

        def start(name: str) -> str:
            if name not in running:
                try:
                    running[name] = stack.enter_context(moto_server() if name == "moto" else dynamodb_local())
                except EngineNotInstalledError as error:
                    cannot_run(str(error))
            return running[name]

        yield start


@pytest.fixture(params=["moto", "dynamodb-local"])
def engine(request: pytest.FixtureRequest) -> str:
    """The name of the engine."""
    return str(request.param)


@pytest.fixture
def bench(engine: str, engines: Any, table_prefix: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[Bench]:
    """An engine behind the fault proxy, with six tables of the test's own."""
    # Its pauses after throttling are a second and more; a twentieth of that shows the same.
    scales = {"throttling_base_scale": 0.05, "non_throttling_base_scale": 0.025}
    monkeypatch.setattr(botocore.retries.standard.ExponentialBackoff, "_DEFAULT_BACKOFF_CONFIG", scales)
    endpoint = engines(engine)
    store = Store(make_client(endpoint, read_timeout=60), table_prefix)
    store.make_tables()
    with WatchedProxy(endpoint) as proxy:
        yield Bench(store, proxy)
    configure()
    _connection.forget_client()
    store.drop_tables()
