"""What the end-to-end tests share."""

from collections.abc import Iterator

import pytest

from dynamodb._config import LAYOUTS, SIX_TABLE
from support.aws_server import aws_server
from support.cli import Cli
from support.terraform import INFRA, Applied, Endpoint, provider_versions


@pytest.fixture(scope="session", params=provider_versions())
def provider(request: pytest.FixtureRequest) -> str:
    """The version of the AWS provider; the tests run with each that is found."""
    version: str = request.param
    return version


@pytest.fixture(scope="session")
def endpoint(provider: str) -> Iterator[Endpoint]:
    """All of AWS on loopback, for one version of the provider.

    Each test that makes tables has its own environment in their names.
    """
    with aws_server() as url:
        yield Endpoint(url, provider)


@pytest.fixture(scope="session", params=LAYOUTS)
def applied(request: pytest.FixtureRequest, endpoint: Endpoint, tmp_path_factory: pytest.TempPathFactory) -> Applied:
    """The module with little more than the topic set, once for each layout; its tests only look."""
    layout: str = request.param
    root = endpoint.root(INFRA, tmp_path_factory.mktemp("applied") / "infra")
    chosen = {} if layout == SIX_TABLE else {"environment": "single", "layout": layout}
    found = Applied(root, layout, chosen.get("environment", "prod"), {"create_alarm_topic": True, **chosen})
    root.apply(**found.variables)
    return found


@pytest.fixture
def bare_cli(engine_endpoint: str, table_prefix: str) -> Cli:
    """The command line, without tables."""
    return Cli(engine_endpoint, table_prefix)


@pytest.fixture
def cli(bare_cli: Cli) -> Iterator[Cli]:
    """The command line, with the six tables."""
    bare_cli.ok("tables", "create")
    yield bare_cli
    bare_cli("tables", "delete", "--yes")
