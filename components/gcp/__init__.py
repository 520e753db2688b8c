"""Reusable resources on Google Cloud."""
