"""The reference program: hand-written Pulumi that registers what Trainyard registers for as many machines."""

import json
from pathlib import Path

import pulumi
import pulumi_gcp as gcp

GIVEN = json.loads(Path("given.json").read_text())


class Idle(pulumi.CustomResource):
    """Parent of everything, in a plugin that does nothing."""

    def __init__(self, name: str) -> None:
        super().__init__("trainyard:index:Idle", name, {"count": GIVEN["count"]})


class Wrapper(pulumi.ComponentResource):
    """A component as people write them around a machine."""

    def __init__(self, kind: str, name: str, parent: pulumi.Resource) -> None:
        super().__init__(f"bare:gcp:{kind}", name, {}, pulumi.ResourceOptions(parent=parent))


idle = Idle("idle")
under = pulumi.ResourceOptions(parent=idle)
identity = Wrapper("Identity", "identity", idle)
account = gcp.serviceaccount.Account(
    "account",
    account_id="bench-machines",
    project=GIVEN["project"],
    display_name="Bench",
    opts=pulumi.ResourceOptions(parent=identity),
)
for role in ("roles/logging.logWriter", "roles/monitoring.metricWriter"):
    gcp.projects.IAMMember(
        role,
        project=GIVEN["project"],
        role=role,
        member=account.member,
        opts=pulumi.ResourceOptions(parent=identity),
    )
identity.register_outputs({"email": account.email})
for number in range(GIVEN["count"]):
    name = f"bench-machine-{number}"
    wrapper = Wrapper("Machine", name, idle)
    instance = gcp.compute.Instance(
        f"{name}-instance",
        name=name,
        project=GIVEN["project"],
        zone="us-central1-a",
        machine_type="g2-standard-4",
        boot_disk={
            "auto_delete": True,
            "initialize_params": {
                "image": GIVEN["image"],
                "size": 200,
                "type": "pd-balanced",
                "labels": {**GIVEN["labels"], "workload": name},
            },
        },
        network_interfaces=[{"subnetwork": GIVEN["subnetwork"], "nic_type": "GVNIC"}],
        scheduling={
            "on_host_maintenance": "TERMINATE",
            "provisioning_model": "STANDARD",
            "preemptible": False,
            "automatic_restart": True,
            "termination_time": GIVEN["hard_end"],
            "instance_termination_action": "DELETE",
        },
        shielded_instance_config={
            "enable_secure_boot": True,
            "enable_vtpm": True,
            "enable_integrity_monitoring": True,
        },
        service_account={"email": account.email, "scopes": ["cloud-platform"]},
        metadata={
            "enable-oslogin": "TRUE",
            "block-project-ssh-keys": "TRUE",
            "serial-port-enable": "FALSE",
            "user-data": GIVEN["user_data"],
        },
        labels={**GIVEN["labels"], "workload": name},
        deletion_protection=False,
        allow_stopping_for_update=False,
        opts=pulumi.ResourceOptions(parent=wrapper, delete_before_replace=True),
    )
    wrapper.register_outputs({"instance_name": instance.name, "instance_id": instance.instance_id})
