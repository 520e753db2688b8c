"""Functions of Google Cloud: places, images, machine types, and things that are in the store."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Any, Final

from trainyard.facts.offer import load_machine_offers
from trainyard.sandbox import world
from trainyard.sandbox.provider.functions.question import Question
from trainyard.sandbox.provider.gcp import DEFAULT_PROJECT, path_of, self_link
from trainyard.sandbox.provider.gcp_places import regions, zones
from trainyard.sandbox.provider.gcp_tpus import RUNTIMES
from trainyard.sandbox.provider.order import Refused, stable_hex
from trainyard.servicer.values import reveal


def _project(question: Question) -> str:
    return question.text("project", DEFAULT_PROJECT)


def _number(project: str) -> str:
    return str(int(stable_hex(10, project), 16) % 9 * 10**11 + int(stable_hex(9, project), 16) % 10**11)


def _zones(question: Question) -> dict[str, Any]:
    region = question.text("region")
    if region and region not in regions():
        msg = f"Invalid value for field 'region': '{region}'. Unknown region."
        raise Refused(msg)
    names = sorted(zone for zone in zones() if not region or zone.rpartition("-")[0] == region)
    return {"id": region or "zones", "names": names, "project": _project(question), "region": region}


def _regions(question: Question) -> dict[str, Any]:
    return {"id": "regions", "names": sorted(regions()), "project": _project(question)}


def _image(question: Question) -> dict[str, Any]:
    """An image of a public project, as a machine may be made of it; else one of the store."""
    project = question.text("project", DEFAULT_PROJECT)
    name, family = question.args.get("name"), question.args.get("family")
    if not name and not family and not question.args.get("filter"):
        msg = 'one of "family", "filter" or "name" must be given to find an image'
        raise Refused(msg)
    if not world.is_public_image(project, str(name or family)):
        return _own_image(question, project, str(name or family))
    name = name or f"{family}-v{20260101 + int(stable_hex(2, str(family)), 16)}"
    path = f"projects/{project}/global/images/{name}"
    told = {"id": path, "selfLink": self_link(path), "name": name, "family": family or "", "project": project}
    size = {"diskSizeGb": 10, "archiveSizeBytes": 0, "status": "READY", "labels": {}, "licenses": []}
    return {**told, **size, "imageId": str(int(stable_hex(15, path), 16)), "creationTimestamp": "2026-01-01T00:00:00Z"}


def _own_image(question: Question, project: str, asked: str) -> dict[str, Any]:
    for thing in question.store.list(type="gcp:compute/image:Image", project=project):
        if asked in (thing.name, reveal(thing.inputs.get("family"))):
            return {**reveal(dict(thing.outputs)), "id": thing.id}
    msg = f"googleapi: Error 404: The resource 'projects/{project}/global/images/{asked}' was not found, notFound"
    raise Refused(msg)


def _network(question: Question) -> dict[str, Any]:
    project, name = _project(question), question.text("name")
    told = _stored(question, "gcp:compute/network:Network", f"projects/{project}/global/networks/{name}")
    number = str(told.get("networkId", ""))  # a text of the resource, a number of the function
    return {**told, "networkId": int(number) if number.isdecimal() else None}


def _subnetwork(question: Question) -> dict[str, Any]:
    project, region, name = _project(question), question.text("region"), question.text("name")
    link = question.args.get("selfLink")
    path = path_of(str(link)) if link else f"projects/{project}/regions/{region}/subnetworks/{name}"
    return _stored(question, "gcp:compute/subnetwork:Subnetwork", path)


def _instance(question: Question) -> dict[str, Any]:
    project, zone, name = _project(question), question.text("zone"), question.text("name")
    return _stored(question, "gcp:compute/instance:Instance", f"projects/{project}/zones/{zone}/instances/{name}")


def _bucket(question: Question) -> dict[str, Any]:
    return _stored(question, "gcp:storage/bucket:Bucket", question.text("name"))


def _account(question: Question) -> dict[str, Any]:
    project, account = _project(question), question.text("accountId")
    email = account if "@" in account else f"{account}@{project}.iam.gserviceaccount.com"
    path = f"projects/{project}/serviceAccounts/{email}"
    return _stored(question, "gcp:serviceaccount/account:Account", path)


def _stored(question: Question, type: str, id: str) -> dict[str, Any]:
    found = question.store.get(type, id) or world.google_thing(question.store, type, id)
    if found is None:
        msg = f"googleapi: Error 404: The resource '{id}' was not found, notFound"
        raise Refused(msg)
    return {**reveal(dict(found.outputs)), "id": found.id}


def _machine_types(question: Question) -> dict[str, Any]:
    zone = question.text("zone")
    offers = {offer.machine_type: offer for offer in load_machine_offers("gcp") if not zone or offer.zone == zone}
    listed = [
        {
            "name": name,
            "guestCpus": offer.vcpus or 0,
            "memoryMb": (offer.memory_gib or 0) * 1024,
            "accelerators": [],
            "deprecateds": [],
            "description": f"{offer.vcpus} vCPUs, {offer.memory_gib} GB RAM",
            "isSharedCpus": False,
            "maximumPersistentDisks": 128,
            "maximumPersistentDisksSizeGb": 263168,
            "selfLink": self_link(f"projects/{_project(question)}/zones/{offer.zone}/machineTypes/{name}"),
            "bundledLocalSsds": [],
        }
        for name, offer in sorted(offers.items())
    ]
    return {"id": f"machine-types-{zone}", "machineTypes": listed, "project": _project(question), "zone": zone}


def _project_told(question: Question) -> dict[str, Any]:
    project = question.text("projectId") or _project(question)
    told = {"id": f"projects/{project}", "projectId": project, "name": project, "number": _number(project)}
    return {**told, "labels": {}, "effectiveLabels": {}, "pulumiLabels": {}, "autoCreateNetwork": True, "orgId": ""}


def _client_config(question: Question) -> dict[str, Any]:
    told = {"id": "client-config", "project": _project(question), "accessToken": "sandbox-access-token"}
    return {**told, "region": question.text("region"), "zone": question.text("zone"), "defaultLabels": {}}


def _client_user(question: Question) -> dict[str, Any]:
    return {"id": "client-user", "email": "rehearsal@trainyard-sandbox.invalid"}


def _policy(question: Question) -> dict[str, Any]:
    bindings = [
        {"role": part.get("role"), "members": sorted(part.get("members") or ())}
        for part in question.args.get("bindings") or ()
    ]
    return {"id": stable_hex(10, repr(bindings)), "policyData": json.dumps({"bindings": bindings})}


def _engine_versions(question: Question) -> dict[str, Any]:
    """GKE's versions: one of each minor that its release notes name in 2026; the newest first."""
    versions = ["1.34.1-gke.1829001", "1.33.5-gke.1308000", "1.32.9-gke.1207000"]
    channels = {"RAPID": versions[0], "REGULAR": versions[1], "STABLE": versions[2]}
    return {
        "id": "versions",
        "project": _project(question),
        "location": question.text("location"),
        "validMasterVersions": versions,
        "validNodeVersions": versions,
        "latestMasterVersion": versions[0],
        "latestNodeVersion": versions[0],
        "defaultClusterVersion": versions[1],
        "releaseChannelDefaultVersion": channels,
        "releaseChannelLatestVersion": channels,
    }


