"""Once a minute: that the node lives, and how busy its accelerators are, to Azure Monitor's custom metrics."""

from components.bootstrap.azure_metadata import METADATA
from components.bootstrap.fragment import Fragment, script, unit, values
from components.bootstrap.heartbeat import NAME

NAMESPACE = "Trainyard"
HEARTBEAT = "heartbeat"
BUSY = "accelerator_busy_ratio"


def heartbeat(*, lease: str) -> Fragment:
    """Metrics of the machine, or of its scale set, by lease, workload and node.

    The machine's own identity needs Monitoring Metrics Publisher on it; its tag `trainyard-workload` keeps this
    fragment the same for all machines of a lease. Without nvidia-smi only the heartbeat is written.
    learn.microsoft.com/azure/azure-monitor/metrics/metrics-store-custom-rest-api
    """
    service, timer = f"trainyard-{NAME}.service", f"trainyard-{NAME}.timer"
    data = {
        "lease": lease,
        "metadata-url": METADATA,
        "monitoring-url": "https://LOCATION.monitoring.azure.com",
        "namespace": NAMESPACE,
        "heartbeat-metric": HEARTBEAT,
        "busy-metric": BUSY,
    }
    beat = script("heartbeat_azure.sh", "heartbeat.sh")
    return Fragment(name=NAME, files=(*values(NAME, data), beat, unit(service), unit(timer)), start=(timer,))
