"""Two engines, two layouts, each alone or both written at once, and what is counted."""

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
from reliability import answers, figures, tiers
from reliability.bench import Bench
from reliability.both_stores import SingleAndSix, SixAndSingle
from reliability.engines import LOCAL, MOTO, running
from reliability.one_store import OneTableStore
from reliability.store import Store
from reliability.watched_proxy import WatchedProxy
from support.index_lag import Send
from support.required import cannot_run

_STORES = {store.name: store for store in (Store, OneTableStore, SixAndSingle, SingleAndSix)}

#: The file for the documentation.
DATA = "RELIABILITY_DATA"
#: Seconds between two looks at what is counted so far.
_EVERY = 20

_started = time.time()


def pytest_configure(config: pytest.Config) -> None:
    os.environ.setdefault(figures.FILE, str(Path(tempfile.mkdtemp(prefix="reliability-"), "figures.jsonl")))


@pytest.hookimpl(trylast=True)
def pytest_runtest_logfinish() -> None:
    """Write what there is so far, in case the run is broken off."""
    if "PYTEST_XDIST_WORKER" not in os.environ and time.time() - _Written.at > _EVERY:
        _write(complete=False)


def pytest_terminal_summary(terminalreporter: Any, exitstatus: int) -> None:
    """Print the counts, and write them where `make reliability` wants them for the documentation."""
    parts = _write(complete=exitstatus in {pytest.ExitCode.OK, pytest.ExitCode.TESTS_FAILED})
    if not parts:
        return
    terminalreporter.section("reliability")
    for line in figures.lines(parts):
        terminalreporter.write_line(line)
    terminalreporter.write_line(f"in {(time.time() - _started) / 60:.1f} minutes")


class _Written:
    at = _started


def _write(*, complete: bool) -> dict[str, dict[str, Any]]:
    _Written.at = time.time()
    parts = figures.summed(figures.read(Path(os.environ[figures.FILE])))
    if parts and (data := os.environ.get(DATA)):
        run = {"tier": tiers.TIER, "seconds": round(time.time() - _started), "cores": os.cpu_count()}
        figures.write(Path(data), parts, complete=complete, **run)
    return parts


@pytest.fixture(scope="session")
def engines() -> Iterator[Callable[[str], Send]]:
    """Engines, started on demand, one of each kind."""
    made: dict[str, Send] = {}
    with ExitStack() as stack:

        def engine(name: str) -> Send:
            if name not in made:
                try:
                    made[name] = stack.enter_context(running(name))
                except EngineNotInstalledError as error:
                    cannot_run(str(error))
            return made[name]

        yield engine


@pytest.fixture(scope="session")
def benches(
    engines: Callable[[str], Send], tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Callable[[str, str], Bench]]:
    """Engines behind fault proxies, each with tables of its own in a layout."""
    made: dict[tuple[str, str], Bench] = {}
    with ExitStack() as stack:

        def bench(name: str, layout: str) -> Bench:
            if (name, layout) not in made:
                store = _STORES[layout](engines(name), f"r-{uuid.uuid4().hex[:12]}-")
                store.make_tables()
                proxy = stack.enter_context(WatchedProxy(store.engine))
                made[name, layout] = Bench(store, proxy, tmp_path_factory.mktemp("reliability"))
            return made[name, layout]

        yield bench


@pytest.fixture(params=[MOTO, LOCAL])
def engine(request: pytest.FixtureRequest) -> str:
    """The name of the engine."""
    return str(request.param)


@pytest.fixture(params=list(dict.fromkeys(layout for _, layout in tiers.PLACES)))
def layout(request: pytest.FixtureRequest) -> str:
    """The layout of the tables."""
    return str(request.param)


@pytest.fixture
def bench(
    engine: str, layout: str, benches: Callable[[str, str], Bench], monkeypatch: pytest.MonkeyPatch
) -> Iterator[Bench]:
    """An engine behind the fault proxy; pauses pass on a clock of their own, and a client has retries without end."""
    clock = _Clock()
    for module in (botocore.endpoint, _sending, answers):
        monkeypatch.setattr(module, "time", clock)
    # The allowance belongs to the client, which here serves thousands of calls that fail on purpose.
    monkeypatch.setattr(RetryQuota, "acquire", lambda quota, amount: True)
    chosen = benches(engine, layout)
    chosen.proxy.reset()
    yield chosen
    chosen.hang_up()
    chosen.proxy.reset()
    configure()
    _connection.forget_client()
