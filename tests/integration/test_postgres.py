"""The PostgreSQL of the tests is a real one, private, and gone in the end."""

import contextlib
import os
import shutil
import stat
import subprocess
import sys
from pathlib import Path

import psutil
import psycopg
import pytest

from support import postgres
from support.postgres import PostgresStartError, empty_database, postgres_server


@pytest.fixture(scope="module")
def server():
    with postgres_server() as url:
        yield url


def servers():
    """Our own; other test processes may have theirs. What ends while we look, is not there."""
    found = set()
    for child in psutil.Process().children(recursive=True):
        with contextlib.suppress(psutil.NoSuchProcess):
            if child.name() == "postgres":
                found.add(child.pid)
    return found


def test_a_table_can_be_made_filled_and_read(server):
    with empty_database(server) as url, psycopg.connect(url) as connection:
        connection.execute("CREATE TABLE projects (id text PRIMARY KEY, made timestamptz DEFAULT now())")
        connection.execute("INSERT INTO projects (id) VALUES (%s)", ["tässä"])
        assert connection.execute("SELECT id, made IS NOT NULL FROM projects").fetchall() == [("tässä", True)]


def test_every_database_is_empty_and_dropped_although_it_is_in_use(server):
    with empty_database(server) as url:
        left_open = psycopg.connect(url)
        assert left_open.execute("SELECT count(*) FROM pg_tables WHERE schemaname = 'public'").fetchone() == (0,)
    with left_open, pytest.raises(psycopg.OperationalError):
        left_open.execute("SELECT 1")
    with pytest.raises(psycopg.OperationalError, match="does not exist"):
        psycopg.connect(url)


def test_a_given_server_is_used_as_it_is(monkeypatch):
    monkeypatch.setenv("POSTGRES_TEST_URL", "postgresql://someone@localhost/theirs")
    with postgres_server() as url:
        assert url == "postgresql://someone@localhost/theirs"


@pytest.fixture
def own_server(monkeypatch):
    monkeypatch.delenv("POSTGRES_TEST_URL", raising=False)


def test_our_own_server_has_no_port_and_leaves_nothing(own_server):
    before = servers()
    with postgres_server() as url:
        home = Path(url.partition("host=")[2])
        started = servers() - before
        assert started
        with psycopg.connect(url) as connection:
            assert connection.execute("SHOW listen_addresses").fetchone() == ("",)
        assert stat.S_IMODE(home.stat().st_mode) == 0o700
        assert not any(
            connection.pid in started and connection.status == psutil.CONN_LISTEN
            for connection in psutil.net_connections("tcp")
        )
    assert not started & servers()
    assert not home.exists()


def test_the_server_runs_from_a_copy_of_its_binaries(own_server, monkeypatch, tmp_path):
    copy = postgres._copy(postgres._binaries(), tmp_path)
    # Root, too, gets here: nobody cannot reach this directory, so that the copy is copied once more.
    tmp_path.chmod(0o700)
    monkeypatch.setattr(postgres, "_binaries", lambda: copy)
    with postgres_server() as url, psycopg.connect(url) as connection:
        (running,) = connection.execute("SELECT setting FROM pg_config WHERE name = 'BINDIR'").fetchone()
        expected = Path(url.partition("host=")[2]) if postgres._identity() else tmp_path
        assert Path(running).is_relative_to(expected.resolve())


def test_a_directory_is_reachable_only_when_everybody_may_pass(tmp_path):
    inside = tmp_path / "above" / "inside"
    inside.mkdir(parents=True)
    open_above = all(path.stat().st_mode & 0o1 for path in tmp_path.parents)
    tmp_path.chmod(0o755)
    assert postgres._reachable(inside) == open_above
    (tmp_path / "above").chmod(0o700)
    assert not postgres._reachable(inside)


def test_a_server_that_cannot_start_shows_its_log(own_server, monkeypatch):
    monkeypatch.setattr(postgres, "_SETTINGS", ("no_such_setting=1",))
    with pytest.raises(PostgresStartError, match="no_such_setting"), postgres_server():
        pass


def test_a_process_that_is_killed_takes_its_server_with_it(own_server):
    code = """
import sys
from support.postgres import postgres_server
with postgres_server() as url:
    print(url, flush=True)
    sys.stdin.read()
"""
    command = [sys.executable, "-c", code]
    environment = {**os.environ, "PYTHONPATH": str(Path(__file__).parents[1])}
    parent = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, env=environment)  # noqa: S603 - ours
    with parent:
        home = Path(parent.stdout.readline().decode().strip().partition("host=")[2])
        children = [
            child for child in psutil.Process(parent.pid).children(recursive=True) if child.name() == "postgres"
        ]
        assert children
        parent.kill()
        assert psutil.wait_procs(children, timeout=30)[1] == []
    # Whoever is killed cannot clean up: a stopped server's files are left.
    assert home.name.startswith("pg-")
    shutil.rmtree(home)
