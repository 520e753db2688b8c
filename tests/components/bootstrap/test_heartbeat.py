"""A point a minute: that the node lives, and how busy its accelerators are."""

import json

import pytest

from components.bootstrap.heartbeat import BUSY, HEARTBEAT, heartbeat
from tests.components.bootstrap.conftest import Node
from tests.components.bootstrap.fixtures.metadata import Metadata

pytestmark = pytest.mark.system("curl")
SERIES = "/v3/projects/acme-ml-dev/timeSeries"


@pytest.fixture
def ready(node: Node, metadata: Metadata) -> Node:
    node.program("sleep")
    metadata.answers |= {
        "/computeMetadata/v1/project/project-id": "acme-ml-dev",
        "/computeMetadata/v1/instance/zone": "projects/1/zones/europe-west4-a",
        "/computeMetadata/v1/instance/name": "dev-1a2b3c4d-lab-0",
        "/computeMetadata/v1/instance/attributes/trainyard-workload": "lab",
        SERIES: "{}",
    }
    fragment = heartbeat(lease="dev-1a2b3c4d")
    node.configure(fragment, metadata_url=f"{metadata.root}/computeMetadata/v1", monitoring_url=f"{metadata.root}/v3")
    return node


def sent(metadata: Metadata) -> dict[str, dict]:
    return {one["metric"]["type"]: one for one in json.loads(metadata.bodies[SERIES])["timeSeries"]}


def test_a_node_without_a_driver_sends_its_heartbeat_only(ready: Node, metadata: Metadata) -> None:
    result = ready.run("heartbeat.sh")
    assert result.returncode == 0, result.stderr
    series = sent(metadata)
    assert set(series) == {HEARTBEAT}
    assert series[HEARTBEAT]["resource"]["labels"] == {
        "project_id": "acme-ml-dev",
        "location": "europe-west4-a",
        "namespace": "dev-1a2b3c4d",
        "node_id": "dev-1a2b3c4d-lab-0",
    }
    assert series[HEARTBEAT]["metric"]["labels"] == {"workload": "lab"}


def test_the_busy_ratio_is_the_mean_of_all_accelerators_and_samples(ready: Node, metadata: Metadata) -> None:
    ready.program("nvidia-smi", "echo 100; echo 50")
    assert ready.run("heartbeat.sh").returncode == 0
    assert sent(metadata)[BUSY]["points"][0]["value"] == {"doubleValue": 0.75}
    assert len(ready.calls("nvidia-smi")) == 10


def test_a_driver_that_does_not_answer_is_no_ratio_of_zero(ready: Node, metadata: Metadata) -> None:
    ready.program("nvidia-smi", "echo 'No devices were found'; exit 6")
    assert ready.run("heartbeat.sh").returncode == 0
    assert set(sent(metadata)) == {HEARTBEAT}


def test_a_refused_point_is_a_failure_that_the_journal_shows(ready: Node, metadata: Metadata) -> None:
    del metadata.answers[SERIES]
    result = ready.run("heartbeat.sh")
    assert result.returncode != 0
    assert "404" in result.stderr


def test_no_process_list_shows_the_token(ready: Node, metadata: Metadata) -> None:
    assert ready.run("heartbeat.sh").returncode == 0
    assert metadata.authorizations[SERIES] == "Bearer ya29.token-of-the-machine"
