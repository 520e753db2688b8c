"""The network of a base stack in one region of AWS: private subnets only, with one way out and no way in.

There is no public subnet: the way out is a regional NAT gateway, which needs none, or, without the internet, interface
endpoints of the services that machines call. People log in through Systems Manager, which a machine calls from inside.
"""

import ipaddress
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import pulumi
import pulumi_aws as aws

from components.aws.resource_name import check_id, check_name, check_region, check_zone_id

# Systems Manager's three, images, logs and metrics, identity, secrets, and the machine's own end.
ENDPOINTS = (
    "ssm",
    "ssmmessages",
    "ec2messages",
    "ecr.api",
    "ecr.dkr",
    "logs",
    "monitoring",
    "sts",
    "secretsmanager",
    "ec2",
    "autoscaling",
    "sagemaker.api",
)
_EGRESS = ("nat", "endpoints")
# CloudWatch Logs API, PutRetentionPolicy: retentionInDays.
_LOG_DAYS = (1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731)


@dataclass(frozen=True, kw_only=True)
class NetworkArgs:
    """`zones` maps a zone's id to its subnet's range within `cidr`: {"euc1-az2": "10.40.0.0/20"}."""

    region: str
    cidr: str  # of the whole VPC
    zones: Mapping[str, str]
    egress: str = "nat"  # or "endpoints": no internet at all, so containers and packages come from S3 and ECR only
    flow_log_days: int = 30  # 0: no flow logs
    kms_key: pulumi.Input[str] | None = None  # of the flow logs; its ARN
    tags: Mapping[str, str] = field(default_factory=dict)
    protect: bool = True  # as the environment says

    def __post_init__(self) -> None:
        """ValueError for no zone, a zone of another region, a range that no VPC can have or two that overlap."""
        check_region(self.region)
        whole = _range("the VPC", self.cidr)
        if not self.zones:
            message = 'The network has no zone; give one at least, for example {"euc1-az2": "10.40.0.0/20"}.'
            raise ValueError(message)
        seen: dict[str, ipaddress.IPv4Network] = {}
        for zone, text in self.zones.items():
            check_zone_id(zone, self.region)
            if zone.count("-") > 1:
                message = (
                    f"{zone} is a Local Zone, where this network's NAT gateway and endpoints do not reach; give a zone "
                    "of the region itself, or an existing network's subnet."
                )
                raise ValueError(message)
            cidr = _range(zone, text)
            if not cidr.subnet_of(whole):
                message = f"{zone} {cidr} lies outside of the VPC's {whole}; give a part of it."
                raise ValueError(message)
            for other, other_cidr in seen.items():
                if cidr.overlaps(other_cidr):
                    message = f"{zone} {cidr} overlaps {other} {other_cidr}; give each zone a range of its own."
                    raise ValueError(message)
            seen[zone] = cidr
        if self.egress not in _EGRESS:
            message = f"{self.egress!r} is no way out; give one of {', '.join(_EGRESS)}."
            raise ValueError(message)
        if self.flow_log_days and self.flow_log_days not in _LOG_DAYS:
            message = f"Flow logs cannot be kept for {self.flow_log_days} days; give 0 or one of {_LOG_DAYS}."
            raise ValueError(message)


@dataclass(frozen=True, kw_only=True)
class ExistingNetwork:
    """A network that others made; nothing is registered, the outputs are those of `Network`."""

    region: str
    vpc_id: str
    subnet_ids: Mapping[str, str]  # zone's id → subnet's id; private ones
    security_group_id: str  # of the machines: nothing in but from itself, everything out

    def __post_init__(self) -> None:
        """ValueError for an id that is none, or no subnet."""
        check_region(self.region)
        check_id("VPC", "vpc", self.vpc_id)
        check_id("security group", "sg", self.security_group_id)
        if not self.subnet_ids:
            message = f"The network {self.vpc_id} has no subnet; name one for each zone that is used."
            raise ValueError(message)
        for zone, subnet in self.subnet_ids.items():
            check_zone_id(zone, self.region)
            check_id("subnet", "subnet", subnet)


