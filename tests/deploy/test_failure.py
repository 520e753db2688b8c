"""Every error text of the wild gets its class, nested or cut, in any case and with any id; no other text gets one."""

from __future__ import annotations

import re

import pytest

from trainyard.deploy.failure import Kind, classify, worst

# Class, and the text as it stands in the threads that failure.py names.
TEXTS: dict[str, tuple[Kind, str]] = {
    "gcp stockout": (
        Kind.CAPACITY,
        "Error waiting for instance to create: The zone 'projects/acme-ml-dev/zones/us-central1-a' does not have "
        "enough resources available to fulfill the request.  Try a different zone, or try again later.",
    ),
    "gcp stockout code": (Kind.CAPACITY, "ZONE_RESOURCE_POOL_EXHAUSTED"),
    "gcp stockout with details": (
        Kind.CAPACITY,
        "ZONE_RESOURCE_POOL_EXHAUSTED_WITH_DETAILS: errorInfo.reason: resource_availability, metadatas: "
        '{"zone": "us-central1-a", "vmType": "a2-highgpu-1g", "attachment": "", "zonesAvailable": ""} '
        "(state:STOCKOUT, resource type:compute)",
    ),
    "gcp quota": (Kind.QUOTA, "googleapi: Error 403: Quota 'GPUS_ALL_REGIONS' exceeded.  Limit: 0.0 globally."),
    "gcp quota code": (Kind.QUOTA, "QUOTA_EXCEEDED"),
    "gcp rate": (
        Kind.THROTTLE,
        "googleapi: Error 403: Quota exceeded for quota group 'ReadGroup' and limit 'Read requests per user per 100 "
        "seconds' of service 'compute.googleapis.com' for consumer 'project_number:42'., rateLimitExceeded",
    ),
    "gcp backend": (Kind.THROTTLE, "googleapi: Error 503: Service is currently unavailable., backendError"),
    "gcp 429": (Kind.THROTTLE, "Error 429: Quota exceeded for quota metric 'Requests', RATE_LIMIT_EXCEEDED"),
    "tpu stockout": (
        Kind.CAPACITY,
        'Error code 8, message: There is no more capacity in the zone "us-east5-b"; you can try in another zone where '
        "Cloud TPU Nodes are offered (see https://cloud.google.com/tpu/docs/regions) [EID: 0x1a2b3c]",
    ),
    "tpu reservation": (
        Kind.CAPACITY,
        "Insufficient reserved capacity. Contact customer support to increase your reservation.",
    ),
    "vertex quota": (
        Kind.QUOTA,
        "429 RESOURCE_EXHAUSTED: The following quota metrics exceed quota limits: "
        "aiplatform.googleapis.com/custom_model_training_nvidia_l4_gpus",
    ),
    "vertex stockout": (Kind.CAPACITY, "429 RESOURCE_EXHAUSTED: Resources are insufficient in region: us-central1"),
    "gcp protected": (
        Kind.CONFIGURATION,
        "Error 400: Invalid resource usage: 'Resource cannot be deleted if it's protected against deletion.'., "
        "invalidResourceUsage",
    ),
    "ec2 stockout": (
        Kind.CAPACITY,
        "api error InsufficientInstanceCapacity: We currently do not have sufficient p4d.24xlarge capacity in the "
        "Availability Zone you requested (us-east-1d). Our system will be working on provisioning additional capacity. "
        "You can currently get p4d.24xlarge capacity by not specifying an Availability Zone in your request or "
        "choosing us-east-1a, us-east-1b.",
    ),
    "ec2 stockout without its code": (
        Kind.CAPACITY,
        "We currently do not have sufficient p4d.24xlarge capacity in the Availability Zone you requested",
    ),
    "spot stockout": (Kind.CAPACITY, "There is no Spot capacity available that matches your request."),
    "fleet unfulfillable": (Kind.CAPACITY, "UnfulfillableCapacity"),
    "spot count": (Kind.QUOTA, "MaxSpotInstanceCountExceeded: Max spot instance count exceeded"),
    "spot price": (Kind.CAPACITY, "SpotMaxPriceTooLow: Your Spot request price of 1.2 is lower than required"),
    "ec2 unsupported": (
        Kind.CAPACITY,
        "api error Unsupported: Your requested instance type (p5.48xlarge) is not supported in your requested "
        "Availability Zone (us-east-1e).",
    ),
    "ec2 quota": (
        Kind.QUOTA,
        "VcpuLimitExceeded: You have requested more vCPU capacity than your current vCPU limit of 16 allows for the "
        "instance bucket that the specified instance type belongs to. Please visit "
        "http://aws.amazon.com/contact-us/ec2-request to request an adjustment to this limit.",
    ),
    "ec2 rate": (Kind.THROTTLE, "api error RequestLimitExceeded: Request limit exceeded."),
    "sagemaker rate": (Kind.THROTTLE, "ThrottlingException: Rate exceeded"),
    "sagemaker quota": (
        Kind.QUOTA,
        "ResourceLimitExceeded: The account-level service limit 'ml.p3.2xlarge for training job usage' is 0 Instances, "
        "with current utilization of 0 Instances and a request delta of 1 Instances.",
    ),
    "sagemaker stockout": (
        Kind.CAPACITY,
        "CapacityError: Unable to provision requested ML compute capacity. Please retry using a different ML instance "
        "type.",
    ),
    "ec2 read lag": (
        Kind.LOST_RESPONSE,
        "api error InvalidInstanceID.NotFound: The instance ID 'i-0a1b2c3d4e5f60718' does not exist",
    ),
    "ec2 protected": (
        Kind.CONFIGURATION,
        "OperationNotPermitted: The instance 'i-0a1b2c3d4e5f60718' may not be terminated. Modify its "
        "'disableApiTermination' instance attribute and try again.",
    ),
    "azure stockout": (
        Kind.CAPACITY,
        'Code="AllocationFailed" Message="Allocation failed. We do not have sufficient capacity for the requested VM '
        "size in this region. Read more about improving likelihood of allocation success at "
        'http://aka.ms/allocation-guidance"',
    ),
    "azure zone stockout": (
        Kind.CAPACITY,
        "ZonalAllocationFailed: Allocation failed. We do not have sufficient capacity for the requested VM size in "
        "this zone. Read more at http://aka.ms/allocation-guidance",
    ),
    "azure constraint": (
        Kind.CAPACITY,
        "OverconstrainedZonalAllocationRequest: Allocation failed. VM(s) with the following constraints cannot be "
        "allocated, because the condition is too restrictive.",
    ),
    "azure sku": (
        Kind.CAPACITY,
        "409 SkuNotAvailable: The requested VM size for resource 'Following SKUs have failed for Capacity "
        "Restrictions: Standard_NC24ads_A100_v4' is currently not available in location 'eastus'.",
    ),
    "azure quota": (
        Kind.QUOTA,
        "409 OperationNotAllowed: Operation could not be completed as it results in exceeding approved "
        "standardDASv5Family Cores quota. Additional details - Deployment Model: Resource Manager, Location: eastus, "
        "Current Limit: 100, Current Usage: 96, Additional Required: 64, (Minimum) New Limit Required: 160.",
    ),
    "azure quota at validation": (Kind.QUOTA, "QuotaExceeded"),
    "azure rate": (
        Kind.THROTTLE,
        "429 SubscriptionRequestsThrottled: The request for subscription '1b9d6bcd-bbfd-4b2d-9b5d-ab8dfbbd4bed' has "
        "exceeded the backend storage limit. Please try again after '6' seconds.",
    ),
    "azure retryable": (Kind.THROTTLE, 'Code="RetryableError" Message="A retryable error occurred."'),
    "azure ml quota": (
        Kind.QUOTA,
        "The specified subscription has a Standard NC family vCPU quota of 0 and cannot accomodate for at least 1 "
        "requested managed compute nodes which maps to 6 vCPUs.",
    ),
    "azure ml says ok": (Kind.LOST_RESPONSE, 'Status=200 Code="OK" Message=""'),
    "answer lost": (Kind.LOST_RESPONSE, "rpc error: code = Unavailable desc = error reading from server: EOF"),
    "answer lost, then made again": (
        Kind.LOST_RESPONSE,
        "googleapi: Error 409: The resource 'projects/p/zones/z/instances/n' already exists, alreadyExists",
    ),
    "a group that waits": (
        Kind.LOST_RESPONSE,
        "Error waiting for Created: timeout while waiting for state to become 'created' (last state: 'creating', "
        "timeout: 40m0s)",
    ),
    "gcp login": (
        Kind.AUTHORISATION,
        "googleapi: Error 401: Request had invalid authentication credentials. Expected OAuth 2 access token, login "
        "cookie or other valid authentication credential., authError",
    ),
    "gcp right": (Kind.AUTHORISATION, "Error 403: Required 'compute.instances.create' permission for 'projects/p'"),
    "aws login": (
        Kind.AUTHORISATION,
        "api error ExpiredToken: The security token included in the request is expired",
    ),
    "aws right": (
        Kind.AUTHORISATION,
        "api error UnauthorizedOperation: You are not authorized to perform this operation.",
    ),
    "azure right": (
        Kind.AUTHORISATION,
        "AuthorizationFailed: The client 'x' with object id 'y' does not have authorization to perform action",
    ),
    "gcp value": (Kind.CONFIGURATION, "Error 400: Invalid value for field 'resource.machineType': 'x', invalid"),
    "aws value": (Kind.CONFIGURATION, "api error InvalidParameterValue: Invalid availability zone: [us-east-1z]"),
}
UNKNOWN = (
    "",
    "something went wrong",
    "the lease cannot end",
    "Unsupported value for this field",
    "the capacity of the disk is given in GiB",
    "creating urn:pulumi:quota-exceeded::trainyard::gcp:compute/instance:Instance::stockout: it failed",
)
WRAPS = {
    "plain": "{}",
    "a step of the engine": "sdk-v3/provider.go:1200: sdk.helper_schema: {}: provider=gcp@10.2.0",
    "an error list": "creating urn:pulumi:dev::p::t::n: 1 error occurred:\n\t* creating instance: {}\n\n",
    "two errors": "2 errors occurred:\n\t* {}\n\t* the step was not tried\n\n",
    "a Google operation": 'Error waiting for x: {{"error": {{"errors": [{{"message": "{}"}}]}}, "status": "DONE"}}',
    "a fleet": "CreateFleet: errors: [{{LaunchTemplateAndOverrides: {{...}}, Lifecycle: spot, ErrorMessage: {}}}]",
    "Azure's inner code": (
        'Code="ResourceDeploymentFailure" Message="The resource operation completed with terminal provisioning state '
        "'Failed'.\" Details=[{{{}}}]"
    ),
    "an answer of AWS": "operation error EC2: RunInstances, https response error StatusCode: 400, RequestID: 8f-9, {}",
    "an RPC": "rpc error: code = Unknown desc = {}",
}


