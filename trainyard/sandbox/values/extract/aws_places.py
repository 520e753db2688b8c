"""`python -m trainyard.sandbox.values.extract.aws_places`: writes `aws_regions.json` and `aws_machines.json` anew.

Where each instance type is offered, and what each can, from what botocore, cfn-lint and moto tell of EC2's own answers.
"""

from __future__ import annotations

import gzip
import json
from collections.abc import Iterator, Mapping
from importlib.metadata import version
from pathlib import Path
from typing import Any, Final

import botocore.session
import cfnlint
import moto.ec2
from moto.ec2.models.availability_zones_and_regions import RegionsAndZonesBackend

from trainyard.sandbox.values.description import DATA

_CFN: Final = Path(cfnlint.__file__).parent / "data" / "schemas" / "extensions"
_MOTO: Final = Path(moto.ec2.__file__).parent / "resources"
_BOTO: Final = Path(botocore.__file__).parent / "data" / "endpoints.json"
_FLAGS: Final[Mapping[str, str]] = {"BareMetal": "metal", "HibernationSupported": "hibernates"}


def regions() -> dict[str, Any]:
    """The regions by partition, the zones of each, and the instance types of each as a mask: bit N is region N."""
    partitions = json.loads(_BOTO.read_text(encoding="utf-8"))["partitions"]
    names = sorted(RegionsAndZonesBackend.zones)
    by_mask: dict[int, list[str]] = {}
    where = {name: _types_in(name) for name in names}
    for type in sorted(set().union(*where.values()) | set(_named_by_botocore())):
        mask = sum(1 << number for number, name in enumerate(names) if type in where[name])
        by_mask.setdefault(mask, []).append(type)
    return {
        "source": {
            "partitions": f"botocore {version('botocore')}, endpoints.json",
            "zones": f"moto {version('moto')}, ec2 DescribeAvailabilityZones",
            "types": f"cfn-lint {version('cfn-lint')}, instance types by region; moto {version('moto')}, ec2 "
            f"DescribeInstanceTypeOfferings; botocore {version('botocore')}, ec2 InstanceType for the names",
            "mask": "hexadecimal; bit N stands for the region N of `zones`, in its order",
        },
        "partitions": {one["partition"]: sorted(one["regions"]) for one in partitions},
        "zones": {name: " ".join(zone.name for zone in RegionsAndZonesBackend.zones[name]) for name in names},
        "types": {f"{mask:x}": " ".join(types) for mask, types in sorted(by_mask.items())},
    }


def machines() -> dict[str, Any]:
    """What DescribeInstanceTypes says of each type; equal answers are told once."""
    told = json.loads(gzip.decompress((_MOTO / "instance_types.json.gz").read_bytes()))
    alike: dict[str, list[str]] = {}
    for name, one in sorted(told.items()):
        alike.setdefault(json.dumps(_facts(one), sort_keys=True), []).append(name)
    return {
        "source": f"moto {version('moto')}, ec2 DescribeInstanceTypes",
        "groups": [{"types": " ".join(types), **json.loads(facts)} for facts, types in alike.items()],
    }


def _facts(one: Mapping[str, Any]) -> dict[str, Any]:
    cpu, network = one["VCpuInfo"], one["NetworkInfo"]
    efa = [card["NetworkCardIndex"] for card in network["NetworkCards"] if "efa" in card.get("InterfaceTypes", ())]
    facts = {
        "arch": " ".join(one["ProcessorInfo"]["SupportedArchitectures"]),
        "cores": cpu.get("ValidCores"),
        "threads": cpu.get("ValidThreadsPerCore"),
        "efa": (network.get("EfaInfo") or {}).get("MaximumEfaInterfaces"),
        "efa_from": min(efa) if efa else None,
        "cards": network["MaximumNetworkCards"],
        "interfaces": network["MaximumNetworkInterfaces"],
        "usage": " ".join(sorted(one["SupportedUsageClasses"])),
        "placement": " ".join(one["PlacementGroupInfo"]["SupportedStrategies"]),
        "gpus": sum(gpu["Count"] for gpu in one["GpuInfo"]["Gpus"]) if "GpuInfo" in one else None,
        "flags": " ".join(flag for key, flag in _FLAGS.items() if one.get(key)),
    }
    return {key: value for key, value in facts.items() if value}


def _types_in(region: str) -> set[str]:
    listed = json.loads((_CFN / "aws_ec2_instance" / "instancetype_enum.json").read_text(encoding="utf-8"))
    found = set(listed.get(region, {}).get("enum", ()))
    offered = _MOTO / "instance_type_offerings" / "region" / f"{region}.json.gz"
    if offered.exists():
        found |= {one["InstanceType"] for one in json.loads(gzip.decompress(offered.read_bytes()))}
    return found


def _named_by_botocore() -> Iterator[str]:
    yield from botocore.session.get_session().get_service_model("ec2").shape_for("InstanceType").enum


def main() -> None:
    for name, document in (("aws_regions", regions()), ("aws_machines", machines())):
        (DATA / f"{name}.json").write_text(_text(document), encoding="utf-8")


def _text(document: Mapping[str, Any]) -> str:
    """One line an entry, so that a change reads as one."""
    parts = []
    for key, value in document.items():
        if isinstance(value, Mapping):
            lines = ",\n".join(f" {json.dumps(name)}: {json.dumps(one)}" for name, one in value.items())
            parts.append(f'"{key}": {{\n{lines}\n}}')
        elif isinstance(value, list):
            parts.append(f'"{key}": [\n' + ",\n".join(f" {json.dumps(one)}" for one in value) + "\n]")
        else:
            parts.append(f'"{key}": {json.dumps(value)}')
    return "{" + ",\n".join(parts) + "}\n"


if __name__ == "__main__":
    main()
