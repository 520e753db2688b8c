"""Each of Google's rules: one input that it refuses, for its reason, and the nearest one that it takes."""

from collections.abc import Mapping
from typing import Any

import pytest

from tests.sandbox.conflicts.fixtures.gcp_cases import CASES as BY_HAND
from trainyard.sandbox.conflicts import check_conflicts, table
from trainyard.sandbox.conflicts.conflict import Given
from trainyard.sandbox.packages import installed
from trainyard.sandbox.schema import ResourceType
from trainyard.servicer.values import UNKNOWN, Secret

VM = "gcp:compute/instance:Instance"
TEMPLATE = "gcp:compute/instanceTemplate:InstanceTemplate"
DISK = "gcp:compute/disk:Disk"
POOL = "gcp:container/nodePool:NodePool"
CLUSTER = "gcp:container/cluster:Cluster"
BUCKET = "gcp:storage/bucket:Bucket"
FIREWALL = "gcp:compute/firewall:Firewall"
NAT = "gcp:compute/routerNat:RouterNat"
ADDRESS = "gcp:compute/address:Address"
GROUP = "gcp:compute/instanceGroupManager:InstanceGroupManager"
POLICY = "gcp:compute/resourcePolicy:ResourcePolicy"
RESERVATION = "gcp:compute/reservation:Reservation"
TPU = "gcp:tpu/v2Vm:V2Vm"
SQL = "gcp:sql/databaseInstance:DatabaseInstance"
FILESTORE = "gcp:filestore/instance:Instance"
SUBSCRIPTION = "gcp:pubsub/subscription:Subscription"

L4 = {"machineType": "g2-standard-4"}
E2 = {"machineType": "e2-medium"}
ENDS = {"onHostMaintenance": "TERMINATE"}
SPOT = {"provisioningModel": "SPOT", "preemptible": True, "automaticRestart": False, "onHostMaintenance": "TERMINATE"}
FLEX = {
    "provisioningModel": "FLEX_START",
    "maxRunDuration": {"seconds": 3600},
    "instanceTerminationAction": "DELETE",
    **ENDS,
}
NAMED = {"type": "SPECIFIC_RESERVATION", "specificReservation": {"key": "k", "values": ["r"]}}
DAY = 86400


def vm(**more: Any) -> dict[str, Any]:
    return {**L4, "scheduling": ENDS, **more}


def boot(kind: str, **more: Any) -> dict[str, Any]:
    return {"bootDisk": {"initializeParams": {"type": kind, **more}}}


def ssds(count: int) -> dict[str, Any]:
    return {"scratchDisks": [{"interface": "NVME"}] * count}


def nics(*given: Mapping[str, Any]) -> dict[str, Any]:
    return {"networkInterfaces": list(given)}


