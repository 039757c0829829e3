"""Something done in a forked process, with its answer."""

import os
import select
import signal
import warnings
from collections.abc import Callable

_SECONDS = 20


def run_in_fork(work: Callable[[], bool]) -> bool:
    """Run this in a forked process and say whether it returned something true in time.

    It must not touch the test's own state: the child leaves without cleaning up.
    """
    reader, writer = os.pipe()
    with warnings.catch_warnings():
        # From Python 3.12 on a fork beside threads is warned of; that it works is what is tested.
        warnings.simplefilter("ignore", DeprecationWarning)
        pid = os.fork()
    if pid == 0:
        answer = b"0"
        try:
            answer = b"1" if work() else b"0"
        finally:
            os.write(writer, answer)
            os._exit(0)
    os.close(writer)
    try:
        ready, _, _ = select.select([reader], [], [], _SECONDS)
        return bool(ready) and os.read(reader, 1) == b"1"
    finally:
        os.close(reader)
        os.kill(pid, signal.SIGKILL)
        os.waitpid(pid, 0)
