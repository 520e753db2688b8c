"""The shapes of Compute Engine's names and full ids; each check says what is allowed."""

import re

_NAME = r"[a-z](?:[-a-z0-9]{0,61}[a-z0-9])?"
# A project may carry its domain: "example.com:my-project".
_PROJECT = r"(?:[a-z0-9.-]+:)?[a-z][-a-z0-9]{4,60}[a-z0-9]"
_REGION = r"[a-z]+-[a-z]+[0-9]+"


def check_name(what: str, name: str) -> None:
    """ValueError unless Compute Engine takes the name."""
    if not re.fullmatch(_NAME, name):
        message = (
            f"{name!r} is no {what} name on Google Cloud; "
            "allowed are 1 to 63 of a-z, 0-9 and '-', a letter first and no '-' last."
        )
        raise ValueError(message)


def check_region(region: str) -> None:
    """ValueError for a zone or another word."""
    if re.fullmatch(_REGION, region):
        return
    near = region.rpartition("-")[0]
    hint = f'; it looks like a zone, give its region "{near}"' if re.fullmatch(_REGION, near) else ""
    message = f'{region!r} is no Google Cloud region, such as "europe-west4"{hint}.'
    raise ValueError(message)


def check_zone(zone: str) -> str:
    """The zone's region; ValueError for a region or another word."""
    region, _, letter = zone.rpartition("-")
    if re.fullmatch(_REGION, region) and re.fullmatch("[a-z]", letter):
        return region
    hint = f'; it is a region, give a zone of it, for example "{zone}-a"' if re.fullmatch(_REGION, zone) else ""
    message = f'{zone!r} is no Google Cloud zone, such as "europe-west4-a"{hint}.'
    raise ValueError(message)


def parse_network_id(text: str) -> tuple[str, str]:
    """(project, name) of a full network id; else ValueError."""
    if match := re.fullmatch(rf"projects/({_PROJECT})/global/networks/({_NAME})", text):
        return match[1], match[2]
    message = f"{text!r} is no full network id; write projects/<host project>/global/networks/<name>."
    raise ValueError(message)


def parse_subnetwork_id(text: str) -> tuple[str, str, str]:
    """(project, region, name) of a full subnetwork id; else ValueError."""
    if match := re.fullmatch(rf"projects/({_PROJECT})/regions/({_REGION})/subnetworks/({_NAME})", text):
        return match[1], match[2], match[3]
    message = f"{text!r} is no full subnetwork id; write projects/<host project>/regions/<region>/subnetworks/<name>."
    raise ValueError(message)


def check_subnetwork(subnetwork: object, zone: str, what: str) -> None:
    """ValueError unless a subnetwork's full id lies in the zone's region; an Output is not looked at."""
    region = check_zone(zone)
    if isinstance(subnetwork, str) and (actual := parse_subnetwork_id(subnetwork)[1]) != region:
        message = (
            f"The subnetwork {subnetwork} lies in {actual}, the {what}'s zone {zone} in {region}; "
            f"give the subnetwork of {region}."
        )
        raise ValueError(message)
