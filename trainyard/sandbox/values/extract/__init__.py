"""Takes the vendors' descriptions out of their client libraries, as `data/<package>.json`; run by hand only."""
