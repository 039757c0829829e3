"""What the end-to-end tests share."""

from collections.abc import Iterator

import pytest

from support.aws_server import aws_server
from support.cli import Cli
from support.terraform import INFRA, Endpoint, Root, provider_versions


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


@pytest.fixture(scope="session")
def applied(endpoint: Endpoint, tmp_path_factory: pytest.TempPathFactory) -> Root:
    """The module with nothing set but the topic; its tests only look."""
    root = endpoint.root(INFRA, tmp_path_factory.mktemp("applied") / "infra")
    root.apply(create_alarm_topic=True)
    return root


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
