"""The name that a zone has in this account: a volume is asked for by it, and the settings have its id."""

import pulumi
import pulumi_aws as aws

from components.aws.resource_name import check_region


def zone_name(zone_id: str, region: str, opts: pulumi.InvokeOptions | None = None) -> pulumi.Output[str]:
    """Ask once for each zone; ValueError, when it is known, for one that the account does not have."""
    check_region(region)
    zones = aws.get_availability_zones_output(region=region, opts=opts)
    return zones.apply(lambda found: found.names[found.zone_ids.index(zone_id)])