def _default_account(question: Question) -> dict[str, Any]:
    project = _project(question)
    email = f"{_number(project)}-compute@developer.gserviceaccount.com"
    path = f"projects/{project}/serviceAccounts/{email}"
    told = {"id": path, "name": path, "email": email, "member": f"serviceAccount:{email}", "project": project}
    return {**told, "displayName": "Compute Engine default service account", "uniqueId": _number(email) + "000000000"}


def _storage_account(question: Question) -> dict[str, Any]:
    project = question.text("project") or _project(question)
    email = f"service-{_number(project)}@gs-project-accounts.iam.gserviceaccount.com"
    told = {"id": email, "emailAddress": email, "member": f"serviceAccount:{email}", "project": project}
    return {**told, "userProject": ""}


def _transfer_account(question: Question) -> dict[str, Any]:
    project = _project(question)
    email = f"project-{_number(project)}@storage-transfer-service.iam.gserviceaccount.com"
    told = {"id": email, "email": email, "member": f"serviceAccount:{email}", "project": project}
    return {**told, "subjectId": _number(email)}


def _tpu_runtimes(question: Question) -> dict[str, Any]:
    told = {"project": _project(question), "zone": question.text("zone")}
    return {**told, "id": "runtime-versions", "versions": ["tpu-ubuntu2204-base", "tpu-vm-base", *sorted(RUNTIMES)]}


FUNCTIONS: Final[Mapping[str, Callable[[Question], dict[str, Any]]]] = {
    "gcp:compute/getZones:getZones": _zones,
    "gcp:compute/getRegions:getRegions": _regions,
    "gcp:compute/getImage:getImage": _image,
    "gcp:compute/getNetwork:getNetwork": _network,
    "gcp:compute/getSubnetwork:getSubnetwork": _subnetwork,
    "gcp:compute/getInstance:getInstance": _instance,
    "gcp:compute/getMachineTypes:getMachineTypes": _machine_types,
    "gcp:storage/getBucket:getBucket": _bucket,
    "gcp:container/getEngineVersions:getEngineVersions": _engine_versions,
    "gcp:storage/getProjectServiceAccount:getProjectServiceAccount": _storage_account,
    "gcp:storage/getTransferProjectServiceAccount:getTransferProjectServiceAccount": _transfer_account,
    "gcp:storage/getTransferProjectServieAccount:getTransferProjectServieAccount": _transfer_account,
    "gcp:tpu/getV2RuntimeVersions:getV2RuntimeVersions": _tpu_runtimes,
    "gcp:compute/getDefaultServiceAccount:getDefaultServiceAccount": _default_account,
    "gcp:organizations/getIAMPolicy:getIAMPolicy": _policy,
    "gcp:serviceaccount/getAccount:getAccount": _account,
    "gcp:organizations/getProject:getProject": _project_told,
    "gcp:organizations/getClientConfig:getClientConfig": _client_config,
    "gcp:organizations/getClientOpenIdUserInfo:getClientOpenIdUserInfo": _client_user,
}
