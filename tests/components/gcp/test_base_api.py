"""What a base stack's components ask of the provider, in each Google API's words, against Google's own description.

Every option of every component is on. Properties that no description reaches are listed by type, each for its reason.
"""

import json
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import MISSING, fields
from functools import cache
from importlib.resources import files
from typing import Any

import pytest

from components.bootstrap.node_end import soft_end_object
from components.gcp.bucket import Bucket, BucketArgs
from components.gcp.data_disk import DataDisk, DataDiskArgs
from components.gcp.fabric_network import FabricNetwork, FabricNetworkArgs
from components.gcp.filestore import Filestore, FilestoreArgs
from components.gcp.grants import Grants, GrantsArgs
from components.gcp.identity import NodeIdentity, NodeIdentityArgs
from components.gcp.key import Key, KeyArgs
from components.gcp.lustre import Lustre, LustreArgs
from components.gcp.network import Network, NetworkArgs
from components.gcp.persistent_resource import PersistentResource, PersistentResourceArgs
from components.gcp.private_services import PrivateServices, PrivateServicesArgs
from components.gcp.registry import Registry, RegistryArgs
from components.gcp.services import Services, ServicesArgs
from components.gcp.tensorboard import Tensorboard, TensorboardArgs, TensorboardWriter, TensorboardWriterArgs

pytestmark = pytest.mark.contract("gcp")

PROJECT = "acme-ml-dev"
REGION = "europe-west4"
NETWORK = f"projects/{PROJECT}/global/networks/dev"
KEY = f"projects/{PROJECT}/locations/{REGION}/keyRings/dev/cryptoKeys/dev"
LABELS = {"trainyard-stack": "dev-base"}
AGENT = "serviceAccount:service-1@compute-system.iam.gserviceaccount.com"
OPEN: Any = {"protect": False}
KEPT: Any = {"kms_key": KEY, "labels": LABELS, **OPEN}
MADE: Mapping[type, tuple[Any, ...]] = {
    Network: (NetworkArgs(project=PROJECT, regions={REGION: "10.10.0.0/20"}, **OPEN),),
    FabricNetwork: (
        FabricNetworkArgs(project=PROJECT, fabric="gpudirect-tcpxo", place=REGION, cidr="10.128.0.0/16", **OPEN),
        FabricNetworkArgs(project=PROJECT, fabric="roce", place=f"{REGION}-b", cidr="10.128.0.0/16", **OPEN),
    ),
    PrivateServices: (PrivateServicesArgs(project=PROJECT, network=NETWORK, cidr="10.40.0.0/16", **OPEN),),
    Bucket: (
        BucketArgs(
            project=PROJECT,
            name="acme-corpus",
            location=REGION,
            keep_versions=5,
            soft_delete_days=30,
            delete_after_days=30,
            **KEPT,
        ),
        BucketArgs(project=PROJECT, name="acme-points", location=REGION, hierarchical=True, **KEPT),
    ),
    DataDisk: (
        DataDiskArgs(project=PROJECT, zone=f"{REGION}-a", gib=500, iops=6000, mb_per_s=400, **KEPT),
        DataDiskArgs(project=PROJECT, zone=f"{REGION}-a", gib=500, kind="hyperdisk-ml", **KEPT),
    ),
    Filestore: tuple(
        FilestoreArgs(project=PROJECT, location=place, network=NETWORK, tier=tier, gib=gib, **(KEPT if keyed else OPEN))
        for tier, place, gib, keyed in (
            ("basic-hdd", f"{REGION}-a", 1024, False),
            ("basic-ssd", f"{REGION}-a", 2560, False),
            ("zonal", f"{REGION}-a", 1024, True),
            ("regional", REGION, 1024, True),
        )
    ),
    Lustre: (
        LustreArgs(project=PROJECT, zone=f"{REGION}-a", network=NETWORK, gib=36000, mb_per_s_per_tib=500, **KEPT),
    ),
    Registry: (RegistryArgs(project=PROJECT, location=REGION, immutable_tags=False, **KEPT),),
    Key: (KeyArgs(project=PROJECT, location=REGION, rotation_days=30, agents=(AGENT,), **OPEN),),
    Tensorboard: (TensorboardArgs(project=PROJECT, region=REGION, **KEPT),),
    TensorboardWriter: (TensorboardWriterArgs(project=PROJECT, **OPEN),),
    Services: (ServicesArgs(project=PROJECT, names=("compute.googleapis.com",)),),
    NodeIdentity: (
        NodeIdentityArgs(
            project=PROJECT,
            account_id="ty-dev-1a2b3c4d",
            soft_end=soft_end_object("gs://acme-leases", "dev-1a2b3c4d"),
            access=("group:ml-research@acme.example",),
        ),
    ),
    Grants: (
        GrantsArgs(
            member="serviceAccount:ty@acme-ml-dev.iam.gserviceaccount.com",
            read={"corpus": "acme-corpus"},
            written={"points": "acme-points"},
            secrets=((PROJECT, "hf-token"),),
            repository=f"projects/{PROJECT}/locations/{REGION}/repositories/dev",
            tensorboard_writer=f"projects/{PROJECT}/roles/trainyard_dev_tensorboard_writer",
        ),
    ),
    PersistentResource: tuple(
        PersistentResourceArgs(
            project=PROJECT,
            region=REGION,
            nodes=2,
            most_nodes=most,
            labels=LABELS,
            boot_disk_gib=300,
            kms_key=KEY,
            network="projects/123456789012/global/networks/dev",
            **machine,
        )
        for most, machine in (
            (4, {"machine_type": "a2-highgpu-1g"}),
            (None, {"machine_type": "n1-standard-8", "gpu_type": "nvidia-tesla-t4", "gpus": 2}),
        )
    ),
}

