"""Models by name and by size, FLOPs, peaks and utilisation."""

import csv
from collections.abc import Callable
from pathlib import Path

import pytest

import trainyard.choice.advice.work as work_module
from trainyard.choice.advice.models import ModelError, models, named, sized
from trainyard.choice.advice.run import METHODS, AdviceError, Run, number
from trainyard.choice.advice.work import flops, flops_per_token, peak, utilisation
from trainyard.facts.accelerator import accelerators

_DATA = Path(work_module.__file__).parent / "data"


@pytest.mark.parametrize(
    ("given", "known"),
    [
        ("llama-3-70b", "llama-3-70b"),
        ("meta-llama/Meta-Llama-3-70B-Instruct", "llama-3-70b"),
        ("Llama-2-7b-chat-hf", "llama-2-7b"),
        ("mistralai/Mistral-7B-v0.1", "mistral-7b"),
        ("Qwen2.5-14B-Instruct", "qwen2.5-14b"),
        ("GPT2", "gpt2"),
        ("llama3 8b", "llama-3-8b"),
    ],
)
def test_a_model_is_found_by_the_names_that_people_write(given: str, known: str) -> None:
    assert named(given).name == known


def test_an_unknown_model_is_told_with_the_nearest_and_the_way_by_size() -> None:
    with pytest.raises(ModelError) as told:
        named("lama-3-70b")
    assert "did you mean llama-3-70b" in str(told.value)
    assert "the size, for example 70b" in str(told.value)


def test_a_size_alone_says_that_its_shape_is_none_of_a_model() -> None:
    between = sized(20_000_000_000)
    assert between.params == 20_000_000_000
    assert "interpolated between qwen2.5-14b and qwen2.5-32b" in between.source
    assert models()["qwen2.5-14b"].layers <= between.layers <= models()["qwen2.5-32b"].layers
    assert "with the shape of llama-3.1-405b" in sized(2 * 10**12).source
    assert "with the shape of gpt2" in sized(110_000_000).source


def test_a_size_below_all_that_is_known_is_refused() -> None:
    with pytest.raises(ModelError, match="give at least 100M"):
        sized(99_000_000)


@pytest.mark.parametrize("params", [10**8, 3 * 10**8, 7 * 10**9, 7 * 10**10, 3 * 10**11])
def test_an_interpolated_shape_is_one_that_could_be(params: int) -> None:
    model = sized(params)
    assert model.hidden % model.heads == 0
    assert 1 <= model.kv_heads <= model.heads
    assert model.adapter_params(16) < model.params


@pytest.mark.parametrize(
    ("text", "value"), [("70b", 70 * 10**9), ("200M", 2 * 10**8), ("1.5T", 1_500_000_000_000), ("7e9", 7 * 10**9)]
)
def test_numbers_are_read_as_people_write_them(text: str, value: int) -> None:
    assert number(text, "tokens", "200M") == value


@pytest.mark.parametrize("text", ["", "0", "5x", "-3B", "1e99", "many"])
def test_other_text_is_no_number(text: str) -> None:
    with pytest.raises(AdviceError, match="is no number of tokens; give one over 0"):
        number(text, "tokens", "200M")


def test_a_full_run_has_six_flops_a_parameter_and_token_and_its_attention(run: Callable[..., Run]) -> None:
    """GPT-3, arXiv:2005.14165, appendix D: 3.14e23 for 300B tokens, which counts no attention."""
    gpt3 = run("gpt-3-175b", tokens=300 * 10**9)
    attention = 12 * 96 * 12288 * 2048 * 300 * 10**9
    assert flops(gpt3) - attention == pytest.approx(3.14e23, rel=0.01)


def test_frozen_weights_need_no_gradients_so_four_flops_remain(run: Callable[..., Run]) -> None:
    model = named("llama-3-8b")
    attention = 12 * 32 * 4096 * 2048
    for method in ("lora", "qlora"):
        expected = 4 * model.params + 6 * model.adapter_params(16) + attention
        assert flops_per_token(run(method=method)) == expected


def test_of_experts_only_those_that_a_token_passes_are_computed(run: Callable[..., Run]) -> None:
    assert flops_per_token(run("mixtral-8x7b")) == 6 * 12_879_925_248 + 12 * 32 * 4096 * 2048


@pytest.mark.parametrize(
    ("chip", "tflops"),
    [("a100-80-sxm-efa", 312), ("h100-80-sxm-efa", 989.5), ("h100-80-pcie-none", 756.5), ("v5p-95-tpu-ici", 459)],
)
def test_peaks_are_the_dense_ones_and_depend_on_the_form(chip: str, tflops: float) -> None:
    found = peak(accelerators()[chip])
    assert found is not None
    assert found.tflops == tflops
    assert found.format == "bf16"


def test_every_chip_of_the_catalogue_has_a_peak_but_those_without_tensor_cores() -> None:
    lacking = {each.chip for each in accelerators().values() if peak(each) is None}
    assert lacking == {"M4000", "P100", "P4", "P4000"}


def test_every_figure_names_its_source() -> None:
    for name in ("peaks.csv", "utilisation.csv", "models.csv"):
        with (_DATA / name).open(encoding="utf-8", newline="") as file:
            assert all(row["source"] for row in csv.DictReader(file)), name


def test_utilisation_is_a_range_and_lower_for_short_sequences(run: Callable[..., Run]) -> None:
    a100 = accelerators()["a100-80-sxm-efa"]
    for method in METHODS:
        found = utilisation(run(method=method), a100, "one")
        assert found is not None
        assert 0 < found.low < found.high < 1
        assert "A100" in found.measured_on
    short, long = (utilisation(run(method="lora", sequence=s), a100, "one") for s in (512, 4096))
    assert short is not None
    assert long is not None
    assert short.high < long.high


def test_the_lora_range_holds_what_qwens_readme_measured_on_one_a100(run: Callable[..., Run]) -> None:
    """Qwen-7B, 2048 tokens, 8 sequences in 5.2 s; its 7.72B parameters, 32 layers of 4096."""
    share = 8 * 2048 / 5.2 * (4 * 7.721e9 + 12 * 32 * 4096 * 2048) / 312e12
    found = utilisation(run(method="lora"), accelerators()["a100-80-sxm-efa"], "one")
    assert found is not None
    assert found.low < share < found.high


def test_nobody_published_qlora_on_several_machines_so_there_is_no_figure(run: Callable[..., Run]) -> None:
    assert utilisation(run(method="qlora"), accelerators()["a100-80-sxm-efa"], "machines") is None
