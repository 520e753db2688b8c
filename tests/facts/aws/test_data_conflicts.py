"""What a workload on AWS cannot do with a data set: each row stands alone, with its source."""

from dataclasses import replace

import pytest

from trainyard.facts.aws.data_conflicts import Used, data_conflicts

DISK = Used(kind="disk", workload="gpu-vm", region="eu-central-1", zone="euc1-az2", zones=("euc1-az2",))
LUSTRE = replace(DISK, kind="lustre", regions=("eu-central-1",))
WRONG = {
    "sagemaker-attaches-no-volume": replace(DISK, workload="training-job", zones=("",)),
    "a-volume-lies-in-one-zone": replace(DISK, zones=("euc1-az2", "euc1-az3")),
    "a-volume-has-one-machine": replace(DISK, nodes=4),
    "a-job-has-data-of-its-region": replace(LUSTRE, kind="bucket", workload="training-job", regions=("eu-north-1",)),
    "no-file-system-in-a-notebook": replace(LUSTRE, workload="notebook"),
    "a-file-system-has-one-vpc": replace(LUSTRE, regions=("eu-central-1", "eu-north-1")),
}


@pytest.mark.parametrize("used", [DISK, LUSTRE, replace(LUSTRE, workload="training-job", nodes=4)])
def test_what_reaches_its_data_is_not_refused(used: Used) -> None:
    assert list(data_conflicts(used)) == []


@pytest.mark.parametrize("name", WRONG)
def test_what_cannot_is_refused_by_one_row_that_says_who_says_so(name: str) -> None:
    [row] = data_conflicts(WRONG[name])
    assert (row.name, row.key) == (name, "data")
    assert "read 2026-11-24" in row.source


def test_a_disk_that_two_workloads_name_belongs_to_neither() -> None:
    [row] = data_conflicts(replace(DISK, others=("eval",)))
    assert row.text.startswith("is a disk that one machine attaches, and eval uses it as well")
