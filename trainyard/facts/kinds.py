"""What each kind of workload can be made of: one question, answered by the facts of its kind."""

from __future__ import annotations

from typing import Protocol

from trainyard.facts import machine, persistent_resource, tpu, vertex, workbench
from trainyard.facts.price import Price

TPU_KINDS = ("tpu-node", "training-job", "pool")  # the others have GPUs only
ZONAL_KINDS = ("gpu-vm", "notebook")  # whose machines are made in a zone that is named


def not_built(kind: str, cloud: str, machine_type: str) -> str | None:
    """Why a workload of this kind cannot be built of this machine type yet; None when it can."""
    if other := _other(cloud):
        return other.not_built(kind, machine_type)
    if kind == "gpu-vm":
        return machine.not_built(cloud, machine_type)
    if kind == "tpu-node":
        return tpu.not_built(cloud, machine_type)
    if kind == "training-job":
        return vertex.not_built(cloud, machine_type)
    if kind == "persistent-resource":
        return persistent_resource.not_built(cloud, machine_type)
    if kind == "notebook":
        return workbench.not_built(cloud, machine_type)
    return f"{kind} is not built yet"


def not_sold(kind: str, cloud: str, machine_type: str, capacity: str) -> str | None:
    """Why the cloud does not sell this type as that capacity to this kind; None where nothing is known against it."""
    if other := _other(cloud):
        return other.not_sold(kind, machine_type, capacity)
    if kind == "gpu-vm":
        return machine.not_sold(cloud, machine_type, capacity)
    if kind == "tpu-node":
        return tpu.not_sold(machine_type, capacity)
    if kind == "training-job" and cloud == "gcp":
        return vertex.not_sold(machine_type, capacity)
    if kind == "persistent-resource":
        return persistent_resource.not_sold(machine_type, capacity)
    if kind == "notebook":
        return workbench.not_sold(cloud, machine_type, capacity)
    return None


def sold_as(kind: str, cloud: str, machine_type: str) -> tuple[str, ...]:
    """The names of the capacities that the type is sold as; empty where that is not known."""
    if other := _other(cloud):
        return other.sold_as(kind, machine_type)
    if kind == "gpu-vm" and cloud == "gcp":
        return machine.sold_as(machine_type)
    if kind == "tpu-node" and (of := tpu.of_slice_name(machine_type)):
        return of.capacities
    if kind == "training-job" and cloud == "gcp":
        return vertex.sold_as(machine_type)
    if kind == "persistent-resource":
        return tuple(way for way in persistent_resource.CAPACITIES if not not_sold(kind, cloud, machine_type, way))
    if kind == "notebook" and cloud == "gcp":
        return tuple(way for way in machine.sold_as(machine_type) if way in workbench.CAPACITIES)
    return ()


def priced(kind: str, cloud: str, machine_price: Price, capacity: str) -> Price:
    """What a workload of this kind pays for the machine, with what is not known of it said."""
    if other := _other(cloud):
        return other.priced(kind, machine_price, capacity)
    if kind == "notebook":
        return workbench.price(machine_price)
    if kind in ("training-job", "persistent-resource"):
        return vertex.with_fee(machine_price)
    return machine_price


def known_only(cloud: str, word: str) -> str | None:
    """Why a chip or machine type that the cloud sells is not built; None where nothing is known of it."""
    if other := _other(cloud):
        return other.known_only(word)
    return {**machine.REFUSED, **machine.REFUSED_CHIPS}.get(word) if cloud == "gcp" else None


class _Kinds(Protocol):
    """The same questions of one cloud: its module `kinds`."""

    def not_built(self, kind: str, machine_type: str) -> str | None: ...
    def not_sold(self, kind: str, machine_type: str, capacity: str) -> str | None: ...
    def sold_as(self, kind: str, machine_type: str) -> tuple[str, ...]: ...
    def priced(self, kind: str, machine_price: Price, capacity: str) -> Price: ...
    def known_only(self, word: str) -> str | None: ...


def _other(cloud: str) -> _Kinds | None:
    """The facts of another cloud than Google's, read when it is asked for; None where no kind is built on it."""
    match cloud:
        case "aws":
            from trainyard.facts.aws import kinds as aws

            return aws
        case "azure":
            from trainyard.facts.azure import kinds as azure

            return azure
        case _:
            return None
