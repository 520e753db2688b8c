"""The faults file is read whole, and every mistake in it is named."""

from __future__ import annotations

from pathlib import Path

import pytest

from trainyard.sandbox import fault_file, faults
from trainyard.sandbox.faults import Fault
from trainyard.sandbox.folder import SandboxError
from trainyard.sandbox.store import Store

CALLS = ("compute.instances.list", "compute.instances.aggregatedList")
NOW = 1_800_000_000.0
TOKENS = ("gcp:compute/instance:Instance", "gcp:compute/disk:Disk")


def load(tmp_path: Path, text: str) -> tuple[Fault, ...]:
    path = tmp_path / "faults.yaml"
    path.write_text(text)
    return fault_file.load(path, CALLS, TOKENS, NOW)


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
        ("- { call: compute.instances.list, kind: stockout, where: { zone: x } }", "unknown key 'zone'"),
        ("- { call: compute.instances.list, kind: stockout, where: { place: 7 } }", "place 7 is no text"),
        ("- { call: compute.instances.list, kind: stockout, after: soon }", "after 'soon' is no span of time"),
        ("- { call: compute.instances.list, kind: stockout, chance: 2 }", "chance 2 is no share"),
        ("- { call: compute.instances.list, kind: stockout, skip: -1 }", "skip -1 is no count"),
        ("- { call: 'nothing.*', kind: refuse }", "call 'nothing.*' is not known"),
        ("- { call: 'gcp:compute/disk:Disk create', kind: cut-list }", "is for list calls of the API"),
        ("- { call: 'gcp:compute/disk:Disk create', kind: linger, seconds: 5 }", "is for a delete"),
        ("- { call: 'gcp:compute/disk:Disk create', kind: preempt }", "goes with a type's `run`"),
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
        fault_file.load(tmp_path / "none.yaml", CALLS, TOKENS, NOW)


def test_a_fault_is_taken_as_often_as_it_says_and_only_at_its_call(tmp_path: Path) -> None:
    store = Store.open(tmp_path / "store.sqlite")
    twice = Fault(call="a", kind="refuse", times=2)
    always = Fault(call="b", kind="refuse")
    faults.replace(store, (twice, always))
    assert [faults.take(store, "a") is not None for _ in range(3)] == [True, True, False]
    assert [faults.take(store, "b") is not None for _ in range(2)] == [True, True]
    assert faults.take(store, "c") is None
    store.close()


def hits(store: Store, call: str, times: int, about: dict[str, str] | None = None) -> list[bool]:
    return [faults.take(store, call, about) is not None for _ in range(times)]


def test_a_fault_can_let_some_calls_through_first(store: Store) -> None:
    faults.replace(store, [Fault(call="a", kind="expired-credentials", skip=2, times=1)])
    assert hits(store, "a", 4) == [False, False, True, False]


def test_a_pattern_meets_every_call_that_fits_it(store: Store) -> None:
    faults.replace(store, [Fault(call="* delete", kind="refuse")])
    assert hits(store, "gcp:compute/disk:Disk delete", 1) == [True]
    assert hits(store, "gcp:compute/disk:Disk create", 1) == [False]


def test_a_fault_of_a_zone_or_machine_type_leaves_the_others_alone(store: Store) -> None:
    faults.replace(store, [Fault(call="a", kind="stockout", where={"place": "us-*", "machine_type": "a3-*"})])
    assert hits(store, "a", 1, {"place": "us-central1-a", "machine_type": "a3-highgpu-8g"}) == [True]
    assert hits(store, "a", 1, {"place": "europe-west4-b", "machine_type": "a3-highgpu-8g"}) == [False]
    assert hits(store, "a", 1, {"place": "us-central1-a"}) == [False]


def test_a_fault_holds_in_its_own_simulated_time_only(store: Store, tmp_path: Path) -> None:
    (tmp_path / "f.yaml").write_text("- { call: compute.instances.list, kind: refuse, after: 1h, for: 30m }")
    faults.replace(store, fault_file.load(tmp_path / "f.yaml", CALLS, TOKENS, store.now()))
    met = []
    for step in (0, 3000, 700, 1000, 800):
        store.advance(step)
        met += hits(store, "compute.instances.list", 1)
    assert met == [False, False, True, True, False]


def test_chance_follows_from_the_seed_alone(store: Store) -> None:
    def drawn(seed: int) -> list[bool]:
        faults.replace(store, [Fault(call="a", kind="refuse", chance=0.3, seed=seed)])
        return hits(store, "a", 200)

    first = drawn(1)
    assert drawn(1) == first
    assert drawn(2) != first
    assert 30 < sum(first) < 90


def test_a_list_is_cut_at_its_second_page_only(store: Store) -> None:
    faults.replace(store, [Fault(call="compute.instances.list", kind="cut-list", times=1)])
    assert faults.take(store, "compute.instances.list") is None
    assert faults.take(store, "compute.instances.list", following=True) is not None


def test_the_installed_sdks_types_are_known() -> None:
    assert "gcp:compute/instance:Instance" in fault_file.tokens()
