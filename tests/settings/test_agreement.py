"""What the Pulumi CLI passed against what the file says."""

from __future__ import annotations

import copy
import json
from pathlib import Path
from typing import Any

import pytest

from trainyard.settings import Settings, SettingsError, check_config, load

_WAYS_ON = "write it in the file, without --config or --config-file, so that what is reviewed is what is built."


@pytest.fixture
def settings(folder: Path) -> Settings:
    return load(folder, "dev")


@pytest.fixture
def passed(settings: Settings) -> Any:
    """The settings as they arrive: through JSON."""
    return json.loads(json.dumps(copy.deepcopy(dict(settings.source))))


def _said(settings: Settings, passed: object) -> list[str]:
    with pytest.raises(SettingsError) as error:
        check_config(settings, passed)
    return str(error.value).splitlines()


def test_what_the_file_says_is_agreed(settings: Settings, passed: Any) -> None:
    check_config(settings, passed)


def test_a_whole_number_may_arrive_as_a_float(settings: Settings, passed: Any) -> None:
    passed["lease"]["cap_usd"] = 100.0
    check_config(settings, passed)


def test_a_value_changed_by_the_command_line_is_refused(settings: Settings, passed: Any) -> None:
    passed["lease"]["cap_usd"] = 10000
    assert _said(settings, passed) == [
        f"stacks/Pulumi.dev.yaml: lease.cap_usd: the file says 100, the Pulumi CLI passed 10000; {_WAYS_ON}"
    ]


def test_a_key_added_by_the_command_line_is_refused(settings: Settings, passed: Any) -> None:
    passed["workloads"]["bench"]["nodes"] = 8
    assert _said(settings, passed) == [
        "stacks/Pulumi.dev.yaml: workloads.bench.nodes: the Pulumi CLI passed it, but it is not in the file; "
        f"{_WAYS_ON}"
    ]


def test_a_key_that_did_not_arrive_is_refused(settings: Settings, passed: Any) -> None:
    del passed["lease"]
    assert _said(settings, passed) == [
        f"stacks/Pulumi.dev.yaml: lease: the file has it, but the Pulumi CLI did not pass it; {_WAYS_ON}"
    ]


def test_another_configuration_file_without_settings_is_refused(settings: Settings) -> None:
    assert _said(settings, None) == [
        f"stacks/Pulumi.dev.yaml: the file says a mapping, the Pulumi CLI passed nothing; {_WAYS_ON}"
    ]


def test_true_is_not_one(settings: Settings, passed: Any) -> None:
    passed["stack"]["schema"] = True
    assert _said(settings, passed) == [
        f"stacks/Pulumi.dev.yaml: stack.schema: the file says 1, the Pulumi CLI passed true; {_WAYS_ON}"
    ]


def test_a_list_of_another_length_is_refused(settings: Settings, passed: Any) -> None:
    passed["workloads"]["bench"]["capacity"] = ["spot"]
    assert _said(settings, passed) == [
        "stacks/Pulumi.dev.yaml: workloads.bench.capacity: the file says a list, the Pulumi CLI passed a list; "
        f"{_WAYS_ON}"
    ]
