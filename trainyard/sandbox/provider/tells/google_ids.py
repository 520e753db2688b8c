"""Ids of Google things as their provider sets them, `google_ids.json`; taken out of its source by hand only:

    python -m trainyard.sandbox.provider.tells.google_ids FOLDER COMMIT

FOLDER holds a checkout of hashicorp/terraform-provider-google-beta, which Pulumi's Google provider is made of.
"""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Final

from trainyard.sandbox.packages import installed

_DATA: Final = Path(__file__).with_name("google_ids.json")
_SET: Final = re.compile(r'ReplaceVars\w*\(d, config, "([^"]+)"\)\s+if err != nil \{[^}]*\}\s+d\.SetId\(id\)')
_VARIABLE: Final = re.compile(r"\{\{%?(\w+)\}\}")
_PLACES: Final = frozenset({"project", "region", "zone", "location"})


@cache
def id_forms() -> Mapping[str, str]:
    """By token: "projects/{project}/regions/{region}/instanceGroupManagers/{name}", with the SDK's names of inputs."""
    forms: Mapping[str, str] = json.loads(_DATA.read_text(encoding="utf-8"))["types"]
    return forms


def main(folder: Path, commit: str) -> None:
    types = dict(sorted(_forms(folder)))
    source = f"hashicorp/terraform-provider-google-beta {commit}, d.SetId of each create"
    source += f"; property names of pulumi-gcp {installed()['gcp'].version}"
    rows = ",\n".join(f"  {json.dumps(token)}: {json.dumps(form)}" for token, form in types.items())
    _DATA.write_text(f'{{\n"source": {json.dumps(source)},\n"types": {{\n{rows}\n}}\n}}\n', encoding="utf-8")


def _forms(folder: Path) -> Iterator[tuple[str, str]]:
    from trainyard.sandbox.conflicts.gcp.extract import inputs_of, named, tokens_of

    for file in sorted(folder.glob("google-beta/services/*/resource_*.go")):
        text = file.read_text(encoding="utf-8")
        found = _SET.search(text)
        if found is None or found[1] == "{{name}}" or file.name.endswith("_test.go"):
            continue
        for token in tokens_of(text):
            inputs = inputs_of(token)
            fields = {name: named(inputs, name) for name in _VARIABLE.findall(found[1])}
            # An id that holds what only the cloud tells, such as a number, is made up as before.
            if all(name in _PLACES or fields[name] is not None for name in fields):
                wires = {name: field.wire if field is not None else name for name, field in fields.items()}
                form = _VARIABLE.sub(lambda match, wires=wires: f"{{{wires[match[1]]}}}", found[1])
                yield token, form


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2])
