"""The people and programs that may be granted something on Azure: by their object ids in Entra ID, groups first."""

import re

_GUID = r"[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}"
# Role assignments name the kind, so that one that was made a moment ago is found.
TYPES = {"group": "Group", "user": "User", "servicePrincipal": "ServicePrincipal"}
_PRINCIPAL = re.compile(rf"({'|'.join(TYPES)}):({_GUID})")


def parse_principal(principal: str) -> tuple[str, str]:
    """(principal type, object id) of "group:<object id>"; ValueError for another form."""
    if found := _PRINCIPAL.fullmatch(principal):
        return TYPES[found[1]], found[2].lower()
    hint = ""
    if "@" in principal:
        hint = "; Azure's role assignments take no addresses: `az ad group show --group NAME --query id` tells the id"
    message = (
        f"{principal!r} may not be granted access on Azure; allowed are group:, user: and servicePrincipal: with an "
        f'object id, for example "group:3fa85f64-5717-4562-b3fc-2c963f66afa6"{hint}.'
    )
    raise ValueError(message)


def check_principals(principals: tuple[str, ...]) -> None:
    """ValueError for a principal of another form, or one that is named twice."""
    seen = [parse_principal(principal)[1] for principal in principals]
    for principal, object_id in zip(principals, seen, strict=True):
        if seen.count(object_id) > 1:
            message = f"{principal!r} is named twice; name it once."
            raise ValueError(message)