def other_ids(text: str) -> str:
    """The same text about another project, zone, instance and subscription."""
    for old, new in (
        ("us-central1-a", "europe-west4-b"),
        ("acme-ml-dev", "x-9"),
        ("us-east-1d", "eu-north-1c"),
        ("i-0a1b2c3d4e5f60718", "i-11111111"),
        ("1b9d6bcd-bbfd-4b2d-9b5d-ab8dfbbd4bed", "00000000-0000-4000-8000-000000000000"),
        ("p4d.24xlarge", "g6e.xlarge"),
        ("0x1a2b3c", "0xffff"),
    ):
        text = text.replace(old, new)
    return text


@pytest.mark.parametrize("wrap", WRAPS)
@pytest.mark.parametrize("name", TEXTS)
def test_a_text_gets_its_class_whatever_is_around_it(name: str, wrap: str) -> None:
    kind, text = TEXTS[name]
    whole = WRAPS[wrap].format(text)
    for told in (whole, whole.upper(), whole.lower(), other_ids(whole), f"  {whole}\n"):
        assert classify(told).kind is kind, told


@pytest.mark.parametrize("text", UNKNOWN)
def test_a_text_without_a_known_sign_is_unknown_and_never_capacity(text: str) -> None:
    assert classify(text).kind is Kind.UNKNOWN


