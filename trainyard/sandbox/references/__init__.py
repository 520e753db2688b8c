"""What things of the clouds point at: nothing may point into the void, and what is pointed at cannot go."""

from trainyard.sandbox.references.pointing import Pointer, check_references, remember
from trainyard.sandbox.references.unique import already_there
from trainyard.sandbox.references.unused import check_unused

__all__ = ["Pointer", "already_there", "check_references", "check_unused", "remember"]
