"""The reference program for one of each kind: the registrations that are given, in their order, and nothing else."""

import json
from pathlib import Path

import pulumi

# What a hand-written program of these resources imports as well.
from pulumi_gcp import compute, iap, projects, serviceaccount, storage, workbench  # noqa: F401

made: dict[str, pulumi.Resource] = {}
for one in json.loads(Path("given.json").read_text()):
    options = pulumi.ResourceOptions(parent=made.get(one["parent"]))
    if one["custom"]:
        made[one["urn"]] = pulumi.CustomResource(one["type"], one["name"], one["inputs"], options)
    else:
        made[one["urn"]] = pulumi.ComponentResource(one["type"], one["name"], {}, options)
