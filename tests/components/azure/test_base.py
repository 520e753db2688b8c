from dataclasses import replace

import pytest

from components.azure.data_disk import DataDisk, DataDiskArgs
from components.azure.grants import Grants, GrantsArgs
from components.azure.key import Key, KeyArgs
from components.azure.lustre import Lustre, LustreArgs
from components.azure.registered import Registered, RegisteredArgs
from components.azure.registry import Registry, RegistryArgs
from components.azure.role import ACR_PULL, BLOB_CONTRIBUTOR, BLOB_READER, SECRETS_USER
from components.azure.storage_account import StorageAccount, StorageAccountArgs
from components.azure.workspace import Workspace, WorkspaceArgs
from tests.components.azure.conftest import GROUP, GROUP_ID, SUBSCRIPTION, azure_things, problems, unreached
from trainyard.facts.azure.providers import ENCRYPTION_AT_HOST, namespaces, register_command
from trainyard.facts.azure.storage import account_error, lustre_prefix, worldwide_name

TENANT = "33333333-3333-4333-8333-333333333333"
SUBNET = f"{GROUP_ID}/providers/Microsoft.Network/virtualNetworks/dev/subnets/file-systems"
PLACE = {"resource_group": GROUP, "location": "westeurope", "tags": {"trainyard-base": "dev"}}
ACCOUNT = StorageAccountArgs(**PLACE, name="acmecorpus", containers=("data",), delete_after_days=90)
DISK = DataDiskArgs(**PLACE, zone="1", gib=1024, iops=8000, mb_per_s=1000)
LUSTRE = LustreArgs(**PLACE, zone="2", subnet=SUBNET, tib=16)
KEY = KeyArgs(**PLACE, subscription=SUBSCRIPTION, tenant=TENANT, vault_name="acme-disks")
REGISTRY = RegistryArgs(**PLACE, name="acmeimages")
WORKSPACE = WorkspaceArgs(**PLACE, subscription=SUBSCRIPTION, tenant=TENANT, group_name=GROUP, name="dev-westeurope")
VAULT = f"{GROUP_ID}/providers/Microsoft.KeyVault/vaults/acme"
GRANTS = GrantsArgs(
    subscription=SUBSCRIPTION,
    principal_id="11111111-1111-4111-8111-111111111111",
    read={"corpus": f"{GROUP_ID}/corpus", "checkpoints": f"{GROUP_ID}/checkpoints"},
    written={"checkpoints": f"{GROUP_ID}/checkpoints"},
    secrets={"acme-hf-token": f"{VAULT}/secrets/hf-token"},
    registries={"images": f"{GROUP_ID}/providers/Microsoft.ContainerRegistry/registries/acmeimages"},
)
EACH = {
    "account": lambda: StorageAccount("corpus", ACCOUNT),
    "folders": lambda: StorageAccount("corpus", replace(ACCOUNT, hierarchical=True, subnets=(SUBNET,))),
    "disk": lambda: DataDisk("weights", DISK),
    "lustre": lambda: Lustre("fast", LUSTRE),
    "key": lambda: Key("disks", KEY),
    "registry": lambda: Registry("images", REGISTRY),
    "workspace": lambda: Workspace("learning", replace(WORKSPACE, registry=GRANTS.registries["images"])),
    "grants": lambda: Grants("lease", GRANTS),
    "registered": lambda: Registered("features", RegisteredArgs(features=(ENCRYPTION_AT_HOST,))),
}


@pytest.mark.contract("azure")
@pytest.mark.parametrize("part", EACH)
def test_every_property_is_one_that_azure_takes(deploy, part: str) -> None:
    assert problems(deploy(EACH[part])) == []


@pytest.mark.parametrize("part", [part for part in EACH if part not in ("grants", "registered")])
def test_what_holds_data_is_protected_unless_it_is_switched_off(deploy, part: str) -> None:
    made = [one for one in azure_things(deploy(EACH[part])) if not one.type.endswith("RoleAssignment")]
    assert made
    assert {one.protect for one in made} == {True}


def test_an_account_is_opened_by_identities_only(deploy) -> None:
    inputs = deploy(EACH["account"]).one("storage:StorageAccount").inputs
    assert inputs["allowSharedKeyAccess"] is inputs["allowBlobPublicAccess"] is inputs["isLocalUserEnabled"] is False
    assert inputs["minimumTlsVersion"] == "TLS1_2"
    assert deploy(EACH["account"]).one("BlobContainer").inputs["publicAccess"] == "None"


def test_old_versions_go_and_folders_have_none(deploy) -> None:
    plain, folders = deploy(EACH["account"]), deploy(EACH["folders"])
    assert plain.one("BlobServiceProperties").inputs["isVersioningEnabled"] is True
    assert folders.one("BlobServiceProperties").inputs["isVersioningEnabled"] is False
    names = [
        [rule["name"] for rule in made.one("ManagementPolicy").inputs["policy"]["rules"]] for made in (plain, folders)
    ]
    assert names == [["old-versions", "old-blobs"], ["old-blobs"]]


