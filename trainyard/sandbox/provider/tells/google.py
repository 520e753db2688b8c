"""Google Cloud: addresses, links and keys that follow from a thing's name and place."""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from trainyard.sandbox.provider.order import Order, digits, nobodys_address, stable_hex
from trainyard.servicer.values import Secret

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


def _forwarding(at: Place) -> dict[str, Any]:
    return {} if at.given("ipAddress") else {"ipAddress": nobodys_address(at.id)}


# hashicorp/terraform-provider-google-beta 93c65b2d: the id that each resource sets, where it lies within another thing.
_WITHIN: Final[Mapping[str, str]] = {
    "gcp:storage/bucketObject:BucketObject": "{bucket}-{n}",
    "gcp:sql/databaseInstance:DatabaseInstance": "{n}",
    "gcp:sql/database:Database": "projects/{p}/instances/{instance}/databases/{n}",
    "gcp:sql/user:User": "{n}/{host}/{instance}",
    "gcp:dns/recordSet:RecordSet": "projects/{p}/managedZones/{managedZone}/rrsets/{n}/{type}",
    "gcp:container/nodePool:NodePool": "projects/{p}/locations/{location}/clusters/{cluster}/nodePools/{n}",
    "gcp:kms/cryptoKey:CryptoKey": "{keyRing}/cryptoKeys/{n}",
    "gcp:secretmanager/secret:Secret": "projects/{p}/secrets/{secretId}",
    "gcp:secretmanager/secretVersion:SecretVersion": "{secret}/versions/1",
    "gcp:serviceaccount/key:Key": "projects/{p}/serviceAccounts/{serviceAccountId}/keys/{x}",
    "gcp:artifactregistry/repository:Repository": "projects/{p}/locations/{location}/repositories/{repositoryId}",
    "gcp:projects/service:Service": "{p}/{service}",
    "gcp:bigquery/dataset:Dataset": "projects/{p}/datasets/{datasetId}",
    "gcp:bigquery/table:Table": "projects/{p}/datasets/{datasetId}/tables/{tableId}",
    "gcp:cloudrun/service:Service": "locations/{location}/namespaces/{p}/services/{n}",
}


def id_within(order: Order, project: str, name: str) -> str:
    """The id of a thing within another; "" for one that has the common form."""
    form = _WITHIN.get(order.type.token, "")
    if not form or order.before is not None:
        return order.before.id if form and order.before else ""
    words = {"p": project, "n": name, "x": stable_hex(40, order.name, project)}

    def word(match: re.Match[str]) -> str:
        held = words.get(match.group(1)) or order.text(match.group(1))
        return held if form.startswith(match.group(0)) else held.rpartition("/")[2]

    return re.sub(r"\{(\w+)\}", word, form)


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
    "gcp:dns/managedZone:ManagedZone": _zone,
    "gcp:redis/instance:Instance": _redis,
    "gcp:filestore/instance:Instance": _share,
    "gcp:compute/forwardingRule:ForwardingRule": _forwarding,
    "gcp:compute/globalForwardingRule:GlobalForwardingRule": _forwarding,
}
