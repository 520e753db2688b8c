"""What a base holds reaches the workloads: key, TensorBoard and file systems on the real engine, up and gone again."""

import base64
import json
from typing import Any

import pytest
import yaml

from tests.engine.conftest import Yard
from tests.engine.test_base import EVERYTHING, PROJECT, lab, write
from trainyard.clouds.gcp.vertex import VertexJobs
from trainyard.facts.lease_id import lease_id

__all__ = ["lab"]
pytestmark = pytest.mark.engine

NAME = "lab-work"
REGION = "europe-west4"
LEASE = lease_id("file://leases", "trainyard", NAME)


def where() -> list[dict[str, Any]]:
    return [{"cloud": "gcp", "regions": [REGION]}]


WORKLOADS: dict[str, Any] = {
    "tune": {
        "kind": "training-job",
        "accelerator": "L4:1",
        "where": where(),
        "capacity": [{"kind": "on-demand", "usd_hour": 0.95}],
        "container": f"{REGION}-docker.pkg.dev/acme/train/llama@sha256:" + "9f" * 32,
        "data": {"checkpoints": "write", "home": "read", "fast": "read"},
        "tensorboard": True,
    },
    "vm": {"kind": "gpu-vm", "accelerator": "L4:1", "where": where(), "data": {"home": "write", "fast": "read"}},
    "lab": {
        "kind": "notebook",
        "accelerator": "L4:1",
        "where": where(),
        "capacity": [{"kind": "on-demand", "usd_hour": 0.95}],
        "idle": {"after": "1h"},
    },
    "warm": {
        "kind": "persistent-resource",
        "accelerator": "L4:1",
        "where": where(),
        "capacity": [{"kind": "on-demand", "usd_hour": 0.95}],
    },
}


def run(yard: Yard, *arguments: str) -> str:
    result = yard.pulumi(*arguments, "--stack", NAME)
    assert result.code == 0, result.text
    return result.text


def inputs(yard: Yard, token: str) -> dict[str, Any]:
    resources = json.loads(run(yard, "stack", "export"))["deployment"]["resources"]
    [found] = [each["inputs"] for each in resources if each["type"] == token]
    return dict(found)


def test_key_tensorboard_and_file_systems_of_the_base_reach_what_runs(lab: Yard) -> None:
    stack = {
        "schema": 1,
        "environment": "lab",
        "layer": "compute",
        "owner": "ml-research",
        "cost_center": "ml-research",
    }
    lease = {"ttl": "12h", "extend_to": "24h", "cap_usd": 200, "at_limit": "stop"}
    settings = {"stack": stack, "lease": lease, "workloads": WORKLOADS}
    file = lab.folder / "stacks" / f"Pulumi.{NAME}.yaml"
    file.write_text(yaml.safe_dump({"config": {"trainyard:settings": settings}}, sort_keys=False))
    run(lab, "stack", "init")
    try:
        run(lab, "up", "--yes", "--skip-preview")
        base = json.loads(lab.pulumi("stack", "output", "--json", "--stack", "lab-base").text)["gcp"]
        key = base["keys"][REGION]
        [job] = VertexJobs(PROJECT, REGION, lab.sandbox, lambda _: False).of_lease(LEASE)
        spec, [pool] = job["jobSpec"], job["jobSpec"]["workerPoolSpecs"]
        assert job["encryptionSpec"] == {"kmsKeyName": key}
        assert spec["tensorboard"] == base["tensorboard_id"]
        assert spec["baseOutputDirectory"]["outputUriPrefix"].startswith(f"gs://{base['data']['checkpoints']}/")
        [lustre], [nfs] = pool["lustreMounts"], pool["nfsMounts"]
        assert f"{lustre['instanceIp']}@tcp:/{lustre['filesystem']}" == base["data"]["fast"]
        assert lustre["volumeHandle"] == f"{PROJECT}/europe-west4-a/lab-base-fast"
        assert f"{nfs['server']}:{nfs['path']}" == base["data"]["home"]
        grant = [role for role in _roles(lab) if role.endswith("_tensorboard_writer")]
        assert grant == [base["tensorboard_writer_id"]]
        vm = inputs(lab, "gcp:compute/instance:Instance")
        assert vm["bootDisk"]["kmsKeySelfLink"] == key
        [mount] = [each for each in _files(vm) if each["path"].endswith("/set-fast")]
        assert _content(mount) == f"lustre\nro\n{base['data']['fast']}\n"
        assert inputs(lab, "gcp:workbench/instance:Instance")["gceSetup"]["bootDisk"]["kmsKey"] == key
        assert inputs(lab, "gcp:vertex/aiPersistentResource:AiPersistentResource")["encryptionSpec"] == {
            "kmsKeyName": key
        }
        run(lab, "refresh", "--yes", "--expect-no-changes")
        run(lab, "preview", "--expect-no-changes")
        write(lab, {**EVERYTHING, "node_identity": {"id": "gpu-nodes@acme-ml-lab.iam.gserviceaccount.com"}})
        again = {**WORKLOADS, "tune": {**WORKLOADS["tune"], "run": 2}}  # a job cannot become another's
        settings["workloads"] = again
        file.write_text(yaml.safe_dump({"config": {"trainyard:settings": settings}}, sort_keys=False))
        steps = json.loads(run(lab, "preview", "--json"))["steps"]
        gone = {step["oldState"]["type"] for step in steps if step["op"] == "delete"}
        assert {"gcp:serviceaccount/account:Account", "gcp:storage/bucketIAMMember:BucketIAMMember"} <= gone
        [vm] = [step["newState"]["inputs"] for step in steps if _is(step, "gcp:compute/instance:Instance")]
        assert vm["serviceAccount"]["email"] == f"gpu-nodes@{PROJECT}.iam.gserviceaccount.com"
    finally:
        write(lab, EVERYTHING)
        run(lab, "destroy", "--yes", "--skip-preview")
        lab.pulumi("stack", "rm", "--yes", "--stack", NAME)
        file.unlink(missing_ok=True)


def _is(step: dict[str, Any], token: str) -> bool:
    return step["op"] in ("update", "replace", "create-replacement") and step["newState"]["type"] == token


def _files(vm: dict[str, Any]) -> list[dict[str, Any]]:
    return list(yaml.safe_load(vm["metadata"]["user-data"])["write_files"])


def _content(file: dict[str, Any]) -> str:
    text = str(file["content"])
    return base64.b64decode(text).decode() if file.get("encoding") in ("b64", "base64") else text


def _roles(yard: Yard) -> list[str]:
    resources = json.loads(run(yard, "stack", "export"))["deployment"]["resources"]
    return [each["inputs"]["role"] for each in resources if each["type"] == "gcp:projects/iAMMember:IAMMember"]
