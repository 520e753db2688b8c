"""Long-running operations: 202 with links to ask, done when their simulated time is over."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from typing import Any
from urllib.parse import quote

from trainyard.sandbox import clock
from trainyard.sandbox.api.azure.arm_error import ArmError, troubled
from trainyard.sandbox.api.azure.call import Answer, Call
from trainyard.sandbox.api.broken import pass_time
from trainyard.sandbox.provider.order import rfc3339
from trainyard.sandbox.trouble import Trouble


def begun(
    call: Call,
    place: str,
    seconds: float,
    *,
    status: int = 202,
    body: Mapping[str, Any] | None = None,
    failure: Trouble | None = None,
) -> Answer:
    """The answer of a call that goes on for simulated seconds, and ends with its failure where it has one."""
    now = call.store.now()
    name = str(uuid.uuid4())
    call.scene.operations.keep(
        f"azure {call.subscription}",
        {"name": name, "id": "", "begins": now, "ends": now + seconds, "failure": failure},
    )
    where = (
        f"{call.root}/subscriptions/{call.subscription}/providers/Microsoft.Resources/locations/"
        f"{quote(place or 'global')}/operations/{name}?api-version={call.api_version}"
    )
    headers = {"Azure-AsyncOperation": where, "Location": f"{where}&monitor=true", "Retry-After": "1"}
    return Answer(status=status, body=body, headers=headers)


def get(call: Call) -> Answer:
    """How far an operation is. Asking lets its time pass, where waits are instant."""
    operation = call.scene.operations.get(f"azure {call.subscription}", call.places["operation"])
    if operation is None:
        raise ArmError(404, "OperationNotFound", f"The operation '{call.places['operation']}' was not found.")
    left = operation["ends"] - call.store.now()
    if left > 0 and clock.waits(call.store) == "instant":
        pass_time(call.store, left)
        left = 0
    again = {"Retry-After": "1"} if left > 0 else {}
    failure: Trouble | None = None if again else operation["failure"]
    if call.query.get("monitor"):
        if failure:
            raise troubled(failure)
        links = {"Location": f"{call.root}{call.path}?api-version={call.api_version}&monitor=true"} if again else {}
        return Answer(status=202 if again else 200, headers={**links, **again})
    body: dict[str, Any] = {"name": operation["name"], "startTime": rfc3339(operation["begins"])}
    if again:
        return Answer(body={**body, "status": "InProgress"}, headers=again)
    body |= {"status": "Failed" if failure else "Succeeded", "endTime": rfc3339(operation["ends"])}
    return Answer(body=body | (troubled(failure).body() if failure else {}))
