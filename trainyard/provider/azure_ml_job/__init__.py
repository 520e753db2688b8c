"""The resource `trainyard:azure:MlJob`."""
