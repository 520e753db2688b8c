"""What a change of a property means: a new thing, an update, or nothing at all; read from the providers' own source."""

from trainyard.sandbox.changes.alike import alike
from trainyard.sandbox.changes.facts import Facts, facts_of

__all__ = ["Facts", "alike", "facts_of"]
