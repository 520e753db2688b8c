"""The id that a machine image has in a region: what Systems Manager says now, or what the stack file says."""

import pulumi
import pulumi_aws as aws

from components.aws.resource_name import check_region
from trainyard.facts.aws.images import Image


def ami(image: Image, region: str, opts: pulumi.InvokeOptions | None = None) -> pulumi.Input[str]:
    """Ask once for each image and region. A newer image of the same name replaces no machine that is there."""
    check_region(region)
    if image.parameter is None:
        return str(image.ami)
    found = aws.ssm.get_parameter_output(name=image.parameter, region=region, opts=opts)
    return found.apply(lambda parameter: parameter.insecure_value)
