"""Google Cloud: addresses, links and keys that follow from a thing's name and place."""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from trainyard.sandbox.provider.order import Order, digits, nobodys_address, stable_hex
from trainyard.sandbox.provider.tells.google_ids import id_forms
from trainyard.servicer.values import Secret

_WORD: Final = re.compile(r"\{(\w+)\}")
_GKE: Final = (
    "1.34.1-gke.1829001"  # plausible only; cloud.google.com/kubernetes-engine/docs/release-notes has the true ones
)


@dataclass(frozen=True, kw_only=True)
class Place:
    """The thing whose outputs are told."""

    order: Order
    id: str
    name: str
    project: str
    region: str  # of the thing, or of the provider; "" where neither tells one

    def given(self, name: str, default: str = "") -> str:
        return self.order.text(name, default)


def told(place: Place) -> dict[str, Any]:
    """Outputs of a type as far as the type has them; none for one that nobody described."""
    tell = _TELLS.get(place.order.type.token)
    return {name: value for name, value in (tell(place) if tell else {}).items() if name in place.order.type.outputs}


def _cluster(at: Place) -> dict[str, Any]:
    authority = base64.b64encode(f"-----BEGIN CERTIFICATE-----\nsandbox {at.name}\n".encode()).decode()
    return {
        "endpoint": nobodys_address(at.id),
        "masterAuth": at.order.veil(
            "masterAuth",
            {
                "clusterCaCertificate": authority,
                "clientCertificate": "",
                "clientKey": "",
                **(at.order.plain("masterAuth") or {}),
            },
        ),
        "masterVersion": _GKE,
        "clusterIpv4Cidr": at.given("clusterIpv4Cidr", "10.64.0.0/14"),
        "servicesIpv4Cidr": "34.118.224.0/20",
    }


def _function(at: Place) -> dict[str, Any]:
    url = f"https://{at.region}-{at.project}.cloudfunctions.net/{at.name}"
    trigger = {"httpsTriggerUrl": url} if at.order.plain("triggerHttp") else {}
    return {"region": at.region, "status": "ACTIVE", "url": url, **trigger}


def _function_2(at: Place) -> dict[str, Any]:
    config = at.order.plain("serviceConfig")
    uri = _run_url(at)
    told: dict[str, Any] = {"url": f"https://{at.region}-{at.project}.cloudfunctions.net/{at.name}", "state": "ACTIVE"}
    if isinstance(config, Mapping):
        told["serviceConfig"] = at.order.veil("serviceConfig", {**config, "uri": uri})
    return told


def _run_url(at: Place) -> str:
    short = "".join(part[0] for part in at.region.split("-")[:2]) or "uc"
    return f"https://{at.name}-{stable_hex(10, at.project)}-{short}.a.run.app"


def _service(at: Place) -> dict[str, Any]:
    revision = f"{at.name}-00001-{stable_hex(3, at.name)}"
    ready = {"type": "Ready", "status": "True"}
    return {
        "statuses": [
            {
                "url": _run_url(at),
                "latestCreatedRevisionName": revision,
                "latestReadyRevisionName": revision,
                "observedGeneration": 1,
                "conditions": [ready],
            }
        ]
    }


def _service_2(at: Place) -> dict[str, Any]:
    return {"uri": _run_url(at), "urls": [_run_url(at)], "latestReadyRevision": f"{at.id}/revisions/{at.name}-00001"}


def _database(at: Place) -> dict[str, Any]:
    address = nobodys_address(at.id)
    return {
        "connectionName": f"{at.project}:{at.region}:{at.name}",
        "firstIpAddress": address,
        "publicIpAddress": address,
        "ipAddresses": [{"ipAddress": address, "type": "PRIMARY", "timeToRetire": ""}],
        "serviceAccountEmailAddress": f"p{int(stable_hex(10, at.project), 16)}-{stable_hex(6, at.name)}"
        "@gcp-sa-cloud-sql.iam.gserviceaccount.com",
        "dnsName": f"{stable_hex(12, at.id)}.{stable_hex(12, at.project)}.{at.region}.sql.goog.",
    }


