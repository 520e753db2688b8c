"""The reference program for one of each kind: the registrations that are given, in their order, and nothing else."""

import json
from pathlib import Path

import pulumi
import pulumi_gcp as gcp

# What a hand-written program of these resources makes Python load as well: the SDK waits until a class is asked for.
USED = (
    gcp.compute.Instance,
    gcp.iap.TunnelInstanceIAMMember,
    gcp.projects.IAMMember,
    gcp.serviceaccount.Account,
    gcp.storage.BucketIAMMember,
    gcp.workbench.Instance,
)

made: dict[str, pulumi.Resource] = {}
for one in json.loads(Path("given.json").read_text()):
    options = pulumi.ResourceOptions(parent=made.get(one["parent"]))
    if one["custom"]:
        made[one["urn"]] = pulumi.CustomResource(one["type"], one["name"], one["inputs"], options)
    else:
        made[one["urn"]] = pulumi.ComponentResource(one["type"], one["name"], {}, options)
