"""The shapes of Amazon's names and ids; each check says what is allowed."""

import re

_REGION = re.compile(
    r"([a-z]{2})((?:-gov)?)-(north|south|east|west|central|northeast|southeast|northwest|southwest)-([0-9])"
)
_LOCAL = r"(?:-[a-z]{3}[0-9])?"  # of a Local Zone: "use1-atl2-az1"
_LETTERS = {"northeast": "ne", "southeast": "se", "northwest": "nw", "southwest": "sw"}
_HEX = r"(?:[0-9a-f]{8}|[0-9a-f]{17})"
# What EC2's names of groups, IAM's of roles and SageMaker's of jobs and notebooks all take.
_NAME = r"[a-zA-Z0-9](?:-*[a-zA-Z0-9]){0,62}"


def check_name(what: str, name: str) -> None:
    """ValueError unless all services that get the name take it."""
    if not re.fullmatch(_NAME, name) or name.lower().startswith("sg-"):
        message = (
            f"{name!r} is no {what} name on AWS; allowed are 1 to 63 of a-z, A-Z, 0-9 and '-', with a letter or digit "
            "first and last, and not beginning with sg-."
        )
        raise ValueError(message)


def check_region(region: str) -> None:
    """ValueError for a zone or another word."""
    if _REGION.fullmatch(region):
        return
    hint = f'; it looks like a zone, give its region "{region[:-1]}"' if _REGION.fullmatch(region[:-1]) else ""
    message = f'{region!r} is no AWS region, such as "eu-central-1"{hint}.'
    raise ValueError(message)


def zone_prefix(region: str) -> str:
    """How the ids of a region's zones begin: "euc1" of "eu-central-1"; ValueError for no region.

    docs.aws.amazon.com/global-infrastructure, "AWS Availability Zones": a zone's id is the same in every account, its
    name is not.
    """
    check_region(region)
    if (found := _REGION.fullmatch(region)) is None:
        raise AssertionError
    area, more, direction, number = found.groups()
    return f"{area}{more[1:2]}{_LETTERS.get(direction, direction[0])}{number}"


def check_zone_id(zone_id: str, region: str) -> None:
    """ValueError unless it is the id of a zone that lies in the region."""
    prefix = zone_prefix(region)
    if re.fullmatch(rf"{prefix}{_LOCAL}-az[0-9]{{1,2}}", zone_id):
        return
    hint = ""
    if _REGION.fullmatch(zone_id[:-1]):
        hint = "; it is a zone's name, which means another zone in each account: give its id"
    message = f'{zone_id!r} is no id of a zone in {region}, such as "{prefix}-az1"{hint}.'
    raise ValueError(message)


def check_id(what: str, prefix: str, text: str) -> None:
    """ValueError unless EC2 could have given the id: "subnet-" and 17 hexadecimal digits."""
    if not re.fullmatch(rf"{prefix}-{_HEX}", text):
        message = f"{text!r} is no {what} id; write {prefix}-0123456789abcdef0."
        raise ValueError(message)


def check_account(account: str) -> None:
    """ValueError unless it is an account's number."""
    if not re.fullmatch(r"[0-9]{12}", account):
        message = f'{account!r} is no AWS account; give its number of 12 digits, in quotes: "123456789012".'
        raise ValueError(message)
