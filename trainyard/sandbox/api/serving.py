"""What the servers of all clouds share: loopback, bodies of a known length, the simulated `Date`, lost answers."""

from __future__ import annotations

import hmac
import logging
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from email.utils import format_datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, Protocol
from urllib.parse import unquote, urlsplit

from trainyard.sandbox import clock
from trainyard.sandbox.api.call import Scene
from trainyard.sandbox.api.seen import Seen
from trainyard.sandbox.folder import SandboxError
from trainyard.sandbox.store import Store

log = logging.getLogger("trainyard.sandbox.api")
LOOPBACK = "127.0.0.1"
_LARGEST_BODY = 32 * 1024 * 1024


class LostResponse(Exception):  # noqa: N818  what happens, not a mistake
    """The call was done, its answer is dropped."""


@dataclass(frozen=True, kw_only=True)
class Request:
    method: str
    target: str  # path and query as they were sent
    headers: Mapping[str, str]  # any spelling of a header's name finds it
    body: bytes

    @property
    def path(self) -> str:
        return unquote(urlsplit(self.target).path)

    @property
    def query(self) -> str:
        return urlsplit(self.target).query


@dataclass(frozen=True, kw_only=True)
class Reply:
    code: int
    content: bytes
    type: str  # of the content
    headers: Mapping[str, str] = field(default_factory=dict)


class Cloud(Protocol):
    """One cloud's API: it answers requests and says in its own shape what is wrong."""

    name: str  # "gcp"; also the server's thread
    scene: Scene

    def reply(self, request: Request) -> Reply:
        """The answer, refusals too; LostResponse when it is to be dropped."""

    def refusal(self, code: int, text: str) -> Reply:
        """What was wrong before the request could be read (411, 413), or broke here (500)."""


@dataclass(frozen=True, kw_only=True)
class Served:
    url: str
    thread: threading.Thread

    def alive(self) -> bool:
        """False when the server's thread has died."""
        return self.thread.is_alive()


def bearer(request: Request) -> str:
    """The token of a request's Authorization header; "" where it has none."""
    kind, _, token = request.headers.get("Authorization", "").partition(" ")
    return token if kind.lower() == "bearer" else ""


def same(token: str, given: str) -> bool:
    """Whether a caller's token is the one given out, in a time that tells nothing of where they differ."""
    return hmac.compare_digest(token.strip().encode(), given.encode())


@contextmanager
def serve_cloud(
    kind: Callable[[Scene, str], Cloud], store: Store, path: Path, *, token: str, port: int = 0
) -> Iterator[Served]:
    """Serve the store, whose file is `path`, on loopback until the block ends; SandboxError when the port is taken."""
    cloud = kind(Scene(store=store, seen=Seen(store, path)), token)
    try:
        server = _Server((LOOPBACK, port), cloud)
    except OSError as error:
        message = f"port {port} of {LOOPBACK} cannot be used ({error.strerror}); leave --port out, or give a free one"
        raise SandboxError(message) from error
    arguments = {"poll_interval": 0.1}
    thread = threading.Thread(target=server.serve_forever, kwargs=arguments, name=f"api {cloud.name}", daemon=True)
    thread.start()
    try:
        yield Served(url=f"http://{LOOPBACK}:{server.server_port}", thread=thread)
    finally:
        server.shutdown()
        server.server_close()
        cloud.scene.seen.close()


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    block_on_close = False  # a client's open keep-alive connection must not hold up the end
    request_queue_size = 128

    def __init__(self, address: tuple[str, int], cloud: Cloud) -> None:
        self.cloud = cloud
        super().__init__(address, _Handler)


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server_version = "trainyard-sandbox"
    sys_version = ""
    disable_nagle_algorithm = True
    wbufsize = -1
    server: _Server

    def do_GET(self) -> None:
        self._answer()

    def do_HEAD(self) -> None:
        self._answer()

    def do_POST(self) -> None:
        self._answer()

    def do_DELETE(self) -> None:
        self._answer()

    def do_PATCH(self) -> None:
        self._answer()

    def do_PUT(self) -> None:
        self._answer()

    def date_time_string(self, timestamp: float | None = None) -> str:
        """The `Date` header: the simulated clock's."""
        return format_datetime(clock.now(self.server.cloud.scene.store), usegmt=True)

    def log_message(self, format: str, *args: Any) -> None:
        log.debug(format, *args)

    def _answer(self) -> None:
        try:
            reply = self._reply()
        except LostResponse:
            self.close_connection = True
            return
        except Exception:
            log.exception("%s %s broke", self.command, self.path)
            reply = self.server.cloud.refusal(500, "the sandbox broke here; its log says where")
        self.send_response(reply.code)
        for name, value in reply.headers.items():
            self.send_header(name, value)
        if reply.type:
            self.send_header("Content-Type", reply.type)
        self.send_header("Content-Length", str(len(reply.content)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(reply.content)

    def _reply(self) -> Reply:
        cloud = self.server.cloud
        # The body is read in any case, else the next call on this connection begins inside it.
        given = self.headers.get("Content-Length") or "0"
        if "Transfer-Encoding" in self.headers or not given.isdecimal():
            self.close_connection = True
            return cloud.refusal(411, "A request must say the length of its body")
        if int(given) > _LARGEST_BODY:
            self.close_connection = True
            return cloud.refusal(413, "Request Entity Too Large")
        body = self.rfile.read(int(given)) if int(given) else b""
        headers = _Headers((name.lower(), value) for name, value in self.headers.items())
        return cloud.reply(Request(method=self.command, target=self.path, headers=headers, body=body))


class _Headers(dict[str, str]):
    """Headers by their names in lower case, found in any."""

    def __getitem__(self, name: str) -> str:
        return super().__getitem__(name.lower())

    def __contains__(self, name: object) -> bool:
        return super().__contains__(str(name).lower())

    def get(self, name: str, default: Any = None) -> Any:
        return super().get(name.lower(), default)
