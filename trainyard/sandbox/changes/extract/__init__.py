"""Writes `data/` anew from what the providers' own source says; needs the sources on disk, no rehearsal does."""
