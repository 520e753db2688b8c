"""Opens the store with what the clouds do by themselves, so that the daemon and every command see the same."""

from __future__ import annotations

from pathlib import Path

from trainyard.sandbox.api.aws import job_life as sagemaker
from trainyard.sandbox.api.azure import job_life
from trainyard.sandbox.api.tpu import granting
from trainyard.sandbox.api.vertex import life
from trainyard.sandbox.groups.keeping import keep
from trainyard.sandbox.preemption import preempt
from trainyard.sandbox.schedules import fire
from trainyard.sandbox.store import Store


def open_clouds(path: Path) -> Store:
    """The store of a file; StoreError when it is damaged or of another schema version."""
    store = Store.open(path)
    store.settlers[:] = [preempt, fire, keep, granting.settle, life.settle, job_life.settle, sagemaker.settle]
    return store
