"""What the engine asks a simulated cloud to make, and what the cloud made of it."""

from __future__ import annotations

import hashlib
import ipaddress
import secrets
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from trainyard.sandbox.schema import ResourceType
from trainyard.sandbox.store import EndAction, Status, Store, Thing
from trainyard.servicer.values import Secret, has_secret, reveal


class Refused(Exception):  # noqa: N818  what a cloud answers, not a mistake of ours
    """The cloud says no, in its own words."""


@dataclass(frozen=True, kw_only=True)
class Order:
    """One Create or Update: the checked inputs, the provider's configuration and, on an update, what is there."""

    type: ResourceType
    name: str  # the name in the program
    inputs: Mapping[str, Any]  # secrets still wrapped
    config: Mapping[str, Any]
    store: Store
    now: float
    before: Thing | None = None
    lot: str = field(default_factory=lambda: secrets.token_hex(4))  # tells two orders of one moment apart

    def text(self, name: str, default: str = "") -> str:
        """A plain text input, opened."""
        value = reveal(self.inputs.get(name))
        return value if isinstance(value, str) and value else default

    def plain(self, name: str) -> Any:
        """An input with its secrets opened; None when it is missing."""
        return reveal(self.inputs.get(name))

    def veil(self, name: str, value: Any) -> Any:
        """A value that was made of an input: a secret where the input holds one."""
        return Secret(value) if has_secret(self.inputs.get(name)) else value

    def keep(self, name: str, make: Callable[[], Any]) -> Any:
        """The computed value that the thing has already, else a new one."""
        return self.before.outputs[name] if self.before and name in self.before.outputs else make()

    @property
    def created(self) -> float:
        return self.before.created if self.before else self.now


@dataclass(frozen=True, kw_only=True)
class Made:
    """How a thing stands in the cloud; inputs are among its outputs unless `outputs` says otherwise."""

    id: str
    name: str
    project: str = ""
    place: str = ""
    labels: Mapping[str, str] = field(default_factory=dict)
    outputs: Mapping[str, Any] = field(default_factory=dict)
    status: Status = "live"
    ends: float | None = None
    end_action: EndAction | None = None
    parts: Sequence[Thing] = ()  # what the cloud makes along with it, such as a machine's boot disk


def thing_of(order: Order, made: Made) -> Thing:
    """What the store keeps of an order and what the cloud made of it."""
    return Thing(
        type=order.type.token,
        id=made.id,
        package=order.type.package,
        project=made.project,
        place=made.place,
        name=made.name,
        labels=made.labels,
        inputs=order.inputs,
        outputs={**order.inputs, **made.outputs},
        status=made.status,
        created=order.created,
        ends=made.ends,
        end_action=made.end_action,
    )


def digits(count: int) -> str:
    """Random digits, as Google's numeric ids have."""
    return str(secrets.randbelow(9 * 10 ** (count - 1)) + 10 ** (count - 1))


def hexadecimal(count: int) -> str:
    """Random lower-case hexadecimal digits, as the ids of Amazon have."""
    return secrets.token_hex((count + 1) // 2)[:count]


def stable_hex(count: int, *parts: str) -> str:
    """Hexadecimal digits that follow from the parts."""
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()[:count]


def rfc3339(when: float) -> str:
    return datetime.fromtimestamp(int(when), UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def nobodys_address(*parts: str) -> str:
    """A public-looking address that no host has (RFC 2544, 198.18.0.0/15) and that follows from the parts."""
    return str(ipaddress.ip_network("198.18.0.0/15")[int(stable_hex(8, *parts), 16) % 2**17])
