import pytest

from trainyard.facts.ends import CLOUD_TPU_NODE, ENDS, Who, ends_for, independent_ends, late_end

CAPACITIES = ["on-demand", "spot", "flex-start", "reserved"]


@pytest.mark.parametrize("capacity", CAPACITIES)
def test_a_gpu_vm_on_google_cloud_has_three_ends_of_which_two_need_no_guard(capacity: str) -> None:
    ends = ends_for("gpu-vm", "gcp", capacity)
    assert [end.who for end in ends] == [Who.GUARD, Who.NODE, Who.CLOUD]
    assert independent_ends("gpu-vm", "gcp", capacity) == 2


@pytest.mark.parametrize(
    ("capacity", "means"),
    [("on-demand", "terminationTime"), ("spot", "terminationTime"), ("flex-start", "maxRunDuration")],
)
def test_the_cloud_holds_the_end_that_its_capacity_allows(capacity: str, means: str) -> None:
    assert means in ends_for("gpu-vm", "gcp", capacity)[2].means


def test_a_shut_down_node_leaves_its_boot_disk_billing() -> None:
    node = ends_for("gpu-vm", "gcp", "spot")[1]
    assert "boot disk" in node.what_stays
    assert "accelerator" in node.what_stops


def test_no_end_of_a_machine_ends_its_reservation() -> None:
    assert all("the reservation" in end.what_stays for end in ends_for("gpu-vm", "gcp", "reserved"))


def test_what_is_not_in_the_table_has_no_end() -> None:
    assert ends_for("gpu-vm", "lambda", "on-demand") == ()
    assert independent_ends("notebook", "gcp", "spot") == 0


def test_nothing_both_stops_and_stays_and_everything_has_a_source() -> None:
    for end in ENDS:
        assert not set(end.what_stops) & set(end.what_stays)
        assert end.source


@pytest.mark.parametrize("capacity", ["on-demand", "spot", "flex-start", "reserved"])
def test_a_tpu_machine_of_compute_engine_has_the_ends_of_every_machine(capacity: str) -> None:
    assert independent_ends("tpu-node", "gcp", capacity) == 2


@pytest.mark.parametrize("capacity", ["on-demand", "spot", "reserved", "queued"])
def test_a_node_of_the_cloud_tpu_api_has_no_end_that_is_proven_without_the_guard(capacity: str) -> None:
    guard, node = ends_for(CLOUD_TPU_NODE, "gcp", capacity)
    assert (guard.who, node.who) == (Who.GUARD, Who.NODE)
    assert "accelerator" in guard.what_stops
    assert "accelerator" in node.what_stays
    assert independent_ends(CLOUD_TPU_NODE, "gcp", capacity) == 0


def test_an_idle_shutdown_is_no_end_that_counts() -> None:
    assert independent_ends("notebook", "gcp", "on-demand") == 1  # the node's own
    [idle] = [end for end in ends_for("notebook", "gcp", "on-demand") if end.who is Who.CLOUD]
    assert not idle.independent


def test_what_waits_without_a_bound_ends_late_and_says_so() -> None:
    for way in ("on-demand", "spot", "reserved"):
        assert "on top of the hard end" in (late_end("training-job", "gcp", way) or "")
    assert late_end("training-job", "gcp", "flex-start") is None  # Vertex AI bounds that wait itself
    assert "waits until it is deleted" in (late_end("gpu-vm", "gcp", "flex-start") or "")
    assert late_end("gpu-vm", "gcp", "spot") is None
