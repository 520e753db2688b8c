"""The functions of the SDKs that a simulated cloud answers; any other is refused by name."""

from trainyard.sandbox.provider.functions.ask import ask
from trainyard.sandbox.provider.functions.question import Question

__all__ = ["Question", "ask"]
