"""How a Kubernetes API server names and numbers objects."""

from __future__ import annotations

import uuid
from typing import Any, Final

from trainyard.sandbox.provider.order import Made, Order, digits, nobodys_address, rfc3339
from trainyard.servicer.values import reveal

_CLUSTER_WIDE: Final = frozenset(
    [
        "APIService",
        "CSIDriver",
        "CSINode",
        "ClusterRole",
        "ClusterRoleBinding",
        "ClusterTrustBundle",
        "CustomResourceDefinition",
        "DeviceClass",
        "FlowSchema",
        "IngressClass",
        "MutatingWebhookConfiguration",
        "Namespace",
        "Node",
        "PersistentVolume",
        "PriorityClass",
        "PriorityLevelConfiguration",
        "ResourceSlice",
        "RuntimeClass",
        "StorageClass",
        "ValidatingAdmissionPolicy",
        "ValidatingAdmissionPolicyBinding",
        "ValidatingWebhookConfiguration",
        "VolumeAttachment",
    ]
)


def make(order: Order) -> Made:
    """An object as the server tells it: its own metadata filled in."""
    kind = order.type.token.rpartition(":")[2]
    given = order.plain("metadata") or {}
    name = given.get("name") or f"{given.get('generateName', order.name + '-')}{digits(5)}"
    before = reveal(order.before.outputs.get("metadata", {})) if order.before else {}
    metadata: dict[str, Any] = {
        "uid": before.get("uid") or str(uuid.uuid4()),
        "creationTimestamp": rfc3339(order.created),
        "resourceVersion": digits(7),
        "generation": int(before.get("generation", 0)) + 1,
        **given,
        "name": name,
    }
    place = ""
    if kind not in _CLUSTER_WIDE:
        place = given.get("namespace") or order.text("namespace") or "default"
        metadata["namespace"] = place
    outputs = (
        {"metadata": order.veil("metadata", metadata)}
        if "metadata" in order.type.inputs
        else {"name": order.text("name", order.name)}
    )
    outputs |= _status(order, kind, f"{place}/{name}")
    labels = {key: str(value) for key, value in (given.get("labels") or {}).items()}
    id = f"{place}/{name}" if place else name
    return Made(id=id, name=name, project="", place=place, labels=labels, outputs=outputs)


def _status(order: Order, kind: str, id: str) -> dict[str, Any]:
    """What a program waits for: a balancer's address, a release's name and place."""
    spec = order.plain("spec") or {}
    if kind == "Service":
        balanced = isinstance(spec, dict) and spec.get("type") == "LoadBalancer"
        return {"status": {"loadBalancer": {"ingress": [{"ip": nobodys_address(id)}]} if balanced else {}}}
    if kind == "Release":
        name, place = order.text("name", order.name), order.text("namespace", "default")
        chart, version = order.text("chart"), order.text("version")
        told = {"name": name, "namespace": place, "chart": chart, "version": version, "revision": 1}
        return {"status": {**told, "status": "deployed"}, "namespace": place}
    return {}
