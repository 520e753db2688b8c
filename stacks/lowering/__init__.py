"""From a placement to the arguments of one cloud's components; loaded only for the cloud in use."""
