"""Writes `data/<package>.json` anew: `python -m … gcp PROVIDER BRIDGE`, `python -m … aws PROVIDER`."""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

from trainyard.sandbox.changes.extract import amazon, google
from trainyard.sandbox.packages import installed

DATA: Final = Path(__file__).parents[1] / "data"
_SOURCES: Final[Mapping[str, str]] = {
    "gcp": "hashicorp/terraform-provider-google-beta 93c65b2d60fea598528f2769b5b09de856f8cb8c (2026-08-21), "
    "google-beta/services; names: pulumi/pulumi-gcp ed6078aacc64ac656da0f719a2c1186e092399cd, bridge-metadata.json",
    "aws": "hashicorp/terraform-provider-aws as of 2023-12-19 (upbound/terraform-provider-aws "
    "ba227957595c95ef5f5c2b7a34b5c1c7c65a0210), the schemas in internal/service",
}


def main(package: str, *folders: str) -> None:
    paths = [Path(folder) for folder in folders]
    sdk = installed()[package]
    types = google.extract(sdk, *paths) if package == "gcp" else amazon.extract(sdk, *paths)
    (DATA / f"{package}.json").write_text(text_of(_SOURCES[package], package == "gcp", types), encoding="utf-8")
    sys.stdout.write(f"{len(types)} types\n")


def text_of(source: str, whole: bool, types: Mapping[str, Any]) -> str:
    """One line a type, so that a change reads as one."""
    lines = ",\n".join(f"  {json.dumps(token)}: {json.dumps(types[token])}" for token in sorted(types))
    return f'{{\n "source": {json.dumps(source)},\n "whole": {json.dumps(whole)},\n "types": {{\n{lines}\n }}\n}}\n'


if __name__ == "__main__":
    main(*sys.argv[1:])