_IN_THE_PATH = "where the request is sent, or the id that it carries"
# Of the provider's inputs, those that no field of the described body stands for, each for its reason.
UNREACHED: Mapping[str, Mapping[str, str]] = {
    "Network": {"project": _IN_THE_PATH, "deleteDefaultRoutesOnCreate": "a second call, on the routes"},
    "Subnetwork": {"project": _IN_THE_PATH},
    "Router": {"project": _IN_THE_PATH, "region": _IN_THE_PATH},
    "RouterNat": dict.fromkeys(("project", "region", "router"), "the router that the NAT is written into"),
    "Firewall": {"project": _IN_THE_PATH},
    "GlobalAddress": {"project": _IN_THE_PATH},
    "Connection": {"service": _IN_THE_PATH},
    "Bucket": {"project": _IN_THE_PATH, "forceDestroy": "the provider's own: whether it empties a bucket to delete it"},
    "Disk": {"project": _IN_THE_PATH, "zone": _IN_THE_PATH},
    "filestore Instance": dict.fromkeys(("project", "location", "name"), _IN_THE_PATH),
    "Repository": dict.fromkeys(("project", "location", "repositoryId"), _IN_THE_PATH),
    "KeyRing": dict.fromkeys(("project", "location", "name"), _IN_THE_PATH),
    "CryptoKey": {"keyRing": _IN_THE_PATH, "name": _IN_THE_PATH},
    "AiTensorboard": {"project": _IN_THE_PATH, "region": _IN_THE_PATH},
    "AiPersistentResource": {"project": _IN_THE_PATH, "location": _IN_THE_PATH},
    "IAMCustomRole": {"project": _IN_THE_PATH},
    "Account": {"project": _IN_THE_PATH},
    "Service": {
        "project": _IN_THE_PATH,
        "service": _IN_THE_PATH,
        "disableDependentServices": "asked for when a service is disabled, which never happens",
        "disableOnDestroy": "the provider's own",
    },
    "IAMMember": {"project": _IN_THE_PATH},
    "serviceaccount IAMMember": {"serviceAccountId": _IN_THE_PATH},
    "BucketIAMMember": {"bucket": _IN_THE_PATH},
    "SecretIamMember": {"project": _IN_THE_PATH, "secretId": _IN_THE_PATH},
    "RepositoryIamMember": dict.fromkeys(("project", "location", "repository"), _IN_THE_PATH),
    "CryptoKeyIAMMember": {"cryptoKeyId": _IN_THE_PATH},
}
UNDESCRIBED = {"lustre Instance": "Google's client for Python holds no description of lustre.v1"}


@cache
def schemas(api: str) -> dict[str, Any]:
    folder = files("googleapiclient.discovery_cache.documents")
    return dict(json.loads((folder / f"{api}.json").read_text())["schemas"])


