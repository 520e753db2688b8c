import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from trainyard.choice.offers.ask import Ask, AskError
from trainyard.choice.offers.index import Catalogue
from trainyard.choice.offers.names import asked
from trainyard.facts.accelerator import Wanted, names


@pytest.mark.parametrize(
    ("text", "ask"),
    [
        ("h100", Ask(wanted=Wanted(chip="H100"), count=1)),
        ("H100:8", Ask(wanted=Wanted(chip="H100"), count=8)),
        ("8x H100", Ask(wanted=Wanted(chip="H100"), count=8)),
        ("8 × nvidia h100", Ask(wanted=Wanted(chip="H100"), count=8)),
        ("A100 80", Ask(wanted=Wanted(chip="A100", memory_gib=80), count=1)),
        ("a100-80gb:4", Ask(wanted=Wanted(chip="A100", memory_gib=80), count=4)),
        ("A100 80GB PCIe", Ask(wanted=Wanted(chip="A100", memory_gib=80, form="pcie"), count=1)),
        ("H100 SXM5:8", Ask(wanted=Wanted(chip="H100", form="sxm"), count=8)),
        ("rtx pro 6000", Ask(wanted=Wanted(chip="RTX-PRO-6000"), count=1)),
        ("RTX-PRO-6000:0.25", Ask(wanted=Wanted(chip="RTX-PRO-6000"), count=0.25)),
        ("L40S", Ask(wanted=Wanted(chip="L40S"), count=1)),
        ("tpu v6e:8", Ask(wanted=Wanted(chip="v6e"), count=8)),
        ("v5e-8", Ask(machine_type="v5litepod-8")),
        ("v5e-16", Ask(machine_type="v5litepod-16")),
        ("tpu-v5litepod-8", Ask(machine_type="v5litepod-8")),
        ("v5p-8", Ask(machine_type="v5p-8")),
        ("v2-8", Ask(machine_type="v2-8")),
        ("p5.48xlarge", Ask(machine_type="p5.48xlarge")),
        ("standard_nd96isr_h100_v5", Ask(machine_type="Standard_ND96isr_H100_v5")),
        ("rack-7", Ask(machine_type="rack-7")),
    ],
)
def test_what_people_write_means_a_chip_or_a_machine_type(catalogue: Catalogue, text: str, ask: Ask) -> None:
    assert asked(text, catalogue) == ask


def test_every_name_that_stack_files_know_is_known_here(catalogue: Catalogue) -> None:
    for name, wanted in names().items():
        assert asked(f"{name}:2", catalogue).wanted == wanted


def test_a_count_stays_open_where_memory_is_what_is_asked_for(catalogue: Catalogue) -> None:
    assert asked("A100", catalogue, any_count=True) == Ask(wanted=Wanted(chip="A100"))
    assert asked("A100:4", catalogue, any_count=True).count == 4


@pytest.mark.parametrize(
    ("text", "near"),
    [
        ("H10O:8", "H100"),
        ("p5.48xlrge", "p5.48xlarge"),
        ("A100 64", "A100-40GB"),
        ("H100 8", 'A count has a colon: "H100:8"'),
        ("abacus", "chips are A10, A100"),
    ],
)
def test_a_name_of_nothing_comes_with_the_nearest(catalogue: Catalogue, text: str, near: str) -> None:
    with pytest.raises(AskError) as error:
        asked(text, catalogue)
    assert text in str(error.value)
    assert near in str(error.value)


@settings(max_examples=300, deadline=None)
@given(
    text=st.text(max_size=20)
    | st.tuples(
        st.sampled_from(["H100", "a100", "v5e", "L4", "tpu", "p5.48xlarge", "8x", "nvidia"]),
        st.text("0123456789:- gbx", max_size=6),
    ).map("".join)
)
def test_any_text_is_understood_or_refused(catalogue: Catalogue, text: str) -> None:
    try:
        found = asked(text, catalogue)
    except AskError:
        return
    assert found.wanted or found.machine_type
