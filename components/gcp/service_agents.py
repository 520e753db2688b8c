"""Google's service agents of one project: who its services encrypt and pull images as."""

import pulumi
import pulumi_gcp as gcp

STORAGE = "storage.googleapis.com"
COMPUTE = "compute.googleapis.com"


class ServiceAgents:
    """Each is made known once, under `name`: a grant to an agent that never was is refused."""

    def __init__(self, name: str, project: str, opts: pulumi.ResourceOptions | None = None) -> None:
        self._name = name
        self._project = project
        self._opts = opts
        self._known: dict[str, pulumi.Input[str]] = {}

    def member(self, service: str) -> pulumi.Input[str]:
        """The IAM member of a service such as "file.googleapis.com"."""
        if service not in self._known:
            self._known[service] = self._ask(service)
        return self._known[service]

    def _ask(self, service: str) -> pulumi.Input[str]:
        if service == STORAGE:
            return gcp.storage.get_project_service_account_output(project=self._project).member
        if service == COMPUTE:  # comes with the API; there is no call that makes it
            number = gcp.organizations.get_project_output(project_id=self._project).number
            return pulumi.Output.concat("serviceAccount:service-", number, "@compute-system.iam.gserviceaccount.com")
        short = service.removesuffix(".googleapis.com")
        identity = gcp.projects.ServiceIdentity(
            f"{self._name}-{short}", project=self._project, service=service, opts=self._opts
        )
        return identity.member
