"""What the base, the roles and a notebook declare on AWS, every option on, against Amazon's own descriptions.

The descriptions are botocore's models, with words and patterns, and cfn-lint's schemas. Properties that none of them
reaches are listed by type, so that a new one is seen.
"""

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

import pytest

from components.aws.bucket import Bucket
from components.aws.data_disk import DataDisk
from components.aws.grants import Grants
from components.aws.job_identity import JobIdentity, JobIdentityArgs
from components.aws.key import Key, KeyArgs
from components.aws.lustre import Lustre
from components.aws.network import Network
from components.aws.notebook import Notebook
from components.aws.registry import Registry, RegistryArgs
from tests.components.aws.test_base import ACCOUNT, BUCKET, DISK, GRANTS, KEY, LUSTRE, REGION, SECRET
from tests.components.aws.test_network import CLOSED, NAT
from tests.components.aws.test_notebook import PLAIN as NOTEBOOK
from trainyard.sandbox.packages import installed
from trainyard.sandbox.provider.rules import check_rules
from trainyard.sandbox.schema import ResourceType
from trainyard.sandbox.values.coverage import properties

pytestmark = pytest.mark.contract("aws")

TAGS = {"trainyard-base": "dev-base"}
MADE: Mapping[str, Callable[[], Any]] = {
    "network with NAT": lambda: Network("dev", replace(NAT, kms_key=KEY, tags=TAGS)),
    "network with endpoints": lambda: Network("dev", replace(CLOSED, kms_key=KEY, tags=TAGS)),
    "bucket": lambda: Bucket("corpus", replace(BUCKET, kms_key=KEY, delete_after_days=30, tags=TAGS)),
    "key": lambda: Key("dev", KeyArgs(account=ACCOUNT, region=REGION, tags=TAGS)),
    "registry": lambda: Registry("dev", RegistryArgs(account=ACCOUNT, region=REGION, kms_key=KEY, tags=TAGS)),
    "Lustre": lambda: Lustre("fast", replace(LUSTRE, kms_key=KEY, tags=TAGS)),
    "Lustre of hard disks": lambda: Lustre(
        "wide", replace(LUSTRE, kind="persistent-1-hdd", gib=6000, mb_per_s_per_tib=12, kms_key=KEY, tags=TAGS)
    ),
    "Lustre for a while": lambda: Lustre("quick", replace(LUSTRE, kind="scratch-2", kms_key=KEY, tags=TAGS)),
    "disk": lambda: DataDisk("work", replace(DISK, iops=4000, mib_per_s=1000, kms_key=KEY, tags=TAGS)),
    "disk with IOPS": lambda: DataDisk("quick", replace(DISK, kind="io2", iops=64000, kms_key=KEY, tags=TAGS)),
    "job's role": lambda: JobIdentity(
        "dev", JobIdentityArgs(account=ACCOUNT, name="dev-1a2b3c4d-job", notebooks=True, tags=TAGS)
    ),
    "grants": lambda: Grants(
        "dev",
        replace(
            GRANTS,
            read={"corpus": "acme-corpus/llama"},
            written={"checkpoints": "acme-checkpoints"},
            secrets=(SECRET,),
            repositories=(f"arn:aws:ecr:{REGION}:{ACCOUNT}:repository/dev",),
            keys=(KEY,),
        ),
    ),
    "notebook": lambda: Notebook("dev-1a2b3c4d-lab-0", replace(NOTEBOOK, kms_key=KEY)),
}
_NAMED = "the description calls it otherwise; the API's pattern of it is held by check_name, and by the sandbox's rules"
_OWN_CALL = "a call of its own after the thing is there"
# Of the provider's inputs (region and tags apart), those that no description reaches, each for its reason.
UNREACHED: Mapping[str, Mapping[str, str]] = {
    "aws:cloudwatch/logGroup:LogGroup": {"name": _NAMED},
    "aws:ec2/defaultSecurityGroup:DefaultSecurityGroup": dict.fromkeys(("ingress", "egress", "vpcId"), _OWN_CALL),
    "aws:ec2/flowLog:FlowLog": {"iamRoleArn": _NAMED, "vpcId": _NAMED},
    "aws:ec2/internetGateway:InternetGateway": {"vpcId": _OWN_CALL},
    "aws:ec2/securityGroup:SecurityGroup": {"ingress": _OWN_CALL, "egress": _OWN_CALL, "name": _NAMED},
    "aws:ecr/lifecyclePolicy:LifecyclePolicy": {"repository": _NAMED, "policy": _NAMED},
    "aws:ecr/repository:Repository": {"name": _NAMED, "forceDelete": "the provider's own"},
    "aws:ecr/repositoryPolicy:RepositoryPolicy": {"repository": _NAMED, "policy": _NAMED},
    "aws:fsx/lustreFileSystem:LustreFileSystem": {"skipFinalBackup": "asked for when it is deleted"},
    "aws:iam/policy:Policy": {"name": _NAMED},
    "aws:iam/role:Role": {"name": _NAMED},
    "aws:iam/rolePolicy:RolePolicy": {"name": _NAMED},
    "aws:kms/alias:Alias": {"name": _NAMED},
    "aws:s3/bucket:Bucket": {"forceDestroy": "the provider's own"},
    "aws:s3/bucketPolicy:BucketPolicy": {"bucket": _NAMED, "policy": "a document, which the sandbox reads"},
    "aws:sagemaker/notebookInstance:NotebookInstance": {"name": _NAMED},
    "aws:sagemaker/notebookInstanceLifecycleConfiguration:NotebookInstanceLifecycleConfiguration": {"name": _NAMED},
}


def declared(deploy: Any, what: str) -> list[Any]:
    return [one for one in deploy(MADE[what]).all if one.type.startswith("aws:")]


@pytest.mark.parametrize("what", MADE)
def test_amazon_refuses_nothing_of_it(deploy: Any, what: str) -> None:
    wrong = {}
    for one in declared(deploy, what):
        # Ids that the mocks give have not Amazon's form: only what the component itself says is judged.
        found = [
            f"{problem.path}: {problem.reason}"
            for problem in check_rules(ResourceType(installed()["aws"], one.type), one.inputs, {})
            if "-id" not in problem.reason
        ]
        if found:
            wrong[one.name] = found
    assert wrong == {}


def unreached(deploy: Any) -> dict[str, set[str]]:
    found: dict[str, set[str]] = {}
    for what in MADE:
        for one in declared(deploy, what):
            reached = {
                each.path.partition(".")[0].partition("[")[0] for each in properties("aws", one.type) if each.api
            }
            left = set(one.inputs) - reached - {"region", "tags"}
            if left:
                found.setdefault(one.type, set()).update(left)
    return found


def test_every_property_that_no_description_reaches_is_listed(deploy: Any) -> None:
    assert unreached(deploy) == {type_: set(reasons) for type_, reasons in UNREACHED.items()}


def test_what_amazon_would_refuse_would_be_found(deploy: Any) -> None:
    key = next(one for one in declared(deploy, "key") if one.type == "aws:kms/key:Key")
    inputs = {**key.inputs, "deletionWindowInDays": 3}
    assert [problem.path for problem in check_rules(ResourceType(installed()["aws"], key.type), inputs, {})]
