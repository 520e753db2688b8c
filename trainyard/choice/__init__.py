"""Choosing compute: offers with prices over all clouds, and what fits a need."""
