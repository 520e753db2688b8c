"""What Vertex AI's persistent resources are: machines that wait for jobs, and bill whether one runs or not.

Sources: cloud.google.com/vertex-ai/docs/training (persistent-resource-overview: "billed for the entire duration that a
persistent resource is in a running state, regardless of whether there is a job running", for the VMs and GPUs of custom
jobs; jobs on it "are not separately charged"); aiplatform.v1 PersistentResource, which holds no time and no strategy;
terraform-provider-google's google_vertex_ai_persistent_resource, whose machine names no reservation.
"""

from __future__ import annotations

from datetime import date
from decimal import Decimal

from trainyard.facts import vertex
from trainyard.facts.price import Known
from trainyard.facts.tpu import of_slice_name

CAPACITIES = ("on-demand",)
# What a job pays for its machines there.
INCLUDED = Known(
    usd_hour=Decimal(0),
    date=date(2026, 11, 24),
    source="Vertex AI docs, Overview of persistent resources: jobs on it are not separately charged",
)


def not_built(cloud: str, offered: str) -> str | None:
    """Why none can be built of this machine type; None when it can."""
    if cloud != "gcp":
        return f"persistent-resource is Vertex AI's own, {cloud} has none; give a place on gcp"
    if of_slice_name(offered) is not None:
        return "Google's pages name VMs and GPUs for persistent resources, no TPUs; take a training-job or tpu-node"
    return vertex.not_built(cloud, offered)


def not_sold(offered: str, capacity: str) -> str | None:
    """Why its machines cannot be bought that way; None when they can."""
    if capacity not in CAPACITIES:
        return "a persistent resource's machines are had on-demand only: it names no strategy and no reservation"
    return vertex.not_sold(offered, capacity)
