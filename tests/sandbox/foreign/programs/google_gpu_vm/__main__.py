"""A GPU machine without a public address, with a service account and a bucket of its own."""

import pulumi
import pulumi_gcp as gcp

ZONE = "us-central1-a"

network = gcp.compute.Network("lab", auto_create_subnetworks=False)
subnetwork = gcp.compute.Subnetwork(
    "lab", network=network.id, ip_cidr_range="10.40.0.0/24", private_ip_google_access=True
)
router = gcp.compute.Router("lab", network=network.id)
gcp.compute.RouterNat(
    "lab",
    router=router.name,
    nat_ip_allocate_option="AUTO_ONLY",
    source_subnetwork_ip_ranges_to_nat="ALL_SUBNETWORKS_ALL_IP_RANGES",
)
gcp.compute.Firewall(
    "ssh-by-iap",
    network=network.self_link,
    source_ranges=["35.235.240.0/20"],
    allows=[{"protocol": "tcp", "ports": ["22"]}],
    target_tags=["lab"],
)

account = gcp.serviceaccount.Account("lab", account_id="lab-trainer", display_name="Trainer of the lab")
for role in ("roles/logging.logWriter", "roles/monitoring.metricWriter"):
    gcp.projects.IAMMember(
        role.rpartition(".")[2],
        project=gcp.config.project,
        role=role,
        member=account.email.apply(lambda email: f"serviceAccount:{email}"),
    )
bucket = gcp.storage.Bucket(
    "checkpoints",
    location="US-CENTRAL1",
    uniform_bucket_level_access=True,
    force_destroy=True,
    lifecycle_rules=[{"action": {"type": "Delete"}, "condition": {"age": 30}}],
)
gcp.storage.BucketIAMMember(
    "trainer",
    bucket=bucket.name,
    role="roles/storage.objectAdmin",
    member=account.email.apply(lambda email: f"serviceAccount:{email}"),
)

image = gcp.compute.get_image(family="debian-12", project="debian-cloud")
data = gcp.compute.Disk("data", zone=ZONE, size=500, type="pd-balanced")
vm = gcp.compute.Instance(
    "trainer",
    zone=ZONE,
    machine_type="g2-standard-8",
    tags=["lab"],
    boot_disk={"initialize_params": {"image": image.self_link, "size": 100, "type": "pd-balanced"}},
    attached_disks=[{"source": data.id}],
    network_interfaces=[{"subnetwork": subnetwork.id}],
    scheduling={"on_host_maintenance": "TERMINATE", "automatic_restart": True},
    service_account={"email": account.email, "scopes": ["cloud-platform"]},
    metadata={"enable-oslogin": "TRUE"},
    metadata_startup_script=bucket.url.apply(lambda url: f"#!/bin/sh\ngsutil -m rsync -r {url} /data\n"),
)

pulumi.export("machine", vm.name)
pulumi.export("address", vm.network_interfaces[0].network_ip)
pulumi.export("bucket", bucket.url)
