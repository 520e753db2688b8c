"""What a cloud refuses beyond its schema: places, machine types, and choices that the SDK tells only in prose."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any, Final

from trainyard.sandbox.check import Problem, check_value
from trainyard.sandbox.conflicts import check_conflicts
from trainyard.sandbox.provider.azure_machines import check_azure, check_azure_compute, check_azure_set
from trainyard.sandbox.provider.gcp_images import check_images
from trainyard.sandbox.provider.gcp_locations import check_locations
from trainyard.sandbox.provider.gcp_machines import check_machine
from trainyard.sandbox.provider.gcp_persistent import TYPE as PERSISTENT_RESOURCE
from trainyard.sandbox.provider.gcp_persistent import check_persistent_resource
from trainyard.sandbox.provider.gcp_places import check_places
from trainyard.sandbox.provider.gcp_things import SCOPES
from trainyard.sandbox.provider.gcp_words import check_labels, check_name
from trainyard.sandbox.schema import Choice, ResourceType
from trainyard.sandbox.values import check_values

Rule = Callable[[Mapping[str, Any], Mapping[str, Any]], Iterator[Problem]]


def _no_commands(inputs: Mapping[str, Any], config: Mapping[str, Any]) -> Iterator[Problem]:
    """A rehearsal must not act on this machine, and the hosts that it makes do not exist."""
    yield Problem(
        "create", "commands do not run in a rehearsal: a local one would act on this machine, a remote one has no host"
    )


_BY_TYPE: Final[Mapping[str, tuple[Rule, ...]]] = {
    "azure-native:compute:VirtualMachine": (check_azure,),
    "azure-native:compute:VirtualMachineScaleSet": (check_azure_set,),
    "azure-native:machinelearningservices:Compute": (check_azure_compute,),
    PERSISTENT_RESOURCE: (check_persistent_resource,),
    "command:local:Command": (_no_commands,),
    "command:remote:Command": (_no_commands,),
    "command:remote:CopyFile": (_no_commands,),
    "command:remote:CopyToRemote": (_no_commands,),
}
# hashicorp/terraform-provider-google, google_compute_instance: the ValidateFuncs of its schema.
_INSTANCE_CHOICES: Final[Mapping[tuple[str, ...], tuple[str, ...]]] = {
    ("scheduling", "onHostMaintenance"): ("MIGRATE", "TERMINATE"),
    ("scheduling", "provisioningModel"): ("STANDARD", "SPOT", "FLEX_START", "RESERVATION_BOUND"),
    ("scheduling", "instanceTerminationAction"): ("STOP", "DELETE"),
    ("bootDisk", "mode"): ("READ_WRITE", "READ_ONLY"),
    ("desiredStatus",): ("RUNNING", "TERMINATED", "SUSPENDED"),
    ("deletionPolicy",): ("DELETE", "PREVENT", "ABANDON"),
    ("reservationAffinity", "type"): ("ANY_RESERVATION", "SPECIFIC_RESERVATION", "NO_RESERVATION"),
}
_INSTANCE_TYPES: Final = frozenset({"gcp:compute/instance:Instance", "gcp:compute/instanceTemplate:InstanceTemplate"})


def check_rules(type: ResourceType, inputs: Mapping[str, Any], config: Mapping[str, Any]) -> Iterator[Problem]:
    """Problems that only the cloud itself finds."""
    told = list(_own_rules(type, inputs, config))
    yield from told
    # A name or a choice that a rule above refused in the cloud's own words is not told twice.
    paths = {problem.path for problem in told}
    yield from (problem for problem in check_values(type, inputs) if problem.path not in paths)
    yield from check_conflicts(type, inputs, config)


def _own_rules(type: ResourceType, inputs: Mapping[str, Any], config: Mapping[str, Any]) -> Iterator[Problem]:
    for rule in _BY_TYPE.get(type.token, ()):
        yield from rule(inputs, config)
    if type.token.startswith("gcp:compute/"):
        places = {name: value for name, value in inputs.items() if name in ("zone", "region")}
        yield from _needed_place(type.token, inputs, config)
        yield from check_places(places, config if {"zone", "region"} & set(type.inputs) else {})
        if type.token in SCOPES:
            yield from check_name(inputs)
        if "machineType" in type.inputs:
            yield from check_machine(inputs, config)
        yield from check_images(type.token, inputs)
    elif type.package == "gcp":
        yield from check_locations(type, inputs)
    # A notification channel's labels are its settings, such as an address: they are no resource labels.
    if type.package == "gcp" and "labels" in type.inputs and not type.token.startswith("gcp:monitoring/notification"):
        yield from check_labels(inputs)
    if type.token in _INSTANCE_TYPES:
        for path, allowed in _INSTANCE_CHOICES.items():
            yield from check_value(Choice(allowed), _at(inputs, path), ".".join(path))


def _needed_place(token: str, inputs: Mapping[str, Any], config: Mapping[str, Any]) -> Iterator[Problem]:
    scope = SCOPES.get(token, "global")
    near = {"zone": ("zone",), "region": ("region", "zone")}.get(scope, ())
    if near and inputs.get(scope) is None and not any(config.get(name) for name in near):
        yield Problem(scope, f"{scope}: required field is not set; give it here, or `pulumi config set gcp:{scope} …`")


def _at(value: Any, path: tuple[str, ...]) -> Any:
    for name in path:
        value = value.get(name) if isinstance(value, Mapping) else None
    return value
