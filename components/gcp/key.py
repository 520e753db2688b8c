"""A key of one's own for one location: rotated, never destroyed with its stack, used by Google's service agents."""

from dataclasses import dataclass

import pulumi
import pulumi_gcp as gcp

from components.gcp.resource_name import check_name

_DAY_SECONDS = 86400
_KEEP_DESTROYED = "2592000s"  # a version that somebody destroys can be restored for 30 days
ROLE = "roles/cloudkms.cryptoKeyEncrypterDecrypter"


@dataclass(frozen=True, kw_only=True)
class KeyArgs:
    """`location`: that of what it encrypts: a region, or "europe", "us", "global"."""

    project: str
    location: str
    rotation_days: int = 90
    agents: tuple[pulumi.Input[str], ...] = ()  # members, "serviceAccount:…", that may use it
    protect: bool = True  # as the environment says

    def __post_init__(self) -> None:
        """ValueError for a rotation below a day."""
        if self.rotation_days < 1:
            message = f"A key cannot rotate every {self.rotation_days} days; give 1 or more, for example 90."
            raise ValueError(message)


class Key(pulumi.ComponentResource):
    key_id: pulumi.Output[str]  # projects/<project>/locations/<location>/keyRings/<name>/cryptoKeys/<name>

    def __init__(self, name: str, args: KeyArgs, opts: pulumi.ResourceOptions | None = None):
        check_name("key", name)
        super().__init__("trainyard:gcp:Key", name, {}, opts)
        child = pulumi.ResourceOptions(parent=self, protect=args.protect)
        ring = gcp.kms.KeyRing(f"{name}-ring", name=name, project=args.project, location=args.location, opts=child)
        key = gcp.kms.CryptoKey(
            f"{name}-key",
            name=name,
            key_ring=ring.id,
            purpose="ENCRYPT_DECRYPT",
            rotation_period=f"{args.rotation_days * _DAY_SECONDS}s",
            destroy_scheduled_duration=_KEEP_DESTROYED,
            version_template={"algorithm": "GOOGLE_SYMMETRIC_ENCRYPTION", "protection_level": "SOFTWARE"},
            opts=child,
        )
        grants = [
            gcp.kms.CryptoKeyIAMMember(
                f"{name}-agent-{index}",
                crypto_key_id=key.id,
                role=ROLE,
                member=agent,
                opts=pulumi.ResourceOptions(parent=self),
            )
            for index, agent in enumerate(args.agents)
        ]
        # What is encrypted with it must wait until the agents may use it.
        self.key_id = pulumi.Output.all(key.id, *[grant.id for grant in grants]).apply(lambda ids: str(ids[0]))
        self.register_outputs({"key_id": self.key_id})
