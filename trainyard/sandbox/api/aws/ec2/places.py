"""Regions, availability zones, and the machine types of a region."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import Any, Final

from trainyard.facts.offer import Offer, load_machine_offers
from trainyard.sandbox.api.aws.call import AwsCall
from trainyard.sandbox.api.aws.ec2.filters import at, compile_filters
from trainyard.sandbox.api.aws.ec2.pages import Listed, page
from trainyard.sandbox.api.aws.error import AwsError
from trainyard.sandbox.api.aws.regions import opt_in, regions, zones
from trainyard.sandbox.conflicts.aws import facts
from trainyard.sandbox.conflicts.aws.facts import zone_id

_NOT_OPTED_IN: Final = "not-opted-in"


def describe_regions(call: AwsCall) -> dict[str, Any]:
    """DescribeRegions: those that need no opt-in, all when asked."""
    fields = {
        "region-name": at("RegionName"),
        "opt-in-status": at("OptInStatus"),
        "endpoint": at("Endpoint"),
    }
    fits = compile_filters(call.values.get("Filters") or (), fields)
    wanted = call.values.get("RegionNames") or ()
    unknown = [name for name in wanted if name not in regions()]
    if unknown:
        raise AwsError(400, "InvalidParameterValue", f"Invalid region names: {', '.join(unknown)}")
    told = [
        {"RegionName": name, "Endpoint": f"ec2.{name}.amazonaws.com", "OptInStatus": opt_in(name)}
        for name in wanted or regions()
        if wanted or call.values.get("AllRegions") or opt_in(name) != _NOT_OPTED_IN
    ]
    return {"Regions": [one for one in told if fits(one)]}


def describe_zones(call: AwsCall) -> dict[str, Any]:
    """DescribeAvailabilityZones."""
    fields = {
        "zone-name": at("ZoneName"),
        "zone-id": at("ZoneId"),
        "state": at("State"),
        "region-name": at("RegionName"),
        "zone-type": at("ZoneType"),
        "opt-in-status": at("OptInStatus"),
        "group-name": at("GroupName"),
    }
    fits = compile_filters(call.values.get("Filters") or (), fields)
    names, ids = call.values.get("ZoneNames") or (), call.values.get("ZoneIds") or ()
    unknown = [name for name in names if name not in zones(call.region)]
    if unknown:
        raise AwsError(400, "InvalidParameterValue", f"Invalid availability zone: [{unknown[0]}]")
    told = [
        {
            "ZoneName": zone,
            "ZoneId": zone_id(call.region, zone),
            "ZoneType": "availability-zone",
            "State": "available",
            "RegionName": call.region,
            "GroupName": call.region,
            "NetworkBorderGroup": call.region,
            "OptInStatus": "opt-in-not-required",
            "Messages": [],
        }
        for zone in zones(call.region)
        if not names or zone in names
    ]
    return {"AvailabilityZones": [one for one in told if fits(one) and (not ids or one["ZoneId"] in ids)]}


def describe_types(call: AwsCall) -> dict[str, Any]:
    """DescribeInstanceTypes: those that the region offers."""
    wanted = tuple(call.values.get("InstanceTypes") or ())
    unknown = [name for name in wanted if name not in _types(call.region)]
    if unknown:
        text = f"The following supplied instance types do not exist: [{', '.join(unknown)}]"
        raise AwsError(400, "InvalidInstanceType", text)
    things = [Listed(id=name, created=0.0, shown=_type(name, call.region)) for name in _types(call.region)]
    fields = {
        "instance-type": at("InstanceType"),
        "vcpu-info.default-vcpus": at("VCpuInfo", "DefaultVCpus"),
        "memory-info.size-in-mib": at("MemoryInfo", "SizeInMiB"),
        "supported-usage-class": at("SupportedUsageClasses"),
        "processor-info.supported-architecture": at("ProcessorInfo", "SupportedArchitectures"),
        "bare-metal": at("BareMetal"),
    }
    found, following = page(call, things, fields, ids=wanted)
    return {"InstanceTypes": found, **following}


@cache
def _types(region: str) -> tuple[str, ...]:
    return tuple(sorted(facts.types_in(region) | set(_offers(region))))


@cache
def _offers(region: str) -> Mapping[str, Offer]:
    return {offer.machine_type: offer for offer in load_machine_offers("aws") if offer.region == region}


@cache
def _type(name: str, region: str) -> dict[str, Any]:
    """What is known of the type: figures come with the offers, the rest with Amazon's own list."""
    told: dict[str, Any] = {"InstanceType": name, "BareMetal": ".metal" in name}
    machine, offer = facts.machine(name), _offers(region).get(name)
    if machine is not None:
        told["SupportedUsageClasses"] = sorted(machine.usage)
        told["ProcessorInfo"] = {"SupportedArchitectures": list(machine.arch)}
        told["NetworkInfo"] = {"MaximumNetworkCards": machine.cards, "EfaSupported": machine.efa > 0}
    if offer is not None:
        told["VCpuInfo"] = {"DefaultVCpus": offer.vcpus}
        told["MemoryInfo"] = {"SizeInMiB": (offer.memory_gib or 0) * 1024}
    if machine is not None and machine.gpus and offer is not None:
        gpu = {"Name": offer.accelerator.chip, "Manufacturer": "NVIDIA", "Count": machine.gpus}
        told["GpuInfo"] = {"Gpus": [gpu]}
    return told
