"""A record that is whole, to be changed by one field at a time, and a bucket's server on loopback."""

import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from email.utils import format_datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qsl, unquote, urlsplit

import pytest

from trainyard.facts.origin import Origin
from trainyard.lease import Record, Terms, Workload

START = datetime(2026, 11, 24, 2, 0, tzinfo=UTC)


@pytest.fixture
def record() -> Record:
    return Record(
        id="dev-lab-0a1b2c3d",
        origin=Origin.CLOUD,
        project="acme",
        stack="dev-lab",
        environment="dev",
        backend="gs://acme-state",
        holder="h1",
        scopes=("gcp:acme-ml-dev",),
        terms=Terms(
            start=START,
            ttl=timedelta(hours=12),
            extend_to=timedelta(hours=24),
            hard_end=START + timedelta(hours=24),
            cap_usd=Decimal("1600.50"),
            at_limit="stop",
            grace=timedelta(hours=24),
            owner="ml-platform",
            cost_center="ml-research",
            workloads={
                "lab": Workload(
                    kind="gpu-vm",
                    nodes=1,
                    cloud="gcp",
                    scope="gcp:acme-ml-dev",
                    place="europe-west4-a",
                    machine_type="g2-standard-8",
                    capacity="on-demand",
                    usd_hour=Decimal("0.94"),
                )
            },
        ),
    )


class BucketServer(ThreadingHTTPServer):
    """One bucket as S3's and Cloud Storage's XML API, and as a container of Blob storage, as far as records need it."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), BucketHandler)
        self.objects: dict[str, tuple[bytes, int]] = {}
        self.lock = threading.Lock()
        self.count = 0
        self.clock_off = timedelta()
        self.lose_answers = 0
        self.refuse: int | None = None
        threading.Thread(target=self.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}"


class BucketHandler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: BucketServer

    def log_message(self, *_: object) -> None:
        return

    def do_GET(self) -> None:
        parts, query = self._where()
        if self.server.refuse:
            return self._answer(self.server.refuse, b"<Error><Code>Refused</Code></Error>")
        if parts[0] == "missing":
            return self._answer(404, b"<Error><Code>NoSuchBucket</Code></Error>")
        if "list-type" in query or query.get("comp") == "list":
            return self._answer(200, self._listing(query, azure=query.get("comp") == "list"))
        with self.server.lock:
            found = self.server.objects.get("/".join(parts[1:]))
        if found is None:
            return self._answer(404, b"<Error><Code>NoSuchKey</Code></Error>")
        return self._answer(200, found[0], self._marks(found[1]))

    def do_PUT(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        parts, _ = self._where()
        if self.server.refuse:
            return self._answer(self.server.refuse, b"<Error><Code>Refused</Code></Error>")
        if parts[0] == "missing":
            return self._answer(404, b"<Error><Code>NoSuchBucket</Code></Error>")
        with self.server.lock:
            key = "/".join(parts[1:])
            version = self.server.objects.get(key, (b"", 0))[1]
            wanted = self.headers.get("x-goog-if-generation-match") or (self.headers.get("If-Match") or "").strip('"')
            if (self.headers.get("If-None-Match") == "*" and version) or (wanted and wanted != str(version)):
                return self._answer(412, b"<Error><Code>ConditionNotMet</Code></Error>")
            self.server.count += 1
            self.server.objects[key] = (body, self.server.count)
            marks = self._marks(self.server.count)
            if self.server.lose_answers:
                self.server.lose_answers -= 1
                return self._answer(503, b"lost")
        return self._answer(201, b"", marks)

    def do_DELETE(self) -> None:
        parts, _ = self._where()
        with self.server.lock:
            self.server.objects.pop("/".join(parts[1:]), None)
        self._answer(204, b"")

    def do_POST(self) -> None:
        """Blob storage's batch, in which obstore deletes even one object."""
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0)).decode()
        path = unquote(body.partition("DELETE ")[2].split()[0])
        with self.server.lock:
            self.server.objects.pop(path.partition("/leases/")[2], None)
        part = (
            "--b\r\nContent-Type: application/http\r\nContent-ID: 0\r\n\r\nHTTP/1.1 202 Accepted\r\n\r\n\r\n--b--\r\n"
        )
        self._answer(202, part.encode(), {"Content-Type": "multipart/mixed; boundary=b"})

    def _where(self) -> tuple[list[str], dict[str, str]]:
        url = urlsplit(self.path)
        parts = [part for part in unquote(url.path).split("/") if part]
        return parts[1:] if parts and parts[0] == "account" else parts, dict(
            parse_qsl(url.query, keep_blank_values=True)
        )

    def _marks(self, version: int) -> dict[str, str]:
        when = format_datetime(datetime.now(UTC) + self.server.clock_off, usegmt=True)
        return {"ETag": f'"{version}"', "x-goog-generation": str(version), "Last-Modified": when}

    def _listing(self, query: dict[str, str], *, azure: bool) -> bytes:
        prefix = query.get("prefix", "")
        if not query.get("delimiter"):
            return self._objects(prefix, azure=azure)
        with self.server.lock:
            rests = [key[len(prefix) :] for key in self.server.objects if key.startswith(prefix)]
        folders = sorted({f"{prefix}{rest.split('/')[0]}/" for rest in rests if "/" in rest})
        if azure:
            blobs = "".join(f"<BlobPrefix><Name>{folder}</Name></BlobPrefix>" for folder in folders)
            return f"<EnumerationResults><Blobs>{blobs}</Blobs><NextMarker/></EnumerationResults>".encode()
        common = "".join(f"<CommonPrefixes><Prefix>{folder}</Prefix></CommonPrefixes>" for folder in folders)
        return f"<ListBucketResult><IsTruncated>false</IsTruncated>{common}</ListBucketResult>".encode()

    def _objects(self, prefix: str, *, azure: bool) -> bytes:
        with self.server.lock:
            found = {key: len(body) for key, (body, _) in self.server.objects.items() if key.startswith(prefix)}
        if azure:
            when = format_datetime(datetime.now(UTC), usegmt=True)
            blobs = "".join(
                f"<Blob><Name>{key}</Name><Properties><Last-Modified>{when}</Last-Modified><Etag>1</Etag>"
                f"<Content-Length>{size}</Content-Length><Content-Type>a/b</Content-Type></Properties></Blob>"
                for key, size in found.items()
            )
            return f"<EnumerationResults><Blobs>{blobs}</Blobs><NextMarker/></EnumerationResults>".encode()
        when = f"{datetime.now(UTC):%Y-%m-%dT%H:%M:%S.000Z}"
        contents = "".join(
            f"<Contents><Key>{key}</Key><LastModified>{when}</LastModified><ETag>1</ETag><Size>{size}</Size></Contents>"
            for key, size in found.items()
        )
        return f"<ListBucketResult><IsTruncated>false</IsTruncated>{contents}</ListBucketResult>".encode()

    def _answer(self, code: int, body: bytes, headers: dict[str, str] | None = None) -> None:
        self.send_response(code)
        for key, value in {"Content-Length": str(len(body)), **(headers or {})}.items():
            self.send_header(key, value)
        self.end_headers()
        self.wfile.write(body)


@pytest.fixture
def bucket_server() -> Iterator[BucketServer]:
    server = BucketServer()
    yield server
    server.shutdown()
    server.server_close()
