"""Wrong sections of a stack file, one at a time, and every line that is said about each."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable

Edits = dict[str, str]

WRONG: dict[str, tuple[Edits, list[str]]] = {
    "a typo in a section's key": (
        {"    lease:\n": "    leese:\n"},
        [
            "stacks/Pulumi.dev.yaml:2: lease: is missing; a compute stack holds one lease and its "
            "workloads. Give lease: { ttl: 12h, extend_to: 24h, cap_usd: 100 }.",
            "stacks/Pulumi.dev.yaml:9: leese: is no key here; allowed are stack, lease, workloads, base. "
            'Did you mean "lease"?',
        ],
    ),
    "a typo in a key": (
        {"      cap_usd: 100": "      cap_usdd: 100"},
        [
            "stacks/Pulumi.dev.yaml:9: lease.cap_usd: is missing; expected the most it may cost until the "
            "soft end, in US dollars: 1600.",
            "stacks/Pulumi.dev.yaml:12: lease.cap_usdd: is no key here; allowed are ttl, extend_to, "
            'cap_usd, at_limit, grace, hook. Did you mean "cap_usd"?',
        ],
    ),
    "a key of another section": (
        {"      ttl: 12h\n": "      ttl: 12h\n      max_ttl: 14d\n"},
        [
            "stacks/Pulumi.dev.yaml:11: lease.max_ttl: is no key here; allowed are ttl, extend_to, cap_usd, "
            'at_limit, grace, hook. Did you mean "ttl"?',
        ],
    ),
    "a missing owner": (
        {"      owner: ml-research\n": ""},
        [
            "stacks/Pulumi.dev.yaml:3: stack.owner: is missing; expected who answers for it: a name from "
            "the environment's contacts.",
        ],
    ),
    "a newer schema": (
        {"schema: 1": "schema: 2"},
        [
            "stacks/Pulumi.dev.yaml:4: stack.schema: 2 is not allowed; expected 1, the schema that this version reads.",
        ],
    ),
    "a schema that is text": (
        {"schema: 1": 'schema: "1"'},
        [
            'stacks/Pulumi.dev.yaml:4: stack.schema: "1" is not allowed; expected 1, the schema that this '
            "version reads.",
        ],
    ),
    "a schema that is true": (
        {"schema: 1": "schema: true"},
        [
            "stacks/Pulumi.dev.yaml:4: stack.schema: true is not allowed; expected 1, the schema that this "
            "version reads.",
        ],
    ),
    "a layer that is none": (
        {"layer: compute": "layer: computer"},
        [
            'stacks/Pulumi.dev.yaml:6: stack.layer: "computer" is not allowed; expected base (what lives '
            'long), compute (one lease) or guard. Did you mean "compute"?',
        ],
    ),
    "a guard stack": (
        {"layer: compute": "layer: guard"},
        [
            "stacks/Pulumi.dev.yaml:6: stack.layer: guard stacks are not built yet; built are base and compute.",
        ],
    ),
    "an environment without file": (
        {"environment: dev": "environment: devv"},
        [
            "stacks/Pulumi.dev.yaml:5: stack.environment: there is no stacks/env.devv.yaml; environments "
            'are dev. Did you mean "dev"?',
        ],
    ),
    "an owner that no label can hold": (
        {"owner: ml-research": "owner: ml-research@acme.example"},
        [
            'stacks/Pulumi.dev.yaml:7: stack.owner: "ml-research@acme.example" fits no label: every cloud\'s '
            'labels hold 1 to 63 characters a-z, 0-9 and "-", beginning with a letter and not ending in a '
            'hyphen; give a short name, for example "ml-research".',
        ],
    ),
    "an owner nobody knows": (
        {"owner: ml-research": "owner: ml-reserach"},
        [
            'stacks/Pulumi.dev.yaml:7: stack.owner: "ml-reserach" is not in the contacts of '
            'stacks/env.dev.yaml; known are ml-research, ml-platform. Did you mean "ml-research"?',
        ],
    ),
    "a ttl without unit": (
        {"ttl: 12h": "ttl: 12"},
        [
            "stacks/Pulumi.dev.yaml:10: lease.ttl: 12 is no duration; give a whole number with its unit, "
            "for example 12h or 12d.",
        ],
    ),
    "a ttl with another unit": (
        {"ttl: 12h": "ttl: 1w"},
        [
            'stacks/Pulumi.dev.yaml:10: lease.ttl: "1w" is no duration: give a whole number with its unit, '
            'for example "30m", "12h" or "14d".',
        ],
    ),
    "a ttl that is a list": (
        {"ttl: 12h": "ttl: [12h]"},
        [
            "stacks/Pulumi.dev.yaml:10: lease.ttl: a list is no duration; give a whole number with its unit.",
        ],
    ),
    "a ttl over extend_to": (
        {"ttl: 12h": "ttl: 36h"},
        [
            "stacks/Pulumi.dev.yaml:10: lease.ttl: 36h is over extend_to 1d; lower ttl, or raise extend_to.",
        ],
    ),
    "an extend_to over the environment's limit": (
        {"extend_to: 24h": "extend_to: 15d"},
        [
            "stacks/Pulumi.dev.yaml:11: lease.extend_to: 15d is over limits.max_ttl 14d of "
            "stacks/env.dev.yaml; give at most 14d.",
        ],
    ),
    "a cap with its currency": (
        {"cap_usd: 100": "cap_usd: 100 USD"},
        [
            'stacks/Pulumi.dev.yaml:12: lease.cap_usd: "100 USD" is no amount; give a number of US dollars '
            "over 0, without sign or unit.",
        ],
    ),
    "a cap of nothing": (
        {"cap_usd: 100": "cap_usd: 0"},
        [
            "stacks/Pulumi.dev.yaml:12: lease.cap_usd: 0 is no amount; give a number of US dollars over 0, "
            "without sign or unit.",
        ],
    ),
    "a cap finer than a cent": (
        {"cap_usd: 100": "cap_usd: 100.005"},
        [
            "stacks/Pulumi.dev.yaml:12: lease.cap_usd: 100.005 is finer than a cent; give at most two decimals.",
        ],
    ),
    "a cap over the environment's limit": (
        {"cap_usd: 100": "cap_usd: 20000.50"},
        [
            "stacks/Pulumi.dev.yaml:12: lease.cap_usd: 20000.50 is over limits.max_cap_usd 20000 of "
            "stacks/env.dev.yaml; give at most 20000.",
        ],
    ),
    "an at_limit that is none": (
        {"cap_usd: 100": "cap_usd: 100\n      at_limit: stopp"},
        [
            'stacks/Pulumi.dev.yaml:13: lease.at_limit: "stopp" is not allowed; expected stop or end. Did '
            'you mean "stop"?',
        ],
    ),
    "a lease left out": (
        {"    lease:\n      ttl: 12h\n      extend_to: 24h\n      cap_usd: 100\n": ""},
        [
            "stacks/Pulumi.dev.yaml:2: lease: is missing; a compute stack holds one lease and its "
            "workloads. Give lease: { ttl: 12h, extend_to: 24h, cap_usd: 100 }.",
        ],
    ),
    "a base section in a compute stack": (
        {
            "    workloads:\n": "    base: { gcp: { network: { regions: { europe-west4: 10.0.0.0/20 } } } }\n"
            "    workloads:\n"
        },
        [
            "stacks/Pulumi.dev.yaml:13: base: stands in a compute stack; a compute stack holds one lease "
            "and its workloads. Move it to the base stack.",
        ],
    ),
}


@pytest.mark.parametrize(("edits", "expected"), WRONG.values(), ids=WRONG.keys())
def test_a_wrong_section_is_named_with_its_line_and_what_is_allowed(
    complaints: Callable[..., list[str]], edits: Edits, expected: list[str]
) -> None:
    assert complaints(edits) == expected
