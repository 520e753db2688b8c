"""EC2, as its API lists and changes what the provider side made."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final

from trainyard.sandbox.api.aws.call import AwsCall
from trainyard.sandbox.api.aws.ec2 import changes, images, instances, parts, places, run, tags

EC2: Final[Mapping[str, Callable[[AwsCall], Mapping[str, Any]]]] = {
    "CreateTags": tags.create,
    "DeleteSnapshot": parts.delete_snapshot,
    "DeleteTags": tags.delete,
    "DeleteVolume": parts.delete_volume,
    "DescribeAddresses": parts.describe_addresses,
    "DescribeAvailabilityZones": places.describe_zones,
    "DescribeCapacityReservations": parts.describe_reservations,
    "DescribeImages": images.describe,
    "DescribeInstanceStatus": instances.describe_status,
    "DescribeInstanceTypes": places.describe_types,
    "DescribeInstances": instances.describe,
    "DescribeNatGateways": parts.describe_nat_gateways,
    "DescribeNetworkInterfaces": parts.describe_interfaces,
    "DescribeRegions": places.describe_regions,
    "DescribeSnapshots": parts.describe_snapshots,
    "DescribeTags": tags.describe,
    "DescribeVolumes": parts.describe_volumes,
    "ModifyInstanceAttribute": changes.modify,
    "ReleaseAddress": parts.release_address,
    "RunInstances": run.run,
    "StartInstances": changes.start,
    "StopInstances": changes.stop,
    "TerminateInstances": changes.terminate,
}
