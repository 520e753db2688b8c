"""A stack pays for the SDKs of the clouds that it uses, and for no other."""

import subprocess
import sys
from pathlib import Path

import pytest

SDKS = {"gcp": "pulumi_gcp", "aws": "pulumi_aws", "azure": "pulumi_azure_native"}
PROGRAM = """
import sys
from stacks import compute
for cloud in sys.argv[1:]:
    compute._lowering(None, cloud, None)
print(*sorted(name for name in sys.modules if name in {sdks}))
"""


def imported(*clouds: str) -> list[str]:
    """The SDKs that a process has imported when it is ready to register workloads of these clouds."""
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM.format(sdks=list(SDKS.values())), *clouds],
        cwd=Path(__file__).parents[2],
        capture_output=True,
        text=True,
        check=True,
    )
    return done.stdout.split()


@pytest.mark.parametrize("cloud", SDKS)
def test_a_stack_over_one_cloud_imports_one_sdk(cloud: str) -> None:
    assert imported(cloud) == [SDKS[cloud]]


def test_a_stack_over_three_clouds_imports_three_and_the_program_itself_none() -> None:
    assert imported() == []
    assert imported(*SDKS) == sorted(SDKS.values())
