"""Who logs in to a machine: names, passwords, keys, and the data that its first start reads."""

from __future__ import annotations

import base64
import binascii
import re
import struct
from collections.abc import Iterator
from typing import Any, Final

from trainyard.sandbox.check import Problem
from trainyard.sandbox.conflicts.azure.profiles import MACHINES, Profile, profile_of
from trainyard.sandbox.conflicts.azure.words import AZURERM, LEARN, REST, conflict, known, types, words
from trainyard.sandbox.conflicts.conflict import Given

_NO_NAMES: Final = words("administrators")
_NO_PASSWORDS: Final = words("passwords")
_CLASSES: Final = ("[a-z]", "[A-Z]", r"\d", r"[\W_]")
_REST_OS: Final = f"{REST}/compute/virtual-machines/create-or-update, OSProfile"


@conflict(
    "admin-name-is-allowed",
    MACHINES,
    "The administrator's name is none of a list, and at most 64 characters long on Linux, 20 on Windows.",
    f"{_REST_OS}.adminUsername; {AZURERM}/compute/validate/linux_admin_username.go",
)
def admin(given: Given) -> Iterator[Problem]:
    machine = profile_of(given)
    name = machine.at("osProfile.adminUsername")
    at = machine.path("osProfile.adminUsername")
    if not isinstance(name, str):
        return
    longest = 20 if machine.at("osProfile.windowsConfiguration") is not None else 64
    if name in _NO_NAMES:
        yield Problem(
            at, f"InvalidParameter: The Admin Username specified is not allowed. '{name}' is reserved; choose another"
        )
    elif not 1 <= len(name) <= longest:
        yield Problem(at, f"InvalidParameter: The Admin Username specified is not allowed: 1 to {longest} characters")
    elif name.endswith("."):
        yield Problem(at, "InvalidParameter: The Admin Username specified is not allowed: it ends with a dot")


@conflict(
    "password-is-hard-to-guess",
    MACHINES,
    "A password has 6 to 72 characters on Linux, 8 to 123 on Windows, of three kinds, and is none of a list.",
    f"{_REST_OS}.adminPassword",
)
def password(given: Given) -> Iterator[Problem]:
    machine = profile_of(given)
    word = machine.at("osProfile.adminPassword")
    if not isinstance(word, str):
        return
    least, most = (8, 123) if machine.at("osProfile.windowsConfiguration") is not None else (6, 72)
    kinds = sum(re.search(kind, word) is not None for kind in _CLASSES)
    if not least <= len(word) <= most or kinds < 3 or word in _NO_PASSWORDS:
        yield Problem(
            machine.path("osProfile.adminPassword"),
            f"InvalidParameter: The supplied password must be between {least}-{most} characters long and must"
            " satisfy at"
            " least 3 of password complexity requirements from the following: 1) Contains an uppercase character"
            " 2) Contains a lowercase character 3) Contains a numeric digit 4) Contains a special character",
        )


@conflict(
    "linux-has-a-password-or-keys",
    MACHINES,
    "Without passwords a Linux machine has keys and no password; with them a machine has a password or keys.",
    f"{_REST_OS} and LinuxConfiguration.disablePasswordAuthentication;"
    f" {AZURERM}/compute/linux_virtual_machine_resource.go",
)
def ways_in(given: Given) -> Iterator[Problem]:
    machine = profile_of(given)
    off = machine.at("osProfile.linuxConfiguration.disablePasswordAuthentication")
    at = machine.path("osProfile.adminPassword")
    if off is True and machine.at("osProfile.adminPassword") is not None:
        yield Problem(
            at, "InvalidParameter: Parameter 'adminPassword' is not allowed where disablePasswordAuthentication is true"
        )
    if off is True and _surely_no_keys(machine):
        yield Problem(
            machine.path("osProfile.linuxConfiguration.ssh.publicKeys"),
            "BadRequest: Authentication using either SSH or by user name and password must be enabled in Linux"
            " profile.",
        )
    if machine.at("osProfile") is None or off is True or given.unknown(machine.path("osProfile.linuxConfiguration")):
        return
    no_password = machine.missing("osProfile.adminPassword") and _surely_no_keys(machine)
    if no_password and not given.unknown(machine.path("osProfile.linuxConfiguration.disablePasswordAuthentication")):
        yield Problem(at, "InvalidParameter: Required parameter 'adminPassword' is missing (null).")


def _surely_no_keys(machine: Profile) -> bool:
    path = "osProfile.linuxConfiguration.ssh.publicKeys"
    return machine.missing(path) or machine.at(path) == []


@conflict(
    "one-system",
    MACHINES,
    "A machine is configured as Linux or as Windows.",
    _REST_OS,
)
def one_system(given: Given) -> Iterator[Problem]:
    machine = profile_of(given)
    linux, windows = machine.at("osProfile.linuxConfiguration"), machine.at("osProfile.windowsConfiguration")
    disk = machine.low("storageProfile.osDisk.osType")
    if linux is not None and windows is not None:
        yield Problem(
            machine.path("osProfile.windowsConfiguration"),
            "BadRequest: LinuxConfiguration and WindowsConfiguration exclude each other",
        )
    elif linux is not None and disk == "windows":
        yield Problem(machine.path("osProfile.linuxConfiguration"), "BadRequest: the OS disk holds Windows")
    elif windows is not None and disk == "linux":
        yield Problem(machine.path("osProfile.windowsConfiguration"), "BadRequest: the OS disk holds Linux")


