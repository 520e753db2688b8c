"""The Cloud TPU API, v2, as Google's own description tells it: nodes, queued resources and their operations."""
