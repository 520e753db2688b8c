"""From a signed request to its answer: service, signature, values, faults, and the call that answers."""

from __future__ import annotations

import json
import logging
from collections.abc import Callable, Mapping
from typing import Any, Final
from urllib.parse import parse_qs
from uuid import uuid4
from xml.sax.saxutils import escape

from botocore.model import OperationModel, ServiceModel

from trainyard.sandbox.api.aws import (
    autoscaling,
    cbor,
    identity,
    queues,
    sagemaker,
    service_quotas,
    shapes,
    signature,
    tagging,
)
from trainyard.sandbox.api.aws.call import AwsCall
from trainyard.sandbox.api.aws.calls import CALLS
from trainyard.sandbox.api.aws.ec2 import EC2
from trainyard.sandbox.api.aws.error import AwsError, common, of_fault
from trainyard.sandbox.api.aws.keys import key_pair
from trainyard.sandbox.api.aws.regions import regions
from trainyard.sandbox.api.broken import with_fault
from trainyard.sandbox.api.call import Scene
from trainyard.sandbox.api.serving import LostResponse, Reply, Request
from trainyard.sandbox.faults import Fault
from trainyard.sandbox.provider.aws import ACCOUNT
from trainyard.sandbox.trouble import trouble

log = logging.getLogger("trainyard.sandbox.api")
Answer = Callable[[AwsCall], Mapping[str, Any]]
ANSWERS: Final[Mapping[str, Mapping[str, Answer]]] = {
    "ec2": EC2,
    "autoscaling": autoscaling.CALLS,
    "sagemaker": sagemaker.CALLS,
    "servicequotas": service_quotas.CALLS,
    "sqs": queues.CALLS,
    "sts": identity.CALLS,
    "tagging": tagging.CALLS,
}
_FAMILY: Final = {
    "ec2": "ec2",
    "autoscaling": "query",
    "sts": "query",
    "sagemaker": "json",
    "servicequotas": "json",
    "sqs": "json",
    "tagging": "json",
}


def answer(scene: Scene, token: str, request: Request) -> Reply:
    """The reply to any request; LostResponse when a fault drops it."""
    id = str(uuid4())
    scoped = signature.read(request)
    name = scoped.service if scoped else _guess(request)
    words = _Words(name, id, is_cbor=request.headers.get("smithy-protocol") == "rpc-v2-cbor")
    try:
        if name not in ANSWERS:
            served = ", ".join(ANSWERS)
            raise AwsError(501, "UnknownService", f"the sandbox does not serve {name!r} of Amazon; it serves {served}")
        if scoped is None:
            raise common(words.family, "unsigned")
        if request.headers.get("X-Amz-Security-Token"):
            raise common(words.family, "unknown key")  # the sandbox gives out no temporary keys
        signature.check(request, scoped, key_pair(token), words.family)
        if scoped.region not in regions():
            raise common(words.family, "signature", "Credential should be scoped to a valid region.")
        model = shapes.service(name)
        operation = _operation(model, request)
        call = AwsCall(
            scene=scene,
            service=name,
            operation=operation.name,
            region=scoped.region,
            values=words.values(operation, request),
        )
        return words.success(operation, _with_fault(call, words.family))
    except AwsError as error:
        return words.error(error)
    except LostResponse:
        raise
    except Exception:
        log.exception("%s %s of %s broke", request.method, request.target, name)
        return words.error(AwsError(500, "InternalFailure", "the sandbox broke here; its log says where"))


def _guess(request: Request) -> str:
    """The service of a request without signature: told by its shape alone."""
    target = request.headers.get("X-Amz-Target", "")
    if target:
        named = {"SageMaker": "sagemaker", "ServiceQuotas": "servicequotas", "AmazonSQS": "sqs"}
        return next((service for start, service in named.items() if target.startswith(start)), "tagging")
    version = parse_qs(request.body.decode(errors="replace")).get("Version", [""])[0]
    return {"2011-06-15": "sts", "2011-01-01": "autoscaling"}.get(version, "ec2")


