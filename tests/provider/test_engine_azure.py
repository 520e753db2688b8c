"""A lease whose scope is an Azure subscription, on the real engine: stopped is not deallocated, and a disk is left."""

from typing import Any

import pytest
import requests

from tests.provider.conftest import Program
from tests.sandbox.api.azure.conftest import SIZE, gpu_machine
from trainyard.facts.origin import subscription_in

pytestmark = pytest.mark.engine
GIVEN = "1b9d6bcd-bbfd-4b2d-9b5d-ab8dfbbd4bed"
MACHINES = "/providers/Microsoft.Compute/virtualMachines"


class Portal:
    """A person who makes and ends things behind the state."""

    def __init__(self, program: Program) -> None:
        self._url = program.sandbox.api["azure"]
        self._headers = {"Authorization": f"Bearer {program.sandbox.token}"}
        self.subscription = subscription_in(program.sandbox, GIVEN)
        self.ask("PUT", "", {"location": "eastus"})

    def ask(self, method: str, path: str, body: object = None) -> Any:
        """A call below the resource group "by-hand", waited for."""
        url = f"{self._url}/subscriptions/{self.subscription}/resourceGroups/by-hand{path}?api-version=2024-07-01"
        answer = requests.request(method, url, json=body, headers=self._headers, timeout=30)
        assert answer.ok, answer.text
        if "Azure-AsyncOperation" in answer.headers:
            requests.get(answer.headers["Azure-AsyncOperation"], headers=self._headers, timeout=30)
        return answer.json() if answer.content else None

    def machine(self, name: str, lease: str) -> None:
        inside = gpu_machine(name)
        inside["storageProfile"]["osDisk"]["name"] = f"{name}-os"
        body = {"location": "eastus", "tags": {"trainyard-lease": lease}, "properties": inside}
        self.ask("PUT", f"{MACHINES}/{name}", body)


def test_destroy_is_refused_until_nothing_in_the_subscription_bills(program: Program) -> None:
    program.write(scopes=[f"azure:{GIVEN}"])
    program.begin()
    portal = Portal(program)
    assert program.record().scopes == (f"azure:{portal.subscription}",)
    portal.machine("stray-1", program.id)

    running = program.destroy()
    assert running.code != 0
    assert f"machine by-hand/stray-1 in eastus (azure:{portal.subscription}): VM running, {SIZE}" in running.text
    assert "USD/h" in running.text
    assert program.record().ending is not None

    portal.ask("POST", f"{MACHINES}/stray-1/powerOff")
    stopped = program.destroy()
    assert stopped.code != 0
    assert "VM stopped, not deallocated" in stopped.text

    portal.ask("POST", f"{MACHINES}/stray-1/deallocate")
    deallocated = program.destroy()
    assert deallocated.code != 0
    assert "disk by-hand/stray-1-os in eastus" in deallocated.text
    assert "machine by-hand/stray-1" not in deallocated.text

    portal.ask("DELETE", f"{MACHINES}/stray-1")
    left = program.destroy()
    assert left.code != 0
    assert "disk by-hand/stray-1-os in eastus" in left.text

    portal.ask("DELETE", "/providers/Microsoft.Compute/disks/stray-1-os")
    clean = program.destroy()
    assert clean.code == 0, clean.text
    certificate = program.record().certificate
    assert certificate is not None
    assert len(certificate.looks) == 2


def test_a_subscription_that_may_not_be_listed_holds_the_lease(program: Program) -> None:
    program.write(scopes=[f"azure:{GIVEN}"])
    program.begin()
    call = "Microsoft.Network/publicIPAddresses.listAll"
    program.control("faults", faults=[{"call": call, "kind": "refuse", "code": 403}])
    denied = program.destroy()
    assert denied.code != 0
    assert "the right that is missing: Microsoft.Network/publicIPAddresses/read" in denied.text
    program.control("faults", faults=[{"call": call, "kind": "expired-credentials"}])
    expired = program.destroy()
    assert expired.code != 0
    assert "ExpiredAuthenticationToken" in expired.text
    program.control("faults", faults=[])
    assert program.destroy().code == 0


def test_a_scope_that_is_no_subscription_builds_nothing(program: Program) -> None:
    program.write(scopes=["azure:acme-dev"])
    result = program.up()
    assert result.code != 0
    assert "no subscription id" in result.text
    assert not program.record_file.exists()
