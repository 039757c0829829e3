"""The ground every test stands on: a clean environment, made-up credentials, an engine."""

import os
import uuid
from collections.abc import Iterator

import pytest

from dynamodb.testing.engines import moto_server

ENDPOINT = "DYNAMODB_TEST_ENDPOINT"

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


def restore(saved: dict[str, str]) -> None:
    os.environ.clear()
    os.environ.update(saved)


@pytest.fixture(scope="session", autouse=True)
def _neutral_environment() -> Iterator[None]:
    """Nothing of the developer's own settings reaches a test, but the endpoint to test against."""
    saved = os.environ.copy()
    for name in saved:
        if name.startswith(("AWS_", "DYNAMODB_")) or name.endswith("_TABLE_NAME"):
            del os.environ[name]
    if ENDPOINT in saved:
        os.environ[ENDPOINT] = saved[ENDPOINT]
    os.environ.update(CREDENTIALS)
    yield
    restore(saved)


@pytest.fixture(autouse=True)
def _restored_environment(_neutral_environment: None) -> Iterator[None]:
    """What a test does to the environment ends with it."""
    saved = os.environ.copy()
    yield
    restore(saved)


@pytest.fixture(scope="session")
def engine_endpoint() -> Iterator[str]:
    """The engine under the contract tests: the one in DYNAMODB_TEST_ENDPOINT, else moto in this process."""
    given = os.environ.get(ENDPOINT)
    if given:
        yield given
    else:
        with moto_server() as endpoint:
            yield endpoint


@pytest.fixture
def table_prefix() -> str:
    """The start of this test's table names: no other test, process or run has it."""
    return f"t-{uuid.uuid4().hex[:16]}-"
