"""Newer prices out of others' catalogues: read, checked and laid over the snapshot, or nothing of them."""
