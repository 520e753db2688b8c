"""Keys of Cloud KMS: where they lie, what they are for, and how they turn."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Final

from trainyard.sandbox.check import Problem
from trainyard.sandbox.conflicts.conflict import Conflict, Given
from trainyard.sandbox.provider.gcp_places import place, regions

_KEY: Final = "gcp:kms/cryptoKey:CryptoKey"
_LOCATION: Final = re.compile(r"projects/[^/]+/locations/([^/]+)/keyRings/")
# the property that names a key, and the one that tells where the thing itself lies
_PATHS: Final[Mapping[str, tuple[str, str]]] = {
    "gcp:storage/bucket:Bucket": ("encryption.defaultKmsKeyName", "location"),
    "gcp:compute/disk:Disk": ("diskEncryptionKey.kmsKeySelfLink", "zone"),
    "gcp:compute/instance:Instance": ("bootDisk.kmsKeySelfLink", "zone"),
    "gcp:artifactregistry/repository:Repository": ("kmsKeyName", "location"),
    "gcp:vertex/aiEndpoint:AiEndpoint": ("encryptionSpec.kmsKeyName", "location"),
    "gcp:vertex/aiTensorboard:AiTensorboard": ("encryptionSpec.kmsKeyName", "region"),
    "gcp:vertex/aiDataset:AiDataset": ("encryptionSpec.kmsKeyName", "region"),
}
_ALGORITHMS: Final[Mapping[str, str]] = {  # cloud.google.com/kms/docs/algorithms: how a purpose's algorithms begin
    "ENCRYPT_DECRYPT": r"GOOGLE_SYMMETRIC_ENCRYPTION|EXTERNAL_SYMMETRIC_ENCRYPTION",
    "ASYMMETRIC_SIGN": r"RSA_SIGN_.*|EC_SIGN_.*|PQ_SIGN_.*",
    "ASYMMETRIC_DECRYPT": r"RSA_DECRYPT_.*",
    "MAC": r"HMAC_.*",
    "RAW_ENCRYPT_DECRYPT": r"AES_.*",
}


def _near(given: Given) -> Iterator[Problem]:
    path, where = _PATHS[given.type.token]
    found = _LOCATION.search(given.text(path))
    own = (given.text(where) or place(where, given.inputs, given.config)).rpartition("/")[2].lower()
    region = own.rpartition("-")[0] if own.count("-") > 1 else own
    if found and found[1] in regions() and region in regions() and found[1] != region:
        text = f"The key is in {found[1]}, what it encrypts is in {region}: both must be in the same location"
        yield Problem(path, f"Invalid value for field '{path}': '{given.text(path)}'. {text}")


def _purpose(given: Given) -> Iterator[Problem]:
    purpose = given.text("purpose") or "ENCRYPT_DECRYPT"
    if given.unknown("purpose"):
        return
    if given.text("rotationPeriod") and purpose != "ENCRYPT_DECRYPT":
        text = f"A key for {purpose} does not turn by itself; leave rotationPeriod out"
        yield Problem("rotationPeriod", f"Invalid value for field 'rotationPeriod'. {text}")
    algorithm = given.text("versionTemplate.algorithm")
    if algorithm and purpose in _ALGORITHMS and not re.fullmatch(_ALGORITHMS[purpose], algorithm):
        text = f"It is no algorithm for {purpose}"
        yield Problem("versionTemplate.algorithm", f"Invalid value for field 'algorithm': '{algorithm}'. {text}")


CONFLICTS: Final[tuple[Conflict, ...]] = (
    Conflict(
        name="a-key-lies-near",
        types=frozenset(_PATHS),
        says="a key in another region cannot encrypt",
        source="cloud.google.com/kms/docs/cmek and cloud.google.com/storage/docs/encryption/customer-managed-keys: the "
        "key's location must match",
        find=_near,
    ),
    Conflict(
        name="purposes-of-a-key",
        types=frozenset({_KEY}),
        says="only symmetric keys turn, and an algorithm is of its purpose",
        source="cloud.google.com/kms/docs/algorithms; cloudkms.v1 CryptoKey.rotationPeriod",
        find=_purpose,
    ),
)
