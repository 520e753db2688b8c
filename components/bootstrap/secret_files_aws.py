"""Secrets by reference: the node reads each from Secrets Manager as its own role, into a file in memory for root."""

import re
from collections.abc import Mapping
from dataclasses import dataclass

from components.bootstrap.fragment import Fragment, script, unit, values

NAME = "secret-files"
FOLDER = "/run/trainyard/secrets"
# Secrets Manager API, CreateSecret: Name; GetSecretValue: VersionId.
_REFERENCE = re.compile(
    r"aws-secret://(?P<region>[a-z]{2}(?:-[a-z]+)+-[0-9])/(?P<name>[A-Za-z0-9/_+=.@-]{1,512})"
    r"(?:#(?P<version>[A-Za-z0-9-]{32,64}))?"
)


@dataclass(frozen=True, kw_only=True)
class Secret:
    """A secret of Secrets Manager; without a version its newest."""

    region: str
    name: str
    version: str | None = None


def secret(reference: str) -> Secret:
    """What "aws-secret://eu-central-1/team/hf-token[#version]" names; ValueError for another form."""
    found = _REFERENCE.fullmatch(reference)
    if found is None:
        message = (
            f"{reference!r} is no reference to a secret of AWS; write aws-secret://<region>/<name>, or "
            "aws-secret://<region>/<name>#<version id>."
        )
        raise ValueError(message)
    return Secret(region=found["region"], name=found["name"], version=found["version"])


def secret_files(secrets: Mapping[str, str]) -> Fragment:
    """`secrets` maps an environment variable's name to its reference; ValueError for a name that is none."""
    data = {}
    for name, reference in secrets.items():
        if not re.fullmatch(r"[A-Za-z_][A-Za-z0-9_]*", name):
            message = f"{name!r} is no name of an environment variable; allowed are letters, digits and '_'."
            raise ValueError(message)
        each = secret(reference)
        data[f"secret-{name}"] = f"{each.region}\n{each.name}\n{each.version or ''}\n"
    service = f"trainyard-{NAME}.service"
    read = script("secret_files_aws.sh", installed_as="secret_files.sh")
    return Fragment(name=NAME, files=(*values(NAME, data), read, unit(service)), start=(service,))
