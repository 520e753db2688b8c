"""Groups of which only some machines come, as an engine meets them: the next update gives the rest."""

from collections.abc import Iterator
from pathlib import Path

import grpc
import pytest

from tests.sandbox.provider.conftest import Clouds, half_made
from tests.sandbox.provider.test_on_the_engine import Project
from trainyard.sandbox import faults
from trainyard.sandbox.faults import Fault
from trainyard.sandbox.opening import open_clouds
from trainyard.sandbox.provider.ports import serve_all

TEMPLATE = "gcp:compute/instanceTemplate:InstanceTemplate"
MIG = "gcp:compute/instanceGroupManager:InstanceGroupManager"
VM = "gcp:compute/instance:Instance"
HALF = Fault(call=f"{MIG} create", kind="partial", made=1, times=1)
PROGRAM = """
    import pulumi_gcp as gcp

    template = gcp.compute.InstanceTemplate(
        "node",
        machine_type="g2-standard-4",
        disks=[{"boot": True, "source_image": "debian-cloud/debian-12"}],
        network_interfaces=[{"network": "default"}],
        scheduling={"on_host_maintenance": "TERMINATE", "automatic_restart": True},
    )
    gcp.compute.InstanceGroupManager(
        "nodes",
        zone="us-central1-a",
        base_instance_name="node",
        target_size=3,
        versions=[{"instance_template": template.self_link}],
    )
"""


@pytest.fixture
def clouds(tmp_path: Path) -> Iterator[Clouds]:
    store = open_clouds(tmp_path / "store.sqlite")
    providers = serve_all(store)
    yield Clouds(store, providers)
    providers.stop()
    store.close()


def test_the_next_update_of_a_group_made_halfway_gives_it_the_rest(clouds: Clouds) -> None:
    gcp = clouds.connect("gcp", project="p")
    template, _ = gcp.create(
        TEMPLATE,
        {
            "name": "node",
            "machineType": "g2-standard-4",
            "disks": [{"boot": True, "sourceImage": "debian-cloud/debian-12"}],
            "networkInterfaces": [{"network": "default"}],
            "scheduling": {"onHostMaintenance": "TERMINATE"},
        },
    )
    group = {
        "name": "nodes",
        "zone": "us-central1-a",
        "baseInstanceName": "node",
        "targetSize": 3,
        "versions": [{"instanceTemplate": template}],
    }
    faults.replace(clouds.store, [HALF])
    with pytest.raises(grpc.RpcError) as raised:
        gcp.create(MIG, group)
    failed = half_made(raised.value)
    assert list(failed.reasons) == ["only 1 of its machines came"]
    assert len(clouds.store.list(type=VM)) == 1
    gcp.update(MIG, failed.id, group, group)
    assert len(clouds.store.list(type=VM)) == 3


@pytest.mark.engine
def test_the_next_up_gives_a_group_made_halfway_the_rest(clouds: Clouds, tmp_path: Path) -> None:
    folder = tmp_path / "project"
    (folder / "state").mkdir(parents=True)
    (folder / "Pulumi.yaml").write_text("name: halfway\nruntime: python\n")
    project = Project(folder, clouds)
    for step in (("stack", "init", "dev"), ("config", "set", "gcp:project", "p")):
        code, text = project.pulumi(*step)
        assert code == 0, text
    faults.replace(clouds.store, [HALF])
    project.write(PROGRAM)
    code, text = project.up()
    assert code != 0
    assert "only 1 of its machines came" in text
    assert len(clouds.store.list(type=VM)) == 1
    code, text = project.up()
    assert code == 0, text
    assert len(clouds.store.list(type=VM)) == 3
    code, text = project.pulumi("destroy", "--yes", "--skip-preview")
    assert code == 0, text
    assert clouds.store.list(type=VM) == []
