"""Jobs of one Azure Machine Learning workspace through Resource Manager: made, read, cancelled, deleted.

github.com/Azure/azure-rest-api-specs, machinelearningservices, workspaceRP.json: Jobs_CreateOrUpdate, _Get, _Cancel and
_Delete. An answer tells no reason of a job that failed; the studio does.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final
from urllib.parse import quote

from azure.core.exceptions import AzureError, ClientAuthenticationError
from azure.core.rest import HttpRequest, HttpResponse

from trainyard.clouds.azure.client import ARM, pipeline
from trainyard.facts.origin import Sandbox

Job = Mapping[str, Any]  # a job's properties, with its "id" and "name"
_VERSION: Final = "2024-10-01"
_AGAIN: Final = frozenset({408, 429})


class RefusedError(Exception):
    """Azure said no; the text is its own."""

    def __init__(self, status: int, code: str, text: str) -> None:
        super().__init__(f"{code}: {text}" if code else text or f"status {status}")
        self.status = status
        self.code = code

    @property
    def again(self) -> bool:
        """Whether the same call may be good later."""
        return self.status in _AGAIN or self.status >= 500

    @property
    def taken(self) -> bool:
        """Whether another call is making a job of this name just now."""
        return self.status == 409 and self.code == "Conflict"


class UnansweredError(Exception):
    """No answer: what was asked for may have been done."""


class NoLoginError(Exception):
    """No credentials, or none that the subscription's directory takes."""


class MlJobs:
    """The jobs of a workspace, which is given by its full id."""

    def __init__(self, workspace: str, sandbox: Sandbox | None) -> None:
        self._workspace = workspace
        self._base = sandbox.api["azure"].rstrip("/") if sandbox else ARM
        self._client = pipeline(self._base, sandbox)

    def create(self, name: str, properties: Mapping[str, Any]) -> None:
        """A new job. Of one that has the name already only tags and descriptions change: look for it first."""
        # Whoever makes it looks whether it is there before trying again, so nothing is retried here.
        self._ask("PUT", name, {"properties": properties}, retry_total=0)

    def get(self, name: str) -> Job | None:
        """The job, None where there is none, or no workspace any more."""
        found = self._ask("GET", name, missing_is_fine=True)
        return None if found is None else {**found["properties"], "id": found["id"], "name": found["name"]}

    def cancel(self, name: str) -> None:
        """Ask it to end; it goes on until its container has."""
        self._ask("POST", f"{name}/cancel")

    def delete(self, name: str) -> None:
        """Forget one that has ended; its name never comes free."""
        self._ask("DELETE", name, missing_is_fine=True)

    def _ask(
        self, method: str, path: str, body: object = None, *, missing_is_fine: bool = False, **options: Any
    ) -> Mapping[str, Any] | None:
        url = f"{self._base}{quote(self._workspace)}/jobs/{quote(path)}?api-version={_VERSION}"
        try:
            response = self._client.send_request(HttpRequest(method, url, json=body), **options)
            answer = _json(response)
        except ClientAuthenticationError as error:
            raise NoLoginError(str(error).strip().partition("\n")[0]) from error
        except (AzureError, OSError, ValueError) as error:
            text = str(error).strip().partition("\n")[0]
            raise UnansweredError(text or type(error).__name__) from error
        if response.status_code < 400:
            return answer
        if response.status_code == 404 and missing_is_fine:
            return None
        told = answer.get("error")
        given: Mapping[str, Any] = told if isinstance(told, Mapping) else {}
        code, text = str(given.get("code", "")), str(given.get("message", ""))
        if response.status_code == 401:
            message = f"{code}: {text}"
            raise NoLoginError(message)
        raise RefusedError(response.status_code, code, text)


def _json(response: HttpResponse) -> Mapping[str, Any]:
    answer = response.json() if response.content else {}
    if not isinstance(answer, Mapping):
        message = f"the answer is no object but {type(answer).__name__}"
        raise ValueError(message)
    return answer
