"""moto's server for all of AWS in a process of its own: run as a script it prints its URL, and ends with its input.

moto keeps one state for a whole process and empties it whenever a test enters `mock_aws`; what Terraform has made must
outlive that.
"""

import logging
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager

from moto.server import ThreadedMotoServer


@contextmanager
def aws_server() -> Iterator[str]:
    """Run the server on a free loopback port; its URL."""
    # -P: this folder's modules are not to be taken for installed ones of the same name.
    command = [sys.executable, "-P", __file__]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:  # noqa: S603 - this file
        assert process.stdin is not None
        assert process.stdout is not None
        url = process.stdout.readline().strip()
        assert url, "moto's server did not start"
        try:
            yield url
        finally:
            process.stdin.close()
            process.wait(timeout=30)


def _serve() -> None:
    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    sys.stdout.write(f"http://{host}:{port}\n")
    sys.stdout.flush()
    sys.stdin.read()
    server.stop()


if __name__ == "__main__":
    _serve()
