"""An engine inside this process, and an environment in which nothing else can be reached."""

import os
from collections.abc import Iterator
from contextlib import contextmanager

from dynamodb import _connection, configure
from dynamodb._environment import LAYOUT
from dynamodb.cli._command import FailedError, connect
from dynamodb.testing._metering import Meter
from dynamodb.testing.engines import moto_server

#: Any letters and digits do: local engines do not check them.
CREDENTIALS = {"AWS_ACCESS_KEY_ID": "local", "AWS_SECRET_ACCESS_KEY": "local"}
REGION = "us-east-1"

# Whatever else decides where a request goes, whose it is, or through which proxy.
_NOT_OURS = ("AWS_", "DYNAMODB_")
_OURS = {
    **CREDENTIALS,
    "AWS_DEFAULT_REGION": REGION,
    "AWS_EC2_METADATA_DISABLED": "true",
    "AWS_CONFIG_FILE": os.devnull,
    "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
    "NO_PROXY": "*",
}


@contextmanager
def loopback_only() -> Iterator[None]:
    """Take everything out of the environment that could lead a request elsewhere; afterwards it is as before."""
    saved = os.environ.copy()
    for name in saved:
        upper = name.upper()
        leads_elsewhere = upper.startswith(_NOT_OURS) or upper.endswith(("_TABLE_NAME", "_PROXY"))
        if leads_elsewhere and upper != LAYOUT:
            del os.environ[name]
    os.environ.update(_OURS)
    try:
        yield
    finally:
        os.environ.clear()
        os.environ.update(saved)


@contextmanager
def moto() -> Iterator[str]:
    """Run moto's server in this process.

    Yields:
        The endpoint URL, on 127.0.0.1.

    Raises:
        FailedError: if moto is not installed.
    """
    try:
        with moto_server() as endpoint:
            yield endpoint
    except ModuleNotFoundError as error:
        raise FailedError(
            f"the embedded engine needs {error.name}: pip install 'vishmaker-dynamodb[cli,testing]'",
            code="not_installed",
        ) from error


@contextmanager
def embedded_engine(*, prefix: str) -> Iterator[str]:
    """Run moto's server, and make this layer use it and nothing else; units are counted as DynamoDB does.

    Args:
        prefix: what the table names start with.

    Yields:
        The endpoint URL.
    """
    with loopback_only(), moto() as endpoint:
        connect(endpoint=endpoint, region=REGION, table_prefix=prefix)
        meter = Meter(REGION, endpoint)
        _connection.equip(meter.register)
        try:
            yield endpoint
        finally:
            _connection.unequip(meter.register, meter.unregister)
            configure()
