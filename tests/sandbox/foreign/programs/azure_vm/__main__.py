"""A machine with a public address behind a security group, and a storage account whose key it is given."""

import base64

import pulumi
from pulumi_azure_native import compute, network, resources, storage

KEY = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIE1vY2tLZXlGb3JBUmVoZWFyc2FsT25seTAwMDAwMDAw lab@acme.example"

group = resources.ResourceGroup("lab")
rules = network.NetworkSecurityGroup(
    "lab",
    resource_group_name=group.name,
    security_rules=[
        {
            "name": "ssh",
            "priority": 1000,
            "direction": "Inbound",
            "access": "Allow",
            "protocol": "Tcp",
            "source_address_prefix": "203.0.113.0/24",
            "source_port_range": "*",
            "destination_address_prefix": "*",
            "destination_port_range": "22",
        }
    ],
)
net = network.VirtualNetwork(
    "lab", resource_group_name=group.name, address_space={"address_prefixes": ["10.80.0.0/16"]}
)
subnet = network.Subnet(
    "machines",
    resource_group_name=group.name,
    virtual_network_name=net.name,
    address_prefix="10.80.1.0/24",
    network_security_group={"id": rules.id},
)
address = network.PublicIPAddress(
    "lab",
    resource_group_name=group.name,
    public_ip_allocation_method="Static",
    sku={"name": "Standard"},
)
interface = network.NetworkInterface(
    "lab",
    resource_group_name=group.name,
    ip_configurations=[{"name": "main", "subnet": {"id": subnet.id}, "public_ip_address": {"id": address.id}}],
)

account = storage.StorageAccount(
    "lab",
    resource_group_name=group.name,
    kind="StorageV2",
    sku={"name": "Standard_LRS"},
    allow_blob_public_access=False,
    minimum_tls_version="TLS1_2",
)
storage.BlobContainer("checkpoints", resource_group_name=group.name, account_name=account.name)
key = pulumi.Output.secret(
    storage.list_storage_account_keys_output(resource_group_name=group.name, account_name=account.name).keys[0].value
)

vm = compute.VirtualMachine(
    "trainer",
    resource_group_name=group.name,
    hardware_profile={"vm_size": "Standard_NC4as_T4_v3"},
    network_profile={"network_interfaces": [{"id": interface.id, "primary": True}]},
    os_profile={
        "computer_name": "trainer",
        "admin_username": "lab",
        "custom_data": pulumi.Output.all(account.name, key).apply(
            lambda known: base64.b64encode(f"#!/bin/sh\nmount-share {known[0]} {known[1]}\n".encode()).decode()
        ),
        "linux_configuration": {
            "disable_password_authentication": True,
            "ssh": {"public_keys": [{"path": "/home/lab/.ssh/authorized_keys", "key_data": KEY}]},
        },
    },
    storage_profile={
        "image_reference": {
            "publisher": "Canonical",
            "offer": "0001-com-ubuntu-server-jammy",
            "sku": "22_04-lts-gen2",
            "version": "latest",
        },
        "os_disk": {
            "create_option": compute.DiskCreateOptionTypes.FROM_IMAGE,
            "delete_option": "Delete",
            "disk_size_gb": 128,
            "managed_disk": {"storage_account_type": "StandardSSD_LRS"},
        },
    },
)

pulumi.export("address", address.ip_address)
pulumi.export("machine", vm.name)
pulumi.export("key", key)
