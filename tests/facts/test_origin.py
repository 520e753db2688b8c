import json
from collections.abc import Iterator
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Event, Thread
from typing import Any

import pytest

from trainyard.facts.origin import (
    Origin,
    RehearsalError,
    Sandbox,
    now,
    origin_of,
    project_in,
    rehearsal,
    sandbox_from,
    store_in,
    wait,
)

NOON = "Tue, 24 Nov 2026 12:00:00 GMT"


class Handler(BaseHTTPRequestHandler):
    waits: object = {"waits": "instant"}
    asked: list[tuple[str, Any, str | None]]

    def date_time_string(self, timestamp: float | None = None) -> str:
        return NOON

    def do_GET(self) -> None:
        self.send_response(404)
        self.end_headers()

    def do_POST(self) -> None:
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        type(self).asked.append((self.path, body, self.headers["Authorization"]))
        self.send_response(200)
        self.end_headers()
        self.wfile.write(json.dumps(type(self).waits).encode())

    def log_message(self, format: str, *args: object) -> None:
        return


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    place = tmp_path / ".sandbox"
    place.mkdir()
    return place


@pytest.fixture
def handler() -> type[Handler]:
    return type("Fresh", (Handler,), {"asked": []})


@pytest.fixture
def sandbox(folder: Path, handler: type[Handler]) -> Iterator[Sandbox]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    Thread(target=server.serve_forever, daemon=True).start()
    yield Sandbox(
        folder=folder,
        pid=7,
        token="secret",
        providers={"gcp": 40001, "random": 40002},
        api={"gcp": f"http://127.0.0.1:{server.server_port}"},
    )
    server.shutdown()
    server.server_close()


@pytest.fixture
def environ(folder: Path) -> dict[str, str]:
    file = folder / "sandbox.json"
    data = {
        "schema": 1,
        "pid": 7,
        "started": "123",
        "folder": str(folder),
        "store": str(folder / "store.sqlite"),
        "token": "secret",
        "providers": {"gcp": 40001, "random": 40002},
        "api": {"gcp": "http://127.0.0.1:40010"},
    }
    file.write_text(json.dumps(data))
    return {
        "TRAINYARD_SANDBOX": str(file),
        "PULUMI_BACKEND_URL": (folder / "backend").as_uri(),
        "PULUMI_DEBUG_PROVIDERS": "gcp:40001,random:40002",
    }


def test_an_environment_without_a_sandbox_is_no_rehearsal() -> None:
    assert rehearsal({}) is None
    assert rehearsal({"TRAINYARD_SANDBOX": "", "PULUMI_DEBUG_PROVIDERS": ""}) is None


def test_a_whole_rehearsal_gives_its_sandbox(environ: dict[str, str], folder: Path) -> None:
    found = rehearsal(environ)
    assert found is not None
    assert (found.folder, found.pid, found.providers["gcp"]) == (folder, 7, 40001)
    assert found.api == {"gcp": "http://127.0.0.1:40010"}


def test_providers_attached_outside_of_a_rehearsal_are_refused() -> None:
    with pytest.raises(RehearsalError, match="attaches gcp, but TRAINYARD_SANDBOX is not set"):
        rehearsal({"PULUMI_DEBUG_PROVIDERS": "gcp:40001"})


def test_a_sandbox_file_that_is_gone_is_refused_with_the_way_to_start_one() -> None:
    with pytest.raises(RehearsalError, match=r"No such file.*trainyard sandbox start"):
        rehearsal({"TRAINYARD_SANDBOX": "/nowhere/sandbox.json"})


@pytest.mark.parametrize("text", ["{", "[]", "3", "{}", '{"schema": 2}', '{"schema": 1, "folder": 3}'])
def test_a_file_that_describes_no_sandbox_is_refused(tmp_path: Path, text: str) -> None:
    file = tmp_path / "sandbox.json"
    file.write_text(text)
    with pytest.raises(RehearsalError, match="no sandbox file of schema 1"):
        sandbox_from({"TRAINYARD_SANDBOX": str(file)})


@pytest.mark.parametrize(
    "url", ["", "file:///elsewhere/state", "gs://acme-state", "https://api.pulumi.com", "file://~"]
)
def test_a_backend_outside_of_the_sandbox_folder_is_refused(environ: dict[str, str], url: str) -> None:
    with pytest.raises(RehearsalError, match="state lies in the sandbox's own folder"):
        rehearsal({**environ, "PULUMI_BACKEND_URL": url})


def test_a_backend_that_climbs_out_of_the_sandbox_folder_is_refused(environ: dict[str, str], folder: Path) -> None:
    with pytest.raises(RehearsalError, match="state lies in the sandbox's own folder"):
        rehearsal({**environ, "PULUMI_BACKEND_URL": f"file://{folder}/../state"})


