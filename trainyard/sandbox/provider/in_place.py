"""What a cloud does not let a provider change on a thing that is there."""

from __future__ import annotations

from typing import Final

from trainyard.sandbox.provider.gcp_instance import TYPE as INSTANCE
from trainyard.sandbox.provider.gcp_machines import built_in
from trainyard.sandbox.provider.order import Order, Refused
from trainyard.servicer.values import reveal

# hashicorp/terraform-provider-google, google_compute_instance: what an update may touch on a stopped machine only.
_NEEDS_STOP: Final = ("machineType", "minCpuPlatform", "enableDisplay", "advancedMachineFeatures", "serviceAccount")


def check_update(order: Order) -> None:
    """Refused in the provider's words when a running Google machine would have to stop first."""
    if order.type.token != INSTANCE or order.before is None or order.before.status == "stopped":
        return
    before = reveal(dict(order.before.inputs))
    changed = [name for name in _NEEDS_STOP if before.get(name) != order.plain(name)]
    if changed and not order.plain("allowStoppingForUpdate"):
        msg = (
            f"Changing the {', '.join(changed)} on a started instance requires stopping it. To acknowledge this, "
            "please set allowStoppingForUpdate = true in your config. You can also stop it by setting desiredStatus = "
            '"TERMINATED", but the instance will not be restarted after the update.'
        )
        raise Refused(msg)
    if "machineType" in changed:
        _check_family(str(before["machineType"]), order.text("machineType"))


def _check_family(old: str, new: str) -> None:
    old_chip, new_chip = built_in(old.rpartition("/")[2]), built_in(new.rpartition("/")[2])
    if (old_chip and old_chip[0]) != (new_chip and new_chip[0]):
        chip = (old_chip or new_chip or ("",))[0]
        msg = f"[{chip}, {new}] features are not compatible: a machine keeps its accelerators; replace it instead."
        raise Refused(msg)
