"""The reference program for registrations that are given: in their order, under their parents, and nothing else.

It makes them of the SDKs' own classes, as a program does that people write by hand.
"""

import importlib
import json
from functools import cache
from pathlib import Path
from typing import Any

import pulumi
from pulumi._types import input_type_py_to_pulumi_names

SDKS = {"gcp": "pulumi_gcp", "aws": "pulumi_aws", "azure-native": "pulumi_azure_native"}


@cache
def sdk_class(package: str, module: str, name: str) -> tuple[Any, dict[str, str]]:
    """The class, and its arguments' names with those on the wire."""
    classes = getattr(importlib.import_module(SDKS[package]), module)
    names = input_type_py_to_pulumi_names(getattr(classes, f"{name}Args"))
    # The first argument of every class is called so: an input of that name has an underscore behind it.
    own = {"resource_name": "resource_name_"}
    return getattr(classes, name), {own.get(python, python): wire for python, wire in names.items()}


def resource(one: dict[str, Any], options: pulumi.ResourceOptions) -> pulumi.Resource:
    """One registration, by its class where an SDK has one."""
    package, module, name = one["type"].split(":")
    if not one["custom"]:
        return pulumi.ComponentResource(one["type"], one["name"], {}, options)
    if package not in SDKS or module == "providers":
        return pulumi.CustomResource(one["type"], one["name"], one["inputs"], options)
    class_, names = sdk_class(package, module.partition("/")[0], name)
    known = {python: one["inputs"][wire] for python, wire in names.items() if wire in one["inputs"]}
    made: pulumi.Resource = class_(one["name"], opts=options, **known)
    return made


made: dict[str, pulumi.Resource] = {}
for one in json.loads(Path("given.json").read_text()):
    made[one["urn"]] = resource(one, pulumi.ResourceOptions(parent=made.get(one["parent"])))
