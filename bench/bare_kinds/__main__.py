"""The reference program for registrations that are given: in their order, under their parents, and nothing else."""

import importlib
import json
from pathlib import Path

import pulumi

SDKS = {"gcp": "pulumi_gcp", "aws": "pulumi_aws", "azure-native": "pulumi_azure_native"}

given = json.loads(Path("given.json").read_text())
for token in {one["type"] for one in given}:
    # A hand-written program makes Python load the classes that it names; the SDK waits until then.
    package, module, name = token.split(":")
    if package in SDKS and module != "providers":
        getattr(getattr(importlib.import_module(SDKS[package]), module.partition("/")[0]), name)

made: dict[str, pulumi.Resource] = {}
for one in given:
    options = pulumi.ResourceOptions(parent=made.get(one["parent"]))
    if one["custom"]:
        made[one["urn"]] = pulumi.CustomResource(one["type"], one["name"], one["inputs"], options)
    else:
        made[one["urn"]] = pulumi.ComponentResource(one["type"], one["name"], {}, options)
