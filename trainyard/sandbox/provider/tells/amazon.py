"""Amazon: hosts, links and keys that follow from a thing's name, its id and its region."""

from __future__ import annotations

import base64
import json
import re
import uuid
from collections.abc import Callable, Mapping
from functools import cache
from pathlib import Path
from typing import Any, Final

from trainyard.sandbox.provider.order import Order, hexadecimal, nobodys_address, stable_hex
from trainyard.servicer.values import Secret

_DATA: Final = Path(__file__).parent / "amazon_names.json"
_WORD: Final = re.compile(r"\{(\w+)([:/][^}]*)?\}")
_RANDOM: Final = re.compile(r"([xX])(\d+)")
# docs.aws.amazon.com/general/latest/gr/s3.html, website endpoints: these regions have a dash, all later ones a dot.
_DASHED: Final = frozenset(
    {
        "us-east-1",
        "us-west-1",
        "us-west-2",
        "ap-southeast-1",
        "ap-southeast-2",
        "ap-northeast-1",
        "eu-west-1",
        "sa-east-1",
    }
)
_PORTS: Final[Mapping[str, int]] = {"postgres": 5432, "oracle": 1521, "sqlserver": 1433}
_OWN: Final = frozenset({"key", "nodeGroupName"})  # own names that a program may leave out
CLOUDFRONT_ZONE: Final = "Z2FDTNDATAQYW2"  # of every distribution: docs.aws.amazon.com/Route53, AliasTarget


def id_and_arn(order: Order, name: str, region: str, account: str) -> tuple[str, str] | None:
    """The id and the ARN as the service forms them; None for a type that is not in the table; "" for no ARN."""
    forms = _forms().get(order.type.token)
    if forms is None:
        return None
    if order.before is not None:
        return order.before.id, str(order.before.outputs.get("arn") or "")
    balancer = {"network": "net", "gateway": "gwy"}.get(order.text("loadBalancerType"), "app")
    words = {"r": region, "a": account, "n": name, "lb": balancer}
    if "{arn}" in forms["id"]:
        words["arn"] = _filled(forms["arn"], words, order)
    words["id"] = _filled(forms["id"], words, order)
    return words["id"], words.get("arn") or _filled(forms.get("arn", ""), words, order)


@cache
def _forms() -> Mapping[str, Mapping[str, str]]:
    types: Mapping[str, Mapping[str, str]] = json.loads(_DATA.read_text(encoding="utf-8"))["types"]
    return types


def _filled(form: str, words: Mapping[str, str], order: Order) -> str:
    def word(match: re.Match[str]) -> str:
        name, more = match.group(1), match.group(2) or ""
        random = _RANDOM.fullmatch(name)
        if name in words:
            return words[name]
        if random:
            made = hexadecimal(int(random.group(2)))
            return made.upper() if random.group(1) == "X" else made
        if name == "u":
            return str(uuid.uuid4())
        given = order.text(name, more[1:] if more.startswith(":") else "") or (words["n"] if name in _OWN else "")
        if more == "/":
            given = given.rpartition("/")[2] or "default"
        # A listener's ARN is its balancer's with another word.
        return given.replace(":loadbalancer/", ":listener/") if name == "loadBalancerArn" else given

    return _WORD.sub(word, form)


def told(order: Order, id: str, arn: str, name: str, region: str) -> dict[str, Any]:
    """Outputs of a type; none for one that nobody described."""
    tell = _TELLS.get(order.type.token)
    return tell(_Told(order, id, arn, name, region)) if tell else {}


def public_name(address: str, region: str) -> str:
    """The name of a public address: docs.aws.amazon.com/AWSEC2/latest/UserGuide/using-instance-addressing.html."""
    zone = "compute-1" if region == "us-east-1" else f"{region}.compute"
    return f"ec2-{address.replace('.', '-')}.{zone}.amazonaws.com" if address else ""


