"""A folder of right settings files, and what loading says once some of their text is changed."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from trainyard.settings import SettingsError, load

ENVIRONMENT = """\
schema: 1
base: dev-base
leases: gs://acme-ml-dev-leases
protect: true
gcp: { project: acme-ml-dev, price_factor: 0.9 }
limits: { max_ttl: 14d, max_cap_usd: 20000, regions: [europe, us-central1], policies: advise }
contacts: { ml-research: ml-research@acme.example, ml-platform: ml-platform@acme.example }
notify: [ { webhook: env:TRAINYARD_WEBHOOK } ]
budgets: { ml-research: { limit_usd: 5000, period: month, soft: 0.8 } }
"""
BASE = """\
config:
  trainyard:settings:
    stack: { schema: 1, environment: dev, layer: base, owner: ml-platform, cost_center: ml-platform }
    base:
      gcp:
        network:
          regions:
            europe-west4: 10.20.0.0/20
            us-central1: 10.20.16.0/20
"""
STACK = """\
config:
  trainyard:settings:
    stack:
      schema: 1
      environment: dev
      layer: compute
      owner: ml-research
      cost_center: ml-research
    lease:
      ttl: 12h
      extend_to: 24h
      cap_usd: 100
    workloads:
      bench:
        kind: gpu-vm
        accelerator: A100:1
        where:
          - cloud: gcp
            regions: [europe-west4, us-central1]
        capacity: [spot, on-demand]
"""
FILES = {"env.dev.yaml": ENVIRONMENT, "Pulumi.dev-base.yaml": BASE, "Pulumi.dev.yaml": STACK}

Edits = dict[str, str]
Complaints = Callable[..., list[str]]


def written(folder: Path, environment: str, base: str, stack: str, lines: tuple[str, ...]) -> Path:
    """`folder/stacks` with an environment, its base, and a compute stack of that text with `lines` in it."""
    stacks = folder / "stacks"
    stacks.mkdir()
    (stacks / "env.dev.yaml").write_text(environment)
    (stacks / "Pulumi.dev-base.yaml").write_text(base)
    (stacks / "Pulumi.dev.yaml").write_text(stack.format(lines="\n        ".join(lines)))
    return stacks


def told(stacks: Path, stack: str = "dev") -> list[str]:
    """The lines of the error that loading gives; none when all is right."""
    try:
        load(stacks, stack)
    except SettingsError as error:
        return str(error).splitlines()
    return []


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder `stacks` with an environment, its base and a compute stack, all of them right."""
    stacks = tmp_path / "stacks"
    stacks.mkdir()
    for name, text in FILES.items():
        (stacks / name).write_text(text, encoding="utf-8")
    return stacks


@pytest.fixture
def complaints(folder: Path) -> Complaints:
    """Changes text in a file, loads a stack and gives the lines of the error; none when it is right."""

    def complain(edits: Edits, *, file: str = "Pulumi.dev.yaml", stack: str = "dev") -> list[str]:
        path = folder / file
        text = path.read_text(encoding="utf-8")
        for old, new in edits.items():
            assert text.count(old) == 1, f"{old!r} stands {text.count(old)} times in {file}"
            text = text.replace(old, new)
        path.write_text(text, encoding="utf-8")
        return told(folder, stack)

    return complain
