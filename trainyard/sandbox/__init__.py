"""Simulated clouds for the real Pulumi engine, stricter than the real ones."""