class _Told:
    def __init__(self, order: Order, id: str, arn: str, name: str, region: str) -> None:
        self.order, self.id, self.arn, self.name, self.region = order, id, arn, name, region
        self.account = "000000000000"

    def given(self, name: str, default: str = "") -> str:
        return self.order.text(name, default)

    def keep(self, name: str, make: Callable[[], Any]) -> Any:
        return self.order.keep(name, make)

    def part(self, length: int) -> str:
        """Letters and digits that follow from the thing."""
        return stable_hex(length, self.id, self.name)


def _lambda(at: _Told) -> dict[str, Any]:
    calls = f"arn:aws:apigateway:{at.region}:lambda:path/2015-03-31/functions/{at.arn}/invocations"
    return {
        "invokeArn": calls,
        "qualifiedArn": f"{at.arn}:$LATEST",
        "qualifiedInvokeArn": calls.replace(at.arn, f"{at.arn}:$LATEST"),
        "version": "$LATEST",
        "sourceCodeSize": 1024,
    }


def _execute(at: _Told, api: str, stage: str = "") -> dict[str, Any]:
    host = f"{api}.execute-api.{at.region}.amazonaws.com"
    stage_path = "" if stage == "$default" else stage
    return {
        "executionArn": f"arn:aws:execute-api:{at.region}:{at.account}:{api}" + (f"/{stage}" if stage else ""),
        "invokeUrl": f"https://{host}/{stage_path}",
        "apiEndpoint": f"https://{host}",
    }


def _graph(at: _Told) -> dict[str, Any]:
    host = f"{at.part(26)}.appsync"
    return {
        "uris": {
            "GRAPHQL": f"https://{host}-api.{at.region}.amazonaws.com/graphql",
            "REALTIME": f"wss://{host}-realtime-api.{at.region}.amazonaws.com/graphql",
        }
    }


def _eks(at: _Told) -> dict[str, Any]:
    mark = at.part(32).upper()
    authority = {"data": base64.b64encode(f"-----BEGIN CERTIFICATE-----\nsandbox {mark}\n".encode()).decode()}
    network = at.order.plain("vpcConfig") or {}
    return {
        "endpoint": f"https://{mark}.gr7.{at.region}.eks.amazonaws.com",
        "certificateAuthority": authority,
        "certificateAuthorities": [authority],
        "identities": [{"oidcs": [{"issuer": f"https://oidc.eks.{at.region}.amazonaws.com/id/{mark}"}]}],
        "platformVersion": "eks.1",
        "status": "ACTIVE",
        "version": at.given("version", "1.34"),
        "vpcConfig": at.order.veil("vpcConfig", {"clusterSecurityGroupId": f"sg-{at.part(17)}", **network}),
    }


def _balancer(at: _Told) -> dict[str, Any]:
    number = int(at.part(8), 16)
    inner = "internal-" if at.order.plain("internal") else ""
    middle = f"elb.{at.region}" if at.given("loadBalancerType") == "network" else f"{at.region}.elb"
    return {
        "dnsName": f"{inner}{at.name}-{number}.{middle}.amazonaws.com",
        "zoneId": f"Z{at.part(13).upper()}",
        "arnSuffix": at.arn.partition(":loadbalancer/")[2],
    }


def _database(at: _Told) -> dict[str, Any]:
    engine = at.given("engine", "mysql")
    port = at.order.plain("port") or next((port for word, port in _PORTS.items() if word in engine), 3306)
    name = at.given("identifier", at.name)
    host = f"{name}.c{stable_hex(11, at.region)}.{at.region}.rds.amazonaws.com"
    return {
        "address": host,
        "endpoint": f"{host}:{port}",
        "port": port,
        "hostedZoneId": f"Z{stable_hex(13, at.region).upper()}",
        "resourceId": at.id,
        "status": "available",
    }


