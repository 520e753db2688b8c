"""Secrets of Key Vault by reference: the node reads each as the lease's identity and keeps it in memory only."""

import re
from collections.abc import Mapping

from components.bootstrap.azure_metadata import METADATA
from components.bootstrap.fragment import Fragment, script, unit, values
from components.bootstrap.secret_files import NAME

# learn.microsoft.com/azure/key-vault/general/about-keys-secrets-certificates, Vault-name and Object-name
_REFERENCE = re.compile(
    r"azure-secret://(?P<vault>[a-z](?:[a-z0-9-]{1,22}[a-z0-9]))/(?P<name>[A-Za-z0-9-]{1,127})(?:/(?P<version>[0-9a-f]{32}))?"
)


def secret_url(reference: str) -> str:
    """ "azure-secret://vault/name[/version]" as Key Vault's address, of the newest where none is said; ValueError."""
    found = _REFERENCE.fullmatch(reference)
    if found is None:
        message = (
            f"{reference!r} is no reference to a secret of Azure; write azure-secret://<vault>/<name>, or "
            "azure-secret://<vault>/<name>/<version>."
        )
        raise ValueError(message)
    version = f"/{found['version']}" if found["version"] else ""
    return f"https://{found['vault']}.vault.azure.net/secrets/{found['name']}{version}"


def secret_files(secrets: Mapping[str, str], *, identity: str) -> Fragment:
    """`secrets` maps an environment variable's name to its reference; ValueError for a name that is none.

    `identity`: full id of the lease's identity, which needs Key Vault Secrets User on each vault.
    """
    for name in secrets:
        if not re.fullmatch(r"[A-Za-z_][A-Za-z0-9_]*", name):
            message = f"{name!r} is no name of an environment variable; allowed are letters, digits and '_'."
            raise ValueError(message)
    service = f"trainyard-{NAME}.service"
    data = {"metadata-url": METADATA, "identity": identity}
    data |= {f"secret-{name}": secret_url(reference) for name, reference in secrets.items()}
    program = script("secret_files_azure.sh", "secret_files.sh")
    return Fragment(name=NAME, files=(*values(NAME, data), program, unit(service)), start=(service,))
