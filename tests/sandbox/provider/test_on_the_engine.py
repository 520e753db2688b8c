"""Programs that know nothing of Trainyard, on the real CLI, with every provider attached."""

import json
import os
import subprocess
import textwrap
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from tests.sandbox.provider.conftest import GPU_VM, Clouds
from trainyard.sandbox import engine, faults
from trainyard.sandbox.faults import Fault
from trainyard.sandbox.store import Thing

pytestmark = pytest.mark.engine

VM = "gcp:compute/instance:Instance"
PROGRAM = """
    import pulumi, pulumi_gcp as gcp

    network = gcp.compute.Network("net", auto_create_subnetworks=False)
    subnet = gcp.compute.Subnetwork("sub", network=network.id, ip_cidr_range="10.3.0.0/24", region="us-central1")
    vm = gcp.compute.Instance(
        "vm",
        name="vm",
        zone="us-central1-a",
        machine_type="g2-standard-4",
        boot_disk={"initialize_params": {"image": "debian-cloud/debian-12"}},
        network_interfaces=[{"subnetwork": subnet.id}],
        scheduling={"on_host_maintenance": "TERMINATE", "termination_time": "2100-01-01T00:00:00Z",
                    "instance_termination_action": "DELETE"},
        metadata={"token": pulumi.Output.secret("hunter2")},
    )
    pulumi.export("address", vm.network_interfaces[0].network_ip)
"""


@dataclass(frozen=True)
class Project:
    folder: Path
    clouds: Clouds

    def write(self, program: str) -> None:
        (self.folder / "__main__.py").write_text(textwrap.dedent(program))

    def pulumi(self, *arguments: str) -> tuple[int, str]:
        """Exit code and everything that the CLI said."""
        kept = {key: value for key, value in os.environ.items() if not key.startswith(("PULUMI_", "TRAINYARD_"))}
        done = subprocess.run(
            ["pulumi", *arguments, "--non-interactive", "--color", "never"],
            cwd=self.folder,
            env=kept
            | {
                "PATH": f"{engine.locate()}{os.pathsep}{os.environ['PATH']}",
                "PULUMI_BACKEND_URL": f"file://{self.folder / 'state'}",
                "PULUMI_HOME": str(self.folder / "home"),
                "PULUMI_CONFIG_PASSPHRASE": "test",
                "PULUMI_SKIP_UPDATE_CHECK": "true",
                "PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION": "true",
                "PULUMI_DEBUG_PROVIDERS": ",".join(f"{name}:{port}" for name, port in self.clouds.ports.items()),
            },
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            timeout=180,
            check=False,
        )
        return done.returncode, done.stdout

    def up(self) -> tuple[int, str]:
        return self.pulumi("up", "--yes", "--skip-preview")

    def state(self) -> list[dict[str, Any]]:
        code, text = self.pulumi("stack", "export")
        assert code == 0, text
        return list(json.loads(text)["deployment"].get("resources", []))


@pytest.fixture
def project(tmp_path: Path, clouds: Clouds) -> Project:
    made = Project(tmp_path / "project", clouds)
    made.folder.mkdir()
    (made.folder / "state").mkdir()
    (made.folder / "Pulumi.yaml").write_text("name: foreign\nruntime: python\n")
    code, text = made.pulumi("stack", "init", "dev")
    assert code == 0, text
    return made


def test_a_stack_goes_up_stays_as_it_is_and_goes_down(project: Project) -> None:
    project.write(PROGRAM)
    code, text = project.pulumi("up", "--yes")
    assert code == 0, text
    assert 'address: "10.3.0.' in text
    for verb in ("preview", "refresh"):
        code, text = project.pulumi(verb, "--expect-no-changes", *(("--yes",) if verb == "refresh" else ()))
        assert code == 0, text
    assert "hunter2" not in json.dumps(project.state())
    project.write(PROGRAM.replace("10.3.0.0/24", "10.4.0.0/24"))
    code, text = project.pulumi("preview")
    assert code == 0, text
    assert "replace" in text
    code, text = project.pulumi("destroy", "--yes")
    assert code == 0, text
    assert project.clouds.store.list() == []


