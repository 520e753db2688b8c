"""The reference program for one of each kind: the registrations that are given, in their order, and nothing else."""

import json
from pathlib import Path

import pulumi
import pulumi_gcp as gcp

given = json.loads(Path("given.json").read_text())
for token in {one["type"] for one in given if one["type"].startswith("gcp:")}:
    # A hand-written program makes Python load the classes that it names; the SDK waits until then.
    _, module, name = token.split(":")
    getattr(getattr(gcp, module.partition("/")[0]), name)

made: dict[str, pulumi.Resource] = {}
for one in given:
    options = pulumi.ResourceOptions(parent=made.get(one["parent"]))
    if one["custom"]:
        made[one["urn"]] = pulumi.CustomResource(one["type"], one["name"], one["inputs"], options)
    else:
        made[one["urn"]] = pulumi.ComponentResource(one["type"], one["name"], {}, options)
