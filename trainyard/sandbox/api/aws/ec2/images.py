"""DescribeImages: one image for each question, as the provider side's `getAmi` has it; machines are made of it."""

from __future__ import annotations

import json
from typing import Any

from trainyard.sandbox import world
from trainyard.sandbox.api.aws.call import AwsCall
from trainyard.sandbox.api.aws.error import AwsError
from trainyard.sandbox.api.aws.shapes import iso
from trainyard.sandbox.provider.aws import ACCOUNT
from trainyard.sandbox.provider.order import stable_hex


def describe(call: AwsCall) -> dict[str, Any]:
    """The images of these ids, else the one that the owners and filters mean; none for a question without either."""
    ids = call.values.get("ImageIds") or ()
    unknown = [id for id in ids if not world.is_known_image(call.store, id, call.region)]
    if unknown:
        raise AwsError(400, "InvalidAMIID.NotFound", f"The image id '[{', '.join(unknown)}]' does not exist")
    if ids:
        return {"Images": [_image(id, id, "x86_64") for id in ids]}
    filters = {entry["Name"]: entry.get("Values") or [] for entry in call.values.get("Filters") or ()}
    if not filters and not call.values.get("Owners"):
        return {"Images": []}
    asked = json.dumps([filters, call.values.get("Owners")], sort_keys=True)
    id = f"ami-{stable_hex(17, asked)}"
    world.remember_image(call.store, id, call.region)
    name = (filters.get("name") or [id])[0].replace("*", "20260101").replace("?", "0")
    return {"Images": [_image(id, name, (filters.get("architecture") or ["x86_64"])[0])]}


def _image(id: str, name: str, architecture: str) -> dict[str, Any]:
    return {
        "ImageId": id,
        "Name": name,
        "Architecture": architecture,
        "CreationDate": iso(1_767_225_600),  # 2026-01-01, as the name says
        "OwnerId": ACCOUNT,
        "Public": True,
        "ImageType": "machine",
        "State": "available",
        "RootDeviceName": "/dev/sda1",
        "RootDeviceType": "ebs",
        "VirtualizationType": "hvm",
        "Hypervisor": "xen",
    }
