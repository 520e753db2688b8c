import json
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from components.bootstrap.fragment import packaged
from components.bootstrap.node_end import CHECKPOINT_HOOK, SoftEndObject, node_end, soft_end_object

pytestmark = pytest.mark.system("curl")
TOKEN = "ya29.token-of-the-machine"
LEASE_OBJECT = SoftEndObject(bucket="acme-leases", path="l-1/soft-end")


def instant(minutes: float) -> str:
    return (datetime.now(UTC) + timedelta(minutes=minutes)).strftime("%Y-%m-%dT%H:%M:%SZ")


@dataclass
class Cloud:
    """The metadata server and the store on one loopback port."""

    port: int
    answer: bytes | None = None  # None: 404
    headers: list[dict[str, str]] = field(default_factory=list)

    @property
    def addresses(self) -> dict[str, str]:
        root = f"http://127.0.0.1:{self.port}"
        return {"token_url": f"{root}/token", "soft_end_url": f"{root}/b/acme-leases/o/l-1%2Fsoft-end?alt=media"}


@pytest.fixture
def cloud() -> Iterator[Cloud]:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            made.headers.append({key.lower(): value for key, value in self.headers.items()})
            body = made.answer
            if self.path == "/token":
                allowed = self.headers["Metadata-Flavor"] == "Google"
                body = json.dumps({"access_token": TOKEN, "expires_in": 3599}).encode() if allowed else None
            elif self.headers["Authorization"] != f"Bearer {TOKEN}":
                body = None
            self.send_response(200 if body is not None else 404)
            self.end_headers()
            self.wfile.write(body or b"not found")

        def log_message(self, *_: object) -> None: ...

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    made = Cloud(port=server.server_address[1])
    threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
    yield made
    server.shutdown()
    server.server_close()


def configure(node, cloud: Cloud, *, hard_end: float = 600, checkpoint_seconds: int = 0) -> None:
    fragment = node_end(hard_end=instant(hard_end), soft_end=LEASE_OBJECT, checkpoint_seconds=checkpoint_seconds)
    node.configure(fragment, hook=str(node.folder / "hook"), **cloud.addresses)


def tick(node) -> bool:
    """One minute's look; True when the machine shut itself down."""
    node.run("node_end.sh")
    return node.calls("shutdown") == ["-h now"]


def test_before_both_ends_the_machine_stays(node, cloud) -> None:
    configure(node, cloud)
    cloud.answer = f"{instant(60)}\n".encode()
    assert not tick(node)


def test_at_the_soft_end_the_machine_shuts_down(node, cloud) -> None:
    configure(node, cloud)
    cloud.answer = f"{instant(-1)}\n".encode()
    assert tick(node)


def test_a_soft_end_that_was_extended_is_followed(node, cloud) -> None:
    configure(node, cloud)
    (node.folder / "state" / "soft-end").write_text(instant(-1))
    cloud.answer = instant(30).encode()
    assert not tick(node)


@pytest.mark.parametrize(
    "answer",
    [
        None,
        b"",
        b"tomorrow",
        b"now",
        b"2026-13-45T00:00:00Z",
        b"2020-01-01",
        b"<html>503</html>",
        b"\xff\xfe",
        b"x" * 9999,
    ],
    ids=["missing", "empty", "word", "now", "no such day", "no time", "error page", "no text", "endless"],
)
def test_an_unreadable_object_keeps_the_last_value(node, cloud, answer: bytes | None) -> None:
    configure(node, cloud)
    (node.folder / "state" / "soft-end").write_text(last := instant(-1))
    cloud.answer = answer
    assert tick(node)
    assert (node.folder / "state" / "soft-end").read_text() == last


def test_an_unreadable_object_before_any_value_leaves_the_machine_to_its_hard_end(node, cloud) -> None:
    configure(node, cloud)
    assert not tick(node)
    assert not (node.folder / "state" / "soft-end").exists()


def test_the_last_value_outlives_a_reboot(node, cloud) -> None:
    configure(node, cloud)
    cloud.answer = instant(30).encode()
    tick(node)
    node.reboot()
    cloud.answer = None
    answer = node.run("node_end.sh")
    assert "keeping the last one seen: 20" in answer.stderr


def test_the_hard_end_acts_with_no_store_and_no_network(node) -> None:
    node.configure(node_end(hard_end=instant(-1)))
    (node.folder / "bin" / "curl").unlink()
    assert tick(node)


def test_the_hard_end_acts_whatever_the_soft_end_says(node, cloud) -> None:
    configure(node, cloud, hard_end=-1)
    cloud.answer = instant(600).encode()
    assert tick(node)