def _object(at: Place) -> dict[str, Any]:
    bucket = at.given("bucket")
    path = f"storage/v1/b/{bucket}/o/{at.name}"
    return {
        "outputName": at.name,
        "selfLink": f"https://www.googleapis.com/{path}",
        "mediaLink": f"https://storage.googleapis.com/download/{path}?generation=1&alt=media",
    }


def _repository(at: Place) -> dict[str, Any]:
    location, kind = at.given("location", at.region), at.given("format", "docker").lower()
    name = at.given("repositoryId", at.name)
    return {"registryUri": f"{location}-{kind}.pkg.dev/{at.project}/{name}", "name": name}


def _key(at: Place) -> dict[str, Any]:
    account = at.given("serviceAccountId").rpartition("/")[2]
    text = json.dumps({"type": "service_account", "project_id": at.project, "client_email": account})
    return {
        "privateKey": Secret(base64.b64encode(text.encode()).decode()),
        "publicKey": base64.b64encode(at.id.encode()).decode(),
        "name": f"projects/{at.project}/serviceAccounts/{account}/keys/{stable_hex(40, at.id)}",
    }


def _secret(at: Place) -> dict[str, Any]:
    return {"name": f"projects/{int(stable_hex(10, at.project), 16)}/secrets/{at.given('secretId', at.name)}"}


def _secret_version(at: Place) -> dict[str, Any]:
    return {"version": "1", "name": f"{at.given('secret')}/versions/1", "enabled": True}


def _zone(at: Place) -> dict[str, Any]:
    return {"nameServers": [f"ns-cloud-a{n}.googledomains.com." for n in range(1, 5)], "managedZoneId": digits(19)}


def _redis(at: Place) -> dict[str, Any]:
    return {"host": "10.0.0.3", "port": 6379, "currentLocationId": f"{at.region}-a"}


def _share(at: Place) -> dict[str, Any]:
    networks = at.order.plain("networks") or []
    seen = [{**one, "ipAddresses": ["10.0.0.2"]} for one in networks if isinstance(one, Mapping)]
    return {"networks": at.order.veil("networks", seen)}


def _region_group(at: Place) -> dict[str, Any]:
    path = f"projects/{at.project}/regions/{at.region}/instanceGroups/{at.name}"
    return {"instanceGroup": f"https://www.googleapis.com/compute/v1/{path}"}


def _notebook(at: Place) -> dict[str, Any]:
    host = f"{stable_hex(16, at.id)}-dot-{at.given('location').rpartition('-')[0]}.notebooks.googleusercontent.com"
    return {"state": "ACTIVE", "proxyUri": host, "creator": "sandbox@example.com", "healthState": "HEALTHY"}


def _lustre(at: Place) -> dict[str, Any]:
    return {"mountPoint": f"{nobodys_address(at.id)}@tcp:/{at.given('filesystem')}", "state": "ACTIVE"}


def _tensorboard(at: Place) -> dict[str, Any]:
    number = int(stable_hex(10, at.project), 16) % 10**12
    name = f"projects/{number}/locations/{at.region}/tensorboards/{int(stable_hex(15, at.id), 16)}"
    return {"name": name, "blobStoragePathPrefix": f"cloud-ai-platform-{stable_hex(16, at.id)}"}


# cloud.google.com/iam/docs/service-agents: services whose agent's domain is not "gcp-sa-<service>"
_AGENTS: Final = {"file": "cloud-filer", "lustre": "gcp-sa-lustre", "compute": "compute-system"}


def _service_agent(at: Place) -> dict[str, Any]:
    service = at.given("service").partition(".")[0]
    number = int(stable_hex(10, at.project), 16) % 10**12
    email = f"service-{number}@{_AGENTS.get(service, f'gcp-sa-{service}')}.iam.gserviceaccount.com"
    return {"email": email, "member": f"serviceAccount:{email}"}


