"""Watches for Amazon's word that it takes the machine back, and has the checkpoint hook run then.

The notices stand in the metadata service: a spot machine gets two minutes, perhaps after a recommendation to rebalance
(EC2 User Guide, "Spot Instance interruption notices", "EC2 instance rebalance recommendations"), scheduled maintenance
days. Of a Capacity Block's end EventBridge alone speaks, 40 minutes before; its time is known from the start.
"""

from components.bootstrap.fragment import Fragment, script, unit, values

NAME = "preemption-watch"
METADATA = "http://169.254.169.254"


def preemption_watch() -> Fragment:
    """Needs the fragment `node_end`, which holds the hook and runs it once, whoever asks first."""
    service = f"trainyard-{NAME}.service"
    watch = script("preemption_watch_aws.sh", installed_as="preemption_watch.sh")
    files = (*values(NAME, {"metadata-url": METADATA}), watch, unit(service))
    return Fragment(name=NAME, files=files, start=(service,))
