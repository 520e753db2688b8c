"""The people and programs of an account that may be granted something: IAM roles and groups first, never everybody."""

import re

# IAM API, CreateRole: RoleName; groups and users have names of the same letters.
_PRINCIPAL = re.compile(r"iam-(?:role|group|user):(?P<name>[\w+=,.@-]{1,64})", re.ASCII)
_SSO = "AWSReservedSSO_"


def check_principals(principals: tuple[str, ...]) -> None:
    """ValueError for a principal of another form, one that takes no policies, or one that is named twice."""
    for principal in principals:
        found = _PRINCIPAL.fullmatch(principal)
        if found is None:
            message = (
                f"{principal!r} may not be granted access on AWS; allowed are iam-role:, iam-group: and iam-user: with "
                'a name of this account, for example "iam-role:ml-research".'
            )
            raise ValueError(message)
        if found["name"].startswith(_SSO):
            message = (
                f"{principal!r} is a role of IAM Identity Center, which nobody may attach policies to; give a role of "
                "the account's own, or let the permission set name the policy."
            )
            raise ValueError(message)
        if principals.count(principal) > 1:
            message = f"{principal!r} is named twice; name it once."
            raise ValueError(message)


def kind_and_name(principal: str) -> tuple[str, str]:
    """ "role" and "ml-research" of "iam-role:ml-research"."""
    kind, _, name = principal.partition(":")
    return kind.removeprefix("iam-"), name
