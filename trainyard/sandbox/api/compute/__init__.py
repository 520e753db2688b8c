"""Compute Engine v1, as Google's own client calls it; the calls that are served are in `calls.py`."""
