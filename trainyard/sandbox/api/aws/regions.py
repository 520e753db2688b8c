"""Amazon's regions and zones."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import Final

from botocore.loaders import Loader

from trainyard.sandbox.conflicts.aws import facts

# docs.aws.amazon.com/global-infrastructure/latest/regions/aws-regions.html, read 2026-11-24: the regions that need no
# opt-in, those that began before 2019-03-20.
_WITHOUT_OPT_IN: Final = frozenset(
    [
        "us-east-1",
        "us-east-2",
        "us-west-1",
        "us-west-2",
        "ca-central-1",
        "sa-east-1",
        "eu-central-1",
        "eu-north-1",
        "eu-west-1",
        "eu-west-2",
        "eu-west-3",
        "ap-northeast-1",
        "ap-northeast-2",
        "ap-northeast-3",
        "ap-south-1",
        "ap-southeast-1",
        "ap-southeast-2",
    ]
)


@cache
def regions() -> Mapping[str, str]:
    """The commercial regions and what they are called, as botocore's endpoints tell."""
    partitions = Loader().load_data("endpoints")["partitions"]
    known = next(one["regions"] for one in partitions if one["partition"] == "aws")
    return {name: str(told["description"]) for name, told in sorted(known.items())}


def opt_in(region: str) -> str:
    """What DescribeRegions says of the region to an account that opted into none."""
    return "opt-in-not-required" if region in _WITHOUT_OPT_IN else "not-opted-in"


def zones(region: str) -> tuple[str, ...]:
    """The region's zones; the usual three letters where no list is known."""
    return facts.zones(region) or tuple(f"{region}{letter}" for letter in "abc")