@conflict(
    "host-names-are-short",
    MACHINES,
    "A host's name has at most 15 characters on Windows and 64 on Linux (a scale set's prefix 9 and 58), and no"
    " special ones.",
    f"{_REST_OS}.computerName; {AZURERM}/compute/validate/windows_computer_name.go, linux_computer_name.go",
)
def host_name(given: Given) -> Iterator[Problem]:
    machine = profile_of(given)
    name = "computerNamePrefix" if machine.root else "computerName"
    value, at = machine.at(f"osProfile.{name}"), machine.path(f"osProfile.{name}")
    windows = machine.at("osProfile.windowsConfiguration") is not None
    longest = (9 if windows else 58) if machine.root else (15 if windows else 64)
    if not isinstance(value, str):
        return
    if not 1 <= len(value) <= longest:
        system = "Windows" if windows else "Linux"
        yield Problem(
            at, f"InvalidParameter: {system} computer name cannot be more than {longest} characters long: '{value}'"
        )
    elif re.search(r"[\\/\"\[\]:|<>+=;,?*@&~!#$%^()_{}' ]", value) or (windows and value.isdigit()):
        text = "InvalidParameter: The entered host name contains disallowed characters, be entirely numeric"
        yield Problem(at, f"{text}: '{value}'; letters, digits and hyphens are taken")
    elif value.endswith((".", "-")) and not machine.root:
        yield Problem(at, f"InvalidParameter: a computer name does not end with '{value[-1]}'")


@conflict(
    "ssh-keys-are-whole",
    MACHINES | types("compute:SshPublicKey", "containerservice:ManagedCluster"),
    "A key is ssh-rsa of at least 2048 bits, or ssh-ed25519, in one line.",
    f"{LEARN}/virtual-machines/linux/mac-create-ssh-keys, Supported SSH key formats;"
    f" {AZURERM}/compute/validate/ssh_key.go",
)
def keys(given: Given) -> Iterator[Problem]:
    if given.type.token.endswith(":SshPublicKey"):
        found = [("publicKey", given.at("publicKey"))]
    elif given.type.token.endswith(":ManagedCluster"):
        found = [(f"{at}.keyData", known(key, "keyData")) for at, key in given.each("linuxProfile.ssh.publicKeys")]
    else:
        machine = profile_of(given)
        user = machine.at("osProfile.adminUsername")
        found = []
        for at, key in machine.each("osProfile.linuxConfiguration.ssh.publicKeys"):
            found.append((f"{at}.keyData", known(key, "keyData")))
            path = known(key, "path")
            if isinstance(path, str) and isinstance(user, str) and path != f"/home/{user}/.ssh/authorized_keys":
                yield Problem(
                    f"{at}.path",
                    "InvalidParameter: Destination path for SSH public keys is currently limited to its default value"
                    f" /home/{user}/.ssh/authorized_keys due to a known issue in Linux provisioning agent.",
                )
    for at, text in found:
        if isinstance(text, str) and wrong_key(text):
            yield Problem(at, f"InvalidParameter: The value of parameter keyData is invalid: {wrong_key(text)}")


def wrong_key(text: str) -> str | None:
    """Why a public key is not taken."""
    kind, _, rest = text.strip().partition(" ")
    if kind not in ("ssh-rsa", "ssh-ed25519"):
        return "a key of ssh-rsa or ssh-ed25519 is needed"
    try:
        parts = list(_parts(base64.b64decode(rest.split(" ")[0], validate=True)))
    except (binascii.Error, struct.error):
        return "it is cut off or no base64"
    if not parts or parts[0] != kind.encode():
        return f"it is no {kind} key"
    if kind == "ssh-rsa" and (len(parts) != 3 or len(parts[2].lstrip(b"\0")) * 8 < 2048):
        return "an ssh-rsa key has at least 2048 bits"
    if kind == "ssh-ed25519" and (len(parts) != 2 or len(parts[1]) != 32):
        return "it is cut off"
    return None


def _parts(key: bytes) -> Iterator[bytes]:
    at = 0
    while at < len(key):
        (length,) = struct.unpack_from(">I", key, at)
        if at + 4 + length > len(key):
            raise struct.error
        yield key[at + 4 : at + 4 + length]
        at += 4 + length


@conflict(
    "start-data-is-base64",
    MACHINES,
    "Custom data and user data are base64, of at most 64 KiB.",
    f"{LEARN}/virtual-machines/custom-data and user-data",
)
def start_data(given: Given) -> Iterator[Problem]:
    machine = profile_of(given)
    for path, what in (("osProfile.customData", "Custom data in OSProfile"), ("userData", "User data")):
        value: Any = machine.at(path)
        if isinstance(value, str) and value and not _is_base64(value):
            text = f"InvalidParameter: {what} must be in Base64 encoding and with a maximum length of 87380 characters."
            yield Problem(machine.path(path), text)


def _is_base64(text: str) -> bool:
    try:
        base64.b64decode("".join(text.split()), validate=True)
    except (binascii.Error, ValueError):
        return False
    return len(text) <= 87380


CONFLICTS: Final = (admin, password, ways_in, one_system, host_name, keys, start_data)
