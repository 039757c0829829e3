"""Engines that speak DynamoDB on this machine, for tests and for the demonstration.

Both are context managers that give an endpoint URL on 127.0.0.1 and leave nothing behind:

- `moto_server()`: moto, inside this process; always there with the `testing` extra.
- `dynamodb_local()`: AWS's DynamoDB Local, a Java process; there after `make engine`.

Neither checks credentials, but a request must be signed with some: any letters and digits do (DynamoDB Local refuses
an access key with other characters).
"""

import http.client
import logging
import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Lock, Timer
from typing import IO, Any

__all__ = [
    "ENGINE_VERSION",
    "EngineNotInstalledError",
    "EngineStartError",
    "dynamodb_local",
    "engine_directory",
    "find_engine",
    "find_java",
    "moto_server",
]

#: The version of DynamoDB Local that `make engine` fetches.
ENGINE_VERSION = "3.3.1"

_START_SECONDS = 60
_STOP_SECONDS = 10
# A test engine lives for seconds to minutes: compiling quickly beats compiling well, and one core is often all it gets.
_JVM_OPTIONS = ("-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC", "-Djava.net.preferIPv4Stack=true")


class EngineNotInstalledError(RuntimeError):
    """DynamoDB Local, or the Java to run it, is not on this machine."""


class EngineStartError(RuntimeError):
    """The engine was started and did not answer; the message ends with what it printed."""


def engine_directory() -> Path:
    """Where `make engine` puts DynamoDB Local, whether it is there or not."""
    cache = os.environ.get("XDG_CACHE_HOME")
    base = Path(cache) if cache else Path.home() / ".cache"
    return base / "vishmaker-dynamodb" / f"engine-{ENGINE_VERSION}"


def find_engine() -> Path | None:
    """Find DynamoDB Local.

    Returns:
        Its directory, or None when it has not been fetched.
    """
    directory = engine_directory()
    complete = (directory / "classes" / "LoopbackServer.class").is_file() and (directory / "lib").is_dir()
    return directory if complete else None


def find_java() -> str | None:
    """Find the Java launcher: the one in `JAVA_HOME`, else the one on the path."""
    home = os.environ.get("JAVA_HOME")
    return (home and shutil.which("java", path=str(Path(home, "bin")))) or shutil.which("java")


@contextmanager
def moto_server() -> Iterator[str]:
    """Run moto's server in this process, on a free loopback port.

    moto keeps one state for the whole process: it is emptied at the start, so do not run two at once.

    Yields:
        The endpoint URL.
    """
    from moto.server import ThreadedMotoServer  # noqa: PLC0415 - half a second, and not needed with another engine

    # One line a request otherwise.
    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    with _one_request_at_a_time():
        server.start()
        try:
            port = server.get_host_and_port()[1]
            _post(port, "/moto-api/reset", {})
            yield f"http://127.0.0.1:{port}"
        finally:
            server.stop()


@contextmanager
def _one_request_at_a_time() -> Iterator[None]:
    """Let moto's DynamoDB answer one request after the other.

    A transaction there copies its tables and, where it is cancelled, puts them back as they were, with whatever others
    have written meanwhile lost.
    """
    from moto.dynamodb.responses import DynamoHandler  # noqa: PLC0415 - as above

    call_action, lock = DynamoHandler.call_action, Lock()

    def call_alone(self: DynamoHandler) -> Any:
        with lock:
            return call_action(self)

    DynamoHandler.call_action = call_alone  # type: ignore[method-assign]
    try:
        yield
    finally:
        DynamoHandler.call_action = call_action  # type: ignore[method-assign]


@contextmanager
def dynamodb_local(data_dir: Path | None = None) -> Iterator[str]:
    """Run DynamoDB Local in a process of its own, on a free loopback port.

    It ends with the block, and also when this process dies without leaving the block. All regions and access keys
    share one set of tables.

    Args:
        data_dir: Directory for the database file, made if it is missing. Without it everything is held in memory.

    Yields:
        The endpoint URL.

    Raises:
        EngineNotInstalledError: The engine has not been fetched, or there is no Java.
        EngineStartError: It did not answer within 60 seconds.
    """
    command = _command(data_dir)
    with tempfile.TemporaryFile() as log:
        process = subprocess.Popen(  # noqa: S603 - our own class, from our own cache
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=log
        )
        with process:
            try:
                yield f"http://127.0.0.1:{_wait_for_port(process, log)}"
            finally:
                _stop(process)


def _command(data_dir: Path | None) -> list[str]:
    engine = find_engine()
    if engine is None:
        raise EngineNotInstalledError(
            f"DynamoDB Local {ENGINE_VERSION} is not in {engine_directory()}: "
            "fetch it with `make engine` in a checkout of vishmaker-dynamodb"
        )
    java = find_java()
    if java is None:
        raise EngineNotInstalledError("DynamoDB Local needs Java 17 or newer: install a JDK, or set JAVA_HOME to one")
    class_path = os.pathsep.join([str(engine / "classes"), str(engine / "lib" / "*")])
    command = [java, *_JVM_OPTIONS, "-cp", class_path, "LoopbackServer"]
    if data_dir is not None:
        data_dir.mkdir(parents=True, exist_ok=True)
        command.append(str(data_dir))
    return command


def _wait_for_port(process: subprocess.Popen[bytes], log: IO[bytes]) -> int:
    """Read the port the engine chose and see that it answers: its database is opened by the first request."""
    assert process.stdout is not None  # noqa: S101 - it was asked for
    # Killing the process ends its output, and with that the wait.
    timer = Timer(_START_SECONDS, process.kill)
    timer.start()
    try:
        line = process.stdout.readline()
        status = _post(int(line), "/", _LIST_TABLES) if line else None
    except (OSError, http.client.HTTPException, ValueError):
        status = None
    finally:
        timer.cancel()
    if status != http.HTTPStatus.OK:
        _stop(process)
        log.seek(0)
        printed = log.read().decode(errors="replace").strip()
        raise EngineStartError(
            f"DynamoDB Local did not answer (exit code {process.returncode}); it printed:\n{printed}"
        )
    return int(line)


_LIST_TABLES = {
    "Content-Type": "application/x-amz-json-1.0",
    "X-Amz-Target": "DynamoDB_20120810.ListTables",
    # The engine wants to see a signature but does not check it.
    "Authorization": "AWS4-HMAC-SHA256 Credential=engine/20200101/us-east-1/dynamodb/aws4_request, "
    "SignedHeaders=host, Signature=0",
}


def _post(port: int, path: str, headers: dict[str, str]) -> int:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=_START_SECONDS)
    try:
        connection.request("POST", path, b"{}", headers)
        return connection.getresponse().status
    finally:
        connection.close()


def _stop(process: subprocess.Popen[bytes]) -> None:
    assert process.stdin is not None  # noqa: S101 - it was asked for
    process.stdin.close()
    try:
        process.wait(_STOP_SECONDS)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
