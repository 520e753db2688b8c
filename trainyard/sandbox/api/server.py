"""The HTTP server of the API side: bearer token, simulated `Date`, faults, and one table of calls."""

from __future__ import annotations

import hmac
import json
import logging
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from email.utils import format_datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

from trainyard.sandbox import clock, faults
from trainyard.sandbox.api import control, google_error
from trainyard.sandbox.api.call import Call, Route, Scene, find
from trainyard.sandbox.api.compute import calls
from trainyard.sandbox.api.google_error import GoogleError
from trainyard.sandbox.api.seen import Seen
from trainyard.sandbox.folder import SandboxError
from trainyard.sandbox.store import Store

log = logging.getLogger("trainyard.sandbox.api")
_LARGEST_BODY = 32 * 1024 * 1024
_LOOPBACK = "127.0.0.1"


class LostResponse(Exception):  # noqa: N818  what happens, not a mistake
    """The call was done, its answer is dropped."""


@dataclass(frozen=True, kw_only=True)
class Served:
    url: str
    thread: threading.Thread

    def alive(self) -> bool:
        """False when the server's thread has died."""
        return self.thread.is_alive()


@contextmanager
def serve(store: Store, path: Path, *, token: str, port: int = 0) -> Iterator[Served]:
    """Serve the store, whose file is `path`, on loopback until the block ends; SandboxError when the port is taken."""
    scene = Scene(store=store, seen=Seen(store, path))
    try:
        server = Server((_LOOPBACK, port), scene, token)
    except OSError as error:
        message = f"port {port} of {_LOOPBACK} cannot be used ({error.strerror}); leave --port out, or give a free one"
        raise SandboxError(message) from error
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.1}, name="api", daemon=True)
    thread.start()
    try:
        yield Served(url=f"http://{_LOOPBACK}:{server.server_port}", thread=thread)
    finally:
        server.shutdown()
        server.server_close()
        scene.seen.close()


class Server(ThreadingHTTPServer):
    daemon_threads = True
    block_on_close = False  # a client's open keep-alive connection must not hold up the end
    request_queue_size = 128

    def __init__(self, address: tuple[str, int], scene: Scene, token: str) -> None:
        self.token = token
        self.scene = scene
        super().__init__(address, Handler)


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server_version = "trainyard-sandbox"
    sys_version = ""
    disable_nagle_algorithm = True
    wbufsize = -1
    server: Server

    def do_GET(self) -> None:
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
        return format_datetime(clock.now(self.server.scene.store), usegmt=True)

    def log_message(self, format: str, *args: Any) -> None:
        log.debug(format, *args)

    def _answer(self) -> None:
        try:
            code, answer = 200, self._result()
        except GoogleError as error:
            code, answer = error.code, error.body()
        except LostResponse:
            self.close_connection = True
            return
        except Exception:
            log.exception("%s %s broke", self.command, self.path)
            code, answer = 500, GoogleError(500, "the sandbox broke here; its log says where").body()
        content = json.dumps(answer, separators=(",", ":")).encode()
        self.send_response(code)
        self.send_header("Content-Type", "application/json; charset=UTF-8")
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def _result(self) -> dict[str, Any]:
        body = self._body()  # read in any case, else the next call on this connection begins inside it
        url = urlsplit(self.path)
        path = unquote(url.path)
        if self.command == "GET" and path == "/":
            return control.who()
        self._check_token()
        found = find(ROUTES, self.command, path)
        if found is None:
            raise GoogleError(404, f"the sandbox does not serve {self.command} {path}", "notFound")
        route, places = found
        call = Call(
            scene=self.server.scene,
            id=route.id,
            path=path,
            places=places,
            query=dict(parse_qsl(url.query, keep_blank_values=True)),
            body=self._json(body),
        )
        return _with_fault(route, call)

    def _check_token(self) -> None:
        kind, _, token = self.headers.get("Authorization", "").partition(" ")
        if kind.lower() != "bearer" or not token:
            raise google_error.no_credentials()
        if not hmac.compare_digest(token.strip().encode(), self.server.token.encode()):
            raise google_error.bad_credentials()

    def _body(self) -> bytes:
        given = self.headers.get("Content-Length") or "0"
        if "Transfer-Encoding" in self.headers or not given.isdecimal():
            self.close_connection = True
            raise GoogleError(411, "A request must say the length of its body", "required")
        if int(given) > _LARGEST_BODY:
            self.close_connection = True
            raise GoogleError(413, "Request Entity Too Large", "uploadTooLarge")
        return self.rfile.read(int(given)) if int(given) else b""

    def _json(self, body: bytes) -> dict[str, Any]:
        try:
            value = json.loads(body) if body.strip() else {}
        except ValueError as error:
            raise GoogleError(400, f"Invalid JSON payload received. {error}", "parseError") from error
        if not isinstance(value, dict):
            raise GoogleError(400, "Invalid JSON payload received. An object was expected", "parseError")
        return value


def _with_fault(route: Route, call: Call) -> dict[str, Any]:
    store = call.scene.store
    fault = faults.take(store, route.id) if route.can_fail else None
    if fault is None:
        return route.answer(call)
    log.info("fault %s at %s", fault.kind, route.id)
    if fault.kind == "refuse":
        raise GoogleError(fault.code, fault.message or f"{route.id} was refused by the sandbox's faults file")
    if fault.kind == "expired-credentials":
        raise google_error.bad_credentials()
    if fault.kind == "hang":
        time.sleep(fault.seconds)
    elif fault.kind == "slow":
        control.pass_time(store, fault.seconds)
    elif fault.kind == "lag":
        return route.answer(call.as_of(store.now() - fault.seconds))
    answer = route.answer(call)
    if fault.kind == "lost-response":
        raise LostResponse
    return answer


ROUTES = (*control.ROUTES, *calls.ROUTES)
