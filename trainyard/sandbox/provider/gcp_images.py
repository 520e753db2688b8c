"""Images that a disk is made of: how they may be named, and families of public projects that there never were."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any, Final

from trainyard.sandbox.check import Problem, nearest
from trainyard.servicer.values import reveal

# The spellings that terraform-provider-google resolves (services/compute/image.go, ResolveImage).
_PROJECT: Final = r"(?P<project>(?:[a-z0-9.-]+:)?[a-z][a-z0-9-]*[a-z0-9])"
_NAME: Final = r"(?P<name>[a-z](?:[a-z0-9-]*[a-z0-9])?)"
_LINK: Final = r"(?:https://(?:www\.googleapis\.com|compute\.[a-z0-9.-]+)/compute/[a-z0-9]+/)?"
_FORMS: Final = tuple(
    re.compile(form)
    for form in (
        rf"{_LINK}projects/{_PROJECT}/(?:global|zones/[a-z0-9-]+)/(?:images/(?P<family>family/)?|imageFamilyViews/){_NAME}",
        rf"{_PROJECT}/{_NAME}",
        rf"(?:global/images/)?(?P<family>family/)?{_NAME}",
        rf"global/images/{_NAME}",
    )
)
# What images and families of Google's public projects look like: cloud.google.com/compute/docs/images/os-details.
# Kept wide on purpose: a family that once was still answers for a while, and programs name it.
_UBUNTU: Final = r"(1[0-9]|2[0-6])(04|10)"
_PUBLIC: Final[Mapping[str, re.Pattern[str]]] = {
    project: re.compile(pattern)
    for project, pattern in {
        "debian-cloud": r"(backports-)?debian-([6-9]|1[0-4])(-.*)?",
        "ubuntu-os-cloud": rf"ubuntu-(minimal-|snappy-|daily-)?{_UBUNTU}(-.*)?",
        "ubuntu-os-pro-cloud": rf"ubuntu-(minimal-)?pro-(fips-|cis-)?.*{_UBUNTU}(-.*)?",
        "ubuntu-os-accelerator-images": rf"ubuntu-(accelerator|accel)-{_UBUNTU}-.*",
        "centos-cloud": r"centos-(stream-)?([5-9]|10)(-.*)?",
        "rocky-linux-cloud": r"rocky-linux-([89]|10)(-.*)?",
        "rhel-cloud": r"rhel-([6-9]|10)(-.*)?",
        "cos-cloud": r"cos-.*",
        "suse-cloud": r"sles?-.*|opensuse-.*",
        "opensuse-cloud": r"opensuse-.*",
        "fedora-coreos-cloud": r"fedora-coreos-.*",
        "windows-cloud": r"windows-.*",
        "windows-sql-cloud": r"sql-.*",
    }.items()
}
# Families that people write and that there are not, each with what there is: os-details, Ubuntu LTS.
_INSTEAD: Final[tuple[tuple[re.Pattern[str], str], ...]] = (
    (re.compile(r"ubuntu-(minimal-)?(2[4-6])04-lts"), "{0}-amd64"),
    (re.compile(r"ubuntu-(minimal-)?(1[2468]|2[02])04"), "{0}-lts"),
)
_EXAMPLES: Final[Mapping[str, tuple[str, ...]]] = {
    "debian-cloud": ("debian-11", "debian-12", "debian-13", "debian-12-arm64"),
    "ubuntu-os-cloud": ("ubuntu-2004-lts", "ubuntu-2204-lts", "ubuntu-2404-lts-amd64", "ubuntu-minimal-2204-lts"),
    "ubuntu-os-accelerator-images": ("ubuntu-accelerator-2404-amd64-with-nvidia-580",),
    "centos-cloud": ("centos-7", "centos-stream-9"),
    "rocky-linux-cloud": ("rocky-linux-8", "rocky-linux-9", "rocky-linux-9-optimized-gcp"),
    "rhel-cloud": ("rhel-8", "rhel-9"),
    "cos-cloud": ("cos-stable", "cos-121-lts", "cos-beta"),
    "windows-cloud": ("windows-2019", "windows-2022", "windows-2025"),
}
# Bare names are looked for in these projects too, by what the name holds (image.go, ImageMap).
_BY_WORD: Final[Mapping[str, str]] = {"debian": "debian-cloud", "ubuntu": "ubuntu-os-cloud", "centos": "centos-cloud"}
_BARE: Final = re.compile(r"(debian|centos|ubuntu)-\d+(-lts)?")


def check_images(token: str, inputs: Mapping[str, Any]) -> Iterator[Problem]:
    """Every image that the disks of a thing are made of."""
    for path, given in _images(token, inputs):
        reason = refusal(given)
        if reason:
            yield Problem(
                path, f"Error resolving image name '{given}': Could not find image or family {given}; {reason}"
            )


def refusal(given: str) -> str | None:
    """Why there is no such image, as far as that can be known here; None otherwise."""
    found = next((match for match in (form.fullmatch(given) for form in _FORMS) if match), None)
    if found is None:
        return 'give "debian-12", "debian-cloud/debian-12" or "projects/PROJECT/global/images/[family/]NAME"'
    parts = found.groupdict()
    name, project = parts["name"], parts.get("project") or ""
    if not project and _BARE.fullmatch(name):
        project = next(of for word, of in _BY_WORD.items() if word in name)
    pattern = _PUBLIC.get(project)
    if pattern is None:
        return None
    for wrong, right in _INSTEAD:
        if wrong.fullmatch(name):
            return f'did you mean "{project}/{right.format(name)}"?'
    if pattern.fullmatch(name):
        return None
    near = nearest(name, _EXAMPLES.get(project, ()))
    hint = f'did you mean "{project}/{near}"?' if near else ""
    return f"{project} has no such family; {hint}" if hint else f"{project} has no such family"


def _images(token: str, inputs: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    places: list[tuple[str, Any]] = []
    if "bootDisk" in inputs:
        boot = reveal(inputs.get("bootDisk"))
        made = boot.get("initializeParams") if isinstance(boot, Mapping) else None
        if isinstance(made, Mapping):
            places = [("bootDisk.initializeParams.image", made.get("image"))]
    elif token.startswith(("gcp:compute/disk:", "gcp:compute/regionDisk:")):
        places = [("image", inputs.get("image"))]
    elif "disks" in inputs:
        disks = reveal(inputs.get("disks"))
        for number, disk in enumerate(disks if isinstance(disks, list) else []):
            if isinstance(disk, Mapping):
                places.append((f"disks[{number}].sourceImage", disk.get("sourceImage")))
    for path, value in places:
        opened = reveal(value)
        if isinstance(opened, str) and opened:
            yield path, opened
