"""Watches for Azure's word that it takes the machine back or works on its host, and has the checkpoint hook run then.

Scheduled Events (learn.microsoft.com/azure/virtual-machines/linux/scheduled-events): Preempt comes at least 30 seconds
before the eviction of a spot machine, on a best effort; the others minutes before.
"""

from components.bootstrap.azure_metadata import METADATA
from components.bootstrap.fragment import Fragment, script, unit, values
from components.bootstrap.preemption_watch import NAME


def preemption_watch() -> Fragment:
    """Needs the fragment `node_end`, which holds the hook and runs it once, whoever asks first."""
    service = f"trainyard-{NAME}.service"
    watch = script("preemption_watch_azure.sh", "preemption_watch.sh")  # where the unit looks for it
    return Fragment(
        name=NAME, files=(*values(NAME, {"metadata-url": METADATA}), watch, unit(service)), start=(service,)
    )