def test_an_account_for_some_subnets_is_closed_to_all_others(deploy) -> None:
    rules = deploy(EACH["folders"]).one("storage:StorageAccount").inputs["networkRuleSet"]
    assert rules["defaultAction"] == "Deny"
    assert [rule["virtualNetworkResourceId"] for rule in rules["virtualNetworkRules"]] == [SUBNET]


def test_a_vault_destroys_nothing_and_goes_by_roles(deploy) -> None:
    for part in ("key", "workspace"):
        vault = deploy(EACH[part]).one("keyvault:Vault").inputs["properties"]
        assert vault["enablePurgeProtection"] is vault["enableRbacAuthorization"] is True


def test_only_the_workspaces_own_account_takes_its_key(deploy) -> None:
    made = deploy(EACH["workspace"])
    assert made.one("storage:StorageAccount").inputs["allowSharedKeyAccess"] is True
    assert made.one("machinelearningservices:Workspace").inputs["managedNetwork"] == {
        "isolationMode": "AllowInternetOutbound"
    }


def test_what_is_written_is_granted_once_and_nothing_else_may_be_written(deploy) -> None:
    roles = {
        one.name: one.inputs["roleDefinitionId"].rpartition("/")[2]
        for one in deploy(EACH["grants"]).of("RoleAssignment")
    }
    assert roles == {
        "lease-read-corpus": BLOB_READER,
        "lease-write-checkpoints": BLOB_CONTRIBUTOR,
        "lease-secret-acme-hf-token": SECRETS_USER,
        "lease-pull-images": ACR_PULL,
    }


def test_a_registry_has_no_password_and_nobody_pulls_unnamed(deploy) -> None:
    inputs = deploy(EACH["registry"]).one("containerregistry:Registry").inputs
    assert inputs["adminUserEnabled"] is inputs["anonymousPullEnabled"] is False


def test_names_of_all_the_world_are_short_and_differ_by_what_they_are_of() -> None:
    names = {worldwide_name(SUBSCRIPTION, group, "training-corpus-of-everything") for group in ("a", "b")}
    assert len(names) == 2
    assert [name for name in names if account_error(name)] == []


def test_the_namespaces_of_a_base_come_with_the_command_that_registers_them() -> None:
    assert namespaces(["workspace", "key"]).count("Microsoft.KeyVault") == 1
    assert register_command("Microsoft.KeyVault", SUBSCRIPTION).startswith("az provider register --namespace")


@pytest.mark.parametrize(("tib", "prefix"), [(4, 27), (16, 27), (20, 26), (200, 23), (768, 22)])
def test_a_file_system_needs_a_subnet_as_large_as_it_is(tib: int, prefix: int) -> None:
    assert lustre_prefix(tib) == prefix


@pytest.mark.parametrize(
    ("args", "change", "message"),
    [
        (ACCOUNT, {"name": "Acme-Corpus"}, "allowed are 3 to 24 of a-z and 0-9"),
        (ACCOUNT, {"containers": ("Data",)}, "is no name of a container"),
        (ACCOUNT, {"soft_delete_days": 400}, "give 1 to 365, or 0"),
        (ACCOUNT, {"delete_after_days": 0}, "blobs 1 or more"),
        (ACCOUNT, {"location": "West Europe"}, "is no Azure location"),
        (DISK, {"zone": "westeurope-1"}, "give 1, 2 or 3"),
        (DISK, {"gib": 0}, "has 1 to 65536 GiB"),
        (DISK, {"gib": 10, "iops": 6000}, "of 10 GiB has 3000 to 5000 IOPS"),
        (DISK, {"iops": 3000, "mb_per_s": 1000}, "has 125 to 750 MB/s"),
        (LUSTRE, {"tib": 12}, "multiple of 8 TiB up to 128, 12 were asked for; give 16"),
        (LUSTRE, {"tib": 4096}, "give 128"),
        (LUSTRE, {"mb_per_s_per_tib": 1000}, "give one of 40, 125, 250, 500"),
        (LUSTRE, {"zone": "a"}, "give 1, 2 or 3"),
        (KEY, {"vault_name": "1acme"}, "is no name of a key vault"),
        (KEY, {"rotation_days": 3}, "give 7 or more"),
        (REGISTRY, {"name": "acme-images"}, "5 to 50 of a-z and 0-9"),
        (WORKSPACE, {"name": "x"}, "is no name of a workspace"),
    ],
)
def test_what_cannot_be_had_is_refused_with_the_way_out(args, change, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        replace(args, **change)


@pytest.mark.contract("azure")
def test_what_no_description_of_azure_reaches_are_tags_and_the_registration_of_a_feature(deploy) -> None:
    found = {path for part in EACH.values() for path in unreached(deploy(part)) if " tags." not in path}
    feature = "features:SubscriptionFeatureRegistration"
    assert found == {f"{feature} featureName", f"{feature} providerNamespace"}
