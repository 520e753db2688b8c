"""The faults file is read whole, and every mistake in it is named."""

from __future__ import annotations

from pathlib import Path

import pytest

from trainyard.sandbox import fault_file, faults
from trainyard.sandbox.faults import Fault
from trainyard.sandbox.folder import SandboxError
from trainyard.sandbox.store import Store

CALLS = ("compute.instances.list", "compute.instances.aggregatedList")
TOKENS = ("gcp:compute/instance:Instance", "gcp:compute/disk:Disk")


def load(tmp_path: Path, text: str) -> tuple[Fault, ...]:
    path = tmp_path / "faults.yaml"
    path.write_text(text)
    return fault_file.load(path, CALLS, TOKENS)


def test_calls_of_both_sides_are_understood(tmp_path: Path) -> None:
    found = load(
        tmp_path,
        """
- { call: compute.instances.aggregatedList, kind: lag, seconds: 60 }
- { call: "gcp:compute/instance:Instance create", kind: refuse, code: 429, message: quota, times: 2 }
""",
    )
    assert found == (
        Fault(call="compute.instances.aggregatedList", kind="lag", seconds=60.0),
        Fault(call="gcp:compute/instance:Instance create", kind="refuse", code=429, message="quota", times=2),
    )


def test_an_empty_file_has_no_faults(tmp_path: Path) -> None:
    assert load(tmp_path, "# nothing\n") == ()


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("call: x", "a list of faults was expected, not dict"),
        ("- compute", "is no mapping"),
        ("- { kind: refuse }", "call None is missing"),
        ("- { call: compute.instance.list, kind: refuse }", "did you mean 'compute.instances.list'"),
        ("- { call: 'gcp:compute/instances:Instance create', kind: refuse }", "did you mean 'gcp:compute/instance:In"),
        ("- { call: 'gcp:compute/disk:Disk creat', kind: refuse }", "did you mean 'create'"),
        ("- { call: compute.instances.list, kind: refused }", "did you mean 'refuse'"),
        ("- { call: compute.instances.list, kind: hang }", "needs `seconds`"),
        ("- { call: compute.instances.list, kind: hang, seconds: yes }", "needs `seconds`"),
        ("- { call: compute.instances.list, kind: refuse, code: 200 }", "no HTTP error"),
        ("- { call: compute.instances.list, kind: refuse, times: 0 }", "times 0 is no count"),
        ("- { call: compute.instances.list, kind: refuse, time: 1 }", "did you mean 'times'"),
        ("- { call: compute.instances.list, kind: refuse, message: 12 }", "message 12 is no text"),
        ("- { call: 'gcp:compute/disk:Disk read', kind: lag, seconds: 1 }", "for list calls of the API"),
        ("- { call: compute.instances.list, kind: partial }", "for a provider's create or update"),
        ("- [", "is no YAML"),
    ],
)
def test_a_mistake_is_named(tmp_path: Path, text: str, problem: str) -> None:
    with pytest.raises(SandboxError) as refused:
        load(tmp_path, text)
    assert problem in str(refused.value)
    assert "faults.yaml" in str(refused.value)


def test_all_mistakes_are_named_at_once(tmp_path: Path) -> None:
    with pytest.raises(SandboxError, match=r"(?s)fault 1: .*fault 2: "):
        load(tmp_path, "- { call: x.y, kind: slow, seconds: 1 }\n- { call: compute.instances.list, kind: odd }\n")


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(SandboxError, match=r"none\.yaml: cannot be read"):
        fault_file.load(tmp_path / "none.yaml", CALLS, TOKENS)


def test_a_fault_is_taken_as_often_as_it_says_and_only_at_its_call(tmp_path: Path) -> None:
    store = Store.open(tmp_path / "store.sqlite")
    twice = Fault(call="a", kind="refuse", times=2)
    always = Fault(call="b", kind="refuse")
    faults.replace(store, (twice, always))
    assert [faults.take(store, "a") is not None for _ in range(3)] == [True, True, False]
    assert [faults.take(store, "b") for _ in range(2)] == [always, always]
    assert faults.take(store, "c") is None
    store.close()


def test_the_installed_sdks_types_are_known() -> None:
    assert "gcp:compute/instance:Instance" in fault_file.tokens()
