"""What a compute stack on Azure takes from its base."""

import pulumi
import pytest

from stacks.lowering.azure.base import BaseIds


def test_a_base_that_was_not_brought_up_since_it_got_a_workspace_is_told_by_name() -> None:
    with pytest.raises(pulumi.RunError, match=r"has no workspace on Azure.*`pulumi up` it first"):
        _ = BaseIds(known=True, outputs={"data": {}}).workspace


def test_a_workspace_that_others_own_tells_no_account_to_write_logs_to() -> None:
    ids = BaseIds(known=True, outputs={"workspace": {"id": "/subscriptions/…"}})
    assert (ids.workspace, ids.workspace_account) == ("/subscriptions/…", None)
