"""Files that many machines share over NFS, reached by private addresses only."""

from collections.abc import Mapping
from dataclasses import dataclass, field

import pulumi
import pulumi_gcp as gcp

from components.gcp.resource_name import check_name
from trainyard.facts.storage import FILESTORE_TIERS, filestore_error

SHARE = "share"


@dataclass(frozen=True, kw_only=True)
class FilestoreArgs:
    """`location`: a zone, or with tier "regional" a region."""

    project: str
    location: str
    network: pulumi.Input[str]  # full id; its private service access must stand
    tier: str  # of FILESTORE_TIERS
    gib: int
    kms_key: pulumi.Input[str] | None = None  # tiers zonal and regional only
    labels: Mapping[str, str] = field(default_factory=dict)
    protect: bool = True  # as the environment says

    def __post_init__(self) -> None:
        """ValueError for a tier that is none, or a place or size that it does not have."""
        if self.tier not in FILESTORE_TIERS:
            message = f"{self.tier!r} is no tier of Filestore; give one of {', '.join(FILESTORE_TIERS)}."
            raise ValueError(message)
        if error := filestore_error(FILESTORE_TIERS[self.tier], self.location, self.gib):
            raise ValueError(error)


class Filestore(pulumi.ComponentResource):
    mount: pulumi.Output[str]  # "10.40.0.2:/share", as mount.nfs takes it

    def __init__(self, name: str, args: FilestoreArgs, opts: pulumi.ResourceOptions | None = None):
        check_name("Filestore instance", name)
        super().__init__("trainyard:gcp:Filestore", name, {}, opts)
        tier = FILESTORE_TIERS[args.tier]
        instance = gcp.filestore.Instance(
            f"{name}-instance",
            name=name,
            project=args.project,
            location=args.location,
            tier=tier.api,
            file_shares={"name": SHARE, "capacity_gb": args.gib},
            networks=[
                {"network": args.network, "modes": ["MODE_IPV4"], "connect_mode": "PRIVATE_SERVICE_ACCESS"},
            ],
            kms_key_name=args.kms_key if args.tier in ("zonal", "regional") else None,
            deletion_protection_enabled=args.protect if args.tier in ("zonal", "regional") else None,
            labels=args.labels,
            opts=pulumi.ResourceOptions(parent=self, protect=args.protect),
        )
        address = instance.networks.apply(lambda networks: (networks[0].ip_addresses or [""])[0])
        # Unknown in a preview by the id: the provider tells the networks there, without their addresses.
        self.mount = pulumi.Output.all(instance.id, address).apply(lambda told: f"{told[1]}:/{SHARE}")
        self.register_outputs({"mount": self.mount})
