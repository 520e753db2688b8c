"""What the simulated clouds charge: the truth that a guard's own meter is held against."""
