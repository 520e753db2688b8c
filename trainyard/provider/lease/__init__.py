"""The resource `trainyard:index:Lease`."""

from trainyard.provider.lease.check import check
from trainyard.provider.lease.create import create
from trainyard.provider.lease.delete import delete
from trainyard.provider.lease.diff import diff
from trainyard.provider.lease.read import read
from trainyard.provider.lease.update import update

__all__ = ["check", "create", "delete", "diff", "read", "update"]