def complaints(api: str, schema: Mapping[str, Any], value: Any, path: str) -> Iterator[str]:
    """What of the value the description refuses; a number may stand where Google writes 64 bits as text."""
    if "$ref" in schema:
        schema = schemas(api)[schema["$ref"]]
    if schema["type"] == "array" and isinstance(value, list):
        for index, item in enumerate(value):
            yield from complaints(api, schema["items"], item, f"{path}[{index}]")
    elif schema["type"] == "object" and isinstance(value, dict):
        for key, item in value.items():
            field = schema.get("properties", {}).get(key, schema.get("additionalProperties"))
            if field is None:
                yield f"{path}.{key}: the API has no such field"
            elif field.get("readOnly") or re.match(r"\[?output only", field.get("description", ""), re.IGNORECASE):
                yield f"{path}.{key}: the API only gives this field out"
            else:
                yield from complaints(api, field, item, f"{path}.{key}")
    else:
        yield from (f"{path}: {value!r} {reason}" for reason in _plain(schema, value))


def _plain(schema: Mapping[str, Any], value: Any) -> Iterator[str]:
    kind = schema["type"]
    if kind == "integer" or schema.get("format") in ("int64", "uint64"):
        if isinstance(value, bool) or not re.fullmatch(r"-?\d+(\.0)?", str(value)):
            yield "is no whole number"
    elif not isinstance(value, {"string": str, "boolean": bool, "number": (int, float)}.get(kind, ())):
        yield f"is no {kind}"
    elif value not in schema.get("enum", [value]):
        yield f"is none of {schema['enum']}"
    elif "pattern" in schema and not re.fullmatch(schema["pattern"], value):
        yield f"does not match {schema['pattern']}"


Body = dict[str, Any]


def same(body: Body) -> Body:
    return body


def renamed(**names: str) -> Callable[[Body], Body]:
    return lambda body: {names.get(key, key): value for key, value in body.items()}


def logged(body: Body) -> Body:
    """The provider's block is there or not; the API's says it."""
    return {**body, "logConfig": {"enable": True, **body["logConfig"]}} if "logConfig" in body else body


def firewall(body: Body) -> Body:
    rules = [
        {"IPProtocol": each["protocol"], **({"ports": each["ports"]} if "ports" in each else {})}
        for each in body.pop("allows")
    ]
    return {**logged(body), "allowed": rules}


def nat(body: Body) -> Body:
    parts = [renamed(sourceIpRangesToNats="sourceIpRangesToNat")(each) for each in body.pop("subnetworks")]
    return {**body, "subnetworks": parts}


def disk(body: Body) -> Body:
    key = body.pop("diskEncryptionKey")
    body["diskEncryptionKey"] = {"kmsKeyName": key["kmsKeySelfLink"]}
    return renamed(size="sizeGb")(body)


def bucket(body: Body) -> Body:
    access = {
        "uniformBucketLevelAccess": {"enabled": body.pop("uniformBucketLevelAccess")},
        "publicAccessPrevention": body.pop("publicAccessPrevention"),
    }
    rules = []
    for rule in body.pop("lifecycleRules"):
        condition = dict(rule["condition"])
        if state := condition.pop("withState", None):
            condition["isLive"] = {"LIVE": True, "ARCHIVED": False}[state]
        rules.append({**rule, "condition": condition})
    return {**body, "iamConfiguration": access, "lifecycle": {"rule": rules}}


def filestore(body: Body) -> Body:
    return {**body, "fileShares": [body["fileShares"]]}


def repository(body: Body) -> Body:
    return {**body, "cleanupPolicies": {each["id"]: each for each in body.pop("cleanupPolicies")}}


def role(body: Body) -> Body:
    return {"roleId": body.pop("roleId"), "role": renamed(permissions="includedPermissions")(body)}


def account(body: Body) -> Body:
    return {"accountId": body.pop("accountId"), "serviceAccount": body}


def binding(body: Body) -> Body:
    members = [body.pop("member")]
    return {**body, "members": members}


