"""The engine's events become what a run did: what it made, what failed, and in whose words."""

from __future__ import annotations

from typing import Any

from pulumi.automation.events import EngineEvent

from trainyard.deploy.events import Listener

URN = "urn:pulumi:dev::trainyard::gcp:compute/instance:Instance::lab-0-instance"
STACK = "urn:pulumi:dev::trainyard::pulumi:pulumi:Stack::trainyard-dev"


def event(**parts: Any) -> EngineEvent:
    return EngineEvent.from_json({"sequence": 1, "timestamp": 1, **parts})


def metadata(op: str = "create", urn: str = URN) -> dict[str, Any]:
    type_ = urn.split("::")[2]
    state = {"type": type_, "urn": urn, "id": "", "parent": STACK, "provider": "", "inputs": {}, "outputs": {}}
    return {"op": op, "urn": urn, "type": type_, "provider": "", "new": state, "old": None}


def said(text: str, urn: str = URN, severity: str = "error") -> EngineEvent:
    told = {"message": f"<{{%reset%}}>{text}<{{%reset%}}>\n", "color": "raw", "severity": severity, "urn": urn}
    return event(diagnosticEvent=told)


def test_a_failed_step_carries_all_that_was_said_of_it_without_colours() -> None:
    listener = Listener(say=lambda _: None)
    for each in (
        event(resourcePreEvent={"metadata": metadata()}),
        said("1 error occurred:\n\t* ZONE_RESOURCE_POOL_EXHAUSTED"),
        event(resOpFailedEvent={"metadata": metadata(), "status": 0, "steps": 1}),
        said("update failed", STACK),
    ):
        listener.hear(each)
    done = listener.done(ok=False, stderr="code 255")
    [failed] = done.failed
    assert (failed.step.urn, failed.step.op, failed.step.parent, failed.step.makes) == (URN, "create", STACK, True)
    assert failed.text == "1 error occurred:\n\t* ZONE_RESOURCE_POOL_EXHAUSTED"
    assert done.told == ()


def test_the_program_s_own_error_is_of_no_resource() -> None:
    listener = Listener(say=lambda _: None)
    listener.hear(event(resourcePreEvent={"metadata": metadata(urn=STACK)}))
    listener.hear(said("the lease's record cannot be read", STACK))
    done = listener.done(ok=False)
    assert done.failed == ()
    assert done.told == ("the lease's record cannot be read",)


def test_where_no_event_tells_why_the_cli_s_own_words_stand() -> None:
    done = Listener(say=lambda _: None).done(ok=False, stderr="error: the stack is currently locked by 1 lock(s)\n")
    assert done.told == ("error: the stack is currently locked by 1 lock(s)",)


def test_what_came_is_said_and_kept_and_what_stays_is_neither() -> None:
    lines: list[str] = []
    listener = Listener(say=lines.append)
    for op, urn in (("create", URN), ("same", URN.replace("lab-0", "lab-1")), ("create", STACK)):
        listener.hear(event(resOutputsEvent={"metadata": metadata(op, urn)}))
    listener.hear(said("the image is old", severity="warning"))
    assert [step.name for step in listener.done(ok=True).made] == ["lab-0-instance"]
    assert lines == ["created      Instance lab-0-instance", "warning: the image is old"]