# rule, type, an input that it refuses, a part of the reason, the nearest right input
CASES: list[tuple[str, str, dict[str, Any], str, dict[str, Any]]] = [
    ("accelerators-cannot-live-migrate", VM, L4, "do not support live migration.", vm()),
    (
        "accelerators-cannot-live-migrate",
        VM,
        {"machineType": "n1-standard-4", "guestAccelerators": [{"type": "nvidia-tesla-t4", "count": 1}]},
        "do not support live migration.",
        {"machineType": "n1-standard-4"},
    ),
    (
        "accelerators-cannot-live-migrate",
        TEMPLATE,
        {**L4, "scheduling": {"onHostMaintenance": "MIGRATE"}},
        "'resource.properties.scheduling.onHostMaintenance'",
        L4,
    ),
    (
        "e2-migrates-unless-spot",
        VM,
        {**E2, "scheduling": ENDS},
        "e2 instances do not support",
        {**E2, "scheduling": SPOT},
    ),
    (
        "spot-does-not-restart",
        VM,
        {**E2, "scheduling": {"provisioningModel": "SPOT", "preemptible": True}},
        "Scheduling must have preemptible be false when AutomaticRestart is true.",
        {**E2, "scheduling": SPOT},
    ),
    (
        "spot-does-not-migrate",
        VM,
        {**E2, "scheduling": {**SPOT, "onHostMaintenance": "MIGRATE"}},
        "valid types: [TERMINATE]",
        {**E2, "scheduling": SPOT},
    ),
    (
        "preemptible-is-spot",
        VM,
        {**E2, "scheduling": {"preemptible": True, "provisioningModel": "STANDARD", "automaticRestart": False}},
        "For preemptible, only allowed provisioning_model value is SPOT.",
        {**E2, "scheduling": {"preemptible": True, "automaticRestart": False}},
    ),
    (
        "family-not-sold-as-spot",
        VM,
        {"machineType": "a4x-highgpu-4g", "scheduling": SPOT},
        "Preemptible VMs are not supported for this VM family.",
        {"machineType": "a4x-highgpu-4g", "scheduling": ENDS},
    ),
    (
        "termination-action-needs-an-end",
        VM,
        {**E2, "scheduling": {"instanceTerminationAction": "STOP"}},
        "You cannot specify a termination action",
        {**E2, "scheduling": {"instanceTerminationAction": "STOP", "maxRunDuration": {"seconds": 60}}},
    ),
    (
        "one-end-only",
        VM,
        {**E2, "scheduling": {"maxRunDuration": {"seconds": 60}, "terminationTime": "2100-01-01T00:00:00Z"}},
        "give one of the two",
        {**E2, "scheduling": {"terminationTime": "2100-01-01T00:00:00Z"}},
    ),
    (
        "stop-action-needs-an-end",
        VM,
        {**E2, "scheduling": {"onInstanceStopAction": {"discardLocalSsd": True}}},
        "give maxRunDuration or terminationTime",
        {**E2, "scheduling": {"onInstanceStopAction": {"discardLocalSsd": True}, "maxRunDuration": {"seconds": 60}}},
    ),
    (
        "run-duration-range",
        VM,
        {**E2, "scheduling": {"maxRunDuration": {"seconds": 121 * DAY}}},
        "(120 days)",
        {**E2, "scheduling": {"maxRunDuration": {"seconds": 120 * DAY}}},
    ),
    (
        "run-duration-range",
        VM,
        vm(scheduling={**FLEX, "maxRunDuration": {"seconds": 8 * DAY}}),
        "(7 days)",
        vm(scheduling=FLEX),
    ),
    (
        "flex-start",
        VM,
        vm(scheduling=FLEX, reservationAffinity=NAMED),
        "Flex-start VMs cannot use a reservation",
        vm(scheduling=FLEX, reservationAffinity={"type": "NO_RESERVATION"}),
    ),
    ("flex-start", VM, vm(scheduling={**FLEX, "maxRunDuration": None}), "need maxRunDuration", vm(scheduling=FLEX)),
    (
        "flex-start",
        VM,
        vm(scheduling={**FLEX, "instanceTerminationAction": "STOP"}),
        "give DELETE",
        vm(scheduling=FLEX),
    ),
    (
        "reservation-bound-names-its-reservation",
        VM,
        vm(scheduling={**ENDS, "provisioningModel": "RESERVATION_BOUND"}),
        "needs SPECIFIC_RESERVATION",
        vm(scheduling={**ENDS, "provisioningModel": "RESERVATION_BOUND"}, reservationAffinity=NAMED),
    ),
    (
        "reservation-bound-ends-with-its-reservation",
        VM,
        vm(
            scheduling={**ENDS, "provisioningModel": "RESERVATION_BOUND", "terminationTime": "2026-12-01T00:00:00Z"},
            reservationAffinity=NAMED,
        ),
        "A reservation-bound VM ends with its reservation; leave it out",
        vm(scheduling={**ENDS, "provisioningModel": "RESERVATION_BOUND"}, reservationAffinity=NAMED),
    ),
    (
        "spot-uses-no-reservation",
        VM,
        vm(scheduling=SPOT, reservationAffinity=NAMED),
        "Spot VMs cannot use a reservation",
        vm(reservationAffinity=NAMED),
    ),
    (
        "specific-reservation-is-named",
        VM,
        vm(reservationAffinity={"type": "SPECIFIC_RESERVATION"}),
        "compute.googleapis.com/reservation-name",
        vm(reservationAffinity=NAMED),
    ),
    (
        "local-ssds-of-a-family",
        VM,
        {**E2, **ssds(1)},
        "[e2-medium, local-ssd]",
        {"machineType": "n1-standard-1", **ssds(1)},
    ),
    (
        "local-ssds-of-a-family",
        VM,
        {"machineType": "n2-standard-16", **ssds(1)},
        "has 2 or 4 or 8 or 16 or 24",
        {"machineType": "n2-standard-16", **ssds(2)},
    ),
    ("local-ssds-of-a-family", VM, vm(**ssds(2)), "g2-standard-4 has 1", vm(**ssds(1))),
    (
        "disk-kinds-of-a-family",
        VM,
        {"machineType": "n4-standard-16", **boot("pd-ssd")},
        "[pd-ssd, n4-standard-16] features are not compatible",
        {"machineType": "n4-standard-16", **boot("hyperdisk-balanced")},
    ),
    (
        "disk-kinds-of-a-family",
        VM,
        {**E2, **boot("hyperdisk-balanced")},
        "[hyperdisk-balanced, e2-medium]",
        {**E2, **boot("pd-balanced")},
    ),
    (
        "gpus-by-vcpus",
        VM,
        {
            "machineType": "n1-standard-32",
            "guestAccelerators": [{"type": "nvidia-tesla-v100", "count": 1}],
            "scheduling": ENDS,
        },
        "go with 12 at most",
        {
            "machineType": "n1-standard-8",
            "guestAccelerators": [{"type": "nvidia-tesla-v100", "count": 1}],
            "scheduling": ENDS,
        },
    ),
    (
        "no-cpu-platform-to-choose",
        VM,
        {**E2, "minCpuPlatform": "Intel Skylake"},
        "cannot be chosen for e2-medium",
        {"machineType": "n1-standard-1", "minCpuPlatform": "Intel Skylake"},
    ),
    (
        "confidential-machines",
        VM,
        {**E2, "confidentialInstanceConfig": {"enableConfidentialCompute": True}},
        "no confidential computing of the type SEV",
        {
            "machineType": "n2d-standard-2",
            "scheduling": ENDS,
            "confidentialInstanceConfig": {"enableConfidentialCompute": True},
        },
    ),
    (
        "confidential-machines",
        VM,
        {"machineType": "c3-standard-4", "confidentialInstanceConfig": {"confidentialInstanceType": "TDX"}},
        "A confidential VM ends at maintenance",
        {
            "machineType": "c3-standard-4",
            "scheduling": ENDS,
            "confidentialInstanceConfig": {"confidentialInstanceType": "TDX"},
        },
    ),
    (
        "scratch-disks-of-a-template",
        TEMPLATE,
        {"disks": [{"type": "SCRATCH", "diskType": "pd-ssd", "diskSizeGb": 375}]},
        "SCRATCH disks must have a disk_type of local-ssd.",
        {"disks": [{"type": "SCRATCH", "diskType": "local-ssd", "diskSizeGb": 375}]},
    ),
    ("an-interface-needs-a-network", VM, nics({}), "exactly one of network", nics({"network": "default"})),
    (
        "interfaces-by-vcpus",
        VM,
        {**E2, **nics(*({"network": f"n{n}"} for n in range(3)))},
        "at most 2 network interfaces",
        {**E2, **nics(*({"network": f"n{n}"} for n in range(2)))},
    ),
    (
        "one-interface-a-network",
        VM,
        nics({"network": "a"}, {"network": "a"}),
        "Networks must be distinct",
        nics({"network": "a"}, {"network": "b"}),
    ),
    (
        "interface-kinds-of-a-family",
        VM,
        {"machineType": "c3-standard-4", **nics({"network": "a", "nicType": "VIRTIO_NET"})},
        "give GVNIC",
        {"machineType": "c3-standard-4", **nics({"network": "a", "nicType": "GVNIC"})},
    ),
    (
        "tier-1-networking",
        VM,
        {"machineType": "n2-standard-8", "networkPerformanceConfig": {"totalEgressBandwidthTier": "TIER_1"}},
        "no Tier_1 networking",
        {"machineType": "n2-standard-32", "networkPerformanceConfig": {"totalEgressBandwidthTier": "TIER_1"}},
    ),
    (
        "addresses-of-a-stack",
        VM,
        nics({"network": "a", "stackType": "IPV6_ONLY", "accessConfigs": [{"networkTier": "PREMIUM"}]}),
        "an IPV6_ONLY interface has none",
        nics({"network": "a", "accessConfigs": [{}]}),
    ),
    ("one-source-of-a-disk", DISK, {"image": "i", "snapshot": "s"}, "one source at most", {"image": "i"}),
    (
        "one-source-of-a-boot-disk",
        VM,
        boot("pd-ssd", image="i", snapshot="s"),
        "an image or of a snapshot",
        boot("pd-ssd", image="i"),
    ),
    (
        "a-disk-that-is-there",
        TEMPLATE,
        {"disks": [{"source": "d", "diskSizeGb": 10}]},
        "Cannot use `source`",
        {"disks": [{"source": "d"}]},
    ),
    (
        "first-disk-boots",
        TEMPLATE,
        {"disks": [{"boot": True}, {"boot": True}]},
        "Only the first disk",
        {"disks": [{"boot": True}, {"boot": False}]},
    ),
    (
        "disk-limits",
        DISK,
        {"type": "hyperdisk-throughput", "size": 100},
        "from 2048 GB",
        {"type": "hyperdisk-throughput", "size": 2048},
    ),
    (
        "disk-limits",
        DISK,
        {"type": "pd-balanced", "provisionedIops": 5000},
        "has none to provision",
        {"type": "hyperdisk-balanced", "provisionedIops": 5000},
    ),
    (
        "an-update-replaces-something",
        GROUP,
        {"updatePolicy": {"maxSurgeFixed": 0, "maxUnavailableFixed": 0}},
        "cannot both be 0",
        {"updatePolicy": {"maxSurgeFixed": 1, "maxUnavailableFixed": 0}},
    ),
    (
        "least-and-most-action",
        GROUP,
        {"updatePolicy": {"minimalAction": "REPLACE", "mostDisruptiveAllowedAction": "RESTART"}},
        "more disruptive",
        {"updatePolicy": {"minimalAction": "RESTART", "mostDisruptiveAllowedAction": "REPLACE"}},
    ),
    (
        "one-version-takes-the-rest",
        GROUP,
        {"versions": [{"instanceTemplate": "a"}, {"instanceTemplate": "b"}]},
        "exactly one version",
        {"versions": [{"instanceTemplate": "a"}, {"instanceTemplate": "b", "targetSize": {"fixed": 1}}]},
    ),
    (
        "resize-request-range",
        "gcp:compute/resizeRequest:ResizeRequest",
        {"resizeBy": 2, "requestedRunDuration": {"seconds": "60"}},
        "from 600 seconds",
        {"resizeBy": 2, "requestedRunDuration": {"seconds": "3600"}},
    ),
    (
        "collocated-or-spread",
        POLICY,
        {"groupPlacementPolicy": {"collocation": "COLLOCATED", "availabilityDomainCount": 2}},
        "no availability domains",
        {"groupPlacementPolicy": {"collocation": "COLLOCATED", "vmCount": 2}},
    ),
    (
        "one-kind-of-policy",
        POLICY,
        {"workloadPolicy": {"type": "HIGH_AVAILABILITY", "acceleratorTopology": "4x4"}},
        "HIGH_THROUGHPUT",
        {"workloadPolicy": {"type": "HIGH_THROUGHPUT", "acceleratorTopology": "4x4"}},
    ),
    (
        "a-reservation-is-of-machines",
        RESERVATION,
        {"specificReservation": {"count": 0, "instanceProperties": {}}},
        "It is 1 or more",
        {"specificReservation": {"count": 1, "instanceProperties": {}}},
    ),
    (
        "firewall-sources",
        FIREWALL,
        {"allows": [{"protocol": "tcp"}]},
        "one of source_tags, source_ranges, or source_service_accounts must be defined",
        {"allows": [{"protocol": "tcp"}], "sourceRanges": ["10.0.0.0/8"]},
    ),
    (
        "firewall-ports",
        FIREWALL,
        {"sourceTags": ["a"], "allows": [{"protocol": "icmp", "ports": ["80"]}]},
        "one of [TCP, UDP, SCTP]",
        {"sourceTags": ["a"], "allows": [{"protocol": "tcp", "ports": ["80"]}]},
    ),
    (
        "firewall-logging",
        FIREWALL,
        {"sourceTags": ["a"], "allows": [{"protocol": "tcp"}], "enableLogging": False, "logConfig": {"metadata": "x"}},
        "log_config cannot be defined",
        {"sourceTags": ["a"], "allows": [{"protocol": "tcp"}], "logConfig": {"metadata": "x"}},
    ),
    (
        "internal-ipv6-range",
        "gcp:compute/network:Network",
        {"internalIpv6Range": "fd20::/48"},
        "enableUlaInternalIpv6",
        {"internalIpv6Range": "fd20::/48", "enableUlaInternalIpv6": True},
    ),
    (
        "subnetwork-purpose",
        "gcp:compute/subnetwork:Subnetwork",
        {"purpose": "REGIONAL_MANAGED_PROXY", "logConfig": {"metadata": "x"}},
        "no flow logs",
        {"purpose": "REGIONAL_MANAGED_PROXY"},
    ),
    ("address-types", ADDRESS, {"subnetwork": "s"}, "INTERNAL", {"subnetwork": "s", "addressType": "INTERNAL"}),
    (
        "global-internal-address",
        "gcp:compute/globalAddress:GlobalAddress",
        {"addressType": "INTERNAL", "purpose": "VPC_PEERING", "network": "n"},
        "has one, such as 16",
        {"addressType": "INTERNAL", "purpose": "VPC_PEERING", "network": "n", "prefixLength": 16},
    ),
    (
        "nat-ranges",
        NAT,
        {"sourceSubnetworkIpRangesToNat": "LIST_OF_SUBNETWORKS"},
        "needs the list",
        {"sourceSubnetworkIpRangesToNat": "ALL_SUBNETWORKS_ALL_IP_RANGES"},
    ),
    (
        "nat-addresses",
        NAT,
        {"natIpAllocateOption": "MANUAL_ONLY"},
        "needs the addresses",
        {"natIpAllocateOption": "MANUAL_ONLY", "natIps": ["a"]},
    ),
    (
        "route-next-hop",
        "gcp:compute/route:Route",
        {"nextHopInstance": "vm"},
        "nextHopInstanceZone",
        {"nextHopInstance": "vm", "nextHopInstanceZone": "us-central1-a"},
    ),
    (
        "tpu-slices-by-zone",
        TPU,
        {"acceleratorType": "v5e-8", "zone": "us-west4-a"},
        'did you mean "v5litepod-8"',
        {"acceleratorType": "v5litepod-8", "zone": "us-west4-a"},
    ),
    (
        "tpu-slices-by-zone",
        TPU,
        {"acceleratorType": "v4-8", "zone": "us-east1-b"},
        "zones that have it: us-central2-b",
        {"acceleratorType": "v4-8", "zone": "us-central2-b"},
    ),
    (
        "tpu-topologies-by-generation",
        TPU,
        {"acceleratorConfig": {"type": "V4", "topology": "4x4x6"}, "runtimeVersion": "tpu-ubuntu2204-base"},
        'Topology "4x4x6" does not exist for V4',
        {"acceleratorConfig": {"type": "V4", "topology": "4x4x8"}, "runtimeVersion": "tpu-ubuntu2204-base"},
    ),
    (
        "tpu-runtime-of-the-generation",
        TPU,
        {"acceleratorType": "v6e-8", "runtimeVersion": "v2-alpha-tpuv5"},
        'give "v2-alpha-tpuv6e"',
        {"acceleratorType": "v6e-8", "runtimeVersion": "v2-alpha-tpuv6e"},
    ),
    (
        "tpu-bought-one-way",
        TPU,
        {"schedulingConfig": {"reserved": True, "spot": True}},
        "neither preemptible nor spot",
        {"schedulingConfig": {"spot": True}},
    ),
    (
        "queued-resource-asks-for-nodes",
        "gcp:tpu/v2QueuedResource:V2QueuedResource",
        {"tpu": {}},
        "which nodes",
        {"tpu": {"nodeSpecs": [{"parent": "p", "node": {"runtimeVersion": "v2-alpha-tpuv6e"}}]}},
    ),
    (
        "lifecycle-rules",
        BUCKET,
        {"lifecycleRules": [{"action": {"type": "SetStorageClass"}, "condition": {"age": 1}}]},
        "to which class",
        {"lifecycleRules": [{"action": {"type": "Delete"}, "condition": {"age": 1}}]},
    ),
    (
        "dual-regions",
        BUCKET,
        {"location": "US", "customPlacementConfig": {"dataLocations": ["US-EAST1"]}},
        "has two regions",
        {"location": "US", "customPlacementConfig": {"dataLocations": ["US-EAST1", "US-WEST1"]}},
    ),
    (
        "folders-need-uniform-access",
        BUCKET,
        {"hierarchicalNamespace": {"enabled": True}, "uniformBucketLevelAccess": False},
        "uniform bucket-level access",
        {"hierarchicalNamespace": {"enabled": True}, "uniformBucketLevelAccess": True},
    ),
    (
        "soft-delete-range",
        BUCKET,
        {"softDeletePolicy": {"retentionDurationSeconds": 60}},
        "(7 days)",
        {"softDeletePolicy": {"retentionDurationSeconds": 0}},
    ),
    (
        "an-object-has-a-content",
        "gcp:storage/bucketObject:BucketObject",
        {"bucket": "b"},
        'either "content" or "source"',
        {"bucket": "b", "content": "c"},
    ),
    (
        "filestore-capacity",
        FILESTORE,
        {"tier": "BASIC_SSD", "fileShares": {"capacityGb": 1024}},
        "2560 to 65433",
        {"tier": "BASIC_HDD", "fileShares": {"capacityGb": 1024}},
    ),
    (
        "filestore-place",
        FILESTORE,
        {"tier": "ENTERPRISE", "location": "us-central1-b"},
        'give location "us-central1"',
        {"tier": "ENTERPRISE", "location": "us-central1"},
    ),
    (
        "lustre-capacity",
        "gcp:lustre/instance:Instance",
        {"perUnitStorageThroughput": "500", "capacityGib": "9000"},
        "a multiple of 18000",
        {"perUnitStorageThroughput": "1000", "capacityGib": "9000"},
    ),
    (
        "autopilot-is-regional",
        CLUSTER,
        {"enableAutopilot": True, "location": "us-central1-a"},
        "Autopilot clusters must be regional clusters.",
        {"enableAutopilot": True, "location": "us-central1"},
    ),
    (
        "a-cluster-starts-with-nodes",
        CLUSTER,
        {"location": "us-central1"},
        "Cluster.initial_node_count must be greater than zero.",
        {"location": "us-central1", "initialNodeCount": 1},
    ),
    (
        "nodes-near-their-cluster",
        CLUSTER,
        {"initialNodeCount": 1, "location": "us-central1", "nodeLocations": ["us-east1-b"]},
        "us-east1-b is not in us-central1",
        {"initialNodeCount": 1, "location": "us-central1", "nodeLocations": ["us-central1-b"]},
    ),
    (
        "cluster-versions",
        CLUSTER,
        {"initialNodeCount": 1, "nodeVersion": "1.33", "removeDefaultNodePool": True},
        "node_version can only be specified",
        {"initialNodeCount": 1, "nodeVersion": "1.33"},
    ),
    (
        "pool-counts",
        POOL,
        {"nodeCount": 1, "initialNodeCount": 1},
        "Cannot set both initial_node_count and node_count",
        {"nodeCount": 1},
    ),
    (
        "pool-counts",
        POOL,
        {"autoscaling": {"minNodeCount": 3, "maxNodeCount": 1}},
        "is over maxNodeCount",
        {"autoscaling": {"minNodeCount": 1, "maxNodeCount": 3}},
    ),
    (
        "pool-machines",
        POOL,
        {"nodeConfig": {"machineType": "e2-standard-4", "guestAccelerators": [{"type": "nvidia-l4", "count": 1}]}},
        "[nvidia-l4, e2-standard-4]",
        {"nodeConfig": {"machineType": "g2-standard-4", "guestAccelerators": [{"type": "nvidia-l4", "count": 1}]}},
    ),
    (
        "sql-custom-tier",
        SQL,
        {"settings": {"tier": "db-custom-3-7680"}},
        "even number",
        {"settings": {"tier": "db-custom-2-7680"}},
    ),
    (
        "sql-is-reachable",
        SQL,
        {"settings": {"tier": "db-f1-micro", "ipConfiguration": {"ipv4Enabled": False}}},
        "At least one of Public IP",
        {"settings": {"tier": "db-f1-micro", "ipConfiguration": {"ipv4Enabled": False, "privateNetwork": "n"}}},
    ),
    (
        "subscription-times",
        SUBSCRIPTION,
        {"retryPolicy": {"minimumBackoff": "60s", "maximumBackoff": "10s"}},
        "exchange them",
        {"retryPolicy": {"minimumBackoff": "10s", "maximumBackoff": "60s"}},
    ),
    (
        "schedules",
        "gcp:cloudscheduler/job:Job",
        {"schedule": "tomorrow", "pubsubTarget": {"topicName": "projects/p/topics/t"}},
        "five fields",
        {"schedule": "0 9 * * 1", "pubsubTarget": {"topicName": "projects/p/topics/t"}},
    ),
    (
        "budget-amounts",
        "gcp:billing/budget:Budget",
        {"amount": {"specifiedAmount": {"units": "-5"}}},
        "0 or more",
        {"amount": {"specifiedAmount": {"units": "5"}}},
    ),
    (
        "only-one-of-a-group",
        FIREWALL,
        {"sourceTags": ["a"], "allows": [{"protocol": "tcp"}], "denies": [{"protocol": "udp"}]},
        "only one of",
        {"sourceTags": ["a"], "allows": [{"protocol": "tcp"}]},
    ),
    ("one-of-a-group-is-needed", VM, {**E2, "scheduling": {}}, "must be specified", E2),
    (
        "not-together",
        TPU,
        {"acceleratorType": "v2-8", "acceleratorConfig": {"type": "V2", "topology": "2x2"}},
        "conflicts with",
        {"acceleratorType": "v2-8"},
    ),
    (
        "only-along-with",
        "gcp:secretmanager/secret:Secret",
        {"rotation": {"nextRotationTime": "2100-01-01T00:00:00Z"}},
        "must be specified",
        {"replication": {"auto": {}}},
    ),
]
CASES += BY_HAND


