"""The server itself: token, clock, faults, and what it does with nonsense."""

from __future__ import annotations

import http.client
import json
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import Any
from urllib.parse import urlsplit

import pytest
from google.auth.exceptions import RefreshError
from googleapiclient.errors import HttpError

from trainyard.sandbox.running import Running
from trainyard.sandbox.store import Store

ZONE = "us-central1-a"
LIST = "compute.instances.aggregatedList"
Ask = Callable[..., tuple[int, dict[str, str], dict[str, Any]]]
Body = Callable[..., dict[str, Any]]


@pytest.fixture
def ask(sandbox: Running, store: Store) -> Iterator[Ask]:
    connection = http.client.HTTPConnection(str(urlsplit(sandbox.api["gcp"]).netloc), timeout=30)

    def one(method: str, path: str, body: Any = None, token: str | None = sandbox.token) -> Any:
        headers = {"Authorization": f"Bearer {token}"} if token else {}
        connection.request(method, path, body if body is None or isinstance(body, str) else json.dumps(body), headers)
        answer = connection.getresponse()
        return answer.status, dict(answer.getheaders()), json.loads(answer.read() or b"{}")

    yield one
    connection.close()


def fault(ask: Ask, **what: Any) -> None:
    assert ask("POST", "/_sandbox/faults", {"faults": [what]})[0] == 200


@pytest.mark.parametrize(("token", "reason"), [(None, "required"), ("wrong", "authError")])
def test_a_call_without_the_token_is_unauthenticated_in_googles_words(ask: Ask, token: str | None, reason: str) -> None:
    for path in ("/compute/v1/projects/x/zones", "/_sandbox/clock", "/nowhere"):
        status, _, body = ask("GET", path, token=token)
        assert (status, body["error"]["status"], body["error"]["errors"][0]["reason"]) == (
            401,
            "UNAUTHENTICATED",
            reason,
        )


def test_the_client_sees_the_refusal_of_a_wrong_token(client_for: Callable[[str], Any], project: str) -> None:
    with pytest.raises(RefreshError):  # on 401 the client tries to get a new token, and has nothing to get it with
        client_for("wrong").instances().aggregatedList(project=project).execute()


def test_every_answer_carries_the_simulated_date(ask: Ask, store: Store) -> None:
    store.advance(7 * 86400)
    for path, token in (("/", None), ("/compute/v1/projects/x", None), ("/nowhere", "wrong")):
        date = parsedate_to_datetime(ask("GET", path, token=token)[1]["Date"])
        assert abs(date.timestamp() - store.now()) < 3
    assert store.now() - time.time() > 7 * 86400 - 5


def test_the_clock_is_read_and_moved(ask: Ask) -> None:
    before = datetime.fromisoformat(ask("GET", "/_sandbox/clock")[2]["now"])
    after = datetime.fromisoformat(ask("POST", "/_sandbox/clock", {"seconds": 43200})[2]["now"])
    assert timedelta(hours=12) <= after - before < timedelta(hours=12, seconds=30)
    assert before.tzinfo == UTC


@pytest.mark.parametrize("seconds", [-1, "12", None, True, 1e12])
def test_a_step_that_is_no_time_is_refused(ask: Ask, seconds: Any) -> None:
    status, _, body = ask("POST", "/_sandbox/clock", {"seconds": seconds})
    assert status == 400
    assert body["error"]["message"]


def test_an_instant_wait_moves_the_clock_and_a_real_one_does_not(ask: Ask, store: Store) -> None:
    before = store.now()
    assert ask("POST", "/_sandbox/wait", {"seconds": 600})[2] == {"waits": "instant"}
    assert 600 <= store.now() - before < 630
    ask("POST", "/_sandbox/clock", {"waits": "real"})
    before = store.now()
    assert ask("POST", "/_sandbox/wait", {"seconds": 600})[2] == {"waits": "real"}
    assert store.now() - before < 30


def test_an_unknown_mode_of_waits_is_refused(ask: Ask) -> None:
    status, _, body = ask("POST", "/_sandbox/clock", {"waits": "sometimes"})
    assert (status, "instant or real" in body["error"]["message"]) == (400, True)


@pytest.mark.parametrize("body", ["{", "[1]", "\x00"])
def test_a_body_that_is_no_object_is_refused(ask: Ask, body: str) -> None:
    status, _, answer = ask("POST", "/_sandbox/wait", body)
    assert (status, answer["error"]["errors"][0]["reason"]) == (400, "parseError")