class Network(pulumi.ComponentResource):
    vpc_id: pulumi.Output[str]
    subnet_ids: dict[str, pulumi.Output[str]]  # by zone's id
    security_group_id: pulumi.Output[str]  # of the machines

    def __init__(self, name: str, args: NetworkArgs, opts: pulumi.ResourceOptions | None = None):
        check_name("network", name)
        super().__init__("trainyard:aws:Network", name, {}, opts)
        vpc = aws.ec2.Vpc(
            f"{name}-vpc",
            cidr_block=args.cidr,
            enable_dns_support=True,
            enable_dns_hostnames=True,
            **self._common(name, args),
        )
        self.vpc_id = vpc.id
        # Whatever is put into the VPC without a group of its own gets this one: it lets nothing through.
        aws.ec2.DefaultSecurityGroup(
            f"{name}-default", vpc_id=vpc.id, ingress=[], egress=[], **self._common(f"{name}-default", args)
        )
        self.security_group_id = self._machines(name, args, vpc)
        table = aws.ec2.RouteTable(f"{name}-private", vpc_id=vpc.id, **self._common(f"{name}-private", args))
        self.subnet_ids = {zone: self._subnet(name, args, zone, table) for zone in args.zones}
        # Data in S3 never passes a gateway that bills by the byte.
        aws.ec2.VpcEndpoint(
            f"{name}-s3",
            vpc_id=vpc.id,
            vpc_endpoint_type="Gateway",
            service_name=f"com.amazonaws.{args.region}.s3",
            route_table_ids=[table.id],
            **self._common(f"{name}-s3", args),
        )
        if args.egress == "nat":
            self._nat(name, args, vpc, table)
        else:
            self._endpoints(name, args)
        if args.flow_log_days:
            self._flow_logs(name, args)
        self.register_outputs(
            {"vpc_id": self.vpc_id, "subnet_ids": self.subnet_ids, "security_group_id": self.security_group_id}
        )

    def _subnet(self, name: str, args: NetworkArgs, zone: str, table: aws.ec2.RouteTable) -> pulumi.Output[str]:
        subnet = aws.ec2.Subnet(
            f"{name}-{zone}",
            vpc_id=self.vpc_id,
            availability_zone_id=zone,
            cidr_block=args.zones[zone],
            map_public_ip_on_launch=False,
            **self._common(f"{name}-{zone}", args),
        )
        aws.ec2.RouteTableAssociation(
            f"{name}-{zone}-private",
            subnet_id=subnet.id,
            route_table_id=table.id,
            region=args.region,
            opts=self._child(args),
        )
        return subnet.id

    def _machines(self, name: str, args: NetworkArgs, vpc: aws.ec2.Vpc) -> pulumi.Output[str]:
        among: Any = {
            "protocol": "-1",
            "from_port": 0,
            "to_port": 0,
            "self": True,
            "description": "machines of this network",
        }
        out: Any = {"protocol": "-1", "from_port": 0, "to_port": 0, "cidr_blocks": ["0.0.0.0/0"], "description": "out"}
        group = aws.ec2.SecurityGroup(
            f"{name}-machines",
            name=f"{name}-machines",
            description="Machines: nothing in but from each other",
            vpc_id=vpc.id,
            ingress=[among],
            egress=[among, out],  # what leaves by EFA has no address: it must be let out to the group itself
            **self._common(f"{name}-machines", args),
        )
        return group.id

    def _nat(self, name: str, args: NetworkArgs, vpc: aws.ec2.Vpc, table: aws.ec2.RouteTable) -> None:
        gateway = aws.ec2.InternetGateway(f"{name}-internet", vpc_id=vpc.id, **self._common(f"{name}-internet", args))
        nat = aws.ec2.NatGateway(
            f"{name}-nat",
            availability_mode="regional",
            connectivity_type="public",
            vpc_id=vpc.id,
            **self._common(f"{name}-nat", args, after=gateway),
        )
        aws.ec2.Route(
            f"{name}-out",
            route_table_id=table.id,
            destination_cidr_block="0.0.0.0/0",
            nat_gateway_id=nat.id,
            region=args.region,
            opts=self._child(args),
        )

    def _endpoints(self, name: str, args: NetworkArgs) -> None:
        group = aws.ec2.SecurityGroup(
            f"{name}-endpoints",
            name=f"{name}-endpoints",
            description="Endpoints of services: HTTPS from the VPC",
            vpc_id=self.vpc_id,
            ingress=[
                {
                    "protocol": "tcp",
                    "from_port": 443,
                    "to_port": 443,
                    "cidr_blocks": [args.cidr],
                    "description": "HTTPS from the VPC",
                }
            ],
            egress=[],
            **self._common(f"{name}-endpoints", args),
        )
        for service in ENDPOINTS:
            aws.ec2.VpcEndpoint(
                f"{name}-{service}",
                vpc_id=self.vpc_id,
                vpc_endpoint_type="Interface",
                service_name=f"com.amazonaws.{args.region}.{service}",
                subnet_ids=list(self.subnet_ids.values()),
                security_group_ids=[group.id],
                private_dns_enabled=True,
                **self._common(f"{name}-{service}", args),
            )

    def _flow_logs(self, name: str, args: NetworkArgs) -> None:
        logs = aws.cloudwatch.LogGroup(
            f"{name}-flow-logs",
            name=f"/trainyard/{name}/{args.region}/flow",
            retention_in_days=args.flow_log_days,
            kms_key_id=args.kms_key,
            **self._common(f"{name}-flow-logs", args),
        )
        role = aws.iam.Role(
            f"{name}-flow-logs",
            name=f"{name}-{args.region}-flow-logs",
            description="VPC flow logs write into their own log group",
            assume_role_policy=json.dumps(
                {
                    "Version": "2012-10-17",
                    "Statement": [
                        {
                            "Effect": "Allow",
                            "Principal": {"Service": "vpc-flow-logs.amazonaws.com"},
                            "Action": "sts:AssumeRole",
                        }
                    ],
                }
            ),
            tags=dict(args.tags),
            opts=self._child(args),
        )
        policy = aws.iam.RolePolicy(
            f"{name}-flow-logs",
            name="write",
            role=role.name,
            policy=logs.arn.apply(_write_logs),
            opts=self._child(args),
        )
        aws.ec2.FlowLog(
            f"{name}-flow",
            vpc_id=self.vpc_id,
            traffic_type="ALL",
            log_destination_type="cloud-watch-logs",
            log_destination=logs.arn,
            iam_role_arn=role.arn,
            max_aggregation_interval=600,
            **self._common(f"{name}-flow", args, after=policy),
        )

    def _common(self, called: str, args: NetworkArgs, *, after: pulumi.Resource | None = None) -> dict[str, Any]:
        return {
            "region": args.region,
            "tags": {**args.tags, "Name": called},
            "opts": pulumi.ResourceOptions(parent=self, protect=args.protect, depends_on=[after] if after else None),
        }

    def _child(self, args: NetworkArgs) -> pulumi.ResourceOptions:
        return pulumi.ResourceOptions(parent=self, protect=args.protect)


def _write_logs(arn: str) -> str:
    actions = ["logs:CreateLogStream", "logs:PutLogEvents", "logs:DescribeLogGroups", "logs:DescribeLogStreams"]
    statement = {"Effect": "Allow", "Action": actions, "Resource": [arn, f"{arn}:*"]}
    return json.dumps({"Version": "2012-10-17", "Statement": [statement]})


def _range(what: str, text: str) -> ipaddress.IPv4Network:
    try:
        cidr = ipaddress.IPv4Network(text)
    except ValueError as error:
        message = f'{what}: {text!r} is no IPv4 range ({error}); write for example "10.40.0.0/20".'
        raise ValueError(message) from None
    if not cidr.is_private or not 16 <= cidr.prefixlen <= 28:
        message = f"{what}: {cidr} is not allowed; give a private range between /16 and /28, for example 10.40.0.0/20."
        raise ValueError(message)
    return cidr