def test_a_throttle_tells_how_long_to_wait_as_the_cloud_says() -> None:
    assert classify(TEXTS["azure rate"][1]).retry_after_seconds == 6
    assert classify("429 Too Many Requests, Retry-After: 30").retry_after_seconds == 30
    assert classify(TEXTS["ec2 rate"][1]).retry_after_seconds is None
    assert classify("quota 'X' exceeded, try again after 6 days").retry_after_seconds is None


def test_a_quota_over_all_regions_is_told_from_one_region_s() -> None:
    assert classify(TEXTS["gcp quota"][1]).everywhere
    assert not classify("Quota 'NVIDIA_A100_GPUS' exceeded.  Limit: 0.0 in region us-central1.").everywhere
    assert not classify(TEXTS["ec2 quota"][1]).everywhere


def test_of_several_errors_the_one_that_stops_decides() -> None:
    stockout, login = classify(TEXTS["gcp stockout"][1]), classify(TEXTS["gcp login"][1])
    assert worst([stockout, login]).kind is Kind.AUTHORISATION
    both = f"2 errors occurred:\n\t* {TEXTS['ec2 stockout'][1]}\n\t* {TEXTS['aws right'][1]}\n"
    assert classify(both).kind is Kind.AUTHORISATION


def test_every_class_has_its_own_next_step() -> None:
    steps = {classify(text).next_step for _, text in TEXTS.values()}
    assert len(steps) == len(Kind) - 1
    assert classify("?").next_step not in steps


def test_the_texts_are_as_long_as_in_the_wild_and_no_sign_is_a_single_short_word() -> None:
    assert not any(re.fullmatch(r"\w{1,4}", text) for _, text in TEXTS.values())
