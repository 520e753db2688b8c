"""Groups that keep their own machines: what is lost comes back until the group itself is told less."""
