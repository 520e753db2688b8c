"""The Pulumi CLI that Trainyard runs: the one on PATH, or one built once a user from its public Go modules."""

from trainyard.sandbox.engine.place import EngineMissingError, locate

__all__ = ["EngineMissingError", "locate"]