@pytest.mark.parametrize("attached", ["", "gcp:40001", "gcp:40001,random:1", "gcp:40001,random"])
def test_a_package_that_is_not_attached_to_the_sandbox_is_named(environ: dict[str, str], attached: str) -> None:
    with pytest.raises(RehearsalError, match=r"lacks (gcp, )?random: they would reach the real clouds"):
        rehearsal({**environ, "PULUMI_DEBUG_PROVIDERS": attached})


def test_further_attached_packages_do_no_harm(environ: dict[str, str]) -> None:
    assert rehearsal({**environ, "PULUMI_DEBUG_PROVIDERS": "gcp:40001,random:40002,mine:9"}) is not None


def test_reading_the_sandbox_alone_needs_no_backend(environ: dict[str, str]) -> None:
    assert sandbox_from({"TRAINYARD_SANDBOX": environ["TRAINYARD_SANDBOX"]}) is not None


def test_origin_is_the_cloud_unless_in_a_rehearsal(sandbox: Sandbox) -> None:
    assert origin_of(None) is Origin.CLOUD
    assert origin_of(sandbox) is Origin.SANDBOX


def test_the_time_of_a_rehearsal_is_the_simulated_clocks(sandbox: Sandbox) -> None:
    assert now(sandbox) == datetime(2026, 11, 24, 12, tzinfo=UTC)


def test_the_time_elsewhere_is_the_systems_in_utc() -> None:
    assert abs((now(None) - datetime.now(UTC)).total_seconds()) < 5


def test_a_proxy_of_the_environment_is_not_used(sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:1")
    assert now(sandbox).year == 2026


def test_a_sandbox_that_does_not_answer_names_the_command_that_starts_it(folder: Path) -> None:
    dead = Sandbox(folder=folder, pid=7, token="t", providers={}, api={"gcp": "http://127.0.0.1:1"})
    with pytest.raises(RehearsalError, match=r"pid 7.*does not answer.*trainyard sandbox start"):
        now(dead)


def test_a_wait_in_a_rehearsal_moves_the_clock_instead(sandbox: Sandbox, handler: type[Handler]) -> None:
    assert wait(sandbox, 600, Event()) is False
    assert handler.asked == [("/_sandbox/wait", {"seconds": 600}, "Bearer secret")]


def test_a_sandbox_may_ask_for_a_real_wait(sandbox: Sandbox, handler: type[Handler]) -> None:
    handler.waits = {"waits": "real"}
    assert wait(sandbox, 0.01, Event()) is False


def test_a_wait_ends_at_once_when_it_is_cancelled(sandbox: Sandbox, handler: type[Handler]) -> None:
    cancelled = Event()
    cancelled.set()
    assert wait(None, 600, cancelled) is True
    assert wait(sandbox, 600, cancelled) is True
    assert handler.asked == []


def test_an_unknown_answer_to_a_wait_is_an_error(sandbox: Sandbox, handler: type[Handler]) -> None:
    handler.waits = {"waits": "perhaps"}
    with pytest.raises(RehearsalError, match="perhaps"):
        wait(sandbox, 1, Event())


def test_a_project_in_a_rehearsal_is_one_that_cannot_exist(sandbox: Sandbox) -> None:
    copy = project_in(sandbox, "acme-ml-dev")
    assert copy == "trainyard-sandbox-copy-of-acme-ml-dev"
    assert len(project_in(sandbox, "sixchr")) > 30
    assert project_in(sandbox, copy) == copy
    assert project_in(None, "acme-ml-dev") == "acme-ml-dev"


def test_a_store_in_a_rehearsal_is_a_folder_of_the_sandbox(sandbox: Sandbox, folder: Path) -> None:
    moved = store_in(sandbox, "gs://acme-ml-dev-leases/team")
    assert moved == (folder / "leases" / "gs-acme-ml-dev-leases" / "team").as_uri()
    assert store_in(sandbox, moved) == moved
    assert store_in(None, "gs://acme-ml-dev-leases") == "gs://acme-ml-dev-leases"


def test_two_stores_stay_two_in_a_rehearsal(sandbox: Sandbox) -> None:
    urls = ["gs://a/b-c", "gs://a-b/c", "s3://a/b-c", "file:///a/b-c", "az://a/b-c"]
    assert len({store_in(sandbox, url) for url in urls}) == len(urls)


def test_a_store_on_a_loopback_server_is_kept(sandbox: Sandbox) -> None:
    url = "s3://leases?endpoint=http://127.0.0.1:5000"
    assert store_in(sandbox, url) == url
    assert (
        store_in(sandbox, "s3://leases?endpoint=http://s3.example:5000")
        != "s3://leases?endpoint=http://s3.example:5000"
    )


@pytest.mark.parametrize("url", ["", "leases", "gs://", "gs://a/../../../etc", "file:///.."])
def test_a_store_that_names_no_place_is_refused(sandbox: Sandbox, url: str) -> None:
    with pytest.raises(ValueError, match="no store of records"):
        store_in(sandbox, url)
