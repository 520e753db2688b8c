"""The people and programs that may be granted something: groups first, never everybody."""

import re

_PRINCIPAL = r"(group|user|serviceAccount):[^@\s:]+@[^@\s:]+\.[^@\s:]+"


def check_principals(principals: tuple[str, ...]) -> None:
    """ValueError for a principal of another form, allUsers too, or one that is named twice."""
    for principal in principals:
        if not re.fullmatch(_PRINCIPAL, principal):
            message = (
                f"{principal!r} may not be granted access; allowed are group:, user: and serviceAccount: with an "
                'address, for example "group:ml-research@acme.example".'
            )
            raise ValueError(message)
        if principals.count(principal) > 1:
            message = f"{principal!r} is named twice; name it once."
            raise ValueError(message)
