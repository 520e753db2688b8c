import ast
import base64
import json
import re
from dataclasses import replace
from datetime import timedelta

import pytest

from components.aws.notebook import Notebook
from components.aws.notebook_args import NotebookArgs
from trainyard.facts.capacity import Spot

NAME = "dev-1a2b3c4d-lab-0"
PLAIN = NotebookArgs(
    account="123456789012",
    region="eu-central-1",
    machine_type="g5.xlarge",
    subnet_id="subnet-0123456789abcdef0",
    security_group_ids=("sg-0123456789abcdef0",),
    role_arn="arn:aws:iam::123456789012:role/dev-1a2b3c4d-job",
    tags={"trainyard-lease": "dev-1a2b3c4d", "trainyard-workload": "lab"},
    hard_end="2026-11-25T03:49:00Z",
    idle=timedelta(minutes=30),
    access=("iam-role:ml-research",),
)


def made(deploy, **changes):
    return deploy(lambda: Notebook(NAME, replace(PLAIN, **changes)))


def test_a_notebook_is_private_without_root_and_behind_the_second_metadata_service(deploy) -> None:
    inputs = made(deploy).one("NotebookInstance").inputs
    assert (inputs["directInternetAccess"], inputs["rootAccess"]) == ("Disabled", "Disabled")
    assert inputs["instanceMetadataServiceConfiguration"] == {"minimumInstanceMetadataServiceVersion": "2"}
    assert inputs["instanceType"] == "ml.g5.xlarge"
    assert inputs["tags"] == PLAIN.tags


def test_it_stops_itself_when_idle_and_at_its_leases_end(deploy) -> None:
    script = base64.b64decode(made(deploy).one("NotebookInstanceLifecycleConfiguration").inputs["onStart"]).decode()
    assert 'HARD_END, SOFT_END, IDLE_SECONDS = "2026-11-25T03:49:00Z", "", 1800' in script
    assert "@" not in re.sub(r"[^@\n]*localhost[^\n]*", "", script)
    program = script.partition("<<'TRAINYARD'\n")[2].partition("TRAINYARD\n")[0]
    ast.parse(program)


def test_it_is_opened_by_those_who_may_and_nobody_else(deploy) -> None:
    found = made(deploy)
    [statement] = json.loads(found.one("Policy").inputs["policy"])["Statement"]
    assert statement["Resource"] == f"arn:aws:sagemaker:eu-central-1:123456789012:notebook-instance/{NAME}"
    assert found.one("RolePolicyAttachment").inputs["role"] == "ml-research"
    assert made(deploy, access=()).of("Policy") == ()


WRONG = {
    "a machine that it has not": ({"machine_type": "gr6.4xlarge"}, "SageMaker has no ml.gr6.4xlarge"),
    "spot": ({"capacity": Spot()}, "only on-demand"),
    "no time to be idle": ({"idle": timedelta(minutes=1)}, "10 to 1440 minutes"),
    "a small volume": ({"volume_gb": 4}, "5 to 16384 GB"),
    "no security group": ({"security_group_ids": ()}, "1 to 5 security groups"),
}


@pytest.mark.parametrize("what", WRONG)
def test_what_sagemaker_refuses_is_refused_before(what: str) -> None:
    changes, says = WRONG[what]
    with pytest.raises(ValueError, match=says):
        replace(PLAIN, **changes)
