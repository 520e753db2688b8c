"""The one provider that all of a stack's resources on AWS are made by: it refuses a login of any other account.

There is one for all regions, and each resource names its own (`region`, which the SDK has since version 7). With a
provider a region, a resource's region could not change without a change of its provider, a provider could not go while
a state still needs it for something in a region that is left, and each is a login of its own.
"""

import pulumi_aws as aws

from components.aws.resource_name import check_account, check_region


def account_provider(name: str, account: str, region: str) -> aws.Provider:
    """`region` is only for what names none: IAM's things, which are of no region."""
    check_account(account)
    check_region(region)
    return aws.Provider(name, allowed_account_ids=[account], region=region)
