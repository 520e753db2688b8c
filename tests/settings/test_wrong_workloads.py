"""Wrong workloads, one at a time, and every line that is said about each."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable

Edits = dict[str, str]

WRONG: dict[str, tuple[Edits, list[str]]] = {
    "workloads that are a list": (
        {"    workloads:\n      bench:\n        kind": "    workloads:\n      - x:\n        kind"},
        [
            "stacks/Pulumi.dev.yaml:13: workloads: a list is not allowed; expected a mapping of name to workload.",
            "stacks/Pulumi.dev.yaml:14: workloads[0].x: has no value; give one, or remove the key.",
        ],
    ),
    "a kind that is none": (
        {"kind: gpu-vm": "kind: gpu_vm"},
        [
            'stacks/Pulumi.dev.yaml:15: workloads.bench.kind: "gpu_vm" is no kind; known are gpu-vm, '
            'training-job, persistent-resource, tpu-node, notebook, pool. Did you mean "gpu-vm"?',
        ],
    ),
    "a kind left out": (
        {"        kind: gpu-vm\n": ""},
        [
            "stacks/Pulumi.dev.yaml:14: workloads.bench.kind: is missing; expected one of gpu-vm, "
            "training-job, persistent-resource, tpu-node, notebook, pool.",
        ],
    ),
    "a notebook without idle control": (
        {"kind: gpu-vm": "kind: notebook", "[spot, on-demand]": "[on-demand]"},
        [
            "stacks/Pulumi.dev.yaml:14: workloads.bench.idle: is missing: a notebook that nobody works in bills on; "
            "give idle: { after: 1h, then: stop }.",
        ],
    ),
    "a notebook that is idle after five minutes": (
        {
            "kind: gpu-vm": "kind: notebook\n        idle: { after: 5m }",
            "[spot, on-demand]": "[on-demand]",
        },
        [
            "stacks/Pulumi.dev.yaml:16: workloads.bench.idle.after: Vertex AI Workbench shuts down after 10 to 1440 "
            "minutes without work, 5 were asked for; give 30m.",
        ],
    ),
    "a spot notebook": (
        {"kind: gpu-vm": "kind: notebook\n        idle: { after: 1h }"},
        [
            "stacks/Pulumi.dev.yaml:21: workloads.bench.capacity[0]: spot is no way to have a notebook; give "
            "on-demand, reserved.",
        ],
    ),
    "a group without a network between its nodes": (
        {"        accelerator: A100:1\n": "        accelerator: A100:1\n        nodes: 4\n"},
        [
            "stacks/Pulumi.dev.yaml:17: workloads.bench.nodes: A100 with 1 A100: this machine type has no network of "
            "its own between nodes; give fabric: none to do without one, or a machine type that has one (H100:8, "
            "H200:8, B200:8); the base's fabrics are none.",
        ],
    ),
    "a group whose fabric the base does not have": (
        {"        accelerator: A100:1\n": "        accelerator: H100:8\n        nodes: 4\n"},
        [
            "stacks/Pulumi.dev.yaml:17: workloads.bench.nodes: H100 with 8 H100: the base has no gpudirect-tcpx "
            "there; the base's fabrics are none.",
        ],
    ),
    "a machine that comes back by itself": (
        {"        accelerator: A100:1\n": "        accelerator: A100:1\n        on_preemption: { then: recreate }\n"},
        [
            "stacks/Pulumi.dev.yaml:17: workloads.bench.on_preemption.then: machines that come back by themselves are "
            "not built: a group that repairs would also undo every end of the lease; give stay-down, and run "
            '"pulumi up" again within the lease.',
        ],
    ),
    "a flex-start machine out of a reservation": (
        {"[spot, on-demand]": "[{ kind: flex-start, id: mine }]"},
        [
            'stacks/Pulumi.dev.yaml:20: workloads.bench.capacity[0]: "id" is no key of flex-start: flex-start machines '
            "come out of no reservation; give { kind: reserved, id: … } or flex-start.",
        ],
    ),
    "a spot machine out of a reservation": (
        {"[spot, on-demand]": "[{ kind: spot, id: mine }]"},
        [
            'stacks/Pulumi.dev.yaml:20: workloads.bench.capacity[0]: "id" is no key of spot: spot machines come out of '
            "no reservation; give { kind: reserved, id: … } or spot.",
        ],
    ),
    "a reservation that is bound to a word": (
        {"[spot, on-demand]": "[{ kind: reserved, id: mine, bound: later }]"},
        [
            'stacks/Pulumi.dev.yaml:20: workloads.bench.capacity[0]: bound "later" is neither true nor false; give '
            "true for a calendar or future reservation.",
        ],
    ),
    "an agreed price that is none": (
        {"[spot, on-demand]": "[{ kind: reserved, id: mine, usd_hour: free }]"},
        [
            'stacks/Pulumi.dev.yaml:20: workloads.bench.capacity[0]: "free" is no amount; give a number of US dollars '
            "over 0, without sign or unit.",
        ],
    ),
    "a share of a GPU on an image that cannot use it": (
        {
            "accelerator: A100:1": "accelerator: RTX-PRO-6000:0.25",
            "regions: [europe-west4, us-central1]": "zones: [us-central1-b]",
        },
        [
            "stacks/Pulumi.dev.yaml:14: workloads.bench.image: g4-standard-12 has a share of a GPU, which needs "
            "NVIDIA's vGPU guest driver, and projects/ubuntu-os-accelerator-images/global/images/family/"
            "ubuntu-accelerator-2404-amd64-with-nvidia-580 has none; give an image of your own: "
            "projects/<project>/global/images/family/<name>, or take g4-standard-48.",
        ],
    ),
    "a machine whose zones nobody knows, by its region": (
        {"accelerator: A100:1": "accelerator: RTX-PRO-6000:1"},
        [
            "stacks/Pulumi.dev.yaml:16: workloads.bench.accelerator: RTX-PRO-6000 with 1 RTX-PRO-6000: the catalogue "
            "knows its regions, not its zones; name one under zones, such as those that "
            '"gcloud compute machine-types list --filter=name=g4-standard-48" shows.',
        ],
    ),
    "a V100 on an image whose driver cannot drive it": (
        {"        accelerator: A100:1\n": "        accelerator: V100:1\n"},
        [
            "stacks/Pulumi.dev.yaml:14: workloads.bench.image: projects/ubuntu-os-accelerator-images/global/images/"
            "family/ubuntu-accelerator-2404-amd64-with-nvidia-580 has NVIDIA's open kernel modules, which do not drive "
            "nvidia-tesla-v100; give an image of your own: projects/<project>/global/images/family/<name>.",
        ],
    ),
    "nodes that are text": (
        {"        accelerator: A100:1\n": '        accelerator: A100:1\n        nodes: "4"\n'},
        [
            'stacks/Pulumi.dev.yaml:17: workloads.bench.nodes: "4" is not allowed; expected a whole number '
            "from 1 on: machines in one fabric.",
        ],
    ),
    "no nodes": (
        {"        accelerator: A100:1\n": "        accelerator: A100:1\n        nodes: 0\n"},
        [
            "stacks/Pulumi.dev.yaml:17: workloads.bench.nodes: 0 is not allowed; expected a whole number "
            "from 1 on: machines in one fabric.",
        ],
    ),
    "a workload name that no label can hold": (
        {"      bench:": "      Bench_1:"},
        [
            'stacks/Pulumi.dev.yaml:14: workloads.Bench_1: "Bench_1" fits no label: every cloud\'s labels '
            'hold 1 to 63 characters a-z, 0-9 and "-", beginning with a letter and not ending in a hyphen; '
            'give a short name, for example "bench".',
        ],
    ),
    "a workload name too long for a machine": (
        {"      bench:": "      bxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx:"},
        [
            "stacks/Pulumi.dev.yaml:14: workloads.bxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx: the name has "
            "41 characters; at most 40 fit into a machine's name.",
        ],
    ),
    "an accelerator that is a number": (
        {"A100:1": "8"},
        [
            "stacks/Pulumi.dev.yaml:16: workloads.bench.accelerator: 8 is no accelerator; give chip:count, "
            'for example "H100:8".',
        ],
    ),
    "a zone that does not exist": (
        {"            regions: [europe-west4, us-central1]": "            zones: [europe-west4-z]"},
        [
            'stacks/Pulumi.dev.yaml:19: workloads.bench.where[0].zones[0]: "europe-west4-z" is no gcp zone '
            "with accelerators; its region has europe-west4-a, europe-west4-b, europe-west4-c.",
        ],
    ),
    "a zone that is a region": (
        {"            regions: [europe-west4, us-central1]": "            zones: [us-central1]"},
        [
            'stacks/Pulumi.dev.yaml:19: workloads.bench.where[0].zones[0]: "us-central1" is a region; give '
            'a zone, for example "us-central1-a", or put it under regions.',
        ],
    ),
    "a region that is a zone": (
        {"[europe-west4, us-central1]": "[europe-west4-a]"},
        [
            'stacks/Pulumi.dev.yaml:19: workloads.bench.where[0].regions[0]: "europe-west4-a" is a zone; '
            "give its region, europe-west4, or put it under zones.",
        ],
    ),
    "a region that does not exist": (
        {"[europe-west4, us-central1]": "[europe-west44]"},
        [
            'stacks/Pulumi.dev.yaml:19: workloads.bench.where[0].regions[0]: "europe-west44" is no gcp '
            "region with accelerators; there are europe-central2, europe-north1, europe-west1, "
            "europe-west2, europe-west3, europe-west4, europe-west6, europe-west9. Did you mean "
            '"europe-west4"?',
        ],
    ),
    "a region outside of the limits": (
        {"[europe-west4, us-central1]": "[us-east4]"},
        [
            'stacks/Pulumi.dev.yaml:19: workloads.bench.where[0].regions[0]: "us-east4" is not in '
            "limits.regions of stacks/env.dev.yaml; allowed are europe, us-central1.",
        ],
    ),
    "a region without subnetwork": (
        {"[europe-west4, us-central1]": "[europe-west4, europe-west1]"},
        [
            'stacks/Pulumi.dev.yaml:19: workloads.bench.where[0].regions[1]: "europe-west1" has no '
            "subnetwork in stacks/Pulumi.dev-base.yaml; it has europe-west4, us-central1.",
        ],
    ),
    "a zone outside of its place's regions": (
        {"[europe-west4, us-central1]": "[europe-west4]\n            zones: [us-central1-a]"},
        [
            'stacks/Pulumi.dev.yaml:20: workloads.bench.where[0].zones[0]: "us-central1-a" lies in '
            "us-central1, which is not under regions; add or remove one.",
        ],
    ),
    "a place without regions": (
        {"            regions: [europe-west4, us-central1]\n": ""},
        [
            "stacks/Pulumi.dev.yaml:18: workloads.bench.where[0].regions: is missing; give regions: "
            "[europe-west4], or zones: [europe-west4-a].",
        ],
    ),
    "regions that are text": (
        {"[europe-west4, us-central1]": "europe-west4"},
        [
            'stacks/Pulumi.dev.yaml:19: workloads.bench.where[0].regions: "europe-west4" is not allowed; '
            "expected a list of the cloud's regions in order of preference, for example [europe-west4].",
        ],
    ),
    "no places": (
        {
            "        where:\n"
            "          - cloud: gcp\n"
            "            regions: [europe-west4, us-central1]\n": "        where: []\n"
        },
        [
            "stacks/Pulumi.dev.yaml:17: workloads.bench.where: an empty list is not allowed; expected a "
            "list of places in order: [{ cloud: gcp, regions: [europe-west4] }].",
        ],
    ),
    "a cloud's typo": (
        {"cloud: gcp": "cloud: gpc"},
        [
            'stacks/Pulumi.dev.yaml:18: workloads.bench.where[0].cloud: "gpc" is not allowed; expected a '
            'cloud: gcp, aws, azure, coreweave, lambda, paperspace or ssh. Did you mean "gcp"?',
        ],
    ),
    "a cloud that is not built": (
        {"cloud: gcp": "cloud: coreweave"},
        [
            "stacks/Pulumi.dev.yaml:18: workloads.bench.where[0].cloud: gpu-vm on coreweave is not built yet; built is "
            "gcp, aws, azure.",
        ],
    ),
    "a capacity's typo": (
        {"[spot, on-demand]": "[spott]"},
        [
            'stacks/Pulumi.dev.yaml:20: workloads.bench.capacity[0]: "spott" is no capacity; give '
            "on-demand, spot, flex-start, { kind: flex-start, max_wait: 2h }, { kind: reserved, id: … }, for TPUs "
            '{ kind: queued, valid_until: 6h }, or on AWS { kind: block, id: cr-… }. Did you mean "spot"?',
        ],
    ),
    "a block without id": (
        {"[spot, on-demand]": "[block]"},
        [
            "stacks/Pulumi.dev.yaml:20: workloads.bench.capacity[0]: block needs the id of its reservation; give "
            "{ kind: block, id: cr-… }.",
        ],
    ),
    "a queue without an end": (
        {"[spot, on-demand]": "[queued]"},
        [
            "stacks/Pulumi.dev.yaml:20: workloads.bench.capacity[0]: queued needs the time until which it waits; give "
            "{ kind: queued, valid_until: 6h }.",
        ],
    ),
    "a queue for a GPU": (
        {"[spot, on-demand]": "[{ kind: queued, valid_until: 6h }]"},
        [
            "stacks/Pulumi.dev.yaml:20: workloads.bench.capacity: A100 with 1 A100 is not sold as queued; it is as "
            "on-demand, spot, flex-start, reserved; give one of these under capacity.",
        ],
    ),
    "no capacity": (
        {"[spot, on-demand]": "[]"},
        [
            "stacks/Pulumi.dev.yaml:20: workloads.bench.capacity: an empty list is not allowed; expected a "
            "list in order of preference, of on-demand, spot, flex-start, { kind: flex-start, max_wait: 2h }, { kind: "
            "reserved, id: … }, for TPUs { kind: queued, valid_until: 6h }, or on AWS { kind: block, id: cr-… }.",
        ],
    ),
    "a reservation without id": (
        {"[spot, on-demand]": "[reserved]"},
        [
            "stacks/Pulumi.dev.yaml:20: workloads.bench.capacity[0]: reserved needs the reservation's id; "
            "give { kind: reserved, id: … }.",
        ],
    ),
    "a key that the capacity lacks": (
        {"[spot, on-demand]": "[{ kind: flex-start, maxwait: 2h }]"},
        [
            'stacks/Pulumi.dev.yaml:20: workloads.bench.capacity[0]: "maxwait" is no key of flex-start; '
            'allowed are kind, max_wait, usd_hour. Did you mean "max_wait"?',
        ],
    ),
    "a wait that uses up the ttl": (
        {"[spot, on-demand]": "[{ kind: flex-start, max_wait: 12h }]"},
        [
            "stacks/Pulumi.dev.yaml:20: workloads.bench.capacity[0]: max_wait 12h leaves nothing of "
            "lease.ttl 12h, for waiting counts; give { kind: flex-start, max_wait: … } below 12h.",
        ],
    ),
    "a lease longer than its capacity runs": (
        {"[spot, on-demand]": "[flex-start]", "extend_to: 24h": "extend_to: 8d"},
        [
            "stacks/Pulumi.dev.yaml:20: workloads.bench.capacity[0]: flex-start machines on gcp run at most "
            "7d, and lease.extend_to is 8d; give extend_to of at most 7d, or another capacity.",
        ],
    ),
    "a boot disk kind that is none": (
        {"        accelerator: A100:1\n": "        accelerator: A100:1\n        boot_disk: { kind: pd-sdd }\n"},
        [
            'stacks/Pulumi.dev.yaml:17: workloads.bench.boot_disk.kind: "pd-sdd" is not allowed; expected '
            "pd-standard, pd-balanced, pd-ssd or hyperdisk-balanced on Google Cloud, gp3 on AWS, Premium_LRS, "
            "StandardSSD_LRS, Premium_ZRS or StandardSSD_ZRS on Azure; left out, the machine's own. Did you mean "
            '"pd-ssd"?',
        ],
    ),
    "a boot disk too small": (
        {"        accelerator: A100:1\n": "        accelerator: A100:1\n        boot_disk: { gib: 5 }\n"},
        [
            "stacks/Pulumi.dev.yaml:17: workloads.bench.boot_disk.gib: 5 is not allowed; expected a whole "
            "number of GiB from 10 to 65536.",
        ],
    ),
    "access for a bare name": (
        {"        accelerator: A100:1\n": "        accelerator: A100:1\n        access: [bob]\n"},
        [
            'stacks/Pulumi.dev.yaml:17: workloads.bench.access[0]: "bob" is not allowed; expected an entry '
            'of a list of who may log in, each in its cloud\'s words: ["group:ml-research@acme.example", '
            '"iam-role:ml-research", "group:3fa85f64-5717-4562-b3fc-2c963f66afa6"].',
        ],
    ),
    "idle, which is not built": (
        {"        accelerator: A100:1\n": "        accelerator: A100:1\n        idle: { after: 30m }\n"},
        [
            "stacks/Pulumi.dev.yaml:17: workloads.bench.idle: ends on idle are not built yet; remove the "
            "key, and let the lease's ttl end it.",
        ],
    ),
    "retries of a machine": (
        {"        accelerator: A100:1\n": "        accelerator: A100:1\n        on_preemption: { retries: 3 }\n"},
        ["stacks/Pulumi.dev.yaml:17: workloads.bench.on_preemption.retries: is no key here; allowed are then."],
    ),
    "data that the base has not": (
        {"        accelerator: A100:1\n": "        accelerator: A100:1\n        data: { corpus: read }\n"},
        [
            "stacks/Pulumi.dev.yaml:17: workloads.bench.data.corpus: is not under base.gcp.data of "
            "stacks/Pulumi.dev-base.yaml; it has none.",
        ],
    ),
    "egress of a workload that reads nothing": (
        {"        accelerator: A100:1\n": "        accelerator: A100:1\n        egress: allowed\n"},
        [
            "stacks/Pulumi.dev.yaml:17: workloads.bench.egress: allows to read data from another region, and no data "
            "is named; give data, or remove it.",
        ],
    ),
    "a secret in the settings": (
        {"        accelerator: A100:1\n": "        accelerator: A100:1\n        machine_type: { secure: v1:abc }\n"},
        [
            "stacks/Pulumi.dev.yaml:17: workloads.bench.machine_type: is an encrypted secret; settings hold "
            "none. Name it by reference: gcp-secret://<project>/<name>.",
        ],
    ),
    "an encrypted secret as a section's key": (
        {"      ttl: 12h": "      secure: v1:abc\n      ttl: 12h"},
        [
            "stacks/Pulumi.dev.yaml:10: lease.secure: is an encrypted secret; settings hold none. Name it "
            "by reference: gcp-secret://<project>/<name>.",
        ],
    ),
}


@pytest.mark.parametrize(("edits", "expected"), WRONG.values(), ids=WRONG.keys())
def test_a_wrong_workload_is_named_with_its_line_and_what_is_allowed(
    complaints: Callable[..., list[str]], edits: Edits, expected: list[str]
) -> None:
    assert complaints(edits) == expected
