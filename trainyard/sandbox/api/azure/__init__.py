"""The Azure Resource Manager API, as Microsoft's own clients call it; the calls that are served are in `calls.py`."""
