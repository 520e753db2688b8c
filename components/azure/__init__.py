"""Reusable resources on Azure."""