def _forwarding(at: Place) -> dict[str, Any]:
    return {} if at.given("ipAddress") else {"ipAddress": nobodys_address(at.id)}


# hashicorp/terraform-provider-google-beta 93c65b2d: ids that are set otherwise than by one call of its ReplaceVars.
_OTHERWISE: Final[Mapping[str, str]] = {
    "gcp:storage/bucketObject:BucketObject": "{bucket}-{name}",
    "gcp:sql/databaseInstance:DatabaseInstance": "{name}",
    "gcp:sql/user:User": "{name}/{host}/{instance}",
    "gcp:dns/recordSet:RecordSet": "projects/{project}/managedZones/{managedZone}/rrsets/{name}/{type}",
    "gcp:container/cluster:Cluster": "projects/{project}/locations/{location}/clusters/{name}",
    "gcp:container/nodePool:NodePool": "projects/{project}/locations/{location}/clusters/{cluster}/nodePools/{name}",
    "gcp:secretmanager/secretVersion:SecretVersion": "{secret}/versions/1",
    "gcp:serviceaccount/key:Key": "projects/{project}/serviceAccounts/{serviceAccountId}/keys/{hex}",
    "gcp:projects/service:Service": "{project}/{service}",
}


def id_of(order: Order, project: str, name: str, place: str) -> str:
    """The id that the provider sets; "" for a type whose id is not described."""
    form = _OTHERWISE.get(order.type.token) or id_forms().get(order.type.token, "")
    if not form or order.before is not None:
        return order.before.id if form and order.before else ""
    region = place if place.count("-") < 2 else place.rpartition("-")[0]
    words = {"project": project, "name": name, "hex": stable_hex(40, order.name, project)}
    places = {"region": region, "zone": place, "location": place}

    def word(match: re.Match[str]) -> str:
        held = words.get(match[1]) or order.text(match[1]) or places.get(match[1], "")
        return held if form.startswith(match[0]) else held.rpartition("/")[2]

    return _WORD.sub(word, form)


_TELLS: Final[Mapping[str, Callable[[Place], dict[str, Any]]]] = {
    "gcp:container/cluster:Cluster": _cluster,
    "gcp:container/nodePool:NodePool": lambda at: {"version": at.given("version", _GKE)},
    "gcp:cloudfunctions/function:Function": _function,
    "gcp:cloudfunctionsv2/function:Function": _function_2,
    "gcp:cloudrun/service:Service": _service,
    "gcp:cloudrunv2/service:Service": _service_2,
    "gcp:sql/databaseInstance:DatabaseInstance": _database,
    "gcp:storage/bucketObject:BucketObject": _object,
    "gcp:artifactregistry/repository:Repository": _repository,
    "gcp:serviceaccount/key:Key": _key,
    "gcp:secretmanager/secret:Secret": _secret,
    "gcp:secretmanager/secretVersion:SecretVersion": _secret_version,
    "gcp:servicenetworking/connection:Connection": lambda at: {"peering": at.given("service").replace(".", "-")},
    "gcp:dns/managedZone:ManagedZone": _zone,
    "gcp:redis/instance:Instance": _redis,
    "gcp:filestore/instance:Instance": _share,
    "gcp:lustre/instance:Instance": _lustre,
    "gcp:workbench/instance:Instance": _notebook,
    "gcp:vertex/aiTensorboard:AiTensorboard": _tensorboard,
    "gcp:projects/serviceIdentity:ServiceIdentity": _service_agent,
    "gcp:compute/forwardingRule:ForwardingRule": _forwarding,
    "gcp:compute/regionInstanceGroupManager:RegionInstanceGroupManager": _region_group,
    "gcp:compute/globalForwardingRule:GlobalForwardingRule": _forwarding,
}
