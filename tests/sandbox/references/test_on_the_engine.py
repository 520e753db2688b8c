"""Refused references, deletes of what is in use, protection and ABANDON on the real CLI."""

import pytest

from tests.sandbox.provider.test_on_the_engine import Project, project

__all__ = ["project"]
pytestmark = pytest.mark.engine


def test_a_program_that_points_into_the_void_is_refused_in_the_cloud_s_words(project: Project) -> None:
    project.write(
        """
        import pulumi_gcp as gcp

        gcp.compute.Subnetwork("sub", network="nosuch", ip_cidr_range="10.3.0.0/24", region="us-central1")
        """
    )
    code, text = project.up()
    assert code != 0
    assert "/global/networks/nosuch' was not found, notFound" in text
    assert project.clouds.store.list() == []


def test_a_thing_that_another_stack_s_thing_uses_is_not_destroyed(project: Project) -> None:
    project.write(
        """
        import pulumi_gcp as gcp

        gcp.compute.Network("net", name="shared", auto_create_subnetworks=False)
        """
    )
    assert project.up()[0] == 0
    other = project.clouds.connect("gcp")
    subnet, _ = other.create(
        "gcp:compute/subnetwork:Subnetwork",
        {"name": "s", "network": "shared", "ipCidrRange": "10.3.0.0/24", "region": "us-central1"},
    )
    code, text = project.pulumi("destroy", "--yes")
    assert code != 0
    assert f"is already being used by '{subnet}', resourceInUseByAnotherResource" in text
    other.delete("gcp:compute/subnetwork:Subnetwork", subnet)
    code, text = project.pulumi("destroy", "--yes")
    assert code == 0, text


def test_a_cluster_is_protected_until_the_program_says_that_it_is_not(project: Project) -> None:
    program = """
        import pulumi_gcp as gcp

        gcp.container.Cluster("cluster", location="us-central1", initial_node_count=1{more})
        """
    project.write(program.format(more=""))
    code, text = project.up()
    assert code == 0, text
    code, text = project.pulumi("destroy", "--yes")
    assert code != 0
    assert "Cannot destroy cluster because deletion_protection is set to true" in text
    project.write(program.format(more=", deletion_protection=False"))
    assert project.up()[0] == 0
    code, text = project.pulumi("destroy", "--yes")
    assert code == 0, text


def test_what_is_abandoned_stays_in_its_cloud(project: Project) -> None:
    project.write(
        """
        import pulumi_gcp as gcp

        gcp.compute.Instance(
            "vm",
            name="vm",
            zone="us-central1-a",
            machine_type="e2-medium",
            boot_disk={"initialize_params": {"image": "debian-cloud/debian-12"}},
            network_interfaces=[{"network": "default"}],
            deletion_policy="ABANDON",
        )
        """
    )
    code, text = project.up()
    assert code == 0, text
    code, text = project.pulumi("destroy", "--yes")
    assert code == 0, text
    assert [thing.name for thing in project.clouds.store.list(type="gcp:compute/instance:Instance")] == ["vm"]


def test_a_network_of_amazon_goes_up_stays_and_goes_down_in_order(project: Project) -> None:
    project.write(
        """
        import pulumi_aws as aws

        vpc = aws.ec2.Vpc("vpc", cidr_block="10.0.0.0/16")
        gateway = aws.ec2.InternetGateway("igw", vpc_id=vpc.id)
        table = aws.ec2.RouteTable(
            "table", vpc_id=vpc.id, routes=[{"cidr_block": "0.0.0.0/0", "gateway_id": gateway.id}]
        )
        subnet = aws.ec2.Subnet("subnet", vpc_id=vpc.id, cidr_block="10.0.1.0/24", map_public_ip_on_launch=True)
        aws.ec2.RouteTableAssociation("assoc", subnet_id=subnet.id, route_table_id=table.id)
        group = aws.ec2.SecurityGroup(
            "web",
            vpc_id=vpc.id,
            ingress=[{"protocol": "tcp", "from_port": 80, "to_port": 80, "cidr_blocks": ["0.0.0.0/0"]}],
        )
        image = aws.ec2.get_ami(owners=["amazon"], most_recent=True)
        aws.ec2.Instance(
            "server",
            ami=image.id,
            instance_type="t3.micro",
            subnet_id=subnet.id,
            vpc_security_group_ids=[group.id, vpc.default_security_group_id],
        )
        """
    )
    code, text = project.up()
    assert code == 0, text
    code, text = project.pulumi("refresh", "--yes", "--expect-no-changes")
    assert code == 0, text
    code, text = project.pulumi("destroy", "--yes")
    assert code == 0, text
    assert project.clouds.store.list() == []
