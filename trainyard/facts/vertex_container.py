"""What a job on Vertex AI takes as its container and as its environment."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

_TAG, _DIGEST = r":[A-Za-z0-9_][A-Za-z0-9_.-]{0,127}", r"@sha256:[0-9a-f]{64}"
_IMAGE = re.compile(rf"[a-z0-9.-]+(?::[0-9]+)?(?:/[a-z0-9._-]+)+(?:{_TAG}|{_DIGEST}|{_TAG}{_DIGEST})")
_SECRET = re.compile(r"gcp-secret://[a-z][a-z0-9.:-]{4,62}/[A-Za-z0-9_-]{1,255}(?:/[0-9]+)?")
_VARIABLE = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")  # aiplatform.v1 EnvVar: "Must be a valid C identifier"
# Vertex AI sets these itself: cloud.google.com/vertex-ai/docs/training/{code-requirements, distributed-training}
_TAKEN = re.compile(r"AIP_.*|CLOUD_ML_.*|TF_CONFIG|CLUSTER_SPEC|TRAINYARD_.*")
_MOST = 100  # aiplatform.v1 ContainerSpec.env
_OWN = 12  # what Trainyard adds at most: the places of data sets and checkpoints


def container_error(image: str) -> str | None:
    """None for an image by digest or tag, else the error."""
    if _IMAGE.fullmatch(image):
        return None
    return (
        f'"{image}" names no container that stays what it is; give its digest, '
        "europe-docker.pkg.dev/<project>/<repository>/<image>@sha256:<64 hex>, or at least a tag."
    )


def secret_error(reference: str) -> str | None:
    """None for a reference to Google's Secret Manager, else the error."""
    if _SECRET.fullmatch(reference):
        return None
    return (
        f'"{reference}" is no reference to a secret of Google Cloud; write gcp-secret://<project>/<name>, or '
        "gcp-secret://<project>/<name>/<version>."
    )


def variable_errors(env: Mapping[str, str], secrets: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    """Each wrong variable's name, and why."""
    for variable in (*env, *secrets):
        if not _VARIABLE.fullmatch(variable):
            text = f'"{variable}" is no name of an environment variable; allowed are letters, digits and "_".'
            yield variable, text
        elif _TAKEN.fullmatch(variable):
            yield variable, f"{variable} is set by Vertex AI or Trainyard itself; give your variable another name."
    for variable in secrets:
        if variable in env:
            yield variable, f"{variable} is both in env and a secret; name it once."
    if len(env) + len(secrets) > _MOST - _OWN:
        first = next(iter((*env, *secrets)))
        yield (
            first,
            f"{len(env) + len(secrets)} variables are too many; Vertex AI takes {_MOST - _OWN} besides its data.",
        )
