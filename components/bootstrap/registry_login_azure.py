"""Azure Container Registry's login for Docker: a helper that gets a token for each pull, as the lease's identity."""

from components.bootstrap.azure_metadata import METADATA
from components.bootstrap.fragment import File, Fragment, packaged, values

NAME = "registry-login"
# Docker looks for a helper of this name on its path: github.com/docker/docker-credential-helpers
HELPER = "trainyard-acr"


def registry_login(*, identity: str) -> Fragment:
    """`identity`: full id of the lease's identity, which needs AcrPull; container_runtime() names the hosts."""
    program = File(
        path=f"/usr/local/bin/docker-credential-{HELPER}",
        content=packaged("docker_credential_azure.sh"),
        mode="0755",
    )
    data = {"metadata-url": METADATA, "identity": identity}
    return Fragment(name=NAME, files=(*values(NAME, data), program), start=())
