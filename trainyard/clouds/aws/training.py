"""SageMaker's training jobs of one region through Amazon's own client: made, described, stopped, deleted."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from botocore import exceptions

from trainyard.clouds.aws.client import Clients
from trainyard.facts.origin import Sandbox

Job = Mapping[str, Any]  # DescribeTrainingJob's answer
_AGAIN = frozenset({"ThrottlingException", "Throttling", "TooManyRequestsException", "ServiceUnavailable"})
_NO_LOGIN = (
    exceptions.NoCredentialsError,
    exceptions.PartialCredentialsError,
    exceptions.CredentialRetrievalError,
    exceptions.ProfileNotFound,
    exceptions.SSOError,
    exceptions.TokenRetrievalError,
)


class RefusedError(Exception):
    """Amazon said no; the text is its own."""

    def __init__(self, code: str, text: str, status: int) -> None:
        super().__init__(f"{code}: {text}")
        self.code = code
        self.text = text
        self.status = status

    @property
    def again(self) -> bool:
        """Whether the same call may be good later: SageMaker sees a role of IAM some seconds after it is made."""
        return self.code in _AGAIN or self.status >= 500 or "assume role" in self.text.lower()

    @property
    def taken(self) -> bool:
        """Whether a job has the name already."""
        return self.code == "ResourceInUse"

    @property
    def missing(self) -> bool:
        """Whether there is no such job."""
        return self.code == "ResourceNotFound" or "not found" in self.text.lower()


class UnansweredError(Exception):
    """No answer: what was asked for may have been done."""


class NoLoginError(Exception):
    """No credentials, or another account's."""


class TrainingJobs:
    """One region of one account; every call says first that the login is the account's."""

    def __init__(self, account: str, region: str, sandbox: Sandbox | None) -> None:
        self._account = account
        self._region = region
        self._sandbox = sandbox
        self._clients: Clients | None = None

    def create(self, body: Mapping[str, Any]) -> None:
        """A new job; RefusedError with `taken` where its name is."""
        self._call("create_training_job", **body)

    def get(self, name: str) -> Job | None:
        """The job with its tags under "Tags", None where there is none."""
        try:
            found = self._call("describe_training_job", TrainingJobName=name)
        except RefusedError as error:
            if error.missing:
                return None
            raise
        tags: list[Any] = []
        token: dict[str, str] = {}
        while True:
            page = self._call("list_tags", ResourceArn=found["TrainingJobArn"], **token)
            tags += page["Tags"]
            if not page.get("NextToken"):
                return {**found, "Tags": {each["Key"]: each["Value"] for each in tags}}
            token = {"NextToken": page["NextToken"]}

    def stop(self, name: str) -> None:
        """Ask it to end; the container gets SIGTERM, and 120 seconds."""
        self._call("stop_training_job", TrainingJobName=name)

    def delete(self, name: str) -> None:
        """Forget one that has ended; its name may be used again then."""
        try:
            self._call("delete_training_job", TrainingJobName=name)
        except RefusedError as error:
            if not error.missing:
                raise

    def _call(self, operation: str, **values: Any) -> Mapping[str, Any]:
        with _told():
            if self._clients is None:
                clients = Clients(self._region, self._sandbox)
                login = str(clients["sts"].get_caller_identity().get("Account", ""))
                if login != self._account:
                    message = f"the login is of account {login or 'unknown'}, the job's is {self._account}"
                    raise NoLoginError(message)
                self._clients = clients
            answer: Mapping[str, Any] = getattr(self._clients["sagemaker"], operation)(**values)
            return answer


@contextmanager
def _told() -> Iterator[None]:
    try:
        yield
    except exceptions.ClientError as error:
        told = error.response.get("Error", {})
        status = int(error.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0))
        raise RefusedError(str(told.get("Code", "")), str(told.get("Message", "")).strip(), status) from error
    except _NO_LOGIN as error:
        raise NoLoginError(str(error)) from error
    except exceptions.ParamValidationError as error:
        raise RefusedError(type(error).__name__, str(error), 400) from error
    except (exceptions.BotoCoreError, exceptions.HTTPClientError, OSError) as error:
        raise UnansweredError(str(error) or type(error).__name__) from error
