"""Types whose Create sets what is there already, so that a second one is no conflict.

Google: a read, change and write of the policy, an upload, an activation (terraform-provider-google,
`tpgiamresource/resource_iam_member.go`, `resource_iam_binding.go`, `resource_iam_policy.go`; storage objects.insert;
serviceusage services.enable). Amazon: the API's own verb is Put, Set or Attach (IAM, S3, SQS, SNS, ECR, EventBridge
and CloudWatch API references).
"""

from __future__ import annotations

import re
from typing import Final

_PUT: Final = re.compile(
    r"gcp:.*I(AM|am)(Member|Binding|Policy)"
    r"|gcp:(projects/service:Service|storage/bucketObject:BucketObject)"
    r"|aws:iam/.*:(Role|User|Group)Policy(Attachment)?"
    r"|aws:s3/.*:Bucket(Policy|PublicAccessBlock|Versioning|ServerSideEncryptionConfiguration|LifecycleConfiguration"
    r"|OwnershipControls|CorsConfiguration|Notification|WebsiteConfiguration|Logging|Acl|Object)(V2|v2)?"
    r"|aws:(sqs/queuePolicy:QueuePolicy|sns/topicPolicy:TopicPolicy)"
    r"|aws:ecr/.*:(RepositoryPolicy|LifecyclePolicy)"
    r"|aws:cloudwatch/.*:(EventRule|EventTarget|MetricAlarm|Dashboard)"
)


def sets(token: str) -> bool:
    """Whether a Create of the type changes what stands under its id instead of being refused."""
    return _PUT.fullmatch(token) is not None
