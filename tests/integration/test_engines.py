"""The engines start, answer on loopback only, hold their data as they say, and leave nothing behind."""

import socket
import subprocess
import sys
from urllib.parse import urlsplit

import psutil
import pytest
from botocore.exceptions import EndpointConnectionError

from dynamodb.testing import engines
from support.clients import make_client, make_table
from support.required import cannot_run


@pytest.fixture
def installed():
    if engines.find_engine() is None or engines.find_java() is None:
        cannot_run("DynamoDB Local or Java is missing: `make engine`")


def test_dynamodb_local_answers_on_loopback_only(installed):
    with engines.dynamodb_local() as endpoint:
        address = urlsplit(endpoint)
        listening = [
            connection.laddr.ip
            for connection in psutil.net_connections("tcp")
            if connection.status == psutil.CONN_LISTEN and connection.laddr.port == address.port
        ]
        assert address.hostname == "127.0.0.1"
        assert listening == ["127.0.0.1"]


def test_dynamodb_local_starts_empty_and_ends_with_the_block(installed):
    for _ in range(2):
        with engines.dynamodb_local() as endpoint:
            client = make_client(endpoint)
            assert client.list_tables()["TableNames"] == []
            make_table(client, "only-in-memory")
    with pytest.raises(EndpointConnectionError):
        client.list_tables()


def test_a_data_directory_keeps_the_tables(installed, tmp_path):
    for expected in ([], ["kept"]):
        with engines.dynamodb_local(tmp_path / "data") as endpoint:
            client = make_client(endpoint)
            assert client.list_tables()["TableNames"] == expected
            if not expected:
                make_table(client, "kept")


def test_a_process_that_is_killed_takes_its_engine_with_it(installed):
    code = """
import sys
from dynamodb.testing.engines import dynamodb_local
with dynamodb_local() as endpoint:
    print(endpoint, flush=True)
    sys.stdin.read()
"""
    command = [sys.executable, "-c", code]
    parent = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE)  # noqa: S603 - the code above
    with parent:
        assert parent.stdout.readline().startswith(b"http://127.0.0.1:")
        (engine,) = psutil.Process(parent.pid).children()
        parent.kill()
        engine.wait(timeout=30)
        assert not engine.is_running()


def test_an_engine_that_cannot_start_says_what_it_printed(installed, monkeypatch):
    monkeypatch.setattr(engines, "_JVM_OPTIONS", ("-XX:NoSuchOption",))
    with pytest.raises(engines.EngineStartError, match="NoSuchOption"), engines.dynamodb_local():
        pass


def test_an_engine_that_cannot_open_its_database_is_not_called_ready(installed, monkeypatch, tmp_path):
    nowhere = tmp_path / "missing"
    # The engine unpacks its native library there.
    monkeypatch.setattr(engines, "_JVM_OPTIONS", (f"-Djava.io.tmpdir={nowhere}",))
    with pytest.raises(engines.EngineStartError, match="did not answer"), engines.dynamodb_local():
        pass


def test_moto_starts_empty_on_loopback_and_frees_its_port():
    for _ in range(2):
        with engines.moto_server() as endpoint:
            client = make_client(endpoint)
            assert client.list_tables()["TableNames"] == []
            make_table(client, "only-here")
    address = urlsplit(endpoint)
    assert address.hostname == "127.0.0.1"
    with socket.socket() as free:
        free.bind((address.hostname, address.port))
