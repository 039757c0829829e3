"""A real engine for the writes: the one that is given, or DynamoDB Local where it is installed."""

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from bench import environments
from bench.processes import environment

#: The variable with which the tests are pointed at an engine.
_VARIABLE = "DYNAMODB_TEST_ENDPOINT"
_JAVA_VARIABLES = {"JAVA_HOME", "XDG_CACHE_HOME"}
# Run in this layer's environment: the package that knows where the engine is does not import without its dependencies.
_SERVE = """
import sys
from dynamodb.testing.engines import EngineNotInstalledError, dynamodb_local
try:
    with dynamodb_local() as endpoint:
        print(endpoint, flush=True)
        sys.stdin.read()
except EngineNotInstalledError as missing:
    sys.exit(str(missing))
"""


@dataclass(frozen=True)
class Engine:
    """An engine that is running.

    Attributes:
        name: what the tables call it.
        endpoint: its URL.
    """

    name: str
    endpoint: str


@contextmanager
def find(endpoint: str | None) -> Iterator[Engine | None]:
    """Give an engine: the endpoint if there is one (or the tests' variable), else DynamoDB Local, else None.

    DynamoDB Local is started here and ends with the block.
    """
    if given := endpoint or os.environ.get(_VARIABLE):
        yield Engine("the given engine", given)
        return
    variables = environment(ours=True) | {key: value for key, value in os.environ.items() if key in _JAVA_VARIABLES}
    with subprocess.Popen(
        [environments.python("ours"), "-c", _SERVE],
        env=variables,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=sys.stderr,
        text=True,
    ) as process:
        assert process.stdin
        assert process.stdout
        try:
            address = process.stdout.readline().strip()
            yield Engine("DynamoDB Local", address) if address else None
        finally:
            process.stdin.close()
