"""Serves the live page to the browser of this computer, and to nobody else.

It listens on 127.0.0.1. Any page that a browser shows may try to send requests there, so the
address holds a random token, which others do not know, and requests must name this host and
come from no other page: names of others may be made to lead here (DNS rebinding). Sizes, times
and the number of connections are bounded. Nothing is logged.
"""

from __future__ import annotations

import io
import re
import secrets
import socketserver
import sys
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler
from typing import TYPE_CHECKING, Any, NoReturn

if TYPE_CHECKING:
    from socket import socket

    from bpe_tool.texts import Special

HOST = "127.0.0.1"

#: The size of the largest text, in bytes.
MOST_BYTES = 1024 * 1024

#: How much of what is too large is read, so that its sender sees the answer, in bytes.
MOST_UNREAD = 16 * MOST_BYTES

#: The time for sending a request, and for taking an answer, in seconds.
PATIENCE = 10.0

#: How many connections there are at most at the same time.
CONNECTIONS = 32

#: Makes the answer about a text.
Answer = Callable[[bytes, "Special"], bytes]

#: What the page may do, besides what it says itself: nothing may frame it, guess its type,
#: keep it, or learn its address from a link.
HEADERS = {
    "Cache-Control": "no-store",
    "Content-Security-Policy": "frame-ancestors 'none'",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
}


class LiveServer(socketserver.ThreadingTCPServer):
    """Answers requests with a page, and texts that are sent with what `answer` makes of them.

    Args:
        page: The page.
        answer: Makes the answer about a text. It runs once at a time, on any thread.
        port: The port; 0 for one that is free.

    Raises:
        OSError: The port cannot be opened.
    """

    daemon_threads = True
    # Elsewhere, this would let another program take the port over.
    allow_reuse_address = sys.platform != "win32"
    request_queue_size = CONNECTIONS

    def __init__(self, page: bytes, answer: Answer, port: int = 0) -> None:
        self.page = page
        self.token = secrets.token_urlsafe(24)
        self._answer = answer
        self._one = threading.Lock()
        self._free = threading.BoundedSemaphore(CONNECTIONS)
        super().__init__((HOST, port), _Handler)
        self.port = int(self.server_address[1])

    @property
    def url(self) -> str:
        """The address of the page."""
        return f"http://{HOST}:{self.port}/{self.token}/"

    def answer(self, text: bytes, special: Special) -> bytes:
        """Return the answer about a text."""
        with self._one:
            return self._answer(text, special)

    def process_request(self, request: Any, client_address: Any) -> None:  # noqa: ANN401 - as there
        """Answer on a thread of its own, or hang up if there are too many connections."""
        if not self._free.acquire(blocking=False):
            self.shutdown_request(request)
            return
        try:
            super().process_request(request, client_address)
        except BaseException:
            # The system refuses to start a thread.
            self._free.release()
            raise

    def process_request_thread(self, request: Any, client_address: Any) -> None:  # noqa: ANN401
        """Answer one connection."""
        try:
            super().process_request_thread(request, client_address)
        finally:
            self._free.release()

    def handle_error(self, request: Any, client_address: Any) -> None:  # noqa: ANN401
        """Say nothing: a client that hangs up is no error."""


class _Incoming(io.RawIOBase):
    """What a client sends, until its time is up."""

    def __init__(self, connection: socket) -> None:
        self._connection = connection
        self._end = time.monotonic() + PATIENCE

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:  # noqa: ANN401
        left = self._end - time.monotonic()
        if left <= 0:
            raise TimeoutError
        self._connection.settimeout(left)
        return self._connection.recv_into(buffer)


class _Refused(Exception):
    """A request that gets no other answer than its status."""


class _Handler(BaseHTTPRequestHandler):
    """One connection, which is one request."""

    server: LiveServer

    def version_string(self) -> str:
        return "bpe_tool"

    def setup(self) -> None:
        super().setup()
        self.rfile.close()
        self.rfile = io.BufferedReader(_Incoming(self.connection))

    def handle(self) -> None:
        # The client hung up, or is too slow.
        with suppress(OSError):
            super().handle()

    def do_GET(self) -> None:
        self._respond(self._get)

    def do_POST(self) -> None:
        self._respond(self._post)

    def _get(self) -> None:
        path, _ = self._place()
        if path != "":
            _refuse(HTTPStatus.NOT_FOUND)
        self._send(HTTPStatus.OK, "text/html; charset=utf-8", self.server.page)

    def _post(self) -> None:
        path, query = self._place()
        if path != "tokens":
            _refuse(HTTPStatus.NOT_FOUND)
        if query not in ("special=text", "special=token"):
            _refuse(HTTPStatus.BAD_REQUEST)
        special: Special = "text" if query == "special=text" else "token"
        text = self._body()
        try:
            answer = self.server.answer(text, special)
        except Exception:
            _refuse(HTTPStatus.INTERNAL_SERVER_ERROR)
        self._send(HTTPStatus.OK, "application/json", answer)

    def _respond(self, respond: Callable[[], None]) -> None:
        try:
            respond()
        except _Refused as refused:
            self.send_error(refused.args[0])

    def _place(self) -> tuple[str, str]:
        """Return the path below the token, and the query, of a request from this page."""
        hosts = self.headers.get_all("Host", [])
        origins = self.headers.get_all("Origin", [])
        allowed = (f"{HOST}:{self.server.port}", f"localhost:{self.server.port}")
        if len(hosts) != 1 or hosts[0].lower() not in allowed:
            _refuse(HTTPStatus.FORBIDDEN)
        if any(origin.lower() != f"http://{hosts[0].lower()}" for origin in origins):
            _refuse(HTTPStatus.FORBIDDEN)
        path, _, query = self.path.partition("?")
        empty, token, rest = path.split("/", 2) if path.count("/") > 1 else ("", "", "")
        known = secrets.compare_digest(token.encode(), self.server.token.encode())
        if empty or not known:
            _refuse(HTTPStatus.FORBIDDEN)
        return rest, query

    def _body(self) -> bytes:
        """Return the text that was sent."""
        lengths = self.headers.get_all("Content-Length", [])
        if not lengths or "Transfer-Encoding" in self.headers:
            _refuse(HTTPStatus.LENGTH_REQUIRED)
        if len(lengths) > 1 or not re.fullmatch("[0-9]{1,18}", lengths[0]):
            _refuse(HTTPStatus.BAD_REQUEST)
        length = int(lengths[0])
        if length > MOST_BYTES:
            self._skip(min(length, MOST_UNREAD))
            _refuse(HTTPStatus.REQUEST_ENTITY_TOO_LARGE)
        body = self.rfile.read(length)
        if len(body) < length:
            _refuse(HTTPStatus.BAD_REQUEST)
        return body

    def _skip(self, count: int) -> None:
        with suppress(OSError):
            while count > 0 and (piece := self.rfile.read(min(count, 1 << 16))):
                count -= len(piece)

    def send_error(self, code: int, message: str | None = None, explain: str | None = None) -> None:
        """Answer with a status and its name: nothing of the request comes back."""
        status = HTTPStatus(code)
        self._send(status, "text/plain; charset=utf-8", f"{code} {status.phrase}\n".encode())

    def _send(self, status: HTTPStatus, kind: str, content: bytes) -> None:
        self.connection.settimeout(PATIENCE)
        self.send_response(status)
        for name, value in {**HEADERS, "Content-Type": kind}.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, format: str, *args: object) -> None:
        """Log nothing: what is typed is nobody's business."""


def _refuse(status: HTTPStatus) -> NoReturn:
    raise _Refused(status)