def _database_cluster(at: _Told) -> dict[str, Any]:
    host = f"c{stable_hex(11, at.region)}.{at.region}.rds.amazonaws.com"
    port = at.order.plain("port") or (5432 if "postgres" in at.given("engine") else 3306)
    return {"endpoint": f"{at.id}.cluster-{host}", "readerEndpoint": f"{at.id}.cluster-ro-{host}", "port": port}


def _warehouse(at: _Told) -> dict[str, Any]:
    host = f"{at.id}.c{stable_hex(11, at.region)}.{at.region}.redshift.amazonaws.com"
    port = at.order.plain("port") or 5439
    return {"dnsName": host, "endpoint": f"{host}:{port}", "port": port}


def _site(at: _Told) -> dict[str, Any]:
    mark = "-" if at.region in _DASHED else "."
    domain = f"s3-website{mark}{at.region}.amazonaws.com"
    bucket = at.given("bucket", at.id)
    return {"websiteDomain": domain, "websiteEndpoint": f"{bucket}.{domain}"}


def _bucket(at: _Told) -> dict[str, Any]:
    site = _site(at) if at.order.inputs.get("website") else {}
    return {**site, "hostedZoneId": f"Z{stable_hex(13, at.region).upper()}", "bucketRegion": at.region}


def _distribution(at: _Told) -> dict[str, Any]:
    return {
        "domainName": f"d{at.part(13)}.cloudfront.net",
        "hostedZoneId": CLOUDFRONT_ZONE,
        "status": "Deployed",
        "callerReference": f"terraform-{at.part(20)}",
    }


def _origin_identity(at: _Told) -> dict[str, Any]:
    user = f"CloudFront Origin Access Identity {at.id}"
    return {
        "iamArn": f"arn:aws:iam::cloudfront:user/{user}",
        "cloudfrontAccessIdentityPath": f"origin-access-identity/cloudfront/{at.id}",
        "s3CanonicalUserId": at.part(64),
    }


def _certificate(at: _Told) -> dict[str, Any]:
    names = [at.given("domainName"), *(at.order.plain("subjectAlternativeNames") or ())]
    return {
        "domainValidationOptions": [
            {
                "domainName": name,
                "resourceRecordName": f"_{stable_hex(32, at.id, name)}.{name.removeprefix('*.')}.",
                "resourceRecordType": "CNAME",
                "resourceRecordValue": f"_{stable_hex(32, name, at.id)}.acm-validations.aws.",
            }
            for name in names
            if isinstance(name, str)
        ],
        "status": "PENDING_VALIDATION",
    }


def _zone(at: _Told) -> dict[str, Any]:
    endings = ("com", "net", "org", "co.uk")
    servers = [f"ns-{int(stable_hex(3, at.id, end), 16) % 2048}.awsdns-{n:02}.{end}" for n, end in enumerate(endings)]
    return {"zoneId": at.id, "nameServers": servers, "primaryNameServer": servers[0]}


def _access_key(at: _Told) -> dict[str, Any]:
    return {"secret": at.keep("secret", lambda: Secret(hexadecimal(40))), "status": "Active"}


def _role(mark: str) -> Callable[[_Told], dict[str, Any]]:
    return lambda at: {name: f"{mark}{at.part(17).upper()}" for name in ("uniqueId", "policyId")}


