"""One contender in a process of its own: does the work it is told to and says what that took.

It reads commands as JSON, one a line, from the standard input, and answers each with one line of JSON.
"""

import gc
import importlib
import json
import os
import sys
import time
from pathlib import Path
from typing import Any

from bench import checks
from bench.contenders import CONTENDERS
from bench.contenders.base import Contender
from bench.works import WORKS

_STATUS = Path("/proc/self/status")
_CLEAR = Path("/proc/self/clear_refs")


def measure(contender: Contender, work: str) -> dict[str, float]:
    """Do a piece of work as often as it says; return seconds (CPU of all threads, and wall) for once.

    What the work returns is freed inside the measured part: a client that makes many objects pays for that too.
    """
    do = WORKS[work].make(contender)
    repeat = WORKS[work].repeat
    gc.collect()
    wall, cpu = time.perf_counter(), time.process_time()
    for _ in range(repeat):
        do()
    cpu, wall = time.process_time() - cpu, time.perf_counter() - wall
    return {"cpu": cpu / repeat, "wall": wall / repeat}


def peak(contender: Contender, work: str) -> dict[str, float]:
    """Do a piece of work once, keeping its result; return by how many bytes memory rose at most.

    Linux keeps the highest resident size of a process and can reset it. `ru_maxrss` cannot be reset, and a new
    process inherits it from its parent across exec, so that it is only the fallback.
    """
    do = WORKS[work].make(contender)
    gc.collect()
    try:
        _CLEAR.write_text("5")
        before = _resident("VmRSS")
        kept = do()
        after = _resident("VmHWM")
    except OSError:
        before = _max_resident()
        kept = do()
        after = _max_resident()
    del kept
    return {"bytes": after - before}


def _resident(field: str) -> int:
    for line in _STATUS.read_text().splitlines():
        if line.startswith(field + ":"):
            return int(line.split()[1]) * 1024
    raise OSError(f"{_STATUS} has no {field}")


def _max_resident() -> int:
    import resource  # noqa: PLC0415 - there is none on Windows

    used = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return used if sys.platform == "darwin" else used * 1024


def _prepare(contender: Contender, endpoint: str) -> dict[str, Any]:
    contender.prepare(endpoint)
    return {"versions": {"python": sys.version.split()[0], **contender.versions()}}


def main() -> None:
    # What a library prints must not get into the answers.
    answers = os.fdopen(os.dup(sys.stdout.fileno()), "w", buffering=1)
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())
    contender: Contender = importlib.import_module(f"bench.contenders.{CONTENDERS[sys.argv[1]].module}").CONTENDER
    for line in sys.stdin:
        command = json.loads(line)
        match command["do"]:
            case "prepare":
                answer = _prepare(contender, command["endpoint"])
            case "check":
                answer = checks.check(contender, command["work"])
            case "measure":
                answer = measure(contender, command["work"])
            case "peak":
                answer = peak(contender, command["work"])
            case other:
                raise ValueError(f"{other} is no command")
        answers.write(json.dumps(answer) + "\n")
    contender.close()


if __name__ == "__main__":
    main()
