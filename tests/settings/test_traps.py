"""What YAML or the Pulumi CLI would read as something else than is written: refused with its line."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from trainyard.settings.document import parse

Complaints = Callable[..., list[str]]


def _said(text: str) -> list[str]:
    return [str(problem) for problem in parse(text, "f.yaml").problems([])]


def test_a_leading_zero_is_octal_to_the_cli(complaints: Complaints) -> None:
    assert complaints({"ttl: 12h": "ttl: 012"}) == [
        "stacks/Pulumi.dev.yaml:10: lease.ttl: 012 is 10 to the Pulumi CLI, for its leading zero; write 12, "
        'or "012" if it is a name.'
    ]


def test_a_leading_zero_before_an_eight_is_read_in_two_ways() -> None:
    assert _said("a: 089") == [
        "f.yaml:1: a: 089 is a number to one YAML reader and text to another, for its leading zero; write 89, "
        'or "089" if it is a name.'
    ]


def test_a_bare_date_becomes_a_time_stamp(complaints: Complaints) -> None:
    assert complaints({"kind: gpu-vm": "kind: gpu-vm\n        machine_type: 2026-01-02"}) == [
        "stacks/Pulumi.dev.yaml:16: workloads.bench.machine_type: 2026-01-02 is a date, which the Pulumi CLI "
        'rewrites to a time stamp; write "2026-01-02".'
    ]


def test_a_bare_time_stamp_is_a_date_too() -> None:
    assert "is a date" in _said("a: 2026-01-02T03:04:05Z")[0]


@pytest.mark.parametrize("word", ["yes", "no", "on", "off", "y", "N", "Yes", "OFF"])
def test_an_old_boolean_is_text_to_others(word: str) -> None:
    assert _said(f"a: {word}") == [
        f'f.yaml:1: a: {word} is a boolean to one YAML reader and text to another; write true or false, or "{word}".'
    ]


def test_yes_where_true_is_meant_is_refused_in_an_environment(complaints: Complaints) -> None:
    assert complaints({"protect: true": "protect: yes"}, file="env.dev.yaml") == [
        "stacks/env.dev.yaml:4: protect: yes is a boolean to one YAML reader and text to another; write true or "
        'false, or "yes".'
    ]


def test_twenty_digits_lose_some(complaints: Complaints) -> None:
    assert complaints({"cap_usd: 100": "cap_usd: 12345678901234567890"}) == [
        "stacks/Pulumi.dev.yaml:12: lease.cap_usd: 12345678901234567890 has more than 15 digits, and the Pulumi "
        'CLI loses some; write "12345678901234567890" if it is a name.'
    ]


def test_fifteen_digits_are_read() -> None:
    assert parse("a: 123456789012345", "f").value == {"a": 123456789012345}


def test_a_decimal_of_many_digits_loses_some() -> None:
    assert "more than 15 digits" in _said("a: 1.2345678901234567890")[0]


def test_a_number_in_base_60_is_refused() -> None:
    assert _said("a: 12:30") == [
        'f.yaml:1: a: 12:30 is a number in base 60 to some YAML readers; write "12:30", or a duration as 12h or 30m.'
    ]


@pytest.mark.parametrize("number", ["1e3", "1.5e3", ".5", "1.", ".inf", "-.INF", ".nan", "1E-3"])
def test_a_number_that_only_some_readers_know_is_refused(number: str) -> None:
    assert _said(f"a: {number}") == [
        f"f.yaml:1: a: {number} is a number to one YAML reader and text to another; write its digits out (1000, 0.5), "
        f'or "{number}".'
    ]


@pytest.mark.parametrize("number", ["0x1F", "0b101", "0o17"])
def test_a_number_in_another_base_is_refused(number: str) -> None:
    assert _said(f"a: {number}") == [
        f'f.yaml:1: a: {number} is a number to some YAML readers only; write it in decimal, or "{number}" if it is '
        "a name."
    ]


def test_underscores_in_a_number_are_refused() -> None:
    assert _said("a: 1_000") == [
        'f.yaml:1: a: 1_000 is a number to one YAML reader and text to another; write 1000, or "1_000".'
    ]


@pytest.mark.parametrize("text", ["a:", "a: ~", "a: null", "a: NULL"])
def test_a_key_without_value_is_refused(text: str) -> None:
    assert _said(text) == ["f.yaml:1: a: has no value; give one, or remove the key."]


def test_a_key_that_stands_twice_names_both_lines(complaints: Complaints) -> None:
    assert complaints({"ttl: 12h\n": "ttl: 12h\n      cap_usd: 5\n"}) == [
        "stacks/Pulumi.dev.yaml:13: lease.cap_usd: stands twice, first on line 11; remove one."
    ]


@pytest.mark.parametrize("key", ["1", "1.5", "true", "yes", "2026-01-02", "~"])
def test_a_key_that_is_no_text_is_refused(key: str) -> None:
    assert _said(f"{key}: x") == [
        f'f.yaml:1: {key}: as a key is no text to some YAML readers; write "{key}" in quotes.'
    ]


def test_a_list_as_a_key_is_refused() -> None:
    assert _said("? [a]\n: b") == ["f.yaml:1: a list or mapping stands where a key belongs; write `key: value`."]


def test_a_tab_is_refused(complaints: Complaints) -> None:
    assert complaints({"      ttl: 12h": "\tttl: 12h"}) == [
        "stacks/Pulumi.dev.yaml:10: is indented with a tab; YAML takes spaces only."
    ]


def test_a_merge_is_refused() -> None:
    assert _said("a:\n  <<: { b: 1 }") == [
        "f.yaml:2: a.<<: is a YAML merge; write the keys out, so that a reviewer sees them in their place."
    ]


def test_an_alias_is_refused() -> None:
    assert _said("a: &x 1\nb: *x") == [
        "f.yaml:2: *x is a YAML alias; write the value out, so that a reviewer sees it in its place."
    ]


@pytest.mark.parametrize("text", ["a: !!int '1'", "a: !!python/name:os.system x", "a: !mine [1]", "a: !mine { b: 1 }"])
def test_a_tag_is_refused(text: str) -> None:
    assert len(said := _said(text)) == 1
    assert said[0].startswith("f.yaml:1: a: has the YAML tag ")


def test_a_second_document_is_refused() -> None:
    assert _said("a: 1\n---\nb: 2") == ["f.yaml:2: a second document begins here; a file holds one."]


@pytest.mark.parametrize("text", ["", "# nothing\n", "text", "- a\n- b"])
def test_a_file_that_is_no_mapping_is_refused(text: str) -> None:
    assert _said(text) == ["f.yaml:1: is empty or no mapping; write `key: value` lines."]


def test_a_control_character_is_refused() -> None:
    assert _said("a: 1\nb: \x01") == ["f.yaml:2: has a control character; remove it."]


def test_a_bracket_left_open_names_where_it_began() -> None:
    assert _said("a: 1\nb: [1, 2") == [
        "f.yaml:2: is not YAML here: did not find expected ',' or ']' (begun on line 2). Check indentation, quotes "
        "and brackets on this line and the one before."
    ]


def test_a_file_of_deep_brackets_is_refused_and_harms_nothing() -> None:
    assert _said("a: " + "[" * 300_000) == ["f.yaml:1: is nested more than 40 levels deep."]


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ('a: "012"', "012"),
        ("a: 'yes'", "yes"),
        ("a: 12h", "12h"),
        ("a: 10.10.0.0/20", "10.10.0.0/20"),
        ("a: H100:8", "H100:8"),
        ("a: 1.2.3", "1.2.3"),
        ("a: -5", -5),
        ("a: 0", 0),
        ("a: 0.9", 0.9),
        ("a: true", True),
        ("a: |\n  01\n", "01\n"),
        ("a: [ 1, { b: c } ]", [1, {"b": "c"}]),
        ("a: {}", {}),
    ],
)
def test_what_every_reader_agrees_on_is_read(text: str, value: object) -> None:
    document = parse(text, "f.yaml")
    assert not document.problems([])
    assert document.value == {"a": value}


def test_a_trap_hides_nothing_else_of_its_file(complaints: Complaints) -> None:
    said = complaints({"schema: 1": "schema: 3", "ttl: 12h": "ttl: 012", "[spot, on-demand]": "[yes, sopt]"})
    assert [line.split(": ")[0:2] for line in said] == [
        ["stacks/Pulumi.dev.yaml:4", "stack.schema"],
        ["stacks/Pulumi.dev.yaml:10", "lease.ttl"],
        ["stacks/Pulumi.dev.yaml:20", "workloads.bench.capacity[0]"],
        ["stacks/Pulumi.dev.yaml:20", "workloads.bench.capacity[1]"],
    ]
