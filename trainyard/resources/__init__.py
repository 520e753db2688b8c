"""The resource classes of Trainyard's own provider."""

from trainyard.resources.azure_ml_job import AzureMlJob, AzureMlJobArgs
from trainyard.resources.lease import Lease, LeaseArgs
from trainyard.resources.queued_tpu import QueuedTpu, QueuedTpuArgs
from trainyard.resources.sagemaker_training_job import SagemakerTrainingJob, SagemakerTrainingJobArgs
from trainyard.resources.vertex_custom_job import VertexCustomJob, VertexCustomJobArgs

__all__ = [
    "AzureMlJob",
    "AzureMlJobArgs",
    "Lease",
    "LeaseArgs",
    "QueuedTpu",
    "QueuedTpuArgs",
    "SagemakerTrainingJob",
    "SagemakerTrainingJobArgs",
    "VertexCustomJob",
    "VertexCustomJobArgs",
]
