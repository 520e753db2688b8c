"""The resource `trainyard:gcp:QueuedTpu`: a request in the Cloud TPU API's queue, and the node that it is granted."""
