"""What carries a lease's label in Vertex AI Workbench: all of it, or an error; through the sandbox's API."""

from collections.abc import Callable
from typing import Any

import httplib2
import pytest
from googleapiclient.discovery import build
from googleapiclient.errors import HttpError

from trainyard.clouds import open_scope
from trainyard.clouds.gcp import ScopeUnreadable
from trainyard.clouds.gcp.workbench import KIND, GcpWorkbench
from trainyard.facts.origin import Sandbox
from trainyard.facts.price import AtLeast
from trainyard.sandbox import faults
from trainyard.sandbox.api import making
from trainyard.sandbox.faults import Fault
from trainyard.sandbox.store import Store

PROJECT = "trainyard-sandbox-copy-of-acme-ml-dev"
ZONE = "europe-west4-a"
LEASE = "dev-lab-0a1b2c3d"
TYPE = "gcp:workbench/instance:Instance"
LIST = "notebooks.projects.locations.instances.list"
Plant = Callable[..., None]


class _Bearer:
    def __init__(self) -> None:
        self._http = httplib2.Http(timeout=20, proxy_info=None)

    def request(self, uri: str, method: str = "GET", body: Any = None, headers: Any = None, **_: Any) -> Any:
        return self._http.request(uri, method, body=body, headers={**(headers or {}), "Authorization": "Bearer word"})


@pytest.fixture
def instances(sandbox: Sandbox) -> Any:
    """Google's own client."""
    options = {"api_endpoint": f"{sandbox.api['gcp']}/notebooks/"}
    client = build("notebooks", "v2", http=_Bearer(), static_discovery=True, client_options=options)
    return client.projects().locations().instances()


@pytest.fixture
def notebook(store: Store) -> Plant:
    def notebook(name: str, lease: str = LEASE) -> None:
        setup = {"machineType": "g2-standard-8", "acceleratorConfigs": [{"type": "NVIDIA_L4", "coreCount": "1"}]}
        labels = {"trainyard-lease": lease}
        inputs = {"name": name, "location": ZONE, "project": PROJECT, "gceSetup": setup, "labels": labels}
        making.make(store, "gcp", TYPE, inputs, {})

    return notebook


def name(short: str) -> str:
    return f"projects/{PROJECT}/locations/{ZONE}/instances/{short}"


def test_a_notebook_with_the_label_bills_at_least_its_machine(sandbox: Sandbox, notebook: Plant) -> None:
    notebook("lab-0")
    notebook("other-0", lease="dev-lab-ffffffff")
    [found] = GcpWorkbench(PROJECT, sandbox).list_billable(LEASE)
    assert (found.kind, found.name, found.place, found.machine_type) == (KIND, "lab-0", ZONE, "g2-standard-8")
    assert found.billing
    assert isinstance(found.price, AtLeast)
    assert "fee" in found.price.lacks


def test_a_stopped_notebook_does_not_bill_and_is_listed(sandbox: Sandbox, notebook: Plant, instances: Any) -> None:
    notebook("lab-0")
    instances.stop(name=name("lab-0"), body={}).execute()
    [found] = GcpWorkbench(PROJECT, sandbox).list_billable(LEASE)
    assert (found.status, found.billing) == ("STOPPED", False)


def test_google_s_own_client_sees_what_there_is_and_ends_it(notebook: Plant, instances: Any) -> None:
    notebook("lab-0")
    place = f"projects/{PROJECT}/locations/{ZONE}"
    [found] = instances.list(parent=place).execute()["instances"]
    assert (found["name"], found["state"]) == (name("lab-0"), "ACTIVE")
    assert found["gceSetup"]["machineType"] == "g2-standard-8"
    instances.delete(name=name("lab-0")).execute()
    with pytest.raises(HttpError, match="was not found"):
        instances.get(name=name("lab-0")).execute()


def test_lists_of_many_pages_are_read_whole(sandbox: Sandbox, notebook: Plant) -> None:
    for number in range(101):
        notebook(f"lab-{number}")
    assert len(GcpWorkbench(PROJECT, sandbox).list_billable(LEASE)) == 101


def test_a_refusal_makes_the_scope_unreadable_never_empty(sandbox: Sandbox, store: Store, notebook: Plant) -> None:
    notebook("lab-0")
    faults.replace(store, [Fault(call=LIST, kind="refuse", code=403, message="Permission denied")])
    with pytest.raises(ScopeUnreadable, match="Workbench: 403"):
        GcpWorkbench(PROJECT, sandbox).list_billable(LEASE)


def test_the_project_lists_its_notebooks_and_names_the_command_that_ends_each(
    sandbox: Sandbox, notebook: Plant
) -> None:
    notebook("lab-0")
    project = open_scope(f"gcp:{PROJECT}", sandbox)
    [found] = project.list_billable(LEASE)
    assert project.end_by_hand(found) == (
        f"gcloud workbench instances delete lab-0 --location={ZONE} --project={PROJECT}"
    )
