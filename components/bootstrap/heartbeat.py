"""Once a minute: that the node lives, and how busy its accelerators are, to the cloud's monitoring."""

from components.bootstrap.fragment import Fragment, script, unit, values

NAME = "heartbeat"
HEARTBEAT = "custom.googleapis.com/trainyard/heartbeat"
BUSY = "custom.googleapis.com/trainyard/accelerator_busy_ratio"
WORKLOAD_ATTRIBUTE = "trainyard-workload"
_METADATA = "http://metadata.google.internal/computeMetadata/v1"
_MONITORING = "https://monitoring.googleapis.com/v3"


def heartbeat(*, lease: str) -> Fragment:
    """Series of the monitored resource `generic_node`: namespace is the lease, node_id the host, location the zone.

    The node's service account needs roles/monitoring.metricWriter, its metadata WORKLOAD_ATTRIBUTE, which keeps this
    fragment the same for all machines of a lease. Without nvidia-smi only the heartbeat is written.
    """
    service, timer = f"trainyard-{NAME}.service", f"trainyard-{NAME}.timer"
    data = {
        "lease": lease,
        "metadata-url": _METADATA,
        "workload-key": f"instance/attributes/{WORKLOAD_ATTRIBUTE}",
        "monitoring-url": _MONITORING,
        "heartbeat-metric": HEARTBEAT,
        "busy-metric": BUSY,
    }
    files = (*values(NAME, data), script("heartbeat.sh"), unit(service), unit(timer))
    return Fragment(name=NAME, files=files, start=(timer,))
