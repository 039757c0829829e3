"""Two engines, and how much is tried: a sample chosen by a fixed seed, or all of it (RELIABILITY_TIER)."""

import os
import tempfile
import time
import uuid
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import botocore.endpoint
import pytest
from botocore.retries.quota import RetryQuota

from dynamodb import _connection, _sending, configure
from dynamodb.testing.engines import EngineNotInstalledError
from dynamodb.testing.faults import _Clock
from reliability import answers, figures
from reliability.bench import Bench
from reliability.engines import LOCAL, MOTO, running
from reliability.store import Store
from reliability.watched_proxy import WatchedProxy
from support.required import cannot_run

TIER = "RELIABILITY_TIER"
#: The file for the documentation.
DATA = "RELIABILITY_DATA"

_started = time.time()


def pytest_configure(config: pytest.Config) -> None:
    os.environ.setdefault(figures.FILE, str(Path(tempfile.mkdtemp(prefix="reliability-"), "figures.jsonl")))


def pytest_terminal_summary(terminalreporter: Any) -> None:
    """Print the counts, and write them where `make reliability` wants them for the documentation."""
    parts = figures.summed(figures.read(Path(os.environ[figures.FILE])))
    if not parts:
        return
    seconds = time.time() - _started
    terminalreporter.section("reliability")
    for line in figures.lines(parts):
        terminalreporter.write_line(line)
    terminalreporter.write_line(f"in {seconds / 60:.1f} minutes")
    if data := os.environ.get(DATA):
        figures.write(Path(data), parts, tier=os.environ.get(TIER, "short"), seconds=round(seconds))


@pytest.fixture(scope="session")
def tier() -> str:
    """How much is tried: `short`, `medium` or `full`."""
    return os.environ.get(TIER, "short")


@pytest.fixture(scope="session")
def benches(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[[str], Bench]]:
    """Engines behind fault proxies, each with tables of its own; started on demand, one of each kind."""
    made: dict[str, Bench] = {}
    with ExitStack() as stack:

        def bench(name: str) -> Bench:
            if name not in made:
                try:
                    engine = stack.enter_context(running(name))
                except EngineNotInstalledError as error:
                    cannot_run(str(error))
                store = Store(engine, f"r-{uuid.uuid4().hex[:12]}-")
                store.make_tables()
                proxy = stack.enter_context(WatchedProxy(engine))
                made[name] = Bench(store, proxy, tmp_path_factory.mktemp("reliability"))
            return made[name]

        yield bench


@pytest.fixture(params=[MOTO, LOCAL])
def engine(request: pytest.FixtureRequest) -> str:
    """The name of the engine."""
    return str(request.param)


@pytest.fixture
def bench(engine: str, benches: Callable[[str], Bench], monkeypatch: pytest.MonkeyPatch) -> Iterator[Bench]:
    """An engine behind the fault proxy; pauses pass on a clock of their own, and a client has retries without end."""
    clock = _Clock()
    for module in (botocore.endpoint, _sending, answers):
        monkeypatch.setattr(module, "time", clock)
    # The allowance belongs to the client, which here serves thousands of calls that fail on purpose.
    monkeypatch.setattr(RetryQuota, "acquire", lambda quota, amount: True)
    chosen = benches(engine)
    chosen.proxy.reset()
    yield chosen
    chosen.hang_up()
    chosen.proxy.reset()
    configure()
    _connection.forget_client()
