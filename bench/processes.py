"""The processes of a run: the canned server and the contenders, all of them ended with the run."""

import json
import os
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import TracebackType
from typing import Any, Self
from urllib.request import ProxyHandler, build_opener

from bench import environments
from bench.contenders import CONTENDERS

_ROOT = environments.ROOT
# Reaching the loopback interface through a proxy that the environment names would measure the proxy.
_direct = build_opener(ProxyHandler({})).open


def environment(*, ours: bool) -> dict[str, str]:
    """Return the variables that a contender sees: made-up credentials, and nothing of the caller's AWS or Python."""
    keep = {key: value for key, value in os.environ.items() if key in {"PATH", "HOME", "TMPDIR", "LANG", "SYSTEMROOT"}}
    sources = [str(_ROOT / "src"), str(_ROOT)] if ours else [str(_ROOT)]
    return keep | {
        "AWS_ACCESS_KEY_ID": "bench",
        "AWS_SECRET_ACCESS_KEY": "bench",
        "AWS_DEFAULT_REGION": "us-east-1",
        "AWS_EC2_METADATA_DISABLED": "true",
        "AWS_CONFIG_FILE": os.devnull,
        "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
        "PYTHONHASHSEED": "0",
        "PYTHONPATH": os.pathsep.join(sources),
    }


class ContenderError(RuntimeError):
    """A contender's process ended; its own message is on the standard error."""


class Worker:
    """A contender's process."""

    def __init__(self, name: str) -> None:
        self.name = name
        self._process = subprocess.Popen(
            [environments.python(CONTENDERS[name].environment), "-m", "bench.worker", name],
            cwd=_ROOT,
            env=environment(ours=CONTENDERS[name].environment == "ours"),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    def ask(self, do: str, **arguments: str) -> dict[str, Any]:
        """Give one command and return its answer.

        Raises:
            ContenderError: if the process ended instead.
        """
        assert self._process.stdin
        assert self._process.stdout
        try:
            self._process.stdin.write(json.dumps({"do": do, **arguments}) + "\n")
            self._process.stdin.flush()
        except BrokenPipeError:
            line = ""
        else:
            line = self._process.stdout.readline()
        if not line:
            raise ContenderError(f"{self.name} ended at {do} {arguments}")
        answer: dict[str, Any] = json.loads(line)
        return answer

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._process.communicate()


@contextmanager
def canned_server() -> Iterator[str]:
    """Run the canned server; give its endpoint."""
    with subprocess.Popen(
        [sys.executable, "-m", "bench.server"], cwd=_ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdin
        assert process.stdout
        try:
            yield f"http://127.0.0.1:{json.loads(process.stdout.readline())['port']}"
        finally:
            process.stdin.close()


def counts(endpoint: str) -> Counter[str]:
    """Return and reset what the canned server was asked for."""
    with _direct(f"{endpoint}/counts") as response:
        return Counter(json.load(response))


def cold_start(program: Path, environment_name: str, *arguments: str) -> tuple[int, float]:
    """Run a program of `bench.cold` in a fresh process; return the rows it read and its CPU seconds until then."""
    process = subprocess.run(
        [environments.python(environment_name), program, *arguments],
        env=environment(ours=environment_name == "ours"),
        stdout=subprocess.PIPE,
        text=True,
        check=False,
    )
    if process.returncode:
        raise ContenderError(f"{program.name} ended with {process.returncode}")
    rows, seconds = process.stdout.split()
    return int(rows), float(seconds)