def test_everything_wrong_is_told_before_anything_is_made(project: Project) -> None:
    wrong = PROGRAM.replace("us-central1-a", "us-central1-z").replace('"image"', '"imagge"')
    project.write(wrong)
    code, text = project.up()
    assert code != 0
    assert "property zone value {us-central1-z} has a problem: Invalid value for field 'zone'" in text
    assert "bootDisk.initializeParams.imagge" in text
    assert 'did you mean "image"?' in text
    assert project.clouds.store.list(type=VM) == []


def test_a_half_made_machine_is_in_the_state_and_the_next_up_mends_it(project: Project) -> None:
    faults.replace(project.clouds.store, [Fault(call=f"{VM} create", kind="partial", message="no disk", times=1)])
    project.write(PROGRAM)
    code, text = project.up()
    assert code != 0
    assert "no disk" in text
    (machine,) = [resource for resource in project.state() if resource["type"] == VM]
    assert machine["initErrors"] == ["no disk"]
    assert machine["id"].endswith("/instances/vm")
    code, text = project.up()
    assert code == 0, text
    assert all("initErrors" not in resource for resource in project.state())


def test_a_machine_that_the_cloud_ended_leaves_the_state_with_a_refresh(project: Project) -> None:
    project.write(PROGRAM)
    assert project.up()[0] == 0
    project.clouds.store.advance(100 * 366 * 86400)
    code, text = project.pulumi("refresh", "--yes")
    assert code == 0, text
    assert [resource for resource in project.state() if resource["type"] == VM] == []


def test_a_state_of_another_cloud_is_not_destroyed_and_not_forgotten(project: Project) -> None:
    project.write(PROGRAM)
    assert project.up()[0] == 0
    project.clouds.store.forget()
    before = len(project.state())
    for verb in ("refresh", "destroy"):
        code, text = project.pulumi(verb, "--yes")
        assert code != 0
        assert "the sandbox never gave out" in text
    assert len(project.state()) == before


def test_a_planted_machine_can_be_imported(project: Project) -> None:
    project.write("import pulumi")
    path = "projects/p/zones/us-central1-a/instances/planted"
    told = {**GPU_VM, "name": "planted"}
    project.clouds.store.add(Thing(type=VM, id=path, package="gcp", name="planted", inputs=told, outputs=told))
    code, text = project.pulumi("import", VM, "planted", path, "--yes", "--generate-code=false")
    assert code == 0, text
    assert [resource["id"] for resource in project.state() if resource["type"] == VM] == [path]


def test_several_clouds_in_one_program(project: Project) -> None:
    project.write(
        """
        import pulumi, pulumi_aws as aws, pulumi_azure_native as azure, pulumi_random as random, pulumi_tls as tls

        pet = random.RandomPet("pet")
        password = random.RandomPassword("password", length=12)
        key = tls.PrivateKey("key", algorithm="ED25519")
        image = aws.ec2.get_ami(owners=["amazon"], most_recent=True)
        machine = aws.ec2.Instance("machine", ami=image.id, instance_type="t3.micro", tags={"Name": pet.id})
        group = azure.resources.ResourceGroup("group", location="eastus")
        network = azure.network.VirtualNetwork(
            "net", resource_group_name=group.name, address_space={"address_prefixes": ["10.0.0.0/16"]}
        )
        pulumi.export("password", password.result)
        pulumi.export("arn", machine.arn)
        pulumi.export("network", network.id)
        """
    )
    code, text = project.pulumi("up", "--yes")
    assert code == 0, text
    assert "password: [secret]" in text
    assert "arn:aws:ec2:us-east-1:000000000000:instance/i-" in text
    assert "/providers/Microsoft.Network/virtualNetworks/net" in text
    code, text = project.pulumi("preview", "--expect-no-changes")
    assert code == 0, text
    code, text = project.pulumi("destroy", "--yes", "--skip-preview")
    assert code == 0, text
    assert project.clouds.store.list() == []
