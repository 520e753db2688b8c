"""One call of Amazon's API."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from trainyard.sandbox.api.call import Scene
from trainyard.sandbox.store import Store


@dataclass(frozen=True, kw_only=True)
class AwsCall:
    scene: Scene
    service: str  # "ec2"
    operation: str  # "DescribeInstances"
    region: str
    values: Mapping[str, Any]  # as boto3 takes them
    newest: float = math.inf  # what was made after this simulated time is not seen yet

    @property
    def store(self) -> Store:
        return self.scene.store

    def as_of(self, newest: float) -> AwsCall:
        """The same call, blind for what was made later."""
        return replace(self, newest=newest)
