"""The resource `trainyard:gcp:VertexCustomJob`."""