def _operation(model: ServiceModel, request: Request) -> OperationModel:
    target = request.headers.get("X-Amz-Target", "")
    if target:
        name = target.rpartition(".")[2]
    elif "/operation/" in request.path:
        name = request.path.rpartition("/")[2]
    else:
        name = parse_qs(request.body.decode(errors="replace")).get("Action", [""])[0]
    if name not in model.operation_names:
        code = "UnknownOperationException" if target else "InvalidAction"
        raise AwsError(400, code, f"The action {name} is not valid for this web service.")
    service = model.signing_name
    if name not in CALLS[service]:
        served = ", ".join(CALLS[service])
        raise AwsError(501, "NotImplemented", f"the sandbox does not serve {service}.{name}; it serves {served}")
    return model.operation_model(name)


def _with_fault(call: AwsCall, family: str) -> Mapping[str, Any]:
    about = _about(call)

    def refused(fault: Fault) -> AwsError:
        if fault.kind in ("refuse", "cut-list"):
            return of_fault(fault.code, fault.message, family)
        found = trouble(fault, "aws", about, service=call.service)
        return AwsError(found.status, found.code, found.message)

    return with_fault(
        call.store,
        f"{call.service}.{call.operation}",
        lambda newest: ANSWERS[call.service][call.operation](call.as_of(newest)),
        refused=refused,
        expired=lambda: common(family, "expired"),
        about=about,
        following=bool(call.values.get("NextToken") or call.values.get("PaginationToken")),
    )


def _about(call: AwsCall) -> dict[str, str]:
    """What the call is about, as faults files ask for it."""
    values = call.values
    placement = values.get("Placement") or {}
    names = ("InstanceId", "VolumeId", "AutoScalingGroupName", "TrainingJobName", "NotebookInstanceName")
    name = next((str(values[key]) for key in names if values.get(key)), next(iter(values.get("InstanceIds") or ()), ""))
    kind = values.get("InstanceType") or (values.get("ResourceConfig") or {}).get("InstanceType")
    return {
        "name": name,
        "place": str(placement.get("AvailabilityZone") or call.region),
        "project": ACCOUNT,
        "machine_type": kind if isinstance(kind, str) else "",
    }


class _Words:
    """How one service reads and writes: its protocol's shapes."""

    def __init__(self, service: str, request_id: str, *, is_cbor: bool) -> None:
        self.family = _FAMILY.get(service, "query")
        self._id = request_id
        self._is_cbor = is_cbor

    def values(self, operation: OperationModel, request: Request) -> dict[str, Any]:
        if self.family != "json":
            return shapes.from_form(operation, request.body, self.family == "ec2")
        if self._is_cbor:
            return shapes.checked(operation, cbor.read(request.body))
        return shapes.from_json(operation, request.body)

    def success(self, operation: OperationModel, answer: Mapping[str, Any]) -> Reply:
        if self.family != "json":
            text = shapes.to_xml(operation, answer, self._id, self.family == "ec2")
            return self._reply(200, text.encode(), "text/xml;charset=UTF-8")
        shape = operation.output_shape
        if self._is_cbor:
            return self._reply(200, cbor.write(shape, answer) if shape else b"", "application/cbor")
        plain = shapes.to_plain(shape, answer) if shape else {}
        return self._reply(200, json.dumps(plain, separators=(",", ":")).encode(), "application/x-amz-json-1.1")

    def error(self, error: AwsError) -> Reply:
        code, text = escape(error.code), escape(error.message)
        if self.family == "ec2":
            inner = f"<Errors><Error><Code>{code}</Code><Message>{text}</Message></Error></Errors>"
            xml = f"<Response>{inner}<RequestID>{self._id}</RequestID></Response>"
            return self._reply(error.status, xml.encode(), "text/xml;charset=UTF-8")
        if self.family == "query":
            kind = "Sender" if error.status < 500 else "Receiver"
            inner = f"<Error><Type>{kind}</Type><Code>{code}</Code><Message>{text}</Message></Error>"
            xml = f"<ErrorResponse>{inner}<RequestId>{self._id}</RequestId></ErrorResponse>"
            return self._reply(error.status, xml.encode(), "text/xml")
        body = {"__type": error.code, "message": error.message}
        if self._is_cbor:
            return self._reply(error.status, cbor.write_texts(body), "application/cbor")
        return self._reply(error.status, json.dumps(body).encode(), "application/x-amz-json-1.1")

    def _reply(self, code: int, content: bytes, type: str) -> Reply:
        headers = {"x-amzn-RequestId": self._id}
        if self._is_cbor:
            headers["smithy-protocol"] = "rpc-v2-cbor"
        return Reply(code=code, content=content, type=type, headers=headers)
