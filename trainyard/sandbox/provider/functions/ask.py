"""Finds the function that answers."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final

from trainyard.sandbox.check import nearest
from trainyard.sandbox.packages import Package
from trainyard.sandbox.provider.functions import aws, aws_accounts, aws_network, azure, azure_keys, gcp, stored
from trainyard.sandbox.provider.functions.question import Question
from trainyard.sandbox.provider.order import Refused

Function = Callable[[Question], dict[str, Any]]
_ALL: Final[Mapping[str, Function]] = {
    **gcp.FUNCTIONS,
    **aws.FUNCTIONS,
    **aws_network.FUNCTIONS,
    **aws_accounts.FUNCTIONS,
    **azure.FUNCTIONS,
    **azure_keys.FUNCTIONS,
}
_TEMPLATES: Final = ("kubernetes:yaml:", "kubernetes:helm:", "kubernetes:kustomize:")


def ask(token: str, package: Package, question: Question) -> dict[str, Any]:
    """The answer; Refused names a function that the sandbox does not know."""
    token = stored.plain_token(token)
    answer = _ALL.get(token)
    if answer is not None:
        return answer(question)
    type = stored.type_asked(token, package)
    if type is not None:
        return stored.stored(type, question)
    if token.startswith(_TEMPLATES):
        msg = (
            f"{token} renders templates inside the released Kubernetes plugin, which a rehearsal does not run; use "
            "kubernetes.helm.v3.Release or plain objects instead"
        )
        raise Refused(msg)
    known = sorted(name for name in _ALL if name.startswith(f"{package.name}:"))
    near = nearest(token, known)
    hint = f'; did you mean "{near}"?' if near else ""
    msg = f'the sandbox has no answer to the function "{token}"{hint}; it answers {", ".join(known) or "none"}'
    raise Refused(msg)
