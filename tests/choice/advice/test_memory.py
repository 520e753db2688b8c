"""Memory of training by hand-checked numbers of the papers that its formulas are from."""

from collections.abc import Callable
from dataclasses import replace

import pytest

from trainyard.choice.advice.memory import GB, Memory, activations, memory, states
from trainyard.choice.advice.models import Model, models, named
from trainyard.choice.advice.run import AdviceError, Run

MIB = 2**20


def model_of(params: int) -> Model:
    return replace(named("llama-7b"), params=params, active_params=params)


def states_of(memory_: Memory) -> float:
    return (memory_.weights + memory_.gradients + memory_.optimizer) / GB


@pytest.mark.parametrize(("stage", "gigabytes"), [(0, 120), (1, 31.4), (2, 16.6), (3, 1.9)])
def test_zero_splits_as_figure_1_of_its_paper_says(stage: int, gigabytes: float) -> None:
    """arXiv:1910.02054, figure 1: 7.5B parameters on 64 accelerators."""
    run = Run(model=model_of(7_500_000_000), method="full", tokens=1, zero=stage)
    assert states_of(memory(run, 64)) == pytest.approx(gigabytes, abs=0.05)


def test_adam_in_mixed_precision_has_16_bytes_a_parameter() -> None:
    run = Run(model=model_of(1_000_000_000), method="full", tokens=1)
    assert states(run) == (2 * GB, 2 * GB, 12 * GB)


def test_gpt2_xl_takes_at_least_24_gb_as_the_zero_paper_says() -> None:
    """arXiv:1910.02054, section 3.1: 1.5B parameters need at least 24 GB."""
    run = Run(model=model_of(1_500_000_000), method="full", tokens=1)
    assert sum(states(run)) == 24 * GB


def test_qlora_trains_65b_on_48_gb_as_its_paper_does() -> None:
    """arXiv:2305.14314: 65B on one GPU with 48 GB; rank 64, batch 1, sequences of 512 (appendix B and figure 6)."""
    run = Run(model=named("llama-65b"), method="qlora", tokens=1, sequence=512, rank=64)
    assert 40 < memory(run, 1).total / GB < 48


def test_a_full_run_of_65b_takes_more_than_780_gb_as_the_qlora_paper_says() -> None:
    run = Run(model=named("llama-65b"), method="full", tokens=1)
    assert memory(run, 1).total / GB > 780


def test_double_quantisation_leaves_4_127_bits_a_parameter() -> None:
    model = replace(named("llama-7b"), vocab=0)
    weights, _gradients, _optimizer = states(Run(model=model, method="qlora", tokens=1, rank=1))
    adapters = 2 * model.adapter_params(1)
    assert weights - adapters == pytest.approx(model.params * 4.127 / 8)


@pytest.mark.parametrize(
    ("checkpointing", "layer_bytes"),
    [("none", 34 * 2048 * 6144 + 5 * 64 * 2048**2), ("selective", 34 * 2048 * 6144)],
)
def test_a_layers_activations_are_those_of_korthikanti(checkpointing: str, layer_bytes: int) -> None:
    """arXiv:2205.05198, equation 1, for its 22B model: 48 layers of 6144, 64 heads, sequences of 2048."""
    model = replace(named("gpt-3-175b"), layers=48, hidden=6144, heads=64, vocab=51200)
    output = 4 * 2048 * 6144 * (1 + 51200 / 6144)
    assert activations(model, 2048, 1, checkpointing) == pytest.approx(48 * layer_bytes + output)  # type: ignore[arg-type]


def test_full_checkpointing_leaves_each_layers_input_and_one_layer() -> None:
    model = named("gpt-3-175b")
    inputs = 96 * 2 * 2048 * 12288
    expected = inputs + 34 * 2048 * 12288 + 4 * 2048 * (12288 + 50257)
    assert activations(model, 2048, 1, "full") == expected


def test_lora_keeps_the_model_in_two_bytes_and_trains_its_adapters_only(run: Callable[..., Run]) -> None:
    lora = run("llama-2-7b", method="lora", rank=8)
    adapters = named("llama-2-7b").adapter_params(8)
    # q, k, v, o of 4096 × 4096 and three matrices of 4096 × 11008, in 32 layers
    assert adapters == 8 * 32 * (4 * 8192 + 3 * (4096 + 11008))
    weights, gradients, optimizer = states(lora)
    assert (weights, gradients, optimizer) == (2 * 6738415616 + 2 * adapters, 2 * adapters, 12 * adapters)


def test_weights_that_are_split_are_gathered_two_layers_at_a_time(run: Callable[..., Run]) -> None:
    assert memory(run(), 1).gathered == 0
    assert memory(run(zero=2), 8).gathered == 0
    assert memory(run(), 8).gathered == pytest.approx(2 * 2 * (8030261248 - 2 * 128256 * 4096) / 32)


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({"method": "lorra"}, 'method "lorra" is not known; give one of full, lora, qlora'),
        ({"zero": 4}, 'zero "4" is not known'),
        ({"sequence": 0}, "sequence is 0; give a whole number from 1 on"),
        ({"checkpointing": "some"}, "give one of none, selective, full"),
    ],
)
def test_a_run_that_cannot_be_is_refused_with_what_is_allowed(
    run: Callable[..., Run], given: dict[str, object], words: str
) -> None:
    with pytest.raises(AdviceError) as told:
        run(**given)
    assert words in str(told.value)


def test_every_model_has_as_many_parameters_as_its_shape_has() -> None:
    """Norms, biases and positions are less than a percent."""
    for model in models().values():
        of_layer = 2 * model.hidden * model.hidden + 2 * model.hidden * model.kv_width
        feed_forward = model.ffn_matrices * model.hidden * model.ffn
        whole = model.layers * (of_layer + model.experts * feed_forward) + model.embedding_params
        used = model.layers * (of_layer + min(2, model.experts) * feed_forward) + model.embedding_params
        assert whole == pytest.approx(model.params, rel=0.01), model.name
        assert used == pytest.approx(model.active_params, rel=0.01), model.name
        assert model.source