_TELLS: Final[Mapping[str, Callable[[_Told], dict[str, Any]]]] = {
    "aws:lambda/function:Function": _lambda,
    "aws:apigateway/restApi:RestApi": lambda at: {**_execute(at, at.id), "rootResourceId": at.part(10)},
    "aws:apigateway/stage:Stage": lambda at: _execute(at, at.given("restApi"), at.given("stageName")),
    "aws:apigateway/deployment:Deployment": lambda at: _execute(at, at.given("restApi"), at.given("stageName")),
    "aws:apigatewayv2/api:Api": lambda at: _execute(at, at.id),
    "aws:apigatewayv2/stage:Stage": lambda at: _execute(at, at.given("apiId"), at.name),
    "aws:appsync/graphQLApi:GraphQLApi": _graph,
    "aws:appsync/apiKey:ApiKey": lambda at: {"key": Secret(at.id.partition(":")[2])},
    "aws:eks/cluster:Cluster": _eks,
    "aws:lb/loadBalancer:LoadBalancer": _balancer,
    "aws:alb/loadBalancer:LoadBalancer": _balancer,
    "aws:lb/targetGroup:TargetGroup": lambda at: {"arnSuffix": at.arn.rpartition(":")[2]},
    "aws:rds/instance:Instance": _database,
    "aws:rds/cluster:Cluster": _database_cluster,
    "aws:redshift/cluster:Cluster": _warehouse,
    "aws:s3/bucket:Bucket": _bucket,
    "aws:s3/bucketWebsiteConfiguration:BucketWebsiteConfiguration": _site,
    "aws:s3/bucketObject:BucketObject": lambda at: {"key": at.given("key", at.order.name)},
    "aws:s3/bucketObjectv2:BucketObjectv2": lambda at: {"key": at.given("key", at.order.name)},
    "aws:eks/nodeGroup:NodeGroup": lambda at: {"nodeGroupName": at.id.partition(":")[2]},
    "aws:cloudfront/distribution:Distribution": _distribution,
    "aws:cloudfront/originAccessIdentity:OriginAccessIdentity": _origin_identity,
    "aws:acm/certificate:Certificate": _certificate,
    "aws:route53/zone:Zone": _zone,
    "aws:route53/record:Record": lambda at: {"fqdn": at.given("name").removesuffix(".")},
    "aws:ecr/repository:Repository": lambda at: {
        "repositoryUrl": f"{at.account}.dkr.ecr.{at.region}.amazonaws.com/{at.name}",
        "registryId": at.account,
    },
    "aws:efs/fileSystem:FileSystem": lambda at: {"dnsName": f"{at.id}.efs.{at.region}.amazonaws.com"},
    "aws:fsx/lustreFileSystem:LustreFileSystem": lambda at: {
        "dnsName": f"{at.id}.fsx.{at.region}.amazonaws.com",
        "mountName": at.part(8),
    },
    "aws:iam/accessKey:AccessKey": _access_key,
    "aws:iam/role:Role": _role("AROA"),
    "aws:iam/user:User": _role("AIDA"),
    "aws:iam/policy:Policy": _role("ANPA"),
    "aws:iam/instanceProfile:InstanceProfile": _role("AIPA"),
    "aws:kms/key:Key": lambda at: {"keyId": at.id},
    "aws:kms/alias:Alias": lambda at: {
        "targetKeyArn": f"arn:aws:kms:{at.region}:{at.account}:key/{at.given('targetKeyId').rpartition('/')[2]}"
    },
    "aws:ecs/taskDefinition:TaskDefinition": lambda at: {"revision": 1, "arnWithoutRevision": at.arn[:-2]},
    "aws:cognito/userPool:UserPool": lambda at: {"endpoint": f"cognito-idp.{at.region}.amazonaws.com/{at.id}"},
    "aws:ec2/launchTemplate:LaunchTemplate": lambda at: {"latestVersion": 1, "defaultVersion": 1},
    "aws:ec2/eip:Eip": lambda at: {
        "allocationId": at.id,
        "publicDns": public_name(nobodys_address(at.id), at.region),
    },
    "aws:ec2/keyPair:KeyPair": lambda at: {
        "keyPairId": f"key-{at.part(17)}",
        "keyName": at.given("keyName", at.name),
        "keyType": "ed25519" if "ed25519" in at.given("publicKey") else "rsa",
    },
    "aws:sagemaker/notebookInstance:NotebookInstance": lambda at: {
        "url": f"{at.name}.notebook.{at.region}.sagemaker.aws"
    },
}
