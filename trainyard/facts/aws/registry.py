"""Where ECR keeps images: hosts and addresses, out of accounts, regions and ARNs."""

from __future__ import annotations


def host(account: str, region: str) -> str:
    """What a machine logs in to (ECR User Guide, "Private registry")."""
    return f"{account}.dkr.ecr.{region}.amazonaws.com"


def host_of(arn: str) -> str:
    """The host of a repository, out of its ARN."""
    _, _, _, region, account, _ = arn.split(":", 5)
    return host(account, region)


def address_of(arn: str) -> str:
    """What stands before an image's tag or digest, out of the repository's ARN."""
    return f"{host_of(arn)}/{arn.partition(':repository/')[2]}"