# Type of the provider -> API, schema of the request's body, and how the one becomes the other.
API: Mapping[str, tuple[str, str, Callable[[Body], Body]]] = {
    "Network": ("compute.v1", "Network", same),
    "Subnetwork": ("compute.v1", "Subnetwork", logged),
    "Router": ("compute.v1", "Router", same),
    "RouterNat": ("compute.v1", "RouterNat", nat),
    "Firewall": ("compute.v1", "Firewall", firewall),
    "GlobalAddress": ("compute.v1", "Address", same),
    "Disk": ("compute.v1", "Disk", disk),
    "Connection": ("servicenetworking.v1", "Connection", same),
    "Bucket": ("storage.v1", "Bucket", bucket),
    "filestore Instance": ("file.v1", "Instance", filestore),
    "Repository": ("artifactregistry.v1", "Repository", repository),
    "KeyRing": ("cloudkms.v1", "KeyRing", same),
    "CryptoKey": ("cloudkms.v1", "CryptoKey", same),
    "AiTensorboard": ("aiplatform.v1", "GoogleCloudAiplatformV1Tensorboard", same),
    "AiPersistentResource": ("aiplatform.v1", "GoogleCloudAiplatformV1PersistentResource", same),
    "IAMCustomRole": ("iam.v1", "CreateRoleRequest", role),
    "Account": ("iam.v1", "CreateServiceAccountRequest", account),
    "Service": ("serviceusage.v1", "EnableServiceRequest", same),
    "IAMMember": ("cloudresourcemanager.v3", "Binding", binding),
    "serviceaccount IAMMember": ("iam.v1", "Binding", binding),
    "BucketIAMMember": ("iam.v1", "Binding", binding),  # Cloud Storage describes the same within its Policy
    "SecretIamMember": ("secretmanager.v1", "Binding", binding),
    "RepositoryIamMember": ("artifactregistry.v1", "Binding", binding),
    "CryptoKeyIAMMember": ("cloudkms.v1", "Binding", binding),
}


def kind_of(token: str) -> str:
    """The last word of "gcp:filestore/instance:Instance", with its module where two types share it."""
    module, word = token.split(":")[1].partition("/")[0], token.rpartition(":")[2]
    return f"{module} {word}" if word == "Instance" or (module, word) == ("serviceaccount", "IAMMember") else word


def asked(deploy: Any, component: type, args: Any) -> list[tuple[str, Body]]:
    name = args.name if isinstance(args, BucketArgs) else "dev-1a2b3c4d"
    found = deploy(lambda: component(name, args)).all
    return [(kind_of(one.type), dict(one.inputs)) for one in found if one.type.startswith("gcp:")]


EACH = [(component, args) for component, several in MADE.items() for args in several]


@pytest.mark.parametrize(
    ("component", "args"), EACH, ids=[f"{component.__name__} {index}" for index, (component, _) in enumerate(EACH)]
)
def test_every_field_is_what_the_api_takes(deploy: Any, component: type, args: Any) -> None:
    requests = asked(deploy, component, args)
    assert requests
    for kind, given in requests:
        if kind in UNDESCRIBED:
            continue
        api, schema, translate = API[kind]
        body = translate({key: value for key, value in given.items() if key not in UNREACHED[kind]})
        assert list(complaints(api, schemas(api)[schema], body, kind)) == []


def test_what_no_description_reaches_is_listed_and_nothing_else(deploy: Any) -> None:
    seen: dict[str, set[str]] = {}
    for component, args in EACH:
        for kind, given in asked(deploy, component, args):
            seen.setdefault(kind, set()).update(given)
    assert set(seen) == set(API) | set(UNDESCRIBED)
    listed = {kind: set(keys) for kind, keys in UNREACHED.items()}
    assert {kind: seen[kind] & keys for kind, keys in listed.items()} == listed


def test_what_is_said_to_have_no_description_has_none() -> None:
    names = {each.name.partition(".")[0] for each in files("googleapiclient.discovery_cache.documents").iterdir()}
    assert {kind.partition(" ")[0] for kind in UNDESCRIBED} & names == set()


@pytest.mark.parametrize("component", MADE, ids=[component.__name__ for component in MADE])
def test_every_option_is_on(component: type) -> None:
    several = MADE[component]
    left = {
        field.name
        for field in fields(several[0])
        if not (field.default is MISSING and field.default_factory is MISSING)
        and all(getattr(args, field.name) == _default(field) for args in several)
    }
    assert left == set()


def _default(field: Any) -> Any:
    return field.default if field.default_factory is MISSING else field.default_factory()


@pytest.mark.parametrize(
    ("api", "schema", "body", "complaint"),
    [
        ("compute.v1", "Disk", {"sizeGb": "much"}, "no whole number"),
        ("compute.v1", "Network", {"selfLink": "x"}, "only gives this field out"),
        ("storage.v1", "Bucket", {"public": False}, "no such field"),
        ("file.v1", "Instance", {"tier": "CHEAP"}, "is none of"),
        ("cloudkms.v1", "CryptoKey", {"purpose": 1}, "is no string"),
    ],
)
def test_the_walk_itself_finds_what_an_api_would_refuse(api: str, schema: str, body: Body, complaint: str) -> None:
    [found] = complaints(api, schemas(api)[schema], body, "it")
    assert complaint in found
