"""What a workload on Azure cannot do with a data set: each row stands alone, with its source."""

from dataclasses import replace

import pytest

from trainyard.facts.azure.data_conflicts import Used, data_conflicts

DISK = Used(kind="disk", workload="gpu-vm", region="westeurope", zone=1, regions=("westeurope",))
LUSTRE = replace(DISK, kind="lustre", zone=None)
WRONG = {
    "machine-learning-mounts-blobs": replace(DISK, workload="training-job"),
    "a-disk-or-file-system-has-one-region": replace(DISK, regions=("westeurope", "northeurope")),
    "a-machine-lies-in-one-zone": replace(DISK, zones={"more": 1, "old": 2}),
    "a-scale-set-attaches-no-disk": replace(DISK, nodes=2),
    "a-disk-has-one-machine": replace(DISK, others=("eval",)),
}


@pytest.mark.parametrize(
    "used",
    [
        DISK,
        LUSTRE,
        replace(LUSTRE, nodes=4, others=("eval",)),
        replace(DISK, zones={"more": 1}),
        replace(DISK, kind="bucket", workload="training-job", regions=("northeurope",)),
    ],
)
def test_what_reaches_its_data_is_not_refused(used: Used) -> None:
    assert list(data_conflicts(used)) == []


@pytest.mark.parametrize("name", WRONG)
def test_what_cannot_is_refused_by_one_row_that_says_who_says_so(name: str) -> None:
    [row] = data_conflicts(WRONG[name])
    assert (row.name, row.key) == (name, "data")
    assert "read 2026-11-24" in row.source


@pytest.mark.parametrize("workload", ["training-job", "notebook"])
def test_no_kind_of_machine_learning_mounts_a_file_system(workload: str) -> None:
    [row] = data_conflicts(replace(LUSTRE, workload=workload))
    assert row.text.startswith(f"is a Managed Lustre, which no {workload} of Azure Machine Learning mounts")
