"""Who may ask, what is no call, and what goes wrong by a faults file; each in its service's own shape."""

import http.client
import time
from collections.abc import Callable
from email.utils import parsedate_to_datetime
from typing import Any
from urllib.parse import urlsplit

import pytest
from botocore.config import Config
from botocore.exceptions import ClientError, ConnectionClosedError

from tests.sandbox.api.aws.conftest import Client
from tests.sandbox.api.aws.test_machines import all_of, code_of
from trainyard.clouds.aws.client import SANDBOX_KEY_ID
from trainyard.sandbox import faults
from trainyard.sandbox.api.aws.keys import key_pair
from trainyard.sandbox.faults import Fault
from trainyard.sandbox.store import Store

ASKED = {
    "ec2": "describe_instances",
    "sts": "get_caller_identity",
    "autoscaling": "describe_auto_scaling_groups",
    "sagemaker": "list_training_jobs",
    "resourcegroupstaggingapi": "get_resources",
}
ONCE = Config(retries={"mode": "standard", "total_max_attempts": 1})


def test_the_login_is_of_an_account_that_cannot_exist(client: Client) -> None:
    assert client("sts").get_caller_identity()["Account"] == "000000000000"


def test_the_lease_and_the_sandbox_mean_the_same_key_pair() -> None:
    assert key_pair("word").key == SANDBOX_KEY_ID
    assert key_pair("word").secret == "word"


@pytest.mark.parametrize(
    ("service", "code"),
    [
        ("ec2", "AuthFailure"),
        ("sts", "InvalidClientTokenId"),
        ("autoscaling", "InvalidClientTokenId"),
        ("sagemaker", "UnrecognizedClientException"),
        ("resourcegroupstaggingapi", "UnrecognizedClientException"),
    ],
)
def test_another_key_is_unknown_in_the_words_of_the_service(client: Client, service: str, code: str) -> None:
    other = client(service, aws_access_key_id="AKIAIOSFODNN7EXAMPLE")
    assert code_of(getattr(other, ASKED[service])) == code


@pytest.mark.parametrize(
    ("service", "code"),
    [
        ("ec2", "AuthFailure"),
        ("sts", "SignatureDoesNotMatch"),
        ("autoscaling", "SignatureDoesNotMatch"),
        ("sagemaker", "InvalidSignatureException"),
        ("resourcegroupstaggingapi", "InvalidSignatureException"),
    ],
)
def test_a_wrong_secret_gives_a_wrong_signature(client: Client, service: str, code: str) -> None:
    other = client(service, aws_secret_access_key="other")
    assert code_of(getattr(other, ASKED[service])) == code


@pytest.mark.parametrize(
    ("service", "call", "code"),
    [
        ("ec2", "ec2.DescribeInstances", "RequestExpired"),
        ("sts", "sts.GetCallerIdentity", "ExpiredToken"),
        ("sagemaker", "sagemaker.ListTrainingJobs", "ExpiredTokenException"),
    ],
)
def test_expired_credentials_are_refused_as_the_service_does(
    client: Client, store: Store, service: str, call: str, code: str
) -> None:
    faults.replace(store, [Fault(call=call, kind="expired-credentials")])
    assert code_of(getattr(client(service), ASKED[service])) == code


def test_a_request_without_signature_is_refused(ec2: Any) -> None:
    connection = http.client.HTTPConnection(urlsplit(ec2.meta.endpoint_url).netloc, timeout=30)
    body = "Action=DescribeInstances&Version=2016-11-15"
    connection.request("POST", "/", body, {"Content-Type": "application/x-www-form-urlencoded"})
    answer = connection.getresponse()
    assert answer.status == 400
    assert b"<Code>MissingParameter</Code>" in answer.read()
    connection.close()


def test_a_body_that_was_changed_on_the_way_is_refused(ec2: Any, client: Client) -> None:
    def change(request: Any, **_: Any) -> None:
        request.body = request.body.replace("DescribeInstances", "DescribeAddresses")

    broken = client("ec2")
    broken.meta.events.register("before-send.ec2.*", lambda request, **_: change(request))
    assert code_of(broken.describe_instances) == "AuthFailure"


def test_every_answer_carries_the_simulated_date(ec2: Any, store: Store) -> None:
    store.advance(7 * 86400)
    date = ec2.describe_instances()["ResponseMetadata"]["HTTPHeaders"]["date"]
    assert parsedate_to_datetime(date).timestamp() - time.time() > 7 * 86400 - 60


def test_what_the_sandbox_does_not_serve_is_said_and_never_answered_empty(client: Client, ec2: Any) -> None:
    with pytest.raises(ClientError, match=r"the sandbox does not serve ec2\.DescribeVpcs; it serves"):
        ec2.describe_vpcs()
    with pytest.raises(ClientError, match="the sandbox does not serve 'sns'"):
        client("sns").list_topics()


def test_a_region_that_is_none_is_refused(client: Client) -> None:
    with pytest.raises(ClientError, match="Credential should be scoped to a valid region"):
        client("ec2", "mars-1").describe_instances()


def test_throttling_is_retried_by_the_client_and_then_it_goes_through(client: Client, store: Store) -> None:
    faults.replace(store, [Fault(call="ec2.DescribeInstances", kind="throttle", times=2)])
    assert all_of(client("ec2")) == []
    assert faults.all_of(store) == ()
    faults.replace(store, [Fault(call="ec2.DescribeInstances", kind="throttle")])
    assert code_of(client("ec2", config=ONCE).describe_instances) == "RequestLimitExceeded"


def test_a_refusal_names_its_code(client: Client, store: Store) -> None:
    text = "InsufficientInstanceCapacity: We currently do not have sufficient capacity."
    faults.replace(store, [Fault(call="ec2.DescribeInstances", kind="refuse", code=500, message=text)])
    assert code_of(client("ec2", config=ONCE).describe_instances) == "InsufficientInstanceCapacity"
    faults.replace(store, [Fault(call="ec2.DescribeInstances", kind="refuse", code=403)])
    assert code_of(client("ec2", config=ONCE).describe_instances) == "UnauthorizedOperation"


def test_a_lost_response_did_its_work_once_for_the_same_token(
    client: Client, store: Store, image: str, ec2: Any
) -> None:
    faults.replace(store, [Fault(call="ec2.RunInstances", kind="lost-response", times=1)])
    wish = {"ImageId": image, "InstanceType": "g5.xlarge", "MinCount": 1, "MaxCount": 1, "ClientToken": "once"}
    with pytest.raises(ConnectionClosedError):
        client("ec2", config=ONCE).run_instances(**wish)
    (there,) = all_of(ec2)
    assert ec2.run_instances(**wish)["Instances"][0]["InstanceId"] == there["InstanceId"]


def test_a_later_page_can_be_refused(run: Callable[..., Any], client: Client, store: Store) -> None:
    run(6)
    faults.replace(store, [Fault(call="ec2.DescribeInstances", kind="cut-list", code=503)])
    ec2 = client("ec2", config=ONCE)
    first = ec2.describe_instances(MaxResults=5)
    assert code_of(ec2.describe_instances, MaxResults=5, NextToken=first["NextToken"]) == "RequestLimitExceeded"
