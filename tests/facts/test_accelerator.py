import pytest
from hypothesis import given
from hypothesis import strategies as st

from trainyard.facts.accelerator import AcceleratorError, Wanted, names, parse, resolve


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("H100:8", ("H100", 8)),
        ("L4", ("L4", 1)),
        ("h100:8", ("H100", 8)),
        ("A100-80GB:2", ("A100-80GB", 2)),
        ("nvidia-l4:1", ("nvidia-l4", 1)),
        ("v6e:4", ("v6e", 4)),
    ],
)
def test_an_accelerator_is_a_name_and_a_count(text: str, found: tuple[str, int]) -> None:
    assert parse(text) == found


@pytest.mark.parametrize(
    ("alias", "wanted"),
    [
        ("H100", Wanted(chip="H100")),
        ("H100-80GB", Wanted(chip="H100", memory_gib=80)),
        ("H100-MEGA-80GB", Wanted(chip="H100", memory_gib=80, form="sxm", fabric="gpudirect-tcpxo")),
        ("H100-NVL-94GB", Wanted(chip="H100", memory_gib=94, form="nvl")),
        ("A100-40GB", Wanted(chip="A100", memory_gib=40)),
        ("RTXPRO6000", Wanted(chip="RTX-PRO-6000")),
        ("tpu-v5p", Wanted(chip="v5p")),
    ],
)
def test_an_old_name_says_what_it_narrows(alias: str, wanted: Wanted) -> None:
    assert resolve(alias) == wanted
    assert resolve(alias.lower()) == wanted


@pytest.mark.parametrize(
    ("text", "near"), [("H10O:8", "H100"), ("A100-80:1", "A100-80GB"), ("RTX-6000-PRO", "RTX-PRO-6000"), ("L44", "L4")]
)
def test_a_near_miss_names_the_nearest(text: str, near: str) -> None:
    with pytest.raises(AcceleratorError, match=rf"did you mean .*{near}"):
        parse(text)


def test_a_name_far_from_all_lists_the_chips() -> None:
    with pytest.raises(
        AcceleratorError, match=r'named "quantum"; chips are A10, A100, .* give one, for example "H100:8"'
    ):
        parse("quantum:1")


@pytest.mark.parametrize("count", ["", "0", "-1", "two", "1.5", "8:8", "1234567"])
def test_a_count_that_is_no_whole_number_is_refused(count: str) -> None:
    with pytest.raises(AcceleratorError, match=f'"{count}" is no count.*"H100:8"'):
        parse(f"H100:{count}")


@given(name=st.sampled_from(sorted(names())), count=st.integers(1, 999_999))
def test_every_name_with_every_count_is_read_as_written(name: str, count: int) -> None:
    assert parse(f"{name}:{count}") == (name, count)


@given(text=st.text(max_size=30))
def test_text_that_begins_with_no_name_is_refused(text: str) -> None:
    with pytest.raises(AcceleratorError, match='no accelerator is named "-'):
        parse(f"-{text}")


@pytest.mark.parametrize("share", ["0.125", "0.25", "0.5"])
def test_a_machine_may_have_a_share_of_one_chip(share: str) -> None:
    assert parse(f"RTX-PRO-6000:{share}") == ("RTX-PRO-6000", float(share))


@pytest.mark.parametrize("count", ["0.3", "1.5", ".5", "0.50", "0"])
def test_other_parts_of_a_chip_are_no_count(count: str) -> None:
    with pytest.raises(AcceleratorError, match="is no count"):
        parse(f"RTX-PRO-6000:{count}")
