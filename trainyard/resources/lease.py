"""The lease as a Pulumi resource: parent of every workload, made before them, gone only when nothing bills."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import pulumi

from trainyard.resources.wire import WireResource, inputs_of


@dataclass(frozen=True, kw_only=True)
class LeaseArgs:
    """All plain: policies, prices and Check decide on them. What begins with `seen_` makes no difference to a diff."""

    lease_id: str  # facts.lease_id.lease_id
    project: str
    stack: str
    environment: str
    owner: str
    cost_center: str
    store: str  # the environment's `leases` URL
    origin: str  # "sandbox" or "cloud"
    start: str  # RFC 3339 on the minute, UTC; the record's, else now
    hard_end: str  # start + extend_to_minutes
    ttl_minutes: int
    extend_to_minutes: int
    cap_usd: str  # a decimal
    at_limit: str  # "stop" or "end"
    grace_minutes: int
    workloads: Mapping[str, Mapping[str, str | int]]  # name -> kind, nodes, cloud, scope, place, machine_type, ...
    scopes: Sequence[str]  # "gcp:acme-ml-dev"
    seen_record: str  # "absent", "held", "damaged", "unread", "ending" or "ended": what the program found
    seen_price_date: str | None = None
    seen_spend_usd: str | None = None


class Lease(WireResource, args=LeaseArgs):
    """`plugins.providers` of Pulumi.yaml must name `trainyard/provider` for package `trainyard`."""

    start: pulumi.Output[str]
    hard_end: pulumi.Output[str]
    holder: pulumi.Output[str]

    def __init__(self, name: str, args: LeaseArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("trainyard:index:Lease", name, {**inputs_of(args), "holder": None}, opts)

    async def terms(self) -> tuple[str, str]:
        """Start and hard end as the state holds them, plain, in preview too; await it before any child is made."""
        start, hard_end = await self.start.future(), await self.hard_end.future()
        # A lease that was left out shows its inputs as if they were its state's; the holder only its Create gives.
        made = pulumi.runtime.is_dry_run() or await self.holder.future()
        if start is None or hard_end is None or not made:
            message = (
                "the lease was left out of this run, so nothing can be built under it. Run without --target and "
                "--exclude: a compute stack is one lease. If the state is refused from now on, `pulumi state repair`."
            )
            raise pulumi.RunError(message)
        return start, hard_end
