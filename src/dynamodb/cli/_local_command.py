"""`local`: an engine on this machine with the tables in it."""

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from enum import StrEnum
from pathlib import Path
from types import FrameType
from typing import Annotated

import typer
from rich.text import Text

from dynamodb import TABLE_NAMES, _config
from dynamodb._environment import ENDPOINT, LAYOUT, SINGLE_TABLE, TABLES
from dynamodb._tables import create_all
from dynamodb.cli import _statuses as status
from dynamodb.cli._app import app
from dynamodb.cli._command import FailedError, command, connect
from dynamodb.cli._embedded import CREDENTIALS, REGION, loopback_only, moto
from dynamodb.cli._output import Output
from dynamodb.testing.engines import EngineNotInstalledError, EngineStartError, dynamodb_local


class Engine(StrEnum):
    """Which engine."""

    MOTO = "moto"
    DYNAMODB_LOCAL = "dynamodb-local"


@command(app, "local")
def local(
    out: Output,
    *,
    engine: Annotated[
        Engine, typer.Option(help="moto runs in this process, dynamodb-local is AWS's own and needs Java.")
    ] = Engine.MOTO,
    data: Annotated[
        Path | None,
        typer.Option(metavar="DIR", file_okay=False, help="Where dynamodb-local keeps the data; default: in memory."),
    ] = None,
) -> None:
    """Run an engine on loopback with the tables created, until Ctrl-C.

    It prints the two `export` lines that make this layer, and every AWS SDK, use it.
    """
    if data and engine is Engine.MOTO:
        raise FailedError("moto keeps everything in memory: --data needs --engine dynamodb-local")
    # The caller's layout and table names, not the caller's credentials or endpoints.
    chosen, names = _config.layout(), dict(TABLE_NAMES)
    with _terminable(), loopback_only(), _engine(engine, data) as endpoint:
        connect(endpoint=endpoint, region=REGION, table_names=names, layout=chosen)
        made = create_all()
        layout = {LAYOUT: chosen} if chosen != _config.SIX_TABLE else {}
        environment = {ENDPOINT[0]: endpoint, **CREDENTIALS, "AWS_REGION": REGION, **layout}
        out.result(
            {"endpoint": endpoint, "environment": environment, "tables": names, "created": [*filter(made.get, made)]},
            Text("\n".join(_exports(environment, names))),
        )
        out.flush()
        kept = f"kept in {data}" if data else "gone when it ends"
        out.note(f"{engine.value} is running with the tables; what is written is {kept}. Ctrl-C ends it.")
        try:
            threading.Event().wait()
        except KeyboardInterrupt:
            out.note("ended")


def _exports(environment: dict[str, str], names: dict[str, str]) -> list[str]:
    endpoint, *others = [f"{name}={value}" for name, value in environment.items()]
    lines = [f"export {endpoint}", f"export {' '.join(others)}"]
    default = {key: _config.prefixed(key, _config.DEFAULT_PREFIX) for key in names}
    if names != default:
        variables = {**TABLES, **SINGLE_TABLE}
        lines.append("export " + " ".join(f"{variables[key]}={name}" for key, name in names.items()))
    return lines


@contextmanager
def _engine(engine: Engine, data: Path | None) -> Iterator[str]:
    if engine is Engine.MOTO:
        with moto() as endpoint:
            yield endpoint
        return
    try:
        with dynamodb_local(data) as endpoint:
            yield endpoint
    except EngineNotInstalledError as error:
        raise FailedError(f"{error}. The default engine, moto, needs neither", code="not_installed") from error
    except EngineStartError as error:
        raise FailedError(str(error), code="engine", exit_status=status.NO) from error
    except OSError as error:
        raise FailedError(f"{data}: {error.strerror}", code="file", exit_status=status.NOT_FOUND) from error


@contextmanager
def _terminable() -> Iterator[None]:
    """Make SIGTERM end the engine as Ctrl-C does."""

    def stop(number: int, frame: FrameType | None) -> None:  # noqa: ARG001 - what a handler is given
        raise KeyboardInterrupt

    before = signal.signal(signal.SIGTERM, stop)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)
