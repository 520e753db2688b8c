"""Values that the vendors' own descriptions refuse: enums, patterns, ranges and lengths, as data."""

from trainyard.sandbox.values.check import check_values
from trainyard.sandbox.values.description import Description, described, description_of

__all__ = ["Description", "check_values", "described", "description_of"]
