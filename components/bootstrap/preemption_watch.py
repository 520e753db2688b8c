"""Watches for the cloud's word that it takes the machine back or works on its host, and runs the checkpoint hook then.

Google Cloud gives a spot machine 30 seconds; the notice stands in the metadata server
(https://cloud.google.com/compute/docs/instances/spot, .../getting-live-migration-notice).
"""

from components.bootstrap.fragment import Fragment, script, unit, values

NAME = "preemption-watch"
_INSTANCE = "http://metadata.google.internal/computeMetadata/v1/instance"


def preemption_watch() -> Fragment:
    """Needs the fragment `node_end`, which holds the hook and runs it once, whoever asks first."""
    service = f"trainyard-{NAME}.service"
    files = (*values(NAME, {"metadata-url": _INSTANCE}), script("preemption_watch.sh"), unit(service))
    return Fragment(name=NAME, files=files, start=(service,))
