"""Signatures of requests (Signature Version 4) against the sandbox's only key pair."""

from __future__ import annotations

import hmac
import re
from dataclasses import dataclass
from typing import Final

from trainyard.sandbox.api.aws.error import common
from trainyard.sandbox.api.aws.keys import KeyPair
from trainyard.sandbox.api.serving import Request

_HEADER: Final = re.compile(
    r"AWS4-HMAC-SHA256 Credential=(?P<key>[^/,]+)/(?P<day>\d{8})/(?P<region>[^/,]+)/(?P<service>[^/,]+)/aws4_request, ?"
    r"SignedHeaders=(?P<headers>[^, ]+), ?Signature=(?P<signature>[0-9a-f]+)"
)


@dataclass(frozen=True, kw_only=True)
class Scoped:
    """What a request was signed for."""

    key: str
    day: str
    region: str
    service: str
    headers: tuple[str, ...]
    signature: str


def read(request: Request) -> Scoped | None:
    """What the `Authorization` header says; None when there is none, or of another kind."""
    found = _HEADER.fullmatch(request.headers.get("Authorization", ""))
    if found is None:
        return None
    told = found.groupdict()
    headers = tuple(told.pop("headers").split(";"))
    return Scoped(headers=headers, **told)


def check(request: Request, scoped: Scoped, pair: KeyPair, family: str) -> None:
    """AwsError when the key is not the sandbox's or the signature is not the key's."""
    from botocore.auth import SigV4Auth  # half a second, which only a caller of Amazon's API pays
    from botocore.awsrequest import AWSRequest
    from botocore.credentials import Credentials

    if not hmac.compare_digest(scoped.key.encode(), pair.key.encode()):
        raise common(family, "unknown key")
    auth = SigV4Auth(Credentials(pair.key, pair.secret), scoped.service, scoped.region)
    signed = AWSRequest(
        method=request.method,
        url=f"http://{request.headers.get('Host', '')}{request.target}",
        headers={name: request.headers.get(name, "") for name in scoped.headers},
        data=request.body,
    )
    signed.context["timestamp"] = request.headers.get("X-Amz-Date", "")
    text = auth.string_to_sign(signed, auth.canonical_request(signed))
    if not hmac.compare_digest(auth.signature(text, signed), scoped.signature):
        raise common(family, "signature")
