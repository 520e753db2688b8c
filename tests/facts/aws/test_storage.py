"""Sizes and speeds of FSx for Lustre and EBS: what the facts allow the sandbox takes, what they refuse it refuses."""

from typing import Any

import pytest

from trainyard.facts.aws.storage import LUSTRE_TYPES, VOLUME_TYPES, lustre_error, volume_error
from trainyard.sandbox.packages import installed
from trainyard.sandbox.provider.rules import check_rules
from trainyard.sandbox.schema import ResourceType

LUSTRE = ResourceType(installed()["aws"], "aws:fsx/lustreFileSystem:LustreFileSystem")
VOLUME = ResourceType(installed()["aws"], "aws:ebs/volume:Volume")
SPEEDS = (None, 12, 40, 50, 100, 125, 200, 250, 500, 1000, 2000)
SIZES = (600, 1200, 1800, 2400, 3600, 4800, 6000, 7200, 12000)
VOLUMES = [
    (1, None, None),
    (100, 3000, 125),
    (100, 50000, 2000),
    (100, 60000, None),
    (100, 100, None),
    (4, 4000, None),
    (200, None, 500),
    (200, 4000, 1000),
    (16384, None, None),
    (65536, 64000, None),
    (70000, None, None),
]


def refused(type_: ResourceType, inputs: dict[str, Any]) -> bool:
    given = {key: value for key, value in inputs.items() if value is not None}
    return bool(list(check_rules(type_, given, {"region": "eu-central-1"})))


@pytest.mark.parametrize("name", LUSTRE_TYPES)
def test_both_say_the_same_of_every_size_and_speed_of_a_file_system(name: str) -> None:
    kind = LUSTRE_TYPES[name]
    allowed = 0
    for speed in SPEEDS:
        for gib in SIZES:
            inputs = {
                "subnetIds": "subnet-0123456789abcdef0",
                "deploymentType": kind.deployment,
                "storageType": kind.storage,
                "driveCacheType": "NONE" if kind.storage == "HDD" else None,
                "storageCapacity": gib,
                "perUnitStorageThroughput": kind.usual if speed is None else speed,
            }
            error = lustre_error(name, speed, gib)
            assert refused(LUSTRE, inputs) is (error is not None), (name, speed, gib, error)
            allowed += error is None
    assert allowed


@pytest.mark.parametrize("name", VOLUME_TYPES)
def test_both_say_the_same_of_every_size_and_speed_of_a_volume(name: str) -> None:
    for gib, iops, mib_per_s in VOLUMES:
        inputs = {"availabilityZone": "eu-central-1a", "type": name, "size": gib, "iops": iops, "throughput": mib_per_s}
        error = volume_error(name, gib, iops, mib_per_s)
        assert refused(VOLUME, inputs) is (error is not None), (name, gib, iops, mib_per_s, error)
