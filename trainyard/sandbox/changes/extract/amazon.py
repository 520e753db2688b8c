"""Amazon's types: hashicorp/terraform-provider-aws, matched with pulumi-aws by name and by what they hold."""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Final

from trainyard.sandbox.changes.extract.terraform import Reading, facts
from trainyard.sandbox.packages import Package
from trainyard.sandbox.schema import ResourceType
from trainyard.sandbox.values.extract.go import Composite, GoPackage

_REGISTERED: Final = re.compile(r'^// @SDKResource\("(aws_\w+)".*?^func (\w+)\(', re.DOTALL | re.MULTILINE)
_WORDS: Final = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")
_ALIKE: Final = 0.3  # share of properties in common below which a like-named one is another thing
_OTHER_NAME: Final = 0.7  # the same where Terraform's name holds a word that Pulumi's module does not
_SAME_MODULE: Final = {"elbv2": "lb", "elasticloadbalancingv2": "lb", "alb": "lb"}


def extract(package: Package, provider: Path) -> dict[str, Any]:
    """Facts by token. `provider`: the folder that holds `internal/service`."""
    common = {
        "tftags": GoPackage(provider / "internal" / "tags"),
        "verify": GoPackage(provider / "internal" / "verify"),
    }
    kinds: dict[str, list[str]] = {}
    for token in package.types:
        kinds.setdefault(_WORDS.sub("_", token.rpartition(":")[2]).lower(), []).append(token)
    found: dict[str, tuple[tuple[bool, float], dict[str, Any]]] = {}
    services = sorted(folder for folder in (provider / "internal" / "service").iterdir() if folder.is_dir())
    packages = {f"tf{folder.name}": GoPackage(folder) for folder in services}
    for own in packages.values():
        reading = Reading(own, {**common, **packages})
        for name, resource in _resources(own):
            schema = reading.resolved(resource.get("Schema"))
            for token, left in _candidates(name, kinds):
                type = ResourceType(package, token)
                fields = reading.fields(schema)
                module = token.split(":")[1].partition("/")[0]
                named = not left or left in (module, _SAME_MODULE.get(module)) or left.replace("_", "") == module
                fit = named, _alike(fields, type)
                if fit[1] >= (_ALIKE if named else _OTHER_NAME) and fit > found.get(token, ((False, 0.0),))[0]:
                    found[token] = fit, {"of": name, **facts(reading, schema, type.inputs)}
    return {token: entry for token, (_, entry) in found.items()}


def _resources(own: GoPackage) -> Iterator[tuple[str, Composite]]:
    for file in sorted(own.folder.glob("*.go")):
        for name, function in _REGISTERED.findall(file.read_text(encoding="utf-8")):
            try:
                value = own.value_of(function)
            except IndexError:  # what the reader of literals does not understand
                sys.stderr.write(f"{name}: its schema cannot be read\n")
                continue
            if isinstance(value, Composite):
                yield name, value


def _candidates(name: str, kinds: Mapping[str, list[str]]) -> Iterator[tuple[str, str]]:
    """Types whose name the resource's ends with, and what it has before that."""
    words = name.split("_")[1:]
    for start in range(len(words)):
        for token in kinds.get("_".join(words[start:]), ()):
            yield token, "_".join(words[:start])


def _alike(said: Mapping[str, Any], type: ResourceType) -> float:
    mine = {re.sub(r"(ies|es|s|y)$", "", name.replace("_", "")) for name in said} - {"tag", "tagsall"}
    theirs = {re.sub(r"(ies|es|s|y)$", "", name.lower()) for name in type.outputs} - {"tag", "tagsall", "region"}
    return len(mine & theirs) / max(len(mine | theirs), 1)
