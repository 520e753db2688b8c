"""Machines with names of the provider's making, so that stacks of this program do not collide."""

import pulumi_gcp as gcp

for number in range(25):
    gcp.compute.Instance(
        f"machine-{number}",
        project="trainyard-sandbox-copy-of-bench",
        zone="us-central1-a",
        machine_type="e2-small",
        boot_disk={"initialize_params": {"image": "debian-cloud/debian-12"}},
        network_interfaces=[{"network": "default"}],
    )
