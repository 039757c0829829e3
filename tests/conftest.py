"""The ground every test stands on: a clean environment, made-up credentials, an engine."""

import json
import os
import signal
import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import hypothesis
import pytest

from dynamodb import configure
from dynamodb._config import SIX_TABLE
from dynamodb.testing.engines import moto_server
from support.required import cannot_run

# What a shell starts in the background ignores Ctrl-C, and so would every process that a test starts and ends with it.
if signal.getsignal(signal.SIGINT) == signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)

# The machine may be busy: how long an example takes proves nothing.
hypothesis.settings.register_profile("tests", deadline=None, suppress_health_check=[hypothesis.HealthCheck.too_slow])
hypothesis.settings.load_profile("tests")

ENDPOINT = "DYNAMODB_TEST_ENDPOINT"
LAYOUT = "DYNAMODB_TEST_LAYOUT"

# Letters and digits only: DynamoDB Local refuses other access keys. Whatever endpoint the tests are given,
# these are the credentials they send, so that they cannot change anything in a real account.
CREDENTIALS = {
    "AWS_ACCESS_KEY_ID": "testing",
    "AWS_SECRET_ACCESS_KEY": "testing",
    "AWS_DEFAULT_REGION": "us-east-1",
    "AWS_REGION": "us-east-1",
    "AWS_EC2_METADATA_DISABLED": "true",
    "AWS_CONFIG_FILE": os.devnull,
    "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
}


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave out what is about another layout than the one under test."""
    here = os.environ.get(LAYOUT, SIX_TABLE)
    others = [item for item in items if (mark := item.get_closest_marker("only_layout")) and mark.args[0] != here]
    if others:
        config.hook.pytest_deselected(items=others)
        items[:] = [item for item in items if item not in set(others)]


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Count the contract, which is the same on both layouts."""
    counts = {
        outcome: sum(
            "engine" in report.keywords and "only_layout" not in report.keywords
            for report in terminalreporter.getreports(outcome)
            if outcome != "passed" or report.when == "call"
        )
        for outcome in ("passed", "failed", "error", "skipped")
    }
    if any(counts.values()):
        told = ", ".join(f"{count} {outcome}" for outcome, count in counts.items() if count)
        terminalreporter.write_line(f"contract on {os.environ.get(LAYOUT, SIX_TABLE)}: {told}")


def restore(saved: dict[str, str]) -> None:
    os.environ.clear()
    os.environ.update(saved)


@pytest.fixture(scope="session", autouse=True)
def _neutral_environment() -> Iterator[None]:
    """Nothing of the developer's own settings reaches a test, but the endpoint and the layout to test."""
    saved = os.environ.copy()
    for name in saved:
        if name.startswith(("AWS_", "DYNAMODB_")) or name.endswith("_TABLE_NAME"):
            del os.environ[name]
    os.environ.update({name: saved[name] for name in (ENDPOINT, LAYOUT) if name in saved})
    os.environ.update(CREDENTIALS)
    yield
    restore(saved)


@pytest.fixture(autouse=True)
def _restored_environment(_neutral_environment: None) -> Iterator[None]:
    """What a test does to the environment and to the configuration ends with it."""
    saved = os.environ.copy()
    yield
    restore(saved)
    configure()


@pytest.fixture(scope="session")
def engine_endpoint() -> Iterator[str]:
    """The engine under the contract tests: the one in DYNAMODB_TEST_ENDPOINT, else moto in this process."""
    given = os.environ.get(ENDPOINT)
    if given:
        yield given
    else:
        with moto_server() as endpoint:
            yield endpoint


@pytest.fixture(scope="session")
def layout() -> str:
    """The layout under the contract tests: the one in DYNAMODB_TEST_LAYOUT, else six tables."""
    return os.environ.get(LAYOUT, SIX_TABLE)


@pytest.fixture
def table_prefix() -> str:
    """The start of this test's table names: no other test, process or run has it."""
    return f"t-{uuid.uuid4().hex[:16]}-"


@pytest.fixture(scope="session")
def nasa_tree() -> dict[str, Any]:
    """NASA's requirements of its flight software: real texts, in the shape of `ProjectTreeCreate`."""
    file = Path(__file__).parents[2] / "shared" / "data" / "nasa-cfe-requirements.json"
    if not file.is_file():
        cannot_run("the NASA requirements are not beside the repository (../shared/data)")
    tree: dict[str, Any] = json.loads(file.read_text(encoding="utf-8"))
    return tree


@pytest.fixture(scope="session")
def legacy_items() -> dict[str, Any]:
    """Items as earlier writers left them, in DynamoDB's JSON, by table."""
    items: dict[str, Any] = json.loads((Path(__file__).parent / "data" / "legacy-items.json").read_text("utf-8"))
    return {key: rows for key, rows in items.items() if isinstance(rows, list)}