def test_the_hook_runs_once_before_the_shutdown(node, cloud, executable) -> None:
    configure(node, cloud, checkpoint_seconds=60)
    cloud.answer = instant(-1).encode()
    executable(node.folder / "hook", 'echo "hook" >>"$CALLS"; echo x >>hooked')
    assert tick(node)
    lines = (node.folder / "calls").read_text().splitlines()
    assert lines == ["hook", "shutdown -h now"]
    assert tick(node)
    assert (node.folder / "hooked").read_text() == "x\n"


def test_a_hook_that_hangs_is_cut_off_at_its_time_out(node, cloud, executable) -> None:
    configure(node, cloud, checkpoint_seconds=1)
    cloud.answer = instant(-1).encode()
    node.program("sleep-long", "while :; do :; done")
    executable(node.folder / "hook", "exec sleep-long")
    assert tick(node)


def test_a_hook_that_fails_does_not_keep_the_machine(node, cloud, executable) -> None:
    configure(node, cloud, checkpoint_seconds=60)
    cloud.answer = instant(-1).encode()
    executable(node.folder / "hook", "exit 3")
    answer = node.run("node_end.sh")
    assert "ended with 3; ending all the same" in answer.stderr
    assert node.calls("shutdown") == ["-h now"]


def test_a_hook_that_nobody_installed_is_passed_over(node, cloud) -> None:
    configure(node, cloud, checkpoint_seconds=60)
    cloud.answer = instant(-1).encode()
    assert tick(node)


def test_the_hook_starts_early_enough_to_be_through_at_the_hard_end(node, cloud) -> None:
    configure(node, cloud, hard_end=5, checkpoint_seconds=600)
    assert tick(node)


def test_a_shutdown_that_fails_is_forced(node, cloud) -> None:
    configure(node, cloud, hard_end=-1)
    node.program("shutdown", "exit 1")
    node.run("node_end.sh")
    assert node.calls("systemctl") == ["poweroff --force --force"]


def test_a_damaged_hard_end_is_reported_and_the_soft_end_still_acts(node, cloud) -> None:
    configure(node, cloud)
    (node.folder / "etc" / "hard-end").write_text("$(touch pwned)")
    cloud.answer = instant(-1).encode()
    answer = node.run("node_end.sh")
    assert "no hard end in" in answer.stderr
    assert node.calls("shutdown") == ["-h now"]
    assert not (node.folder / "pwned").exists()


def test_the_token_is_never_an_argument_of_a_program(node, cloud) -> None:
    configure(node, cloud)
    cloud.answer = instant(60).encode()
    node.run("node_end.sh")
    assert cloud.headers[-1]["authorization"] == f"Bearer {TOKEN}"
    script = packaged("node_end.sh")
    assert "--header @-" in script
    assert '"$token"' not in script.replace("printf 'Authorization: Bearer %s\\n' \"$token\"", "")


def test_a_store_on_google_cloud_names_the_leases_own_object() -> None:
    found = soft_end_object("gs://acme-leases/team", "dev-1a2b3c4d")
    assert found == SoftEndObject(bucket="acme-leases", path="team/dev-1a2b3c4d/soft-end")
    assert found.url.endswith("/b/acme-leases/o/team%2Fdev-1a2b3c4d%2Fsoft-end?alt=media")


@pytest.mark.parametrize("store", ["file:///srv/leases", "s3://acme-leases", "az://acme-leases"])
def test_a_store_elsewhere_leaves_the_node_its_hard_end_only(store: str) -> None:
    assert soft_end_object(store, "dev-1a2b3c4d") is None
    names = [file.path.rpartition("/")[2] for file in node_end(hard_end=instant(60)).files]
    assert "soft-end-url" not in names


def test_a_store_without_a_bucket_is_refused() -> None:
    with pytest.raises(ValueError, match="names no bucket; write for example gs://"):
        soft_end_object("gs:///leases", "dev-1a2b3c4d")


@pytest.mark.parametrize("text", ["tomorrow", "2026-11-24", "2026-11-24T14:00:00", "2026-11-24T14:00:00+01:00", ""])
def test_a_hard_end_that_is_no_utc_time_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="is no RFC 3339 time in UTC; write it as"):
        node_end(hard_end=text)


def test_a_negative_hook_time_is_refused() -> None:
    with pytest.raises(ValueError, match=r"checkpoint_seconds=-1\): must be 0"):
        node_end(hard_end=instant(60), checkpoint_seconds=-1)


def test_the_hook_has_a_fixed_place_on_the_node() -> None:
    files = {file.path: file.content for file in node_end(hard_end=instant(60), checkpoint_seconds=600).files}
    assert files["/etc/trainyard/node-end/hook"] == CHECKPOINT_HOOK
