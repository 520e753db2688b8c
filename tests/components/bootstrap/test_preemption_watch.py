"""The cloud's notice runs the checkpoint hook, once, whichever key says it."""

import pytest

from components.bootstrap.preemption_watch import preemption_watch
from tests.components.bootstrap.conftest import Node
from tests.components.bootstrap.fixtures.metadata import Metadata

pytestmark = pytest.mark.system("curl")
INSTANCE = "/computeMetadata/v1/instance"


@pytest.fixture
def ready(node: Node, metadata: Metadata) -> Node:
    node.program("sleep")
    node.program("end")
    node.configure(preemption_watch(), metadata_url=f"{metadata.url}/instance")
    return node


@pytest.mark.parametrize(
    ("preempted", "maintenance"), [("TRUE", "TERMINATE_ON_HOST_MAINTENANCE"), ("TRUE", "MIGRATE_ON_HOST_MAINTENANCE")]
)
def test_a_notice_has_the_hook_run(ready: Node, metadata: Metadata, preempted: str, maintenance: str) -> None:
    metadata.answers |= {f"{INSTANCE}/preempted": preempted, f"{INSTANCE}/maintenance-event": maintenance}
    result = ready.run("preemption_watch.sh", NODE_END=str(ready.folder / "bin" / "end"))
    assert result.returncode == 0
    assert ready.calls("end") == ["/etc/trainyard/node-end notice"] * 2
    assert f"preempted is {preempted}" in result.stderr
    assert f"maintenance-event is {maintenance}" in result.stderr


def test_it_goes_on_waiting_while_nothing_is_said_and_while_nobody_answers(ready: Node) -> None:
    (ready.folder / "bin" / "curl").unlink()
    quiet = 'case "$*" in *preempted*) echo FALSE ;; *) echo NONE ;; esac'
    ready.program("curl", f'case "$(grep -c ^curl "$CALLS")" in 1|2) exit 22 ;; 3|4) {quiet} ;; *) echo TRUE ;; esac')
    result = ready.run("preemption_watch.sh", NODE_END=str(ready.folder / "bin" / "end"))
    assert result.returncode == 0
    assert len(ready.calls("curl")) >= 4
    assert len(ready.calls("end")) == 2
