"""The simulated clouds as their own client libraries see them, on loopback."""
