"""A GPU machine in a private subnet, reached by Session Manager, that writes to a bucket of its own."""

import json

import pulumi
import pulumi_aws as aws

tags = {"team": "research"}
vpc = aws.ec2.Vpc("lab", cidr_block="10.60.0.0/16", enable_dns_hostnames=True, tags=tags)
gateway = aws.ec2.InternetGateway("lab", vpc_id=vpc.id, tags=tags)
zone = aws.get_availability_zones(state="available").names[0]
public = aws.ec2.Subnet("public", vpc_id=vpc.id, cidr_block="10.60.0.0/24", availability_zone=zone, tags=tags)
private = aws.ec2.Subnet("private", vpc_id=vpc.id, cidr_block="10.60.1.0/24", availability_zone=zone, tags=tags)

out = aws.ec2.RouteTable("public", vpc_id=vpc.id, routes=[{"cidr_block": "0.0.0.0/0", "gateway_id": gateway.id}])
aws.ec2.RouteTableAssociation("public", subnet_id=public.id, route_table_id=out.id)
address = aws.ec2.Eip("nat", domain="vpc", tags=tags)
nat = aws.ec2.NatGateway(
    "lab",
    subnet_id=public.id,
    allocation_id=address.allocation_id,
    tags=tags,
    opts=pulumi.ResourceOptions(depends_on=[gateway]),
)
inside = aws.ec2.RouteTable("private", vpc_id=vpc.id, routes=[{"cidr_block": "0.0.0.0/0", "nat_gateway_id": nat.id}])
aws.ec2.RouteTableAssociation("private", subnet_id=private.id, route_table_id=inside.id)

group = aws.ec2.SecurityGroup("trainer", vpc_id=vpc.id, description="Nothing in, everything out", tags=tags)
aws.vpc.SecurityGroupEgressRule("all", security_group_id=group.id, ip_protocol="-1", cidr_ipv4="0.0.0.0/0")

bucket = aws.s3.Bucket("checkpoints", force_destroy=True, tags=tags)
aws.s3.BucketPublicAccessBlock(
    "checkpoints",
    bucket=bucket.id,
    block_public_acls=True,
    block_public_policy=True,
    ignore_public_acls=True,
    restrict_public_buckets=True,
)
assume = aws.iam.get_policy_document(
    statements=[
        {"actions": ["sts:AssumeRole"], "principals": [{"type": "Service", "identifiers": ["ec2.amazonaws.com"]}]}
    ]
)
role = aws.iam.Role("trainer", assume_role_policy=assume.json, tags=tags)
aws.iam.RolePolicyAttachment("ssm", role=role.name, policy_arn="arn:aws:iam::aws:policy/AmazonSSMManagedInstanceCore")
aws.iam.RolePolicy(
    "bucket",
    role=role.id,
    policy=bucket.arn.apply(
        lambda arn: json.dumps(
            {
                "Version": "2012-10-17",
                "Statement": [{"Effect": "Allow", "Action": "s3:*Object", "Resource": f"{arn}/*"}],
            }
        )
    ),
)
profile = aws.iam.InstanceProfile("trainer", role=role.name)

image = aws.ec2.get_ami(
    most_recent=True,
    owners=["amazon"],
    filters=[{"name": "name", "values": ["al2023-ami-2023.*-x86_64"]}],
)
vm = aws.ec2.Instance(
    "trainer",
    ami=image.id,
    instance_type="g5.xlarge",
    subnet_id=private.id,
    vpc_security_group_ids=[group.id],
    iam_instance_profile=profile.name,
    metadata_options={"http_tokens": "required"},
    root_block_device={"volume_size": 200, "volume_type": "gp3", "encrypted": True},
    tags={**tags, "Name": "trainer"},
)

pulumi.export("machine", vm.id)
pulumi.export("bucket", bucket.bucket)
