"""Wrong environment and base files, one at a time, and every line that is said about each."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable

Edits = dict[str, str]

ENVIRONMENTS: dict[str, tuple[Edits, list[str]]] = {
    "a typo in an environment's key": (
        {"protect: true": "protected: true"},
        [
            "stacks/env.dev.yaml:4: protected: is no key here; allowed are schema, base, leases, protect, "
            'gcp, aws, azure, limits, contacts, notify, budgets. Did you mean "protect"?',
        ],
    ),
    "a project number": (
        {"project: acme-ml-dev": "project: 123456"},
        [
            "stacks/env.dev.yaml:5: gcp.project: 123456 is not allowed; expected a Google Cloud project id: "
            "6 to 30 of a-z, 0-9 and -, for example acme-ml-dev.",
        ],
    ),
    "a price factor over 2": (
        {"price_factor: 0.9": "price_factor: 9"},
        [
            "stacks/env.dev.yaml:5: gcp.price_factor: 9 is no price factor; give a number over 0 and at "
            "most 2, for example 0.9.",
        ],
    ),
    "a store that is none": (
        {"gs://acme-ml-dev-leases": "acme-ml-dev-leases"},
        [
            'stacks/env.dev.yaml:3: leases: "acme-ml-dev-leases" is not allowed; expected the store of '
            "lease records: gs://…, s3://…, az://… or file://….",
        ],
    ),
    "a limit on a region that is none": (
        {"regions: [europe, us-central1]": "regions: [europ, us-central1]"},
        [
            'stacks/Pulumi.dev.yaml:19: workloads.bench.where[0].regions[0]: "europe-west4" is not in '
            "limits.regions of stacks/env.dev.yaml; allowed are europ, us-central1.",
            'stacks/env.dev.yaml:6: limits.regions[0]: "europ" is no gcp region with accelerators; there '
            'are africa, asia, australia, europe, me, northamerica, southamerica, us. Did you mean "europe"?',
        ],
    ),
    "a budget of nobody": (
        {"budgets: { ml-research": "budgets: { ml-reserch"},
        [
            "stacks/env.dev.yaml:9: budgets.ml-reserch: is not in contacts; known are ml-research, "
            'ml-platform. Did you mean "ml-research"?',
        ],
    ),
    "a webhook's address instead of its variable": (
        {"env:TRAINYARD_WEBHOOK": "https://hooks.acme.example/T0/s3cr3t"},
        [
            "stacks/env.dev.yaml:8: notify[0].webhook: what is given (not shown, for it may be secret) is "
            "not allowed; expected the variable that holds the address: env:TRAINYARD_WEBHOOK (the address "
            "is a secret).",
        ],
    ),
    "a base that is none": (
        {"base: dev-base": "base: dev-bse"},
        [
            "stacks/env.dev.yaml:2: base: there is no stacks/Pulumi.dev-bse.yaml; stacks are dev, dev-base. "
            'Did you mean "dev-base"?',
        ],
    ),
    "a base that is a compute stack": (
        {"base: dev-base": "base: dev"},
        [
            "stacks/env.dev.yaml:2: base: stacks/Pulumi.dev.yaml is a compute stack; name a base stack.",
        ],
    ),
    "protect as text": (
        {"protect: true": 'protect: "true"'},
        [
            'stacks/env.dev.yaml:4: protect: "true" is not allowed; expected true or false: whether base '
            "resources are protected.",
        ],
    ),
    "contacts that no label can hold": (
        {"contacts: { ml-research:": "contacts: { ML Research: x@acme.example, ml-research:"},
        [
            'stacks/env.dev.yaml:7: contacts.ML Research: "ML Research" fits no label: every cloud\'s labels '
            'hold 1 to 63 characters a-z, 0-9 and "-", beginning with a letter and not ending in a hyphen; '
            'give a short name, for example "ml-research".',
        ],
    ),
    "limits left out": (
        {"limits: { max_ttl: 14d, max_cap_usd: 20000, regions: [europe, us-central1], policies: advise }\n": ""},
        [
            "stacks/env.dev.yaml: limits: is missing; expected { max_ttl: 14d, max_cap_usd: 20000, regions: "
            "[europe] }.",
        ],
    ),
    "no account on the cloud": (
        {"gcp: { project: acme-ml-dev, price_factor: 0.9 }\n": ""},
        [
            "stacks/Pulumi.dev.yaml:18: workloads.bench.where[0].cloud: stacks/env.dev.yaml has no gcp; "
            "give it gcp: { project: … }.",
        ],
    ),
}

BASES: dict[str, tuple[Edits, list[str]]] = {
    "a range that is none": (
        {"10.20.0.0/20": "10.20.0.0/33"},
        [
            'stacks/Pulumi.dev-base.yaml:8: base.gcp.network.regions.europe-west4: "10.20.0.0/33" is no '
            "IPv4 range ('33' is not a valid netmask); give one such as \"10.10.0.0/20\".",
        ],
    ),
    "a range with host bits": (
        {"10.20.0.0/20": "10.20.1.0/20"},
        [
            'stacks/Pulumi.dev-base.yaml:8: base.gcp.network.regions.europe-west4: "10.20.1.0/20" is no '
            'IPv4 range (10.20.1.0/20 has host bits set); give one such as "10.10.0.0/20".',
        ],
    ),
    "a public range": (
        {"10.20.0.0/20": "8.8.0.0/20"},
        [
            'stacks/Pulumi.dev-base.yaml:8: base.gcp.network.regions.europe-west4: "8.8.0.0/20" is no range '
            "for a subnetwork; give a private one (10.0.0.0/8, 172.16.0.0/12, 192.168.0.0/16 or "
            "100.64.0.0/10) between /8 and /29.",
        ],
    ),
    "ranges that overlap": (
        {"10.20.16.0/20": "10.20.8.0/21"},
        [
            "stacks/Pulumi.dev-base.yaml:9: base.gcp.network.regions.us-central1: 10.20.8.0/21 overlaps "
            "10.20.0.0/20 of europe-west4; give ranges that do not.",
        ],
    ),
    "a subnetwork outside of the limits": (
        {"us-central1:": "us-east4:"},
        [
            "stacks/Pulumi.dev-base.yaml:9: base.gcp.network.regions.us-east4: is not in limits.regions of "
            "stacks/env.dev.yaml; allowed are europe, us-central1.",
        ],
    ),
    "a region of the base that is none": (
        {"us-central1:": "europe-west44:"},
        [
            'stacks/Pulumi.dev-base.yaml:9: base.gcp.network.regions.europe-west44: "europe-west44" is no '
            "gcp region with accelerators; there are europe-central2, europe-north1, europe-west1, "
            "europe-west2, europe-west3, europe-west4, europe-west6, europe-west9. Did you mean "
            '"europe-west4"?',
        ],
    ),
    "a lease in a base stack": (
        {"    base:": "    lease: { ttl: 1h, extend_to: 2h, cap_usd: 5 }\n    base:"},
        [
            "stacks/Pulumi.dev-base.yaml:4: lease: stands in a base stack; a base stack holds what lives "
            "long, without lease or workloads. Move it to a compute stack.",
        ],
    ),
    "made and existing at once": (
        {"          regions:\n": "          id: projects/acme-net/global/networks/shared\n          regions:\n"},
        [
            "stacks/Pulumi.dev-base.yaml:6: base.gcp.network.subnetworks: is missing; expected a mapping of "
            "region to id: { europe-west4: projects/<project>/regions/europe-west4/subnetworks/<name> }.",
            "stacks/Pulumi.dev-base.yaml:8: base.gcp.network.regions: is no key here; allowed are id, subnetworks.",
        ],
    ),
    "a subnetwork of another region": (
        {
            "          regions:\n"
            "            europe-west4: 10.20.0.0/20\n"
            "            us-central1: 10.20.16.0/20\n": "          id: projects/acme-net/global/networks/shared\n"
            "          subnetworks:\n"
            "            europe-west4: projects/acme-net/regions/us-central1/subnetworks/ml\n"
        },
        [
            "stacks/Pulumi.dev-base.yaml:9: base.gcp.network.subnetworks.europe-west4: "
            '"projects/acme-net/regions/us-central1/subnetworks/ml" lies in us-central1; give one of '
            "europe-west4.",
        ],
    ),
    "a network by its name alone": (
        {
            "          regions:\n"
            "            europe-west4: 10.20.0.0/20\n"
            "            us-central1: 10.20.16.0/20\n": "          id: shared\n          subnetworks: {}\n"
        },
        [
            'stacks/Pulumi.dev-base.yaml:7: base.gcp.network.id: "shared" is not allowed; expected the '
            "network's id: projects/<project>/global/networks/<name>.",
            "stacks/Pulumi.dev-base.yaml:8: base.gcp.network.subnetworks: an empty mapping is not allowed; "
            "expected a mapping of region to id: { europe-west4: "
            "projects/<project>/regions/europe-west4/subnetworks/<name> }.",
        ],
    ),
    "a base section left out": (
        {
            "    base:\n"
            "      gcp:\n"
            "        network:\n"
            "          regions:\n"
            "            europe-west4: 10.20.0.0/20\n"
            "            us-central1: 10.20.16.0/20\n": ""
        },
        [
            "stacks/Pulumi.dev-base.yaml:2: base: is missing; a base stack holds what lives long, without "
            "lease or workloads. Give base: { gcp: { network: { regions: { europe-west4: 10.10.0.0/20 } } } "
            "}.",
        ],
    ),
}

OUTSIDE: dict[str, tuple[Edits, list[str]]] = {
    "configuration for a provider": (
        {"config:\n": "config:\n  gcp:project: other\n"},
        [
            "stacks/Pulumi.dev.yaml:2: config.gcp:project: is not read; the program takes "
            "trainyard:settings only, and projects and regions from there and the environment's file.",
        ],
    ),
    "the settings key's typo": (
        {"trainyard:settings": "trainyard:setting"},
        [
            "stacks/Pulumi.dev.yaml:1: config.trainyard:settings: is missing; expected the stack's "
            "settings, a mapping.",
            "stacks/Pulumi.dev.yaml:2: config.trainyard:setting: is not read; the program takes "
            "trainyard:settings only, and projects and regions from there and the environment's file. Did "
            'you mean "trainyard:settings"?',
        ],
    ),
    "no config": (
        {"config:": "configuration:"},
        [
            "stacks/Pulumi.dev.yaml: config: is missing; expected a mapping with trainyard:settings.",
            "stacks/Pulumi.dev.yaml:1: configuration: is no key here; allowed are config, encryptionsalt, "
            'encryptedkey, secretsprovider. Did you mean "config"?',
        ],
    ),
}


@pytest.mark.parametrize(("edits", "expected"), ENVIRONMENTS.values(), ids=ENVIRONMENTS.keys())
def test_a_wrong_environment_is_named_with_its_line_and_what_is_allowed(
    complaints: Callable[..., list[str]], edits: Edits, expected: list[str]
) -> None:
    assert complaints(edits, file="env.dev.yaml", stack="dev") == expected


@pytest.mark.parametrize(("edits", "expected"), BASES.values(), ids=BASES.keys())
def test_a_wrong_base_is_named_with_its_line_and_what_is_allowed(
    complaints: Callable[..., list[str]], edits: Edits, expected: list[str]
) -> None:
    assert complaints(edits, file="Pulumi.dev-base.yaml", stack="dev-base") == expected


@pytest.mark.parametrize(("edits", "expected"), OUTSIDE.values(), ids=OUTSIDE.keys())
def test_what_stands_outside_of_the_settings_is_named(
    complaints: Callable[..., list[str]], edits: Edits, expected: list[str]
) -> None:
    assert complaints(edits) == expected
