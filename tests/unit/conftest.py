"""A unit test that opens a connection is not one."""

import os
from collections.abc import Iterator

import pytest
from pytest_socket import disable_socket, enable_socket

# The benchmark is not in the wheel, and this folder, which it lies in, must stay off the path of a run on the wheel:
# `models` would come from here. `make check` tests it on the sources.
collect_ignore = ["test_bench.py"] if os.environ.get("TESTED_WHEEL") else []


@pytest.fixture(autouse=True)
def _no_network() -> Iterator[None]:
    disable_socket(allow_unix_socket=True)
    yield
    enable_socket()