@pytest.mark.parametrize(("name", "token", "wrong", "words", "right"), CASES)
def test_the_wrong_input_is_refused_for_its_reason_and_the_nearest_right_one_is_taken(
    name: str, token: str, wrong: dict[str, Any], words: str, right: dict[str, Any]
) -> None:
    rule = next(rule for rule in table("gcp") if rule.name == name)
    reasons = [problem.reason for problem in rule.find(_given(token, wrong))]
    assert any(words in reason for reason in reasons), reasons
    assert list(check_conflicts(_type(token), right, {})) == []


def test_every_rule_has_a_case() -> None:
    assert {rule.name for rule in table("gcp")} == {name for name, *_ in CASES}


@pytest.mark.parametrize(("name", "token", "wrong"), [case[:3] for case in CASES])
def test_values_that_are_only_known_later_are_right(name: str, token: str, wrong: dict[str, Any]) -> None:
    rule = next(rule for rule in table("gcp") if rule.name == name)
    assert list(rule.find(_given(token, {key: UNKNOWN for key in wrong}))) in ([], list(rule.find(_given(token, {}))))


def test_a_secret_is_looked_into() -> None:
    problems = list(check_conflicts(_type(VM), {**L4, "scheduling": Secret({"onHostMaintenance": "MIGRATE"})}, {}))
    assert [problem.path for problem in problems] == ["scheduling.onHostMaintenance"]


_types: dict[str, ResourceType] = {}


def _type(token: str) -> ResourceType:
    if token not in _types:
        _types[token] = ResourceType(installed()["gcp"], token)
    return _types[token]


def _given(token: str, inputs: Mapping[str, Any]) -> Given:
    return Given(type=_type(token), inputs=inputs, config={})
