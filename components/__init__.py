"""Reusable Pulumi components, a folder per cloud."""
