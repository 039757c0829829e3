"""The HTTP side of the fault proxy: connections that are kept alive, and broken when told to."""

import select
import socket
import struct
import sys
import threading
from collections.abc import Callable, Mapping
from contextlib import suppress
from http.server import BaseHTTPRequestHandler
from socketserver import TCPServer, ThreadingMixIn
from typing import Any

from support.wire import CHECKSUM_HEADER, CONTENT_TYPE, Answer, Dropped, crc32, error, request_id

_PIECES = 10
_LINGER = struct.Struct("ii")


class Server(ThreadingMixIn, TCPServer):
    """Listens on a free loopback port, one thread for each connection.

    Args:
        answer: Gives the answer to a request's headers (names in lower case) and body.
        failed: Told of what went wrong in the proxy itself.
        closing: Set when the proxy ends.
    """

    # The end of the server waits for its threads: none of them may outlive a test.
    daemon_threads = False
    request_queue_size = 128

    def __init__(
        self,
        answer: Callable[[Mapping[str, str], bytes], Answer | Dropped],
        failed: Callable[[Exception], None],
        closing: threading.Event,
    ) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.answer = answer
        self.failed = failed
        self.closing = closing
        self._open: set[socket.socket] = set()
        self._lock = threading.Lock()

    @property
    def port(self) -> int:
        """The port it listens on."""
        port: int = self.server_address[1]
        return port

    def stop(self) -> None:
        """Cut all connections and wait for their threads."""
        self.shutdown()
        with self._lock:
            for connection in self._open:
                with suppress(OSError):  # the client has reset it
                    connection.shutdown(socket.SHUT_RDWR)
        self.server_close()

    def is_deserted(self) -> bool:
        """Whether nobody is connected, or waits to be: what was sent is answered, or will never be."""
        with self._lock:
            waiting, _, _ = select.select([self.socket], [], [], 0)
            return not waiting and not self._open

    def get_request(self) -> tuple[socket.socket, Any]:
        # A connection is seen at every moment: it waits in the listening socket, or it is open.
        with self._lock:
            connection, address = super().get_request()
            self._open.add(connection)
        return connection, address

    def shutdown_request(self, request: Any) -> None:
        with self._lock:
            self._open.discard(request)
        if _resets(request):
            # The orderly goodbye of the base class would come before the reset.
            self.close_request(request)
        else:
            super().shutdown_request(request)

    def handle_error(self, request: Any, client_address: Any) -> None:
        raised = sys.exc_info()[1]
        # A client may leave at any time.
        if isinstance(raised, Exception) and not isinstance(raised, ConnectionError):
            self.failed(raised)


def _resets(connection: socket.socket) -> bool:
    linger = connection.getsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _LINGER.size)
    return _LINGER.unpack(linger) == (1, 0)


class _Handler(BaseHTTPRequestHandler):
    """One connection of a client."""

    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    # Head and body leave in one piece.
    wbufsize = -1
    server: Server

    def do_POST(self) -> None:
        length = int(self.headers.get("Content-Length", -1))
        body = self.rfile.read(max(length, 0))
        if len(body) != length:
            # The client is gone: its process was killed between the head of a request and the end of its body.
            self.close_connection = True
            return
        headers = {name.lower(): value for name, value in self.headers.items()}
        try:
            answer = self.server.answer(headers, body)
        except Exception as failure:  # noqa: BLE001 - whatever a fault raises has to reach the test
            self.server.failed(failure)
            answer = error("FaultProxyFailed", repr(failure), status=502)
        if isinstance(answer, Dropped):
            self._hang_up(reset=answer.reset)
        else:
            self._send(answer)

    def _send(self, answer: Answer) -> None:
        self.send_response(answer.status)
        for name, value in _headers_of(answer).items():
            self.send_header(name, value)
        self.end_headers()
        if answer.sent is not None:
            self.wfile.write(answer.body[: answer.sent])
            self.wfile.flush()
            self._hang_up(reset=True)
        elif answer.seconds:
            size = -(-len(answer.body) // _PIECES)
            for start in range(0, len(answer.body), size):
                self.wfile.write(answer.body[start : start + size])
                self.wfile.flush()
                self.server.closing.wait(answer.seconds / _PIECES)
        else:
            self.wfile.write(answer.body)

    def _hang_up(self, *, reset: bool) -> None:
        self.close_connection = True
        if reset:
            # Closing a socket whose linger time is zero sends a reset.
            self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _LINGER.pack(1, 0))

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - the base class names it
        """Say nothing."""


def _headers_of(answer: Answer) -> dict[str, str]:
    headers = {
        "x-amzn-RequestId": request_id(),
        "Content-Type": CONTENT_TYPE,
        "Content-Length": str(len(answer.body)),
        **answer.headers,
    }
    if answer.checksum != "absent":
        headers[CHECKSUM_HEADER] = str(crc32(answer.body) if answer.checksum is None else answer.checksum)
    return headers
