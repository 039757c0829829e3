"""What the end-to-end tests share."""

import logging
from collections.abc import Iterator

import pytest
from moto.server import ThreadedMotoServer

from terraform_root import INFRA, Endpoint, Root, terraform_binary


@pytest.fixture(scope="session")
def endpoint() -> Iterator[Endpoint]:
    """moto's server on loopback, for Terraform; each test that applies has its own `environment`."""
    terraform_binary()
    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    yield Endpoint(f"http://{host}:{port}")
    server.stop()


@pytest.fixture(scope="session")
def applied(endpoint: Endpoint, tmp_path_factory: pytest.TempPathFactory) -> Root:
    """The module with nothing set but the topic; its tests only look."""
    root = Root(INFRA, tmp_path_factory.mktemp("applied") / "infra", endpoint=endpoint.url).init()
    root.apply(create_alarm_topic=True)
    return root
