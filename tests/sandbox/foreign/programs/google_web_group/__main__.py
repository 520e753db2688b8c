"""A managed group of two machines behind a global HTTP load balancer."""

import pulumi
import pulumi_gcp as gcp

ZONE = "us-central1-b"

network = gcp.compute.Network("web", auto_create_subnetworks=True)
gcp.compute.Firewall(
    "health-checks",
    network=network.id,
    source_ranges=["130.211.0.0/22", "35.191.0.0/16"],
    allows=[{"protocol": "tcp", "ports": ["8080"]}],
)
template = gcp.compute.InstanceTemplate(
    "web",
    machine_type="e2-small",
    disks=[{"source_image": "debian-cloud/debian-12", "boot": True, "auto_delete": True, "disk_size_gb": 20}],
    network_interfaces=[{"network": network.id, "access_configs": [{}]}],
    metadata_startup_script="#!/bin/sh\npython3 -m http.server 8080\n",
)
check = gcp.compute.HealthCheck(
    "web", http_health_check={"port": 8080, "request_path": "/"}, check_interval_sec=10, timeout_sec=5
)
group = gcp.compute.InstanceGroupManager(
    "web",
    zone=ZONE,
    base_instance_name="web",
    versions=[{"instance_template": template.self_link_unique}],
    target_size=2,
    named_ports=[{"name": "http", "port": 8080}],
    auto_healing_policies={"health_check": check.id, "initial_delay_sec": 120},
)
backend = gcp.compute.BackendService(
    "web",
    protocol="HTTP",
    port_name="http",
    health_checks=check.id,
    load_balancing_scheme="EXTERNAL_MANAGED",
    backends=[{"group": group.instance_group, "balancing_mode": "UTILIZATION", "max_utilization": 0.8}],
)
urls = gcp.compute.URLMap("web", default_service=backend.id)
proxy = gcp.compute.TargetHttpProxy("web", url_map=urls.id)
address = gcp.compute.GlobalAddress("web")
gcp.compute.GlobalForwardingRule(
    "web",
    target=proxy.id,
    ip_address=address.address,
    port_range="80",
    load_balancing_scheme="EXTERNAL_MANAGED",
)

pulumi.export("url", address.address.apply(lambda ip: f"http://{ip}/"))
