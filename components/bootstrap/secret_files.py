"""Secrets by reference: the node reads each as its own identity and keeps it in memory only, as a file for root."""

import re
from collections.abc import Mapping

from components.bootstrap.fragment import Fragment, script, unit, values

NAME = "secret-files"
FOLDER = "/run/trainyard/secrets"
_REFERENCE = re.compile(
    r"gcp-secret://(?P<project>[a-z][a-z0-9.:-]{4,62})/(?P<name>[A-Za-z0-9_-]{1,255})(?:/(?P<version>[0-9]+))?"
)
_METADATA = "http://metadata.google.internal/computeMetadata/v1"
_API = "https://secretmanager.googleapis.com/v1"


def secret_version(reference: str) -> str:
    """ "gcp-secret://project/name[/version]" as Secret Manager names it, the newest where none is said; ValueError."""
    found = _REFERENCE.fullmatch(reference)
    if found is None:
        message = (
            f"{reference!r} is no reference to a secret of Google Cloud; write gcp-secret://<project>/<name>, or "
            "gcp-secret://<project>/<name>/<version>."
        )
        raise ValueError(message)
    version = found["version"] or "latest"
    return f"projects/{found['project']}/secrets/{found['name']}/versions/{version}"


def secret_files(secrets: Mapping[str, str]) -> Fragment:
    """`secrets` maps an environment variable's name to its reference; ValueError for a name that is none."""
    for name in secrets:
        if not re.fullmatch(r"[A-Za-z_][A-Za-z0-9_]*", name):
            message = f"{name!r} is no name of an environment variable; allowed are letters, digits and '_'."
            raise ValueError(message)
    service = f"trainyard-{NAME}.service"
    data = {"metadata-url": _METADATA, "api-url": _API}
    data |= {f"secret-{name}": secret_version(reference) for name, reference in secrets.items()}
    return Fragment(name=NAME, files=(*values(NAME, data), script("secret_files.sh"), unit(service)), start=(service,))
