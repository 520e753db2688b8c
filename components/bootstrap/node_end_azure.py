"""The node's own end on Azure: a guest that powers off goes on billing, so the machine ends itself through ARM.

learn.microsoft.com/azure/virtual-machines/states-billing: "Stopped" is billed, "Stopped (deallocated)" is not.
"""

from dataclasses import replace

from components.bootstrap import node_end as shared
from components.bootstrap.azure_metadata import ARM, METADATA
from components.bootstrap.fragment import LIB, Fragment, script, values
from components.bootstrap.soft_end_azure import SoftEndBlob


def node_end(
    *, hard_end: str, identity: str, soft_end: SoftEndBlob | None = None, checkpoint_seconds: int = 0
) -> Fragment:
    """`identity`: full id of the lease's identity, which reads the soft end; what ends the machine is its own."""
    made = shared.node_end(hard_end=hard_end, soft_end=soft_end, checkpoint_seconds=checkpoint_seconds)
    data = {
        "end-program": f"{LIB}/end_azure.sh",
        "arm-url": ARM,
        "metadata-url": METADATA,
        "identity": identity,
    }
    scripts = (script("end_azure.sh"), *([script("soft_end_azure.sh")] if soft_end else []))
    return replace(made, files=(*made.files, *values(shared.NAME, data), *scripts))
