"""The shapes of Azure's names and full ids; each check says what is allowed."""

import re

_GUID = r"[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}"
_GROUP = r"[-\w.()]{0,89}[-\w()]"
_NAME = r"[a-zA-Z0-9](?:[\w.-]{0,78}\w)?"
_ID = re.compile(
    rf"/subscriptions/({_GUID})/resourceGroups/({_GROUP})/providers/([\w.]+(?:/[\w.-]+)+)", re.ASCII | re.IGNORECASE
)


def check_name(what: str, name: str, *, longest: int = 80) -> None:
    """ValueError unless Azure's networks, machines and disks take the name."""
    # https://learn.microsoft.com/azure/azure-resource-manager/management/resource-name-rules
    if len(name) <= longest and re.fullmatch(_NAME, name, re.ASCII):
        return
    message = (
        f"{name!r} is no {what} name on Azure; allowed are 1 to {longest} letters, digits, '-', '.' and '_', "
        "a letter or digit first and no '-' or '.' last."
    )
    raise ValueError(message)


def check_location(location: str) -> None:
    """ValueError for what is no location's short name."""
    if re.fullmatch(r"[a-z]{4,}[0-9]?", location):
        return
    near = re.sub(r"[^a-z0-9]", "", location.lower())
    hint = f', for example "{near}"' if re.fullmatch(r"[a-z]{4,}[0-9]?", near) else ', such as "westeurope"'
    message = f"{location!r} is no Azure location; give its short name{hint}."
    raise ValueError(message)


def parse_id(text: str, type_: str) -> tuple[str, str, tuple[str, ...]]:
    """(subscription, resource group, names) of a full id of "Microsoft.Network/virtualNetworks/subnets"; ValueError."""
    namespace, *nouns = type_.split("/")
    if match := _ID.fullmatch(text):
        given, *rest = match[3].split("/")
        same = [given.lower(), *(noun.lower() for noun in rest[::2])]
        if same == [namespace.lower(), *(noun.lower() for noun in nouns)] and len(rest) == 2 * len(nouns):
            return match[1], match[2], tuple(rest[1::2])
    path = "/".join(f"{noun}/<name>" for noun in nouns)
    message = (
        f"{text!r} is no full id of a {type_}; write "
        f"/subscriptions/<subscription>/resourceGroups/<group>/providers/{namespace}/{path}."
    )
    raise ValueError(message)
