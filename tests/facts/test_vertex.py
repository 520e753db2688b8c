"""What a job on Vertex AI runs on, against the catalogue and against Google's own list of accelerators."""

import json
from datetime import date
from decimal import Decimal
from importlib.resources import files

import pytest

from trainyard.facts.ends import Who, ends_for, independent_ends
from trainyard.facts.machine import SHAPES
from trainyard.facts.offer import load_offers
from trainyard.facts.price import Agreed, AtLeast, Known, Unknown
from trainyard.facts.vertex import STRATEGIES, job_machine, not_built, not_sold, sold_as, with_fee
from trainyard.facts.vertex_container import container_error, variable_errors


def test_every_accelerator_is_one_of_the_api_and_every_strategy_too() -> None:
    folder = files("googleapiclient.discovery_cache.documents")
    schemas = json.loads((folder / "aiplatform.v1.json").read_text())["schemas"]
    accelerators = schemas["GoogleCloudAiplatformV1MachineSpec"]["properties"]["acceleratorType"]["enum"]
    strategies = schemas["GoogleCloudAiplatformV1Scheduling"]["properties"]["strategy"]["enum"]
    built = [machine_type for machine_type in SHAPES if not_built("gcp", machine_type) is None]
    assert built
    assert {job_machine(machine_type).accelerator_type for machine_type in built} <= set(accelerators)
    assert job_machine("n1-standard-8", "nvidia-tesla-t4", 1).accelerator_type in accelerators
    assert job_machine("v3-8").accelerator_type in accelerators
    assert set(STRATEGIES.values()) <= set(strategies)


def test_every_offer_of_google_cloud_is_built_or_refused_by_its_name() -> None:
    refused = {offer.machine_type: not_built("gcp", offer.machine_type) for offer in load_offers("gcp")}
    assert refused["a3-highgpu-8g"] is None
    assert refused["v5litepod-8"] is None
    for name, words in {
        "a4x-highgpu-4g": "GB200",
        "g4-standard-48": "G4",
        "v6e-8": "its API ends with v5e",
        "v5p-8": "its API ends with v5e",
        "v4-8": "kind tpu-node has it",
        "v5litepod-16": "one host only",
    }.items():
        if name in refused:
            assert words in str(refused[name])
    assert "only on gcp" in str(not_built("aws", "p5.48xlarge"))


@pytest.mark.parametrize(
    ("machine_type", "capacity", "words"),
    [
        ("n1-standard-8", "flex-start", "L4, A100, H100, H200 and B200 only"),
        ("v5litepod-4", "spot", "on-demand only"),
        ("a3-highgpu-4g", "on-demand", "not sold as on-demand"),
        ("a3-highgpu-8g", "queued", "on-demand, spot, flex-start, reserved only"),
    ],
)
def test_what_a_job_is_not_sold_as_is_said(machine_type: str, capacity: str, words: str) -> None:
    assert words in str(not_sold(machine_type, capacity))
    assert capacity not in sold_as(machine_type)


def test_compute_engines_price_is_the_least_that_a_job_costs_and_an_agreed_one_is_whole() -> None:
    known = Known(usd_hour=Decimal(88), date=date(2026, 7, 30), source="list")
    priced = with_fee(known)
    assert isinstance(priced, AtLeast)
    assert (priced.usd_hour, priced.lacks) == (Decimal(88), "Vertex AI's own fee")
    ssd = with_fee(AtLeast(usd_hour=Decimal(1), date=known.date, source="list", lacks="SSDs"))
    assert isinstance(ssd, AtLeast)
    assert ssd.lacks == "SSDs and Vertex AI's own fee"
    assert with_fee(Agreed(usd_hour=Decimal(127))) == Agreed(usd_hour=Decimal(127))
    assert isinstance(with_fee(Unknown("no")), Unknown)


@pytest.mark.parametrize("capacity", list(STRATEGIES))
def test_a_job_has_one_end_that_needs_no_guard(capacity: str) -> None:
    assert [end.who for end in ends_for("training-job", "gcp", capacity)] == [Who.GUARD, Who.CLOUD]
    assert independent_ends("training-job", "gcp", capacity) == 1


@pytest.mark.parametrize(
    "image", ["europe-docker.pkg.dev/a/b/c@sha256:" + "0" * 64, "docker.io/library/x:1", "h:5000/a:b"]
)
def test_an_image_by_digest_or_tag_is_right(image: str) -> None:
    assert container_error(image) is None


@pytest.mark.parametrize("image", ["", "llama", "europe-docker.pkg.dev/a/b", "x/y@sha256:123", "X/Y:1", "a/b:1 "])
def test_an_image_that_may_be_anything_is_refused(image: str) -> None:
    assert "give its digest" in str(container_error(image))


def test_variables_are_names_of_ones_own() -> None:
    wrong = dict(variable_errors({"1A": "x", "AIP_MODEL_DIR": "x", "OK": "x"}, {"OK": "gcp-secret://acme-ml-dev/x"}))
    assert set(wrong) == {"1A", "AIP_MODEL_DIR", "OK"}
    assert list(variable_errors({"A": "x"}, {"B": "gcp-secret://acme-ml-dev/x"})) == []
