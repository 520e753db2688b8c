"""The metadata server and other addresses of Google on one loopback port, for scripts that ask them."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread

TOKEN_PATH = "/computeMetadata/v1/instance/service-accounts/default/token"


@dataclass(kw_only=True)
class Metadata:
    """What is answered by path; everything else is 404."""

    port: int
    answers: dict[str, str] = field(default_factory=dict)
    authorizations: dict[str, str] = field(default_factory=dict)
    bodies: dict[str, str] = field(default_factory=dict)

    @property
    def root(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def url(self) -> str:
        return f"{self.root}/computeMetadata/v1"


@contextmanager
def serve_metadata() -> Iterator[Metadata]:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            path = self.path.partition("?")[0]
            length = int(self.headers.get("Content-Length") or 0)
            made.bodies[path] = self.rfile.read(length).decode()
            made.authorizations[path] = self.headers.get("Authorization") or ""
            body = made.answers.get(path)
            if "/computeMetadata/" in path and self.headers.get("Metadata-Flavor") != "Google":
                body = None
            self.send_response(404 if body is None else 200)
            self.send_header("ETag", "42")
            self.end_headers()
            self.wfile.write((body or "not found").encode())

        def do_POST(self) -> None:
            self.do_GET()

        def log_message(self, *_: object) -> None:
            return

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    made = Metadata(port=server.server_port)
    made.answers[TOKEN_PATH] = '{"access_token": "ya29.token-of-the-machine", "expires_in": 3599}'
    thread = Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield made
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
