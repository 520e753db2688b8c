"""Storage accounts: which kind takes which SKU, tier and feature."""

from __future__ import annotations

import ipaddress
from collections.abc import Iterator
from typing import Final

from trainyard.sandbox.check import Problem
from trainyard.sandbox.conflicts.azure.words import AZURERM, LEARN, REST, absent, conflict, known, low, types
from trainyard.sandbox.conflicts.conflict import Given

_ACCOUNT: Final = types("storage:StorageAccount")
_RESOURCE: Final = f"{AZURERM}/storage/storage_account_resource.go"
_OVERVIEW: Final = f"{LEARN}/storage/common/storage-account-overview, Types of storage accounts"
_PREMIUM_ONLY: Final = ("blockblobstorage", "filestorage")
_BLOB_SKUS: Final = ("standard_lrs", "standard_grs", "standard_ragrs")


@conflict(
    "a-kind-takes-its-skus",
    _ACCOUNT,
    "Block blob and file accounts are premium (files also StandardV2), blob accounts LRS, GRS or RA-GRS, premium"
    " ZRS none of the general ones.",
    _OVERVIEW,
)
def kinds(given: Given) -> Iterator[Problem]:
    kind, sku = low(given.at("kind")), low(given.at("sku.name"))
    if not kind or not sku:
        return
    files_v2 = kind == "filestorage" and (sku.startswith(("standardv2", "premiumv2")))
    wrong = (
        (kind in _PREMIUM_ONLY and not sku.startswith("premium") and not files_v2)
        or (kind == "blobstorage" and sku not in _BLOB_SKUS)
        or (kind in ("storage", "storagev2") and sku in ("premium_zrs", "premiumv2_lrs", "premiumv2_zrs"))
        or (sku.startswith("standardv2") and kind != "filestorage")
    )
    if wrong:
        text = f"AccountPropertyIsInvalid: the kind {given.at('kind')} does not take the SKU {given.at('sku.name')}"
        yield Problem(
            "sku.name", f"{text}; StorageV2 takes the standard ones, BlockBlobStorage and FileStorage the premium ones"
        )


@conflict(
    "a-tier-is-of-some-kinds",
    _ACCOUNT,
    "An access tier is of blob, file and StorageV2 accounts; a blob account needs one.",
    f"{_RESOURCE}; {LEARN}/storage/blobs/access-tiers-overview",
)
def tier(given: Given) -> Iterator[Problem]:
    kind = low(given.at("kind"))
    if given.at("accessTier") is not None and kind in ("storage", "blockblobstorage"):
        premium = kind == "blockblobstorage" and low(given.at("accessTier")) == "premium"
        if not premium:
            yield Problem(
                "accessTier", f"AccountPropertyIsInvalid: the kind {given.at('kind')} has no access tier; leave it out"
            )
    if kind == "blobstorage" and given.at("accessTier") is None and not given.unknown("accessTier"):
        yield Problem("accessTier", "AccountPropertyIsInvalid: required and missing for the kind BlobStorage")


@conflict(
    "hierarchies-are-of-blobs",
    _ACCOUNT,
    "Hierarchical names are of StorageV2, block blob and blob accounts; NFS 3, SFTP and local users need them.",
    f"{_RESOURCE}; {LEARN}/storage/blobs/network-file-system-protocol-support-how-to",
)
def hierarchy(given: Given) -> Iterator[Problem]:
    kind, sku = low(given.at("kind")), low(given.at("sku.name"))
    if given.at("isHnsEnabled") is True and kind in ("storage", "filestorage"):
        yield Problem(
            "isHnsEnabled",
            f"AccountPropertyIsInvalid: the kind {given.at('kind')} has no hierarchical names; give StorageV2",
        )
    for name in ("enableNfsV3", "isSftpEnabled"):
        if given.at(name) is True and not given.unknown("isHnsEnabled") and given.at("isHnsEnabled") is not True:
            yield Problem(name, f"AccountPropertyIsInvalid: {name} needs isHnsEnabled true")
    if given.at("enableNfsV3") is True and kind and sku:
        fits = (kind == "storagev2" and sku.startswith("standard")) or (
            kind == "blockblobstorage" and sku.startswith("premium")
        )
        if not fits:
            yield Problem(
                "enableNfsV3",
                "AccountPropertyIsInvalid: NFS 3 is of StorageV2 on a standard SKU and of BlockBlobStorage on a"
                " premium one",
            )


@conflict("large-shares-are-of-files", _ACCOUNT, "Large file shares are of StorageV2 and file accounts.", _RESOURCE)
def large(given: Given) -> Iterator[Problem]:
    if low(given.at("largeFileSharesState")) == "enabled" and low(given.at("kind")) in (
        "storage",
        "blobstorage",
        "blockblobstorage",
    ):
        yield Problem(
            "largeFileSharesState", f"AccountPropertyIsInvalid: the kind {given.at('kind')} has no large file shares"
        )


@conflict(
    "firewalls-take-public-addresses",
    _ACCOUNT,
    "A firewall's rule is a public IPv4 address or a range of at most /30.",
    f"{LEARN}/storage/common/storage-network-security-limitations; error code InvalidValuesForRequestParameters",
)
def firewall(given: Given) -> Iterator[Problem]:
    for at, rule in given.each("networkRuleSet.ipRules"):
        text = known(rule, "iPAddressOrRange")
        if isinstance(text, str) and (reason := _not_public(text)):
            yield Problem(
                f"{at}.iPAddressOrRange",
                "InvalidValuesForRequestParameters: Values for request parameters are invalid:"
                f" networkAcls.ipRule[*].value: {text} {reason}",
            )


def _not_public(text: str) -> str | None:
    first, _, last = text.partition("-")
    try:
        if last:
            ends = [ipaddress.IPv4Address(first), ipaddress.IPv4Address(last)]
            return "is a private range" if any(end.is_private for end in ends) else None
        one = ipaddress.IPv4Network(text)
    except ValueError:
        return "is no IPv4 address or range"
    private = any(one.subnet_of(ipaddress.IPv4Network(p)) for p in ("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16"))
    if private:
        return "is private; firewalls name public addresses"
    return "is a range of /31 or /32; name the addresses alone" if "/" in text and one.prefixlen > 30 else None


@conflict(
    "a-vault-s-key-is-named",
    _ACCOUNT,
    "An account whose keys come out of a vault names the key.",
    f"{REST}/storagerp/storage-accounts/create, Encryption.keySource and KeyVaultProperties",
)
def keys(given: Given) -> Iterator[Problem]:
    if low(given.at("encryption.keySource")) == "microsoft.keyvault" and absent(given, "encryption.keyVaultProperties"):
        yield Problem(
            "encryption.keyVaultProperties",
            "InvalidValuesForRequestParameters: Values for request parameters are invalid: keyvaultproperties; required"
            " where keySource is Microsoft.Keyvault",
        )


CONFLICTS: Final = (kinds, tier, hierarchy, large, firewall, keys)
