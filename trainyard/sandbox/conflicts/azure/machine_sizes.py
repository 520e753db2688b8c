"""What a machine's size, image, plan and licence allow."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Final

from trainyard.sandbox.check import Problem
from trainyard.sandbox.conflicts.azure.profiles import MACHINES, Profile, profile_of
from trainyard.sandbox.conflicts.azure.words import AZURERM, LEARN, REST, conflict, low, missing, words
from trainyard.sandbox.conflicts.conflict import Given

_SIZES: Final = f"{LEARN}/virtual-machines/sizes"
_GENERAL: Final = re.compile(r"^standard_([def])(\d+)(?:-\d+)?([a-z]*)(?:_v([2-5]))?$")
# vCPUs of the D, E, F and B series, version by version: the pages of each series under general-purpose,
# memory-optimized and compute-optimized; E also as E4-2s_v5, with fewer cores to license.
_CORES: Final[tuple[tuple[re.Pattern[str], frozenset[int]], ...]] = (
    (re.compile(r"^standard_d(\d+)(?:-\d+)?[a-z]*_v[3-5]$"), frozenset({2, 4, 8, 16, 32, 48, 64, 96})),
    (
        re.compile(r"^standard_d(\d+)[a-z]*_v[67]$"),
        frozenset({2, 4, 8, 16, 32, 48, 64, 72, 96, 128, 160, 192, 248, 372}),
    ),
    (
        re.compile(r"^standard_e(\d+)(?:-\d+)?[a-z]*_v[3-5]$"),
        frozenset({2, 4, 8, 16, 20, 32, 48, 64, 80, 96, 104, 112}),
    ),
    (re.compile(r"^standard_f(\d+)s?_v2$"), frozenset({2, 4, 8, 16, 32, 48, 64, 72})),
    (re.compile(r"^standard_b(\d+)[a-z]*_v2$"), frozenset({2, 4, 8, 16, 32})),
)
_BURSTABLE: Final = frozenset({"1ls", "1s", "1ms", "2s", "2ms", "4ms", "8ms", "12ms", "16ms", "20ms"})
_FIRST_BURSTABLE: Final = re.compile(r"^standard_b(\d+[a-z]*)$")
_GENERATIONS: Final = f"{LEARN}/virtual-machines/generation-2"
# Sizes that start images of one generation only: the pages of the A series, and of the H100 and H200 series.
_ONLY_FIRST: Final = re.compile(r"^(basic_a|standard_a)\d+")
_ONLY_SECOND: Final = re.compile(r"^standard_n[cd]\d+\w*_h[12]00_v5$")
# Images of the first generation: Canonical's and Debian's SKUs that do not tell another one.
_FIRST: Final = {
    "canonical": re.compile(r"^(ubuntuserver|0001-com-ubuntu-server-[a-z]+)/[\d_.]+-lts$"),
    "debian": re.compile(r"^debian-1[012]/1[012](-backports)?$"),
}
_CONFIDENTIAL: Final = re.compile(r"^standard_(dc|ec|ncc)\d+")


@conflict(
    "a-size-that-there-is",
    MACHINES,
    "The B, D, E and F series have certain numbers of vCPUs.",
    f"{_SIZES}/overview: the pages of the B, D, E and F series, Sizes in series",
)
def there_is(given: Given) -> Iterator[Problem]:
    machine = profile_of(given)
    burstable = _FIRST_BURSTABLE.match(machine.size)
    if burstable:
        wrong, there = burstable[1] not in _BURSTABLE, ", ".join(f"Standard_B{one}" for one in sorted(_BURSTABLE))
    else:
        found = next(((match, cores) for form, cores in _CORES if (match := form.match(machine.size))), None)
        if found is None:
            return
        wrong, there = int(found[0][1]) not in found[1], f"{', '.join(map(str, sorted(found[1])))} vCPUs"
    if wrong:
        size = machine.at("hardwareProfile.vmSize") or given.at("sku.name")
        yield Problem(
            "sku.name" if machine.root else "hardwareProfile.vmSize",
            f"InvalidParameter: The value {size} provided for the VM size is not valid. The series has {there}",
        )


@conflict(
    "a-size-takes-so-many-disks",
    MACHINES,
    "The D, E and F series take 4 data disks at 2 vCPUs, 8 at 4, 16 at 8 and 32 from 16 on.",
    f"{_SIZES}/general-purpose/dsv5-series, Max data disks; the pages of the D, E and F series of v2 to v5",
)
def disks(given: Given) -> Iterator[Problem]:
    machine = profile_of(given)
    there = machine.at("storageProfile.dataDisks")
    found = _GENERAL.match(machine.size)
    if found is None or not isinstance(there, list):
        return
    family, cores, _, version = found.groups()
    if (family in "de" and version in ("3", "4", "5")) or (family == "f" and version == "2"):
        most = {2: 4, 4: 8, 8: 16}.get(int(cores), 32)
        if len(there) > most:
            yield Problem(
                machine.path("storageProfile.dataDisks"),
                "OperationNotAllowed: The maximum number of data disks allowed to be attached to a VM of this size is"
                f" {most}; {len(there)} are given",
            )


def _first_generation(machine: Profile) -> bool:
    image = "storageProfile.imageReference"
    pattern = _FIRST.get(machine.low(f"{image}.publisher"))
    text = f"{machine.low(f'{image}.offer')}/{machine.low(f'{image}.sku')}"
    return pattern is not None and pattern.match(text) is not None


@conflict(
    "a-size-starts-its-generation-of-images",
    MACHINES,
    "An image's generation is one that the size starts; trusted launch and confidential machines need the second.",
    f"{_GENERATIONS}; {LEARN}/virtual-machines/trusted-launch, Limitations",
)
def generation(given: Given) -> Iterator[Problem]:
    machine = profile_of(given)
    at = machine.path("storageProfile.imageReference.sku")
    kind = machine.low("securityProfile.securityType")
    size = machine.at("hardwareProfile.vmSize") or given.at("sku.name")
    secure = kind in ("trustedlaunch", "confidentialvm")
    if secure and _ONLY_FIRST.match(machine.size):
        yield Problem(
            machine.path("securityProfile.securityType"),
            f"BadRequest: The selected VM size '{size}' cannot boot Hypervisor Generation '2', which the security type"
            " needs",
        )
    if secure and _first_generation(machine):
        yield Problem(
            at,
            f"BadRequest: Use of {machine.at('securityProfile.securityType')} setting is not supported for the provided"
            " image. Please select Trusted Launch Supported Gen2 OS Image",
        )
    elif _first_generation(machine) and _ONLY_SECOND.match(machine.size):
        yield Problem(
            at,
            f"BadRequest: The selected VM size '{size}' cannot boot Hypervisor Generation '1'. If this was a Create"
            " operation please check that the Hypervisor Generation of the Image matches the Hypervisor Generation of"
            " the selected VM Size.",
        )


@conflict(
    "confidential-machines-are-of-their-series",
    MACHINES,
    "A confidential machine's size is of the DC, EC or NCC series.",
    f"{LEARN}/confidential-computing/virtual-machine-options",
)
def confidential(given: Given) -> Iterator[Problem]:
    machine = profile_of(given)
    is_one = machine.low("securityProfile.securityType") == "confidentialvm"
    if is_one and machine.size and not _CONFIDENTIAL.match(machine.size):
        yield Problem(
            machine.path("hardwareProfile.vmSize") if not machine.root else "sku.name",
            "BadRequest: The VM size is not supported for creation of VMs and Virtual Machine Scale Set with"
            " 'ConfidentialVM' security type; give one of the DC, EC or NCC series",
        )


@conflict(
    "a-plan-is-named-whole",
    MACHINES,
    "A marketplace plan has a name, a product and a publisher.",
    f"{REST}/compute/virtual-machines/create-or-update, Plan; {AZURERM}/compute/virtual_machine.go",
)
def plan(given: Given) -> Iterator[Problem]:
    there = given.at("plan")
    for name in ("name", "product", "publisher") if isinstance(there, Mapping) else ():
        if missing(there, name):
            yield Problem(f"plan.{name}", f"VMMarketplaceInvalidInput: required: a plan names its {name}")


@conflict(
    "a-licence-fits-the-system",
    MACHINES,
    "A licence of Windows goes with Windows, one of RHEL or SLES with Linux.",
    f"{REST}/compute/virtual-machines/create-or-update, licenseType; `az vm create`, --license-type: SLES, UBUNTU",
)
def licence(given: Given) -> Iterator[Problem]:
    machine = profile_of(given)
    kind = machine.low("licenseType")
    at = machine.path("licenseType")
    if kind and not kind.startswith(("windows_", "rhel_", "sles", "ubuntu", "none")):
        yield Problem(
            at,
            f"InvalidParameter: The value of parameter licenseType is invalid: '{kind}'; give Windows_Server,"
            " Windows_Client, RHEL_BYOS or SLES_BYOS, or leave it out",
        )
    linux = machine.at("osProfile.linuxConfiguration") is not None
    windows = machine.at("osProfile.windowsConfiguration") is not None
    if (kind.startswith("windows_") and linux) or (kind.startswith(("rhel_", "sles", "ubuntu")) and windows):
        yield Problem(at, "InvalidParameter: the licence is of another system than the machine")


@conflict(
    "windows-knows-its-own-time-zones",
    MACHINES,
    "A Windows machine's time zone is one of Windows.",
    f"{REST}/compute/virtual-machines/create-or-update, WindowsConfiguration.timeZone; conflicts/azure/lists.json",
)
def time_zone(given: Given) -> Iterator[Problem]:
    machine = profile_of(given)
    path = "osProfile.windowsConfiguration.timeZone"
    zone = machine.at(path)
    if isinstance(zone, str) and zone.lower() not in {one.lower() for one in words("time zones of Windows")}:
        yield Problem(
            machine.path(path),
            f"InvalidParameter: The value of parameter windowsConfiguration.timeZone is invalid: '{zone}'; give one of"
            ' Windows, such as "W. Europe Standard Time" or "UTC"',
        )


@conflict(
    "boot-diagnostics-go-to-blobs",
    MACHINES,
    "Where boot diagnostics are kept is the blob endpoint of a storage account.",
    f"{REST}/compute/virtual-machines/create-or-update, BootDiagnostics.storageUri",
)
def diagnostics(given: Given) -> Iterator[Problem]:
    machine = profile_of(given)
    path = "diagnosticsProfile.bootDiagnostics.storageUri"
    place = low(machine.at(path))
    if place and not re.match(r"^https?://[a-z0-9]{3,24}\.(\w+\.)?blob\.", place):
        yield Problem(
            machine.path(path),
            f"InvalidParameter: The value '{place}' of parameter storageUri is no blob endpoint, such as"
            " https://account.blob.core.windows.net/",
        )


CONFLICTS: Final = (there_is, disks, generation, confidential, plan, licence, time_zone, diagnostics)
