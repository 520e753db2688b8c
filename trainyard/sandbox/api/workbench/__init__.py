"""Vertex AI Workbench's API, notebooks v2: the instances that the provider makes."""
