"""Google's JSON APIs by plain HTTP, against a server on loopback that answers as told, and ends with the test."""

import json
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from trainyard.clouds.gcp.rest import ApiError, CancelledError, NoAnswerError, Rest, is_disabled, login, pause_seconds
from trainyard.facts.origin import Sandbox

LOST = "lost"  # the connection closes without an answer


@dataclass(kw_only=True)
class Scripted:
    """What the server answers one after the other, and what it was asked."""

    url: str = ""
    answers: list[Any] = field(default_factory=list)  # (status, JSON, headers) or LOST
    asked: list[str] = field(default_factory=list)
    paused: list[float] = field(default_factory=list)
    cancelled: bool = False

    def rest(self) -> Rest:
        def pause(seconds: float) -> bool:
            self.paused.append(seconds)
            return self.cancelled

        sandbox = Sandbox(folder=Path(), pid=1, token="word", providers={}, api={})
        return Rest(base=self.url, login=login(sandbox), pause=pause)


@pytest.fixture
def server() -> Iterator[Scripted]:
    script = Scripted()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self._answer()

        def do_POST(self) -> None:
            self.rfile.read(int(self.headers.get("Content-Length") or 0))
            self._answer()

        def _answer(self) -> None:
            script.asked.append(f"{self.command} {self.path} {self.headers['Authorization']}")
            answer = script.answers.pop(0)
            if answer == LOST:
                self.close_connection = True
                return
            status, body, headers = answer
            content = json.dumps(body).encode()
            self.send_response(status)
            for name, value in {**headers, "Content-Length": str(len(content))}.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, format: str, *args: Any) -> None:
            pass

    http = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=http.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
    script.url = f"http://127.0.0.1:{http.server_port}"
    yield script
    http.shutdown()
    http.server_close()


def error(code: int, message: str, reason: str = "") -> tuple[int, Any, dict[str, str]]:
    details = [{"@type": "type.googleapis.com/google.rpc.ErrorInfo", "reason": reason}] if reason else []
    return code, {"error": {"code": code, "message": message, "details": details}}, {}


def test_a_busy_service_is_asked_again_after_growing_pauses(server: Scripted) -> None:
    server.answers = [error(503, "unavailable"), error(429, "slow down"), (200, {"name": "job"}, {})]
    assert server.rest().call("GET", "jobs") == {"name": "job"}
    first, second = server.paused
    assert 1 <= first <= 2 <= second <= 3
    assert server.asked == ["GET /jobs Bearer word"] * 3


def test_a_pause_that_google_names_is_kept(server: Scripted) -> None:
    status, body, _ = error(429, "slow down")
    server.answers = [(status, body, {"Retry-After": "17"}), (200, {}, {})]
    server.rest().call("GET", "jobs")
    [paused] = server.paused
    assert 17 <= paused <= 18


def test_it_gives_up_with_googles_own_words(server: Scripted) -> None:
    server.answers = [error(503, "Service is currently unavailable.")] * 5
    with pytest.raises(ApiError, match=r"^Service is currently unavailable\.$") as refused:
        server.rest().call("GET", "jobs")
    assert refused.value.status == 503
    assert len(server.paused) == 4


@pytest.mark.parametrize(
    "text",
    [
        "The following quota metrics exceed quota limits: aiplatform.googleapis.com/custom_model_training_gpus",
        "Resources are insufficient in region: europe-west4",
    ],
)
def test_a_quota_of_chips_is_not_asked_for_again(server: Scripted, text: str) -> None:
    server.answers = [error(429, text)]
    with pytest.raises(ApiError) as refused:
        server.rest().call("GET", "jobs")
    assert (str(refused.value), server.paused) == (text, [])


def test_a_create_whose_answer_is_lost_was_sent_once(server: Scripted) -> None:
    server.answers = [LOST, (200, {"name": "a second job"}, {})]
    with pytest.raises(NoAnswerError):
        server.rest().call("POST", "jobs", {}, tries=1)
    assert server.asked == ["POST /jobs Bearer word"]


def test_a_wait_ends_when_the_run_is_cancelled(server: Scripted) -> None:
    server.answers, server.cancelled = [error(503, "unavailable")], True
    with pytest.raises(CancelledError):
        server.rest().call("GET", "jobs")
    assert len(server.asked) == 1


def test_pages_are_followed_to_the_last(server: Scripted) -> None:
    server.answers = [(200, {"jobs": [1], "nextPageToken": "a b"}, {}), (200, {"jobs": [2, 3]}, {})]
    assert list(server.rest().pages("jobs", "jobs", filter='a="b"')) == [1, 2, 3]
    assert "pageToken=a+b" in server.asked[1]


def test_an_api_that_is_not_enabled_is_told_by_googles_reason_and_by_nothing_else(server: Scripted) -> None:
    for reason, disabled in (("SERVICE_DISABLED", True), ("IAM_PERMISSION_DENIED", False)):
        server.answers = [error(403, "Vertex AI API has not been used in project 1 before", reason)]
        with pytest.raises(ApiError) as refused:
            server.rest().call("GET", "jobs")
        assert is_disabled(refused.value) is disabled


def test_an_answer_that_is_no_json_is_none(server: Scripted, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(json, "dumps", lambda _: "<html>")
    server.answers = [(200, {}, {})]
    with pytest.raises(NoAnswerError, match="no JSON"):
        server.rest().call("GET", "jobs", tries=1)


def test_pauses_grow_and_end(server: Scripted, monkeypatch: pytest.MonkeyPatch) -> None:
    chance: Callable[[float, float], float] = lambda low, high: high  # noqa: E731
    monkeypatch.setattr("random.uniform", chance)
    assert [pause_seconds(number, NoAnswerError()) for number in range(1, 8)] == [2, 3, 5, 9, 17, 32, 32]
