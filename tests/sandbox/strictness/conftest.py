"""Programs of three clouds that go up and come down on the real engine, and what each of their resources was given."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from tests.sandbox.provider.conftest import Cloud
from trainyard.sandbox import engine
from trainyard.sandbox.provider.ports import serve_all
from trainyard.sandbox.store import Store, Thing
from trainyard.servicer.values import reveal

CLOUDS = {"gcp": "gcp", "aws": "aws", "azure": "azure-native"}
CONFIG = {
    "gcp": {"project": "trainyard-sandbox-copy-of-acme"},
    "aws": {"region": "us-east-1"},
    "azure": {"location": "westeurope"},
}
PROGRAMS = Path(__file__).parent / "fixtures"
STEPS = {
    "up": ("up", "--yes", "--skip-preview"),
    "refresh": ("refresh", "--yes", "--skip-preview", "--expect-no-changes"),
    "preview": ("preview", "--expect-no-changes"),
    "destroy": ("destroy", "--yes", "--skip-preview"),
}


@dataclass(frozen=True)
class Walked:
    """What the engine said at each step, what went up, and what was left."""

    codes: Mapping[str, int]
    texts: Mapping[str, str]
    made: tuple[Thing, ...]
    left: tuple[Thing, ...]


@dataclass(frozen=True)
class Project:
    cloud: str
    folder: Path
    ports: Mapping[str, int]
    environ: Mapping[str, str] = field(default_factory=lambda: dict(os.environ))

    def pulumi(self, *arguments: str) -> tuple[int, str]:
        """Exit code and everything that the CLI said."""
        kept = {key: value for key, value in self.environ.items() if not key.startswith(("PULUMI_", "TRAINYARD_"))}
        own = {
            "PATH": f"{engine.locate()}{os.pathsep}{os.environ['PATH']}",
            "PULUMI_BACKEND_URL": f"file://{self.folder / 'state'}",
            "PULUMI_HOME": str(self.folder / "home"),
            "PULUMI_CONFIG_PASSPHRASE": "test",
            "PULUMI_SKIP_UPDATE_CHECK": "true",
            "PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION": "true",
            "PULUMI_EXPERIMENTAL": "1",
            "PULUMI_SKIP_CHECKPOINTS": "1",
            "PULUMI_DEBUG_PROVIDERS": ",".join(f"{name}:{port}" for name, port in self.ports.items()),
        }
        done = subprocess.run(
            ["pulumi", *arguments, "--non-interactive", "--color", "never"],
            cwd=self.folder,
            env={**kept, **own},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            timeout=300,
            check=False,
        )
        return done.returncode, done.stdout

    def write(self, program: str) -> None:
        (self.folder / "__main__.py").write_text(program)


@dataclass(frozen=True, eq=False)
class Site:
    """One sandbox for all programs of the module."""

    root: Path
    store: Store
    ports: Mapping[str, int]

    def project(self, cloud: str, name: str) -> Project:
        project = Project(cloud, self.root / name, self.ports)
        project.folder.mkdir()
        (project.folder / "state").mkdir()
        (project.folder / "Pulumi.yaml").write_text(f"name: {name}\nruntime: python\n")
        project.write((PROGRAMS / cloud / "__main__.py").read_text())
        for arguments in (("stack", "init", "dev"), *self._settings(cloud)):
            code, text = project.pulumi(*arguments)
            assert code == 0, text
        return project

    @staticmethod
    def _settings(cloud: str) -> list[tuple[str, ...]]:
        return [("config", "set", f"{CLOUDS[cloud]}:{key}", value) for key, value in CONFIG[cloud].items()]

    @cache  # noqa: B019  the site lives as long as its module's tests
    def walked(self, cloud: str) -> Walked:
        """The cloud's program up, refreshed, previewed and destroyed; once."""
        project = self.project(cloud, f"right-{cloud}")
        codes: dict[str, int] = {}
        texts: dict[str, str] = {}
        made: tuple[Thing, ...] = ()
        for step, arguments in STEPS.items():
            codes[step], texts[step] = project.pulumi(*arguments)
            if step == "up":
                made = tuple(thing for thing in self.store.list(package=CLOUDS[cloud]) if not thing.owner)
        return Walked(codes, texts, made, tuple(self.store.list(package=CLOUDS[cloud])))

    def connection(self, cloud: str) -> Cloud:
        return Cloud(self.ports[CLOUDS[cloud]], CONFIG[cloud])


@pytest.fixture(scope="package")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    root = tmp_path_factory.mktemp("strictness")
    store = Store.open(root / "store.sqlite")
    providers = serve_all(store, [*CLOUDS.values(), "random", "tls"])
    yield Site(root, store, providers.ports)
    providers.stop()
    store.close()


def plain_inputs(thing: Thing) -> dict[str, Any]:
    """What a program gave for the thing, without the engine's own keys."""
    return {key: value for key, value in reveal(dict(thing.inputs)).items() if not key.startswith("__")}