@pytest.mark.parametrize("header", [("Content-Length", "x"), ("Transfer-Encoding", "chunked")])
def test_a_body_of_unknown_length_is_refused(sandbox: Running, header: tuple[str, str]) -> None:
    connection = http.client.HTTPConnection(str(urlsplit(sandbox.api["gcp"]).netloc), timeout=30)
    connection.putrequest("POST", "/_sandbox/wait")
    connection.putheader(*header)
    connection.endheaders()
    assert connection.getresponse().status == 411
    connection.close()


def test_a_connection_is_kept_over_refusals(ask: Ask) -> None:
    for _ in range(3):
        assert ask("POST", "/nowhere", {"a": 1})[0] == 404
        assert ask("GET", "/_sandbox/clock")[0] == 200


def test_a_lagging_list_does_not_show_what_is_young(
    ask: Ask, compute: Any, store: Store, project: str, machine_body: Body
) -> None:
    fault(ask, call=LIST, kind="lag", seconds=60)
    compute.instances().insert(project=project, zone=ZONE, body=machine_body("one")).execute()

    def seen() -> int:
        items = compute.instances().aggregatedList(project=project).execute()["items"]
        return sum(len(scope.get("instances", ())) for scope in items.values())

    assert seen() == 0
    assert compute.instances().get(project=project, zone=ZONE, instance="one").execute()["name"] == "one"
    store.advance(61)
    assert seen() == 1


@pytest.mark.parametrize("code", [403, 429, 503])
def test_a_refused_call_answers_with_its_code_as_often_as_asked(
    ask: Ask, compute: Any, project: str, code: int
) -> None:
    fault(ask, call=LIST, kind="refuse", code=code, message="Required 'compute.instances.list' permission", times=2)
    for _ in range(2):
        with pytest.raises(HttpError, match=r"compute\.instances\.list") as refused:
            compute.instances().aggregatedList(project=project).execute()
        assert refused.value.status_code == code
    assert compute.instances().aggregatedList(project=project).execute()["kind"]


def test_a_refused_call_does_nothing(ask: Ask, compute: Any, project: str, machine_body: Body) -> None:
    fault(ask, call="compute.instances.insert", kind="refuse", code=429)
    with pytest.raises(HttpError):
        compute.instances().insert(project=project, zone=ZONE, body=machine_body("one")).execute()
    assert "items" not in compute.instances().list(project=project, zone=ZONE).execute()


def test_expired_credentials_are_refused_as_google_does(ask: Ask, compute: Any, project: str) -> None:
    fault(ask, call=LIST, kind="expired-credentials")
    with pytest.raises(RefreshError):
        compute.instances().aggregatedList(project=project).execute()
    status, _, body = ask("GET", f"/compute/v1/projects/{project}/aggregated/instances")
    assert (status, body["error"]["status"]) == (401, "UNAUTHENTICATED")


def test_a_hanging_call_takes_real_time_and_holds_up_no_other(ask: Ask, compute: Any, project: str) -> None:
    fault(ask, call=LIST, kind="hang", seconds=1.0, times=1)
    begun = time.monotonic()
    compute.instances().aggregatedList(project=project).execute()
    assert time.monotonic() - begun >= 1.0


def test_a_slow_call_takes_simulated_time(ask: Ask, compute: Any, store: Store, project: str) -> None:
    fault(ask, call=LIST, kind="slow", seconds=3600, times=1)
    before = store.now()
    compute.instances().aggregatedList(project=project).execute()
    assert store.now() - before >= 3600


def test_a_lost_response_leaves_the_thing_made(ask: Ask, compute: Any, project: str, machine_body: Body) -> None:
    fault(ask, call="compute.instances.insert", kind="lost-response", times=1)
    # The client itself tries once more on a connection that was closed, as it does with the real cloud.
    with pytest.raises((HttpError, OSError, http.client.HTTPException)):
        compute.instances().insert(project=project, zone=ZONE, body=machine_body("one")).execute()
    assert compute.instances().get(project=project, zone=ZONE, instance="one").execute()["status"] == "RUNNING"


def test_a_fault_at_an_unknown_call_is_refused_with_the_nearest(ask: Ask) -> None:
    status, _, body = ask("POST", "/_sandbox/faults", {"faults": [{"call": "compute.instance.list", "kind": "slow"}]})
    assert status == 400
    assert "did you mean 'compute.instances.list'?" in body["error"]["message"]
    assert "needs `seconds`" in body["error"]["message"]


def test_faults_that_wait_are_told(ask: Ask) -> None:
    fault(ask, call=LIST, kind="lag", seconds=60)
    (waiting,) = ask("GET", "/_sandbox/faults")[2]["faults"]
    assert (waiting["call"], waiting["kind"], waiting["seconds"]) == (LIST, "lag", 60)
