"""Once a minute: that the node lives, and how busy its accelerators are, to CloudWatch by the AWS CLI of the image."""

from components.bootstrap.fragment import Fragment, script, unit, values
from components.bootstrap.preemption_watch_aws import METADATA

NAME = "heartbeat"
NAMESPACE = "Trainyard"
HEARTBEAT = "Heartbeat"
BUSY = "AcceleratorBusyRatio"


def heartbeat(*, lease: str, region: str) -> Fragment:
    """Metrics with the dimensions Lease, Workload and Node, which is the machine's id.

    The node's role needs cloudwatch:PutMetricData for the namespace. The workload is the machine's own tag, which its
    metadata must tell, so that this fragment is the same for all machines of a lease. Without nvidia-smi only the
    heartbeat is written.
    """
    service, timer = f"trainyard-{NAME}.service", f"trainyard-{NAME}.timer"
    data = {
        "lease": lease,
        "region": region,
        "metadata-url": METADATA,
        "namespace": NAMESPACE,
        "heartbeat-metric": HEARTBEAT,
        "busy-metric": BUSY,
    }
    beat = script("heartbeat_aws.sh", installed_as="heartbeat.sh")
    return Fragment(name=NAME, files=(*values(NAME, data), beat, unit(service), unit(timer)), start=(timer,))
